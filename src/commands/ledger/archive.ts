import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/*
 * A tar archive by the POSIX format `ustar`, of a few small files at its root: every system opens it, and `sha256sum -c SHA256SUMS` checks it.
 */

const BLOCK = 512;
export const SUMS = 'SHA256SUMS';

export type Files = ReadonlyMap<string, string>;

/** The files, and the SHA-256 of each in a further one. Names have ASCII letters, at most 100. */
export function archiveOf(files: Files, madeAt: Date): Buffer {
  const sums = [...files].map(([name, text]) => `${sumOf(text)}  ${name}\n`).join('');
  const all = [...files, [SUMS, sums] as const];
  const entries = all.flatMap(([name, text]) => {
    const content = Buffer.from(text);
    return [headerOf(name, content.length, madeAt), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

/**
 * The files in such an archive; null where it is none. Nothing may be in it that another program reads otherwise: links, names in two
 * parts, bytes that are no text, files behind the end.
 */
export function filesIn(archive: Buffer): Files | null {
  const files = new Map<string, string>();
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (isZero(header)) return isZero(archive.subarray(at)) ? files : null;
    const length = /^[0-7]{11}\0$/u.test(header.toString('latin1', 124, 136))
      ? Number.parseInt(textOf(header.subarray(124, 136)), 8)
      : Number.NaN;
    const isWhole = header.subarray(257, 262).toString() === 'ustar' && at + BLOCK + length <= archive.length;
    if (!isWhole || textOf(header.subarray(148, 156)) !== checksumOf(header)) return null;
    const isPlain = header.toString('latin1', 156, 157) === '0' && isZero(header.subarray(157, 257));
    const name = textOf(header.subarray(0, 100));
    const content = archive.subarray(at + BLOCK, at + BLOCK + length);
    if (!isPlain || !isZero(header.subarray(345)) || !isUtf8(content) || files.has(name)) return null;
    files.set(name, content.toString());
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
  }
  return null;
}

/** Those of the files that are not what their sums say, or have none, and those that have one and are not there. */
export function changedIn(files: Files): readonly string[] {
  const sums = new Map(
    (files.get(SUMS) ?? '').split('\n').flatMap((line) => {
      const [sum, name] = line.split('  ');
      return sum === undefined || name === undefined ? [] : [[name, sum] as const];
    }),
  );
  const names = new Set([...files.keys(), ...sums.keys()].filter((name) => name !== SUMS));
  return [...names].filter((name) => sums.get(name) !== sumOf(files.get(name) ?? ''));
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function headerOf(name: string, length: number, madeAt: Date): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(length, 11), 124);
  header.write(octal(Math.floor(madeAt.getTime() / 1_000), 11), 136);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(checksumOf(header), 148);
  return header;
}

/** Of all bytes of the header, its own counted as blanks. */
function checksumOf(header: Buffer): string {
  const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum.toString(8).padStart(6, '0');
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Up to the first byte that is no letter of it. */
function textOf(field: Buffer): string {
  return field.toString().replace(/[\0 ].*$/su, '');
}
