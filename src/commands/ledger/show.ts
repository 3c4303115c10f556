import { entryOf } from '../../traceability/finding.ts';
import { decisionsOf, narrate, verdictWords, type Step } from '../../traceability/narrative.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { requestMeant } from '../../traceability/search.ts';
import type { LedgerEntry } from '../../core/record/ledger-entry.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { knownOf, openPlace, type Place } from './place.ts';

/**
 * `ledger show ID`: the whole story of a request in the order in which it happened, in words; with `--json` its entries, one a
 * line. What others wrote is marked, and the exit code is 1. Throws NoSuchRequestError, ConfigError, LedgerUnavailableError.
 */
export async function show(
  id: string,
  options: Place & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using history = await openPlace(options, terminal);
  const stored = await history.entriesOf(await requestMeant(history, id));
  const entries = stored.map(entryOf);
  const { seals, unchecked } = await knownOf(options, history, terminal);
  const faults = sealFaults(stored, seals);
  if (options.json === true) {
    const known = (seq: number) => (seals === undefined ? {} : { seal_fault: faults.get(seq) ?? null });
    for (const entry of entries) terminal.print(JSON.stringify({ ...entry, ...known(entry.seq) }));
  } else {
    for (const line of told(entries, faults)) terminal.print(line);
    if (unchecked !== null) terminal.print(unchecked);
  }
  return faults.size > 0 ? EXIT_FAULT : EXIT_OK;
}

function told(entries: readonly LedgerEntry[], faults: ReadonlyMap<number, string>): readonly string[] {
  const decided = decisionsOf(entries).at(-1);
  const heading =
    decided === undefined
      ? []
      : [
          `Request ${decided.requestId}`,
          `${decided.request.requester} for ${decided.request.roles.join(', ')}: ${verdictWords(decided.decision.verdict)}`,
          `decision ${decided.decisionId}, digest ${decided.digest}`,
          `policy ${decided.policyDigest}`,
          ...(decided.claimsDigest === undefined ? [] : [`claims ${decided.claimsDigest}, proven for it`]),
          '',
        ];
  return [...heading, ...narrate(entries, faults).flatMap(stepLines)];
}

function stepLines({ at, seq, title, details, link }: Step): readonly string[] {
  const place = seq === null ? '' : `  [entry ${seq}]`;
  return [
    `${at}  ${title}${place}`,
    ...[...details, ...(link === null ? [] : [link])].map((line) => `${' '.repeat(26)}${line}`),
  ];
}
