/**
 * The few DER forms an X.509 certificate is made of (ITU-T X.690). Encoding only: certificates are read back by
 * `node:crypto`, which would refuse a wrong encoding.
 */

const TAG_INTEGER = 0x02;
const TAG_BIT_STRING = 0x03;
const TAG_OCTET_STRING = 0x04;
const TAG_NULL = 0x05;
const TAG_OID = 0x06;
const TAG_UTF8_STRING = 0x0c;
const TAG_UTC_TIME = 0x17;
const TAG_GENERALIZED_TIME = 0x18;
const TAG_SEQUENCE = 0x30;
const TAG_SET = 0x31;
const CONTEXT_SPECIFIC = 0x80;
const CONSTRUCTED = 0x20;

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG_SEQUENCE, Buffer.concat(parts));
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG_SET, Buffer.concat(parts));
}

/** A non-negative integer from its big-endian bytes. */
export function integer(bigEndian: Uint8Array): Buffer {
  const firstByte = bigEndian[0] ?? 0;
  // Without a leading zero byte a set high bit would read as a negative number.
  return tagged(TAG_INTEGER, firstByte >= 0x80 ? Buffer.concat([Buffer.of(0), bigEndian]) : bigEndian);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(TAG_BIT_STRING, Buffer.concat([Buffer.of(unusedBits), bytes]));
}

export function octetString(bytes: Uint8Array): Buffer {
  return tagged(TAG_OCTET_STRING, bytes);
}

export function nullValue(): Buffer {
  return tagged(TAG_NULL, Buffer.alloc(0));
}

export function booleanTrue(): Buffer {
  return Buffer.from([0x01, 0x01, 0xff]);
}

export function utf8String(text: string): Buffer {
  return tagged(TAG_UTF8_STRING, Buffer.from(text, 'utf8'));
}

/** An object identifier in dotted form, e.g. `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(TAG_OID, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** An instant with second precision; RFC 5280 §4.1.2.5 wants UTCTime up to 2049 and GeneralizedTime from then on. */
export function time(instant: Date): Buffer {
  const digits = instant.toISOString().replace(/[-:T]|\.\d+/g, '');
  return instant.getUTCFullYear() < 2050
    ? tagged(TAG_UTC_TIME, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(TAG_GENERALIZED_TIME, Buffer.from(digits, 'ascii'));
}

/** `[tagNumber] EXPLICIT`. */
export function explicit(tagNumber: number, content: Uint8Array): Buffer {
  return tagged(CONTEXT_SPECIFIC | CONSTRUCTED | tagNumber, content);
}

/** `[tagNumber] IMPLICIT` over a primitive type. */
export function implicit(tagNumber: number, content: Uint8Array): Buffer {
  return tagged(CONTEXT_SPECIFIC | tagNumber, content);
}

function tagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

function length(byteCount: number): Buffer {
  if (byteCount < 0x80) return Buffer.of(byteCount);
  const bytes: number[] = [];
  for (let rest = byteCount; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 | (rest % 128));
  }
  return bytes;
}
