import { writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { storyOf } from '../../core/record/story.ts';
import { instantOf } from '../../core/values/instant.ts';
import { findingWords } from '../../core/wording/findings.ts';
import { accountOf } from '../../core/usage/account.ts';
import { findingsOf } from '../../core/usage/findings.ts';
import { useWords } from '../../core/wording/usage.ts';
import { standaloneOf } from '../../http/pages/document.ts';
import { requestPage } from '../../http/pages/request-page.ts';
import { exportLine } from '../../ledger/export.ts';
import { decisionsOf } from '../../traceability/narrative.ts';
import { requestProof } from '../../traceability/summary.ts';
import { requestMeant } from '../../traceability/search.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { entryOf } from '../../traceability/finding.ts';
import { VERSION } from '../../version.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { archiveOf } from './archive.ts';
import { hashing, knownOf, openPlace, type Place } from './place.ts';

const STYLE = new URL('../../http/pages/style.css', import.meta.url);

const README = `Evidence of one access request, made by oncall-approver.

index.html     the whole story, to be read in a browser; it asks nobody for anything
entries.jsonl  the request's entries of the ledger, to the letter, one a line
proof.json     of each entry the hash before it, and what the whole ledger was when this was made
usage.json     what the access was used for, and what that shows
rules.json     the rules by which it was decided

To check an entry: its hash is the SHA-256 of four lines joined by line feeds (the hash before it, its number, its time, its
event's text as it stands after "event":), as proof.json has them. \`oncall-approver ledger evidence --verify FILE\` checks all of them, and with
\`--ledger\` or \`--config\` whether the ledger still holds them; \`sha256sum -c SHA256SUMS\` whether these files are what was written. The
digest of the summary in proof.json shows whether the ledger before then was changed.
`;

/**
 * `ledger evidence ID`: all about one request as one archive to be filed. The whole ledger is verified on the way; where anything is wrong with
 * it the archive is written all the same, says so, and the exit code is 1. Throws NoSuchRequestError, ConfigError, LedgerUnavailableError.
 */
export async function evidence(
  id: string,
  options: Place & { readonly out: string },
  terminal: Terminal,
): Promise<number> {
  await using history = await openPlace(options, terminal);
  const requestId = await requestMeant(history, id);
  const stored = await history.entriesOf(requestId);
  const entries = stored.map(entryOf);
  const { seals, unchecked } = await knownOf(options, history, terminal);
  const faults = sealFaults(stored, seals);
  const made = instantOf(Date.now());
  const {
    policies,
    faults: wrong,
    ...proof
  } = await requestProof(
    history,
    { stored, digests: decisionsOf(entries).map(({ policyDigest }) => policyDigest), seals },
    { hashing, made, program: VERSION },
  );
  const story = storyOf(entries);
  const seal_faults = [...faults].map(([seq, why]) => ({ seq, why }));
  const page = requestPage(entries, { proxyPublicAddr: '', faults, standsAlone: true });
  const about = { request: requestId, ...proof, faults: wrong, seal_faults, seals_unchecked: unchecked };
  const files = new Map([
    ['README.txt', README],
    ['index.html', standaloneOf(`Request ${requestId}`, readFileSync(STYLE, 'utf8'), page, made)],
    ['entries.jsonl', `${stored.map(exportLine).join('\n')}\n`],
    ['proof.json', json(about)],
    ['usage.json', json(usageOf(story))],
    ['rules.json', json(policies)],
  ]);
  await write(options.out, archiveOf(files, new Date(made)));
  terminal.print(`${stored.length} entries of request ${requestId} written to ${options.out}`);
  if (unchecked !== null) terminal.print(unchecked);
  if (wrong.length === 0 && faults.size === 0) return EXIT_OK;
  terminal.print('FAIL  the ledger is not what was written: run `ledger verify` to see where');
  return EXIT_FAULT;
}

function usageOf(story: ReturnType<typeof storyOf>) {
  return {
    accounts: story.used.map((each) => {
      const account = accountOf(each.evidence);
      const { number, stage, evidence: kept } = each;
      return { number, stage, words: useWords(account, kept), account, evidence: kept };
    }),
    findings: findingsOf(story).map((found) => ({ ...found, text: findingWords(found) })),
  };
}

/** For nobody but whoever made it: it holds what the ledger holds. */
async function write(out: string, archive: Buffer): Promise<void> {
  try {
    await writeFile(out, archive, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'EEXIST' ? 'is there already: name a new one' : `cannot be written (${code})`;
    throw new ConfigError(`\`--out ${out}\` ${why}`);
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
