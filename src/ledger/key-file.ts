import { LedgerUnavailableError } from '../ports/ledger.ts';

/**
 * The keys in a key file, in hex. While one takes the place of the other there are two: `next` is believed already and seals
 * nothing yet, `former` is believed still and seals nothing any more.
 */
interface KeyFile {
  readonly current: string;
  readonly next?: string;
  readonly former?: string;
}

const LINE = /^(?<name>current|next|former) (?<key>[0-9a-f]{64})$/u;

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
