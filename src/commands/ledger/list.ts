import type { Verdict } from '../../core/decision.ts';
import { sanitise } from '../../core/values/words.ts';
import { CSV_HEADING, csvLine, lineOf, type Line } from '../../traceability/decision-lines.ts';
import { ConfigError } from '../../config/config-error.ts';
import { searchDecisions, type DecisionFilter, type FoundDecision } from '../../traceability/search.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { notOurs } from '../../traceability/seal-check.ts';
import { momentOf } from './moment.ts';
import { knownOf, openPlace, type Place } from './place.ts';

export interface ListOptions extends Place {
  readonly user?: string;
  readonly role?: string;
  readonly rule?: string;
  readonly verdict?: string;
  readonly since?: string;
  readonly until?: string;
  readonly request?: string;
  readonly reason?: string;
  readonly resource?: string;
  readonly outcome?: string;
  readonly approver?: string;
  readonly used?: string;
  readonly heldAt?: string;
  readonly limit?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const VERDICTS: readonly Verdict[] = ['approve', 'escalate', 'deny', 'abstain'];
const OUTCOMES = ['approved', 'denied', 'promoted', 'deleted', 'expired', 'open'] as const;
const USED = ['yes', 'no', 'not-known'] as const;
const TABLE_ROWS = 50;

/**
 * `ledger list`: decisions that pass the filters, newest first, as a table, as JSON Lines (`--json`) or as CSV (`--csv`). The
 * table ends after 50 lines unless `--limit` says otherwise. Throws ConfigError, LedgerUnavailableError.
 */
export async function list(options: ListOptions, terminal: Terminal): Promise<number> {
  const filter = filterOf(options, Date.now());
  const asTable = options.json !== true && options.csv !== true;
  const limit = limitOf(options.limit) ?? (asTable ? TABLE_ROWS : Number.POSITIVE_INFINITY);
  await using history = await openPlace(options, terminal);
  const lines: Line[] = [];
  let more = false;
  let count = 0;
  if (options.csv === true) terminal.print(CSV_HEADING);
  let forged = 0;
  const { seals, unchecked } = await knownOf(options, history, terminal);
  for await (const found of searchDecisions(history, filter, seals)) {
    more = count === limit;
    if (more) break;
    count += 1;
    if ((found.fault ?? null) !== null) forged += 1;
    const line = lineOf(found);
    if (options.json === true) terminal.print(JSON.stringify(machineLine(found)));
    else if (options.csv === true) terminal.print(csvLine(line));
    else lines.push(line);
  }
  if (asTable) printTable(lines, more, terminal);
  if (asTable && unchecked !== null) terminal.print(unchecked);
  return forged > 0 ? EXIT_FAULT : EXIT_OK;
}

export function filterOf(options: ListOptions, nowMs: number): DecisionFilter {
  const moment = (option: string, text: string | undefined) =>
    text === undefined ? null : momentOf(option, text, nowMs);
  return {
    user: options.user ?? null,
    role: options.role ?? null,
    rule: options.rule ?? null,
    verdict: oneOf('--verdict', options.verdict, VERDICTS),
    since: moment('--since', options.since),
    until: moment('--until', options.until),
    request: options.request ?? null,
    reason: options.reason ?? null,
    resource: options.resource ?? null,
    outcome: oneOf('--outcome', options.outcome, OUTCOMES),
    approver: options.approver ?? null,
    used: oneOf('--used', options.used, USED),
    heldAt: moment('--held-at', options.heldAt),
  };
}

function oneOf<Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | null {
  const known = words.find((each) => each === text) ?? null;
  if (text === undefined || known !== null) return known;
  throw new ConfigError(`\`${option} ${text}\` is none: ${words.join(', ')}`);
}

function limitOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d*$/u.test(text)) throw new ConfigError(`\`--limit ${text}\` is no number of lines`);
  return Number(text);
}

function machineLine({ seq, at, decided, fault, became }: FoundDecision) {
  const { request, decision, decisionId, digest, number, policyDigest } = decided;
  return {
    at,
    seq,
    decision_id: decisionId,
    digest,
    number,
    request_id: request.id,
    requester: request.requester,
    roles: request.roles,
    reason: request.reason,
    verdict: decision.verdict,
    shadow: decision.shadow?.verdict ?? null,
    rules: decision.rules,
    reasons: decision.reasons,
    policy: policyDigest,
    outcome: became.outcome,
    approver: became.approver,
    used: became.used,
    access_from: became.held?.from ?? null,
    access_until: became.held?.until ?? null,
    ...(fault === undefined ? {} : { seal_fault: fault }),
  };
}

function printTable(lines: readonly Line[], more: boolean, terminal: Terminal): void {
  if (lines.length === 0) {
    terminal.print('no decision passes these filters');
    return;
  }
  const columns = [
    ...(['at', 'decision', 'verdict', 'shadow', 'outcome', 'requester', 'roles', 'rules'] as const),
    ...(['approver', 'used', 'until', 'reasons'] as const),
  ] as const;
  // Most have no rule in shadow.
  const shown = columns.filter((column) => column !== 'shadow' || lines.some((line) => line.shadow !== ''));
  const width = (column: (typeof shown)[number]) =>
    Math.min(40, Math.max(column.length, ...lines.map((line) => line[column].length)));
  const widths = shown.map((column) => (column === 'reasons' ? 0 : width(column)));
  const fit = (text: string) => (terminal.columns === undefined ? text : text.slice(0, terminal.columns));
  const print = (cells: readonly string[]) =>
    terminal.print(fit(cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ')).trimEnd());
  print(shown.map((column) => column.toUpperCase()));
  for (const line of lines) {
    const mark = line.seal_fault === '' ? '' : `${notOurs(line.seal_fault)}. `;
    print(
      shown.map((column) => (column === 'reasons' ? `${mark}${line.reasons}` : sanitise(line[column], 40))),
    );
  }
  if (more) terminal.print(`the newest ${lines.length}; there are more: narrow it down, or raise --limit`);
}
