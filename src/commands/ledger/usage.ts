import { sanitise } from '../../core/values/words.ts';
import { FINDING_WORDS, findingWords } from '../../core/wording/findings.ts';
import { FINDING_KINDS } from '../../core/usage/findings.ts';
import { csvRow } from '../../traceability/decision-lines.ts';
import {
  createUsageTotals,
  usedAccesses,
  type UsageTotal,
  type UsedAccess,
} from '../../traceability/usage-report.ts';
import { EXIT_FAULT, EXIT_OK, tableLines, type Terminal } from '../terminal.ts';
import { momentOf } from './moment.ts';
import { knownOf, openPlace, type Place } from './place.ts';

export interface UsageOptions extends Place {
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const COLUMNS = [
  ...(['request', 'decision', 'requester', 'roles', 'rules', 'approver', 'from', 'until', 'used'] as const),
  ...(['sessions', 'resources', 'account', 'findings'] as const),
] as const;
const HEADING = ['RULE', 'ROLE', 'GIVEN', 'USED', 'NEVER USED', 'NOT KNOWN'];
/** More findings nobody reads in a terminal. */
const FINDINGS_SHOWN = 200;

/**
 * `ledger usage`: what became of the access that was given, by rule and role, and what a person should look at; as JSON Lines or CSV one line
 * an access, for a review. Throws ConfigError, LedgerUnavailableError.
 */
export async function usage(options: UsageOptions, terminal: Terminal): Promise<number> {
  const moment = (option: string, text: string | undefined) =>
    text === undefined ? null : momentOf(option, text, Date.now());
  const period = { since: moment('--since', options.since), until: moment('--until', options.until) };
  await using history = await openPlace(options, terminal);
  const { seals, unchecked } = await knownOf(options, history, terminal);
  const sum = createUsageTotals();
  const findings: string[] = [];
  let [foreign, found] = [0, 0];
  if (options.csv === true) terminal.print(csvRow(COLUMNS));
  for await (const access of usedAccesses(history, period, seals)) {
    if (access === 'foreign') foreign += 1;
    if (access === 'foreign' || access === 'not-given') continue;
    sum.take(access);
    found += access.findings.length;
    if (options.json === true) terminal.print(JSON.stringify(machineLine(access)));
    else if (options.csv === true) terminal.print(csvRow(cellsOf(access)));
    else if (findings.length < FINDINGS_SHOWN) findings.push(...findingLines(access));
  }
  const others = `${foreign} requests have entries that this service did not write, and are not counted: run \`ledger verify\``;
  if (foreign > 0)
    terminal.print(
      options.json === true ? JSON.stringify({ foreign }) : options.csv === true ? csvRow([others]) : others,
    );
  if (options.json !== true && options.csv !== true) {
    printTotals(sum.totals(), terminal);
    for (const line of findings.slice(0, FINDINGS_SHOWN)) terminal.print(line);
    if (found > FINDINGS_SHOWN)
      terminal.print(`and ${found - FINDINGS_SHOWN} more findings: \`--csv\` has all`);
    if (unchecked !== null) terminal.print(unchecked);
  }
  return foreign > 0 ? EXIT_FAULT : EXIT_OK;
}

function machineLine({ requestId, decided, approver, held, used, ...access }: UsedAccess) {
  return {
    request_id: requestId,
    decision_id: decided.decisionId,
    requester: decided.request.requester,
    roles: decided.request.roles,
    rules: decided.decision.rules,
    approver,
    access_from: held.from,
    access_until: held.until,
    used,
    account: access.provisional ? 'provisional' : used === 'open' ? null : 'final',
    sessions: access.sessions,
    resources: access.usedOn,
    findings: access.findings.map((each) => ({ kind: each.kind, text: findingWords(each) })),
  };
}

function cellsOf(access: UsedAccess): readonly string[] {
  const line = machineLine(access);
  return [
    ...[
      line.request_id,
      line.decision_id,
      sanitise(line.requester, 100),
      sanitise(line.roles.join(' '), 200),
    ],
    ...[line.rules.join(' '), sanitise(line.approver ?? '', 100), line.access_from, line.access_until ?? ''],
    ...[line.used, String(line.sessions), sanitise(line.resources.join(' '), 1_000), line.account ?? ''],
    line.findings.map(({ kind, text }) => `${kind}: ${text}`).join(' '),
  ];
}

function findingLines({ requestId, decided, findings }: UsedAccess): readonly string[] {
  const { requester, roles } = decided.request;
  const whose = `${requestId}  ${sanitise(requester, 40)} (${sanitise(roles.join(' '), 60)})`;
  return findings.map((found) => `${whose}: ${FINDING_WORDS[found.kind]}. ${findingWords(found)}`);
}

function printTotals(totals: readonly UsageTotal[], terminal: Terminal): void {
  if (totals.length === 0) {
    terminal.print('no access was given in this time');
    return;
  }
  const rows = [
    [...HEADING, ...FINDING_KINDS.slice(1).map((kind) => kind.toUpperCase())],
    ...totals.map(({ rule, role, given, used, unused, notKnown, findings }) => [
      ...[sanitise(rule ?? '(people)', 40), sanitise(role, 40)],
      ...[given, used, unused, notKnown, ...FINDING_KINDS.slice(1).map((kind) => findings[kind])].map(String),
    ]),
  ];
  for (const line of tableLines(rows)) terminal.print(line);
}
