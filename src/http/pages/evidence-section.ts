import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Identity } from '../../core/identity.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { OnCallReading, OnCallRow } from '../../core/on-call.ts';
import { sanitise } from '../../core/values/words.ts';
import { moment, table } from './parts.ts';
import { shiftBar, type Lane } from './shift-bar.ts';

/** More rows than anybody has; PagerDuty's answer is in the ledger whole. */
const ROWS_SHOWN = 20;

/** What PagerDuty said of the requester at that second, drawn and in a table. */
export function evidenceSection({ facts, decision }: Pick<RecordedDecision, 'facts' | 'decision'>): VNode {
  return html`<section aria-labelledby="evidence">
    <h2 id="evidence">Who was on call</h2>
    <p>${identityWords(facts.requester)}</p>
    ${readingView(
      facts.onCall,
      decision.proofs.map(({ row }) => row),
    )}
  </section>`;
}

function readingView(reading: OnCallReading, proofs: readonly OnCallRow[]): VNode {
  if (reading.state === 'not-asked') {
    return html`<p class="empty">
      PagerDuty was not asked who is on call: the request was settled without it.
    </p>`;
  }
  if (reading.state === 'unknown') {
    return html`<p class="empty unknown">
      PagerDuty’s answer could not be had: ${sanitise(reading.cause.message, 500)}
    </p>`;
  }
  const proving = new Set(proofs.map((row) => JSON.stringify(row)));
  const lanes = reading.rows
    .map((row): Lane => ({ row, proves: proving.has(JSON.stringify(row)) }))
    .sort((one, other) => Number(other.proves) - Number(one.proves))
    .slice(0, ROWS_SHOWN);
  if (lanes.length === 0) {
    return html`<p class="empty">PagerDuty said at ${moment(reading.at)}: not on call anywhere.</p>`;
  }
  const title = lanes.some(({ proves }) => proves)
    ? 'Shifts at the moment of the decision; the decision rests on the first'
    : 'Shifts at the moment of the decision; none of them counted';
  return html`<div>
    ${shiftBar(lanes, reading.at, title)}
    <p class="hint">
      By PagerDuty’s clock at ${moment(reading.at)}.
      ${reading.rows.length > ROWS_SHOWN ? `${reading.rows.length - ROWS_SHOWN} more rows are in the ledger.` : null}
    </p>
    ${rowsTable(lanes)}
  </div>`;
}

function rowsTable(lanes: readonly Lane[]): VNode {
  const rows = lanes.map(
    ({ row, proves }) =>
      html`<tr>
        <td>${sanitise(row.user.summary, 100)}</td>
        <td>${sanitise(row.schedule?.summary ?? 'none', 100)}</td>
        <td>${sanitise(row.escalation_policy?.summary ?? 'none', 100)}</td>
        <td>${row.escalation_level}</td>
        <td>${row.start === null ? 'ever' : moment(row.start)}</td>
        <td>${row.end === null ? 'ever' : moment(row.end)}</td>
        <td>${proves ? 'yes: the decision rests on it' : 'no'}</td>
      </tr>`,
  );
  const heads = ['Person', 'Schedule', 'Escalation policy', 'Level', 'From', 'Until', 'Counted'];
  return table({ label: 'On-call rows' }, heads, rows);
}

function identityWords(requester: Identity): string {
  switch (requester.state) {
    case 'recognised':
      return `In PagerDuty the requester is ${sanitise(requester.name ?? requester.id, 100)} (${requester.id}), recognised by ${requester.source}.`;
    case 'unrecognised':
      return `Who the requester is in PagerDuty is not known: ${sanitise(requester.why, 500)}.`;
    case 'unknown':
      return `Who the requester is in PagerDuty could not be asked: ${sanitise(requester.cause.message, 500)}.`;
  }
}
