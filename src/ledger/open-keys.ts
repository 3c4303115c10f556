import { createHmac, hash, hkdfSync, timingSafeEqual, randomBytes } from 'node:crypto';
import { SECOND } from '../core/values/instant.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { KeyPurpose, LedgerKeys } from '../ports/ledger-history.ts';
import { messageOf } from '../core/values/cause.ts';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const BYTES = 32;
/** Of 32 bytes in base64url. */
const MAC_LENGTH = 43;
/** Of SHA-256, in bytes. */
const BLOCK = 64;
/** A text of no more bytes is not worth the objects that Node makes for an HMAC: they cost more than the hashing. */
const SHORT = 1_024;
/** Two MACs that are compared; kept, since every entry of a ledger may be checked at once. */
const [right, claimed] = [Buffer.alloc(MAC_LENGTH), Buffer.alloc(MAC_LENGTH)];

/** The MAC of a text, in base64url. */
type Mac = (text: string) => string;

/** One key and what is made of it, each made once. */
interface Ring {
  readonly of: (purpose: KeyPurpose) => Mac;
  readonly derive: (purpose: KeyPurpose) => Buffer;
}

/** The keys in the text that `reveal` gives; asked for again after `freshMs`, since a key file may be renewed at any time. */
export function openKeys(secret: { readonly reveal: () => string }, freshMs = SECOND): LedgerKeys {
  let text = '';
  let asked = -Infinity;
  let rings: readonly [Ring, ...Ring[]] | null = null;

  function present(): readonly [Ring, ...Ring[]] {
    if (rings !== null && performance.now() - asked < freshMs) return rings;
    const read = revealed(secret);
    if (rings === null || read !== text) {
      const { current, next, former } = keysIn(read);
      rings = [ringOf(current), ...[next, former].flatMap((key) => (key === undefined ? [] : [ringOf(key)]))];
      text = read;
    }
    asked = performance.now();
    return rings;
  }

  return {
    mac: (purpose, message) => present()[0].of(purpose)(message),
    verify(purpose, message, mac) {
      if (mac.length !== MAC_LENGTH || claimed.write(mac) !== MAC_LENGTH) return false;
      for (const ring of present()) {
        right.write(ring.of(purpose)(message), 'latin1');
        if (timingSafeEqual(right, claimed)) return true;
      }
      return false;
    },
    derive: (purpose) => present()[0].derive(purpose),
  };
}

function revealed(secret: { readonly reveal: () => string }): string {
  try {
    return secret.reveal();
  } catch (error) {
    const cause = messageOf(error);
    throw new LedgerUnavailableError(`the key of the ledger cannot be read: ${cause}`, { cause: error });
  }
}

function ringOf(hex: string): Ring {
  const made = new Map<KeyPurpose, Mac>();
  const derived = (what: string) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(hex, 'hex'), '', `oncall-approver ${what}`, BYTES));
  return {
    derive: (purpose) => derived(`key ${purpose}`),
    of(purpose) {
      const known = made.get(purpose);
      if (known !== undefined) return known;
      const mac = macUnder(derived(`mac ${purpose}`));
      made.set(purpose, mac);
      return mac;
    },
  };
}

/** HMAC-SHA256 (RFC 2104), of short texts by its definition: the hash of the key and of the hash of the key and the text. */
function macUnder(key: Buffer): Mac {
  const inner = Buffer.alloc(BLOCK + SHORT, 0x36);
  const outer = Buffer.alloc(BLOCK + BYTES, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (text) => {
    if (Buffer.byteLength(text) > SHORT) return createHmac('sha256', key).update(text).digest('base64url');
    const end = BLOCK + inner.write(text, BLOCK);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}

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
function keysIn(text: string): KeyFile {
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
