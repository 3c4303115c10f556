import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { endingWords } from '../../core/wording/notes.ts';
import type { LedgerEntry, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { storyOf } from '../../core/record/story.ts';
import { sanitise } from '../../core/values/words.ts';
import { resourceInWords } from '../../core/wording/resources.ts';
import { decisionsOf, narrate, safeLink, spanWords, teleportLink } from '../../traceability/narrative.ts';
import { evidenceSection } from './evidence-section.ts';
import { fact, moment, outwardLink, verdictBadge } from './parts.ts';
import { rulesSection } from './rules-section.ts';
import { useSection } from './use-section.ts';
import { proofSection, timelineSection, votesSection, writtenSection } from './story-sections.ts';

interface Around {
  readonly proxyPublicAddr: string;
  /** Entries that others wrote, and why that is known. */
  readonly faults: ReadonlyMap<number, string>;
  /** In a file, without the other pages. */
  readonly standsAlone?: true;
}

/**
 * One request on one page, to be read from top to bottom: what was asked and what became of it, who was on call, why the rules
 * say so, who voted, everything that happened in order, and how to prove that none of it was changed since.
 */
export function requestPage(
  entries: readonly LedgerEntry[],
  { proxyPublicAddr, faults, standsAlone }: Around,
): VNode {
  const decisions = decisionsOf(entries);
  const decided = decisions.at(-1);
  const steps = narrate(entries, faults);
  if (decided === undefined) {
    return html`<div>
      <h1>A request without a decision</h1>
      ${warning(faults)} ${timelineSection(steps)}
    </div>`;
  }
  return html`<article>
    <p class="crumbs">
      ${standsAlone === true ? 'Decisions' : html`<a href="/decisions">Decisions</a>`} / ${decided.decisionId}
    </p>
    ${warning(faults)} ${headline(decided, decisions)} ${askedSection(decided, entries, proxyPublicAddr)}
    ${useSection(entries, proxyPublicAddr)} ${evidenceSection(decided)} ${rulesSection(decided)}
    ${votesSection(decided, entries)} ${timelineSection(steps)} ${writtenSection(entries)}
    ${proofSection(entries, decisions)}
  </article>`;
}

function warning(faults: ReadonlyMap<number, string>): VNode | null {
  if (faults.size === 0) return null;
  const which = [...faults].map(([seq, why]) => html`<li>entry ${seq} ${why}</li>`);
  return html`<div class="notours" role="alert">
    <strong>Somebody else has written to the ledger: not all of this is what the service did.</strong>
    <ul>
      ${which}
    </ul>
  </div>`;
}

function headline(decided: RecordedDecision, decisions: readonly RecordedDecision[]): VNode {
  const { request, decision } = decided;
  const first = decisions[0] ?? decided;
  const took = request.created === null ? null : spanWords(request.created, first.decidedAt);
  const roles = request.roles.map((role) => sanitise(role, 100)).join(', ');
  return html`<header class="headline">
    <h1>${sanitise(request.requester, 100)} asked for ${roles}</h1>
    <p class="verdict">
      ${verdictBadge(decision.verdict)}
      <span>${moment(decided.decidedAt)}${took === null ? null : `, ${took} after the request`}</span>
      ${
        decisions.length > 1
          ? html`<span class="hint">the last of ${decisions.length} decisions on this request</span>`
          : null
      }
    </p>
    <ul class="because">
      ${decision.reasons.map(({ text }) => html`<li>${sanitise(text, 600)}</li>`)}
    </ul>
  </header>`;
}

function askedSection(
  { request, facts }: RecordedDecision,
  entries: readonly LedgerEntry[],
  proxyPublicAddr: string,
): VNode {
  const story = storyOf(entries);
  const inTeleport = teleportLink(proxyPublicAddr, request.id);
  const incidents = new Map(
    [...story.effects.values()].flatMap(({ done }) => {
      const link = safeLink(done?.url ?? null);
      return link === null ? [] : [[link, done?.incidentId ?? 'incident']];
    }),
  );
  const resources = request.resources.map(
    (each) => html`<span class="role">${resourceInWords(each, facts)}</span> `,
  );
  const reason =
    request.reason === '' ? 'none' : html`<blockquote>${sanitise(request.reason, 4_096)}</blockquote>`;
  return html`<section aria-labelledby="asked">
    <h2 id="asked">What was asked</h2>
    <dl class="facts">
      ${fact('Requester', sanitise(request.requester, 100))}
      ${fact(
        'Roles',
        request.roles.map((role) => html`<span class="role">${sanitise(role, 100)}</span> `),
      )}
      ${request.resources.length === 0 ? null : fact('Resources', resources)}
      ${fact('Reason given', reason, { wide: true })}
      ${fact('Asked', request.created === null ? 'unknown' : moment(request.created))}
      ${fact('Access would end', request.accessExpires === null ? 'unknown' : moment(request.accessExpires))}
      ${fact('In the end', story.ended === null ? 'still open' : sanitise(endingWords(story.ended), 200))}
      <div class="wide">
        <dt>Elsewhere</dt>
        <dd class="links">
          ${inTeleport === null ? null : html`${outwardLink(inTeleport, 'Request in Teleport')} `}
          ${[...incidents].map(([link, id]) => html`${outwardLink(link, `Incident ${id} in PagerDuty`)} `)}
          <span class="mono">${request.id}</span>
        </dd>
      </div>
    </dl>
  </section>`;
}
