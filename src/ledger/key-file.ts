import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { LedgerUnavailableError } from '../ports/ledger.ts';

/**
 * The keys in a key file, in hex. While one takes the place of the other there are two: `next` is believed already and seals
 * nothing yet, `former` is believed still and seals nothing any more.
 */
export interface KeyFile {
  readonly current: string;
  readonly next?: string;
  readonly former?: string;
}

const LINE = /^(?<name>current|next|former) (?<key>[0-9a-f]{64})$/u;

export function newKey(): string {
  return randomBytes(32).toString('hex');
}

/** The keys in a file; null when it is not there. Throws LedgerUnavailableError. */
export function readKeyFile(path: string): KeyFile | null {
  if (!existsSync(path)) return null;
  try {
    return keysIn(readFileSync(path, 'utf8'));
  } catch (error) {
    throw error instanceof LedgerUnavailableError ? error : unusableFile('read', path, error);
  }
}

/** Writes the file anew in one step, for nobody but its owner. Throws LedgerUnavailableError. */
export function writeKeyFile(path: string, { current, next, former }: KeyFile): void {
  const lines = [
    "# The key of oncall-approver's ledger: whoever has it can write what the service acts upon.",
    `current ${current}`,
    ...(next === undefined ? [] : [`next ${next}`]),
    ...(former === undefined ? [] : [`former ${former}`]),
  ];
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(fresh, path);
  } catch (error) {
    throw unusableFile('written', path, error);
  }
}

function unusableFile(what: string, path: string, error: unknown): LedgerUnavailableError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new LedgerUnavailableError(
    `the key file \`${path}\` cannot be ${what}${code}: check the folder, and whose it is; where it is a mounted secret, make it elsewhere and bring it there`,
    { cause: error },
  );
}

/** One key a line, its part before it; lines that begin with # are for people. Throws LedgerUnavailableError, without the text. */
export function keysIn(text: string): KeyFile {
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const found = new Map<string, string>();
  for (const line of lines) {
    const { name, key } = LINE.exec(line.trim())?.groups ?? {};
    if (name === undefined || key === undefined || found.has(name)) throw unusable();
    found.set(name, key);
  }
  const { current, ...others } = Object.fromEntries(found) as Partial<KeyFile>;
  if (current === undefined || (others.next !== undefined && others.former !== undefined)) throw unusable();
  return { current, ...others };
}

function unusable(): LedgerUnavailableError {
  return new LedgerUnavailableError(
    'the file that `ledger.key_file` names holds no key of a ledger: make one with `oncall-approver ledger key init`',
  );
}
