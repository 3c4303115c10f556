import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ConfigError } from '../../config/config-error.ts';
import { subjectOf } from '../../core/record/ledger-entry.ts';
import { storyOf } from '../../core/record/story.ts';
import { ocsfEvents } from '../../traceability/ocsf.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { entryOf } from '../../traceability/finding.ts';
import { VERSION } from '../../version.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { knownOf, openPlace, type Place } from './place.ts';

export interface OcsfOptions extends Place {
  readonly out: string;
  readonly after?: string;
}

/**
 * `ledger export --format ocsf`: what the ledger says to a SIEM, one event a line, of the entries after a number. Of requests of which somebody
 * else wrote entries nothing is said, and the exit code is 1. Throws ConfigError, LedgerUnavailableError.
 */
export async function exportOcsf(options: OcsfOptions, terminal: Terminal): Promise<number> {
  const { after = '0' } = options;
  if (!/^\d{1,15}$/u.test(after)) throw new ConfigError(`\`--after ${after}\` is no number of an entry`);
  await using history = await openPlace(options, terminal);
  const { seals } = await knownOf(options, history, terminal);
  const file = createWriteStream(options.out, { mode: 0o600 });
  await once(file, 'open');
  const foreign = new Set<string>();
  let [events, last] = [0, Number(after)];
  for await (const stored of history.entries(last)) {
    last = stored.seq;
    if (!/^\{"kind":"(?:ended|used|effect-done)"/u.test(stored.eventText)) continue;
    const entry = entryOf(stored);
    const requestId = subjectOf(entry.event);
    if (requestId === null || (entry.event.kind === 'effect-done' && entry.event.key !== 'lock')) continue;
    const own = await history.entriesOf(requestId);
    if (sealFaults(own, seals).size > 0) {
      foreign.add(requestId);
      continue;
    }
    for (const event of ocsfEvents(entry, storyOf(own.map(entryOf)), VERSION)) {
      events += 1;
      if (!file.write(`${JSON.stringify(event)}\n`)) await once(file, 'drain');
    }
  }
  file.end();
  await finished(file);
  terminal.print(
    `${events} events written to ${options.out}, up to entry ${last}: go on with --after ${last}`,
  );
  if (foreign.size === 0) return EXIT_OK;
  terminal.print(
    `FAIL  of ${foreign.size} requests nothing is written: entries of theirs were not written by this service; run \`ledger verify\``,
  );
  return EXIT_FAULT;
}
