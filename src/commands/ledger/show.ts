import { entryOf } from '../../traceability/stored-entry.ts';
import { decisionsOf, narrate, verdictWords, type Step } from '../../traceability/narrative.ts';
import { requestMeant } from '../../traceability/search.ts';
import type { LedgerEntry } from '../../core/record/ledger-entry.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT_OK } from './exit-codes.ts';
import { openPlace, type Place } from './place.ts';

/**
 * `ledger show ID`: the whole story of a request in the order in which it happened, in words; with `--json` its entries, one a
 * line. Throws NoSuchRequestError, ConfigError, LedgerUnavailableError.
 */
export async function show(
  id: string,
  options: Place & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const history = await openPlace(options, terminal);
  try {
    const stored = await history.entriesOf(await requestMeant(history, id));
    const entries = stored.map(entryOf);
    if (options.json === true) for (const entry of entries) terminal.print(JSON.stringify(entry));
    else for (const line of told(entries)) terminal.print(line);
    return EXIT_OK;
  } finally {
    await history.close();
  }
}

function told(entries: readonly LedgerEntry[]): readonly string[] {
  const decided = decisionsOf(entries).at(-1);
  const heading =
    decided === undefined
      ? []
      : [
          `Request ${decided.requestId}`,
          `${decided.request.requester} for ${decided.request.roles.join(', ')}: ${verdictWords(decided.decision.verdict)}`,
          `decision ${decided.decisionId}, digest ${decided.digest}`,
          `policy ${decided.policyDigest}`,
          '',
        ];
  return [...heading, ...narrate(entries).flatMap(stepLines)];
}

function stepLines({ at, seq, title, details, link }: Step): readonly string[] {
  const place = seq === null ? '' : `  [entry ${seq}]`;
  return [
    `${at}  ${title}${place}`,
    ...[...details, ...(link === null ? [] : [link])].map((line) => `${' '.repeat(26)}${line}`),
  ];
}
