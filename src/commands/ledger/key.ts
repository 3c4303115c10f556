import { statSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig, type Config } from '../../config/load.ts';
import { instantOf, MINUTE } from '../../core/values/instant.ts';
import { newKey, readKeyFile, writeKeyFile, openKeys, type KeyFile } from '../../ledger/open-keys.ts';
import { openMarking } from '../../ledger/open-marking.ts';
import { verifyLedger } from '../../traceability/verify.ts';
import { EXIT_FAULT, EXIT_OK, progressLine, type Terminal } from '../terminal.ts';
import { hashing } from './place.ts';

export interface KeyOptions {
  readonly config: string;
}

const OPEN_DEADLINE_MS = MINUTE;
/** Longer than the service goes without looking at its key file. */
const SETTLE_MS = MINUTE;

/**
 * `ledger key init`: makes the key where there is none, seals what the ledger holds, and sets the mark from which entries are
 * believed with a seal only. To be run once, while the service is stopped; a ledger with faults gets no mark. Throws ConfigError,
 * LedgerUnavailableError.
 */
export async function initKey(options: KeyOptions, terminal: Terminal): Promise<number> {
  const { settings, keyFile } = settingsOf(options, terminal);
  await using marking = await openMarking(settings, AbortSignal.timeout(OPEN_DEADLINE_MS));
  const { history } = marking;
  if (await marking.isMarked()) {
    terminal.print('the ledger has its mark already: its key is the one that it was set with');
    return EXIT_FAULT;
  }
  const entries = (await history.extent())?.entries ?? 0;
  using progress = progressLine(2 * entries, 'entries');
  const { faults } = await verifyLedger({ history, hashing, onProgress: progress.at });
  if (faults > 0) {
    terminal.print(
      `FAIL  the ledger has ${faults} faults, and a seal would make them look right: see \`ledger verify\`. Nothing was changed; go on with a new ledger, and keep this one`,
    );
    return EXIT_FAULT;
  }
  const known = readKeyFile(keyFile);
  if (known === null) {
    writeKeyFile(keyFile, { current: newKey() });
    terminal.print(
      `a key was made in ${keyFile}: keep a copy where nobody who can write to the ledger can read it`,
    );
  }
  const { current } = known ?? readKeyFile(keyFile) ?? { current: '' };
  const keys = openKeys({ reveal: () => `current ${current}` });
  await marking.setMark(keys, instantOf(Date.now()), (done) => progress.at(entries + done));
  terminal.print(`the ledger is sealed: ${entries} entries from before, and the mark after them`);
  if (entries > 0) {
    terminal.print(
      `their seals vouch for ${entries === 1 ? 'it' : 'them'} as found, with the first addresses beside the ledger: whoever could write to the database before may have put in what verifies. See \`ledger verify --config ${options.config} --against teleport,pagerduty\` before the service is started: what is named there was believed until now, and is from now on`,
    );
  }
  return EXIT_OK;
}

/**
 * `ledger key rotate`: one step of three by which a new key takes the place of the old one, while the service goes on; says what
 * the next one is. Throws ConfigError, LedgerUnavailableError, LedgerForgedError.
 */
export async function rotateKey(options: KeyOptions, terminal: Terminal): Promise<number> {
  const { settings, keyFile } = settingsOf(options, terminal);
  const keys = readKeyFile(keyFile);
  if (keys === null)
    throw new ConfigError(`there is no key in \`${keyFile}\`: begin with \`ledger key init\``);
  if (keys.former !== undefined) return await finish(settings, keyFile, keys, terminal);
  if (keys.next !== undefined) {
    writeKeyFile(keyFile, { current: keys.next, former: keys.current });
    terminal.print(
      'step 2 of 3: the new key seals, the old one is believed still. Once every replica has this file, run it again to seal anew what the old one sealed',
    );
    return EXIT_OK;
  }
  writeKeyFile(keyFile, { ...keys, next: newKey() });
  terminal.print(
    'step 1 of 3: a new key is in the file, and is believed. Once every replica has this file, run it again to seal by it',
  );
  return EXIT_OK;
}

async function finish(
  settings: Config['ledger'],
  keyFile: string,
  { current }: KeyFile,
  terminal: Terminal,
): Promise<number> {
  if (Date.now() - statSync(keyFile).mtimeMs < SETTLE_MS) {
    terminal.print(
      'the key file was changed less than a minute ago, and the service may not have read it yet: try again then',
    );
    return EXIT_FAULT;
  }
  const keys = openKeys({ reveal: () => settings.key?.reveal() ?? '' });
  await using marking = await openMarking(settings, AbortSignal.timeout(OPEN_DEADLINE_MS));
  using progress = progressLine((await marking.history.extent())?.entries ?? 0, 'entries');
  await marking.sealAnew(keys, progress.at);
  writeKeyFile(keyFile, { current });
  terminal.print('step 3 of 3: every entry is sealed by the new key, and the old one counts no more');
  return EXIT_OK;
}

function settingsOf({ config }: KeyOptions, { environment }: Terminal) {
  const { ledger: settings } = loadConfig(config, environment, { offline: true });
  const { keyFile } = settings;
  if (keyFile === undefined) {
    throw new ConfigError(
      'say in the configuration where the key is to be: `ledger: { key_file: /run/secrets/ledger-key }`',
    );
  }
  return { settings, keyFile };
}
