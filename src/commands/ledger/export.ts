import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { exportLine } from '../../ledger/export.ts';
import { instantOf } from '../../core/values/instant.ts';
import { createMarkCollector, summaryOf } from '../../traceability/summary.ts';
import { verifyLedger } from '../../traceability/verify.ts';
import { VERSION } from '../../version.ts';
import { EXIT_FAULT, EXIT_OK, progressLine, type Terminal } from '../terminal.ts';
import { hashing, openPlace, type Place } from './place.ts';

export interface ExportOptions extends Place {
  readonly out: string;
  readonly summary?: string;
}

/**
 * `ledger export`: every entry as JSON Lines with its place in the chain, and a summary to be kept elsewhere. Verifies on the
 * way; a ledger with faults is exported all the same, and the exit code is 1. Throws ConfigError, LedgerUnavailableError.
 */
export async function exportLedger(options: ExportOptions, terminal: Terminal): Promise<number> {
  await using history = await openPlace(options, terminal);
  using progress = progressLine((await history.extent())?.entries ?? 0, 'entries');
  // An export holds whatever the ledger holds: for nobody but whoever made it.
  const file = createWriteStream(options.out, { mode: 0o600 });
  await once(file, 'open');
  const hash = createHash('sha256');
  const marks = createMarkCollector();
  const entries = async function* () {
    for await (const entry of history.entries()) {
      const line = `${exportLine(entry)}\n`;
      hash.update(line);
      marks.take(entry);
      if (!file.write(line)) await once(file, 'drain');
      yield entry;
    }
  };
  const verification = await verifyLedger({
    history: {
      extent: () => history.extent(),
      checkpoints: () => history.checkpoints(),
      mark: () => history.mark(),
      entries,
    },
    hashing,
    onProgress: progress.at,
  });
  file.end();
  await finished(file);
  const summary = summaryOf(
    verification,
    { made: instantOf(Date.now()), program: VERSION, marks: marks.marks, exportDigest: hash.digest('hex') },
    hashing,
  );
  if (options.summary !== undefined) {
    await writeFile(options.summary, `${JSON.stringify(summary, null, 2)}\n`);
  }
  terminal.print(`${verification.entries} entries written to ${options.out}`);
  terminal.print(`up to entry ${verification.last?.seq ?? 0}, summary digest ${summary.digest}`);
  if (verification.faults > 0) {
    terminal.print(`FAIL  ${verification.faults} faults: run \`ledger verify\` to see them`);
  }
  return verification.faults > 0 ? EXIT_FAULT : EXIT_OK;
}
