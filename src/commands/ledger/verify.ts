import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { instantOf, type Instant } from '../../core/values/instant.ts';
import { LedgerUnavailableError } from '../../ports/ledger.ts';
import { fault, type Finding } from '../../traceability/finding.ts';
import { compareWithSummary, summaryIn, type SummaryComparison } from '../../traceability/summary.ts';
import { verifyLedger, type Verification } from '../../traceability/verify.ts';
import {
  EXIT_FAULT,
  EXIT_OK,
  EXIT_UNREADABLE,
  EXIT_WARNING,
  progressLine,
  type Terminal,
} from '../terminal.ts';
import { compareWithOthers, type Anchor } from './against.ts';
import { createOpenCheck } from '../../traceability/open-check.ts';
import { hashing, knownOf, openPlaceOrExport, type Place } from './place.ts';

export interface VerifyCommandOptions extends Place {
  readonly export?: string;
  /** `teleport`, `pagerduty`, or the file of a summary; several with commas. */
  readonly against?: string;
  readonly json?: boolean;
}

/**
 * `ledger verify`: checks every entry, and compares with what others keep where `--against` says so. Exit code: 0 verified,
 * 1 something is wrong with the record, 3 only warnings, 4 it cannot be read. Throws ConfigError.
 */
export async function verify(options: VerifyCommandOptions, terminal: Terminal): Promise<number> {
  const { anchors, summaries } = anchorsOf(options.against ?? '');
  try {
    const checked = await check(options, summaries, terminal);
    const others = anchors.length === 0 ? [] : await compareWithOthers(anchors, options, terminal);
    const findings = [...checked.findings, ...others.flatMap((each) => each.findings)];
    const count = (severity: Finding['severity'], inChain: number) =>
      inChain +
      findings.slice(checked.verification.findings.length).filter((each) => each.severity === severity)
        .length;
    const report = {
      ...checked.verification,
      findings,
      faults: count('fault', checked.verification.faults),
      warnings: count('warning', checked.verification.warnings),
    };
    if (options.json === true) terminal.print(JSON.stringify({ ok: report.faults === 0, ...report, others }));
    else {
      printReport(report, terminal);
      for (const { text } of others) terminal.print(text);
      if (checked.unchecked !== null) terminal.print(checked.unchecked);
      if (summaries.length + anchors.length === 0) printWhatCannotBeSeen(report, terminal);
    }
    if (report.faults > 0) return EXIT_FAULT;
    return report.warnings > 0 ? EXIT_WARNING : EXIT_OK;
  } catch (error) {
    if (!(error instanceof LedgerUnavailableError)) throw error;
    if (options.json === true) terminal.print(JSON.stringify({ ok: false, unreadable: error.message }));
    else terminal.print(`FAIL  ${error.message}`);
    return EXIT_UNREADABLE;
  }
}

async function check(
  options: VerifyCommandOptions,
  summaries: readonly SummaryComparison[],
  terminal: Terminal,
): Promise<{ verification: Verification; findings: readonly Finding[]; unchecked: string | null }> {
  await using history = await openPlaceOrExport(options, terminal);
  const known = await knownOf(options, history, terminal);
  const watched = new Map<string, Instant>();
  const open = createOpenCheck(instantOf(Date.now()));
  using progress = progressLine((await history.extent())?.entries ?? 0, 'entries');
  await using thread = known.openThread?.();
  const verification = await verifyLedger({
    history,
    hashing,
    seals: known.seals,
    faultsIn: thread === undefined ? undefined : (entries) => thread.faultsIn(entries),
    keepMs: known.keepMs,
    onProgress: progress.at,
    onEvent(event) {
      open.take(event);
      if (event.kind === 'watched') watched.set(`${event.target.kind} ${event.target.id}`, event.until);
    },
    onEntry: (entry) => summaries.flatMap((summary) => summary.take(entry)),
  });
  const atEnd = [
    ...known.findings,
    ...('open' in history ? await open.end(history) : []),
    ...('addresses' in history && known.seals !== undefined
      ? [
          ...known.seals.addressFaults(await history.addresses(), verification.addresses),
          ...known.seals.sightingFaults(await history.watched(), watched),
        ].map((text) => fault('hidden', null, text))
      : []),
    ...summaries.flatMap((summary) => summary.end(verification)),
  ];
  return { verification, findings: [...verification.findings, ...atEnd], unchecked: known.unchecked };
}

function anchorsOf(against: string): { anchors: readonly Anchor[]; summaries: readonly SummaryComparison[] } {
  const names = against
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const anchors = names.filter((name): name is Anchor => name === 'teleport' || name === 'pagerduty');
  const files = names.filter((name) => name !== 'teleport' && name !== 'pagerduty');
  return { anchors, summaries: files.map(summaryFrom) };
}

function summaryFrom(file: string): SummaryComparison {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `\`--against ${file}\` is neither teleport nor pagerduty nor a file that can be read`,
      { cause: error },
    );
  }
  const summary = summaryIn(text);
  if (summary === null) throw new ConfigError(`\`${file}\` is no summary of a ledger`);
  return compareWithSummary(summary, hashing);
}

type Report = Verification;

function printReport(report: Report, terminal: Terminal): void {
  const print = (line: string) => terminal.print(line);
  const { entries, decisions, removed, first, last, faults, warnings, findings } = report;
  const bad = findings.find(({ severity, seq }) => severity === 'fault' && seq !== null);
  for (const { severity, text } of findings) print(`${severity === 'fault' ? 'FAIL' : 'warn'}  ${text}`);
  const unsaid = faults + warnings - findings.length;
  if (unsaid > 0) print(`      … and ${unsaid} more`);
  print(`${entries} entries, ${decisions} decisions derived again, ${faults} faults, ${warnings} warnings`);
  if (removed > 0)
    print(`entries 1 to ${removed} were removed before; the first one left is entry ${first?.seq ?? 0}`);
  if (bad !== undefined) print(`the first bad entry is ${bad.seq ?? 0}`);
  if (last !== null) print(`last entry ${last.seq} of ${last.at}, hash ${last.hash}`);
}

/** A chain shows everything but that its end is missing. */
function printWhatCannotBeSeen({ last }: Report, terminal: Terminal): void {
  if (last === null) return;
  terminal.print(
    `whether entries after ${last.seq} were cut off cannot be seen from inside: compare with \`--against\` a summary, teleport or pagerduty`,
  );
}
