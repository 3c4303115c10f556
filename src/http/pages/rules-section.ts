import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { RuleOutcome } from '../../core/decision.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import { sanitise } from '../../core/values/words.ts';
import { answerBadge, table, verdictBadge } from './parts.ts';

/** Every rule that was considered, with each of its conditions and how it was answered. */
export function rulesSection({ decision, policyDigest }: RecordedDecision): VNode {
  return html`<section aria-labelledby="rules">
    <h2 id="rules">Why: rules and conditions</h2>
    ${
      decision.outcomes.length === 0
        ? html`<p class="empty">No rule covers this request.</p>`
        : decision.outcomes.map((outcome) => ruleView(outcome, decision.rules.includes(outcome.rule)))
    }
    <p class="hint">
      The rules in force have the digest <span class="mono">${policyDigest.slice(0, 12)}</span>; they stand in
      the ledger whole.
    </p>
  </section>`;
}

/** One rule, and each of its conditions. */
export function ruleView({ rule, roles, verdict, conditions }: RuleOutcome, determining: boolean): VNode {
  const rows = conditions.map(
    ({ name, answer, detail }) =>
      html`<tr>
        <th scope="row">${name.replaceAll('-', ' ')}</th>
        <td>${answerBadge(answer)}</td>
        <td class="why">${sanitise(detail, 1_000)}</td>
      </tr>`,
  );
  return html`<div class="rule">
    <h3>
      Rule ${rule} ${verdictBadge(verdict)}
      ${determining ? null : html`<span class="hint">did not determine the outcome</span>`}
    </h3>
    <p class="hint">covers ${roles.map((role) => sanitise(role, 100)).join(', ')}</p>
    ${table({ label: `Conditions of rule ${rule}`, kind: 'conditions' }, ['Condition', 'Answer', 'Because'], rows)}
  </div>`;
}
