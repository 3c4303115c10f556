import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { z } from 'zod';
import { parseInstant, type Instant } from '../../core/values/instant.ts';
import { sanitise } from '../../core/values/words.ts';
import type { Explanation } from '../../review/explain-request.ts';
import { evidenceSection } from './evidence-section.ts';
import { verdictBadge } from './parts.ts';
import { ruleView } from './rules-section.ts';

const line = z.string().max(1_000).catch('');
const Query = z.object({ user: line, roles: line, reason: line, at: line });

/** The question as it was typed. */
export type ExplainQuery = z.infer<typeof Query>;

/** What is asked; null where it does not say who asks for what. */
export interface AskedOfRules {
  readonly user: string;
  readonly roles: readonly string[];
  readonly reason: string;
  readonly at: Instant | null;
}

/** Whatever is not as the form sends it is left out: a page is shown for any address. */
export function explainQueryOf(query: unknown): ExplainQuery {
  return Query.parse(typeof query === 'object' && query !== null ? query : {});
}

/** Null for a question that is not whole, with why in words; empty words for one that was not begun. */
export function askedOf({ user, roles, reason, at }: ExplainQuery): {
  readonly asked: AskedOfRules | null;
  readonly why: string;
} {
  const wanted = roles
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const time = at.trim() === '' ? null : parseInstant(at.trim());
  if (user.trim() === '' && wanted.length === 0) return { asked: null, why: '' };
  if (user.trim() === '' || wanted.length === 0)
    return { asked: null, why: 'Say who asks, and for which roles.' };
  if (at.trim() !== '' && time === null)
    return { asked: null, why: 'A time is written like 2026-03-07T22:00:00Z.' };
  return { asked: { user: user.trim(), roles: wanted, reason, at: time }, why: '' };
}

/** What would be decided on a request that nobody has made, and why: the form, and the answer to it. */
export function explainPage(query: ExplainQuery, why: string, explanation: Explanation | null): VNode {
  const field = (name: keyof ExplainQuery, label: string, hint: string) =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} type="text" value=${query[name]} maxlength="1000" placeholder=${hint} />
    </div>`;
  return html`<div>
    <h1>What would be decided?</h1>
    <form class="filters" action="/explain" method="get" aria-label="The question">
      ${field('user', 'Teleport user', '')} ${field('roles', 'Roles, between commas', '')}
      ${field('reason', 'Reason', '')} ${field('at', 'At (UTC; now unless told)', '2026-03-07T22:00:00Z')}
      <div class="field buttons"><button type="submit">Ask</button></div>
    </form>
    ${why === '' ? null : html`<p class="empty">${why}</p>`}
    ${explanation === null ? null : answerView(explanation)}
  </div>`;
}

function answerView({ request, facts, decision, standingBy }: Explanation): VNode {
  return html`<article>
    <header class="headline">
      <h2>
        ${sanitise(request.requester, 100)} asks for${' '}
        ${request.roles.map((role) => sanitise(role, 100)).join(', ')}
      </h2>
      <p class="verdict">
        ${verdictBadge(decision.verdict)} <span class="hint">nothing was changed or recorded</span>
      </p>
      <ul class="because">
        ${decision.reasons.map(({ text }) => html`<li>${sanitise(text, 600)}</li>`)}
      </ul>
    </header>
    ${evidenceSection({ facts, decision })}
    <section aria-labelledby="rules">
      <h2 id="rules">Why: rules and conditions</h2>
      ${decision.outcomes.length === 0 ? html`<p class="empty">No rule covers this request.</p>` : decision.outcomes.map((outcome) => ruleView(outcome, decision.rules.includes(outcome.rule)))}
      ${
        standingBy.length === 0
          ? null
          : html`<ul class="plain">
              ${standingBy.map(({ rule, why }) => html`<li><strong>${sanitise(rule, 100)}</strong> does not cover it: ${sanitise(why, 300)}</li>`)}
            </ul>`
      }
    </section>
  </article>`;
}
