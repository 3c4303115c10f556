import { writeFile } from 'node:fs/promises';
import { ConfigError } from '../../config/config-error.ts';
import { instantOf } from '../../core/values/instant.ts';
import { decisionsOf } from '../../traceability/narrative.ts';
import { requestProof } from '../../traceability/summary.ts';
import { requestMeant } from '../../traceability/search.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { entryOf } from '../../traceability/finding.ts';
import { VERSION } from '../../version.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { archiveOf } from './archive.ts';
import { evidenceFiles, json } from './evidence-files.ts';
import { hashing, knownOf, openPlace, type Place } from './place.ts';

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
  const { seals, unchecked, findings } = await knownOf(options, history, terminal);
  const faults = sealFaults(stored, seals);
  const made = instantOf(Date.now());
  const { policies, ...proof } = await requestProof(
    history,
    { stored, digests: decisionsOf(entries).map(({ policyDigest }) => policyDigest), seals },
    { hashing, made, program: VERSION },
  );
  const seal_faults = [...faults].map(([seq, why]) => ({ seq, why }));
  const wrong = [...findings.map(({ text }) => text), ...proof.faults];
  const about = { request: requestId, ...proof, faults: wrong, seal_faults, seals_unchecked: unchecked };
  const files = new Map([...evidenceFiles(stored, about), ['rules.json', json(policies)]]);
  await write(options.out, archiveOf(files, new Date(made)));
  terminal.print(`${stored.length} entries of request ${requestId} written to ${options.out}`);
  if (unchecked !== null) terminal.print(unchecked);
  if (wrong.length === 0 && faults.size === 0) return EXIT_OK;
  terminal.print('FAIL  the ledger is not what was written: run `ledger verify` to see where');
  return EXIT_FAULT;
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
