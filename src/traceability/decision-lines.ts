import { sanitise } from '../core/values/words.ts';
import { reasonsInWords } from '../core/wording/phrases.ts';
import type { FoundDecision } from './search.ts';

const COLUMNS = [
  'at',
  'decision',
  'verdict',
  'requester',
  'roles',
  'rules',
  'request',
  'reasons',
  'seal_fault',
  'outcome',
  'approver',
  'used',
  'until',
  'shadow',
] as const;
/** A decision and what became of it, as tables have it; fit to be shown. */
export type Line = Readonly<Record<(typeof COLUMNS)[number], string>>;

export function lineOf({ at, decided, fault, became }: FoundDecision): Line {
  const { request, decision, decisionId } = decided;
  return {
    at,
    decision: decisionId,
    verdict: decision.verdict,
    requester: sanitise(request.requester, 100),
    roles: sanitise(request.roles.join(' '), 200),
    rules: decision.rules.join(' '),
    request: request.id,
    reasons: sanitise(reasonsInWords(decided), 1_000),
    seal_fault: fault ?? '',
    outcome: became.outcome,
    approver: sanitise(became.approver ?? '', 100),
    used: became.used ?? '',
    until: became.held?.until ?? '',
    // What would have been, were the rules in shadow in force.
    shadow: decision.shadow?.verdict ?? '',
  };
}

export const CSV_HEADING = csvRow(COLUMNS);

export function csvLine(line: Line): string {
  return csvRow(COLUMNS.map((column) => line[column]));
}

export function csvRow(cells: readonly string[]): string {
  return cells.map(cell).join(',');
}

/** RFC 4180. What a spreadsheet would take for a formula is kept from being one: others choose these words. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
