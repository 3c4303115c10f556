import { on } from 'node:events';
import { createInterface } from 'node:readline';
import { instantOf } from '../../src/core/values/instant.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { aFailure } from './some-events.ts';

/**
 * A process that opens the ledger and appends to it for ever. It says `ready`, then `open`, then the number of each entry as
 * soon as the ledger has answered; a failure as `name: message`. It goes on only when it is sent a line: once to open, and
 * again after each failure.
 */
const [file = '', name = ''] = process.argv.slice(2);
const told = on(createInterface(process.stdin), 'line');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failureOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

say('ready');
await told.next();
let ledger: SqliteLedger | null = null;
for (let number = 1; ; number += 1) {
  try {
    if (ledger === null) {
      ledger = new SqliteLedger(file);
      say('open');
    }
    const [entry] = await ledger.append([aFailure(`${name}-${number}`)], instantOf(Date.now()));
    say(String(entry?.seq));
  } catch (error) {
    say(failureOf(error));
    await told.next();
  }
}
