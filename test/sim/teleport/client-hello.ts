/** What a router may learn from a ClientHello without ending TLS (RFC 8446 §4.1.2; RFC 6066 §3; RFC 7301 §3.1). */
export interface ClientHello {
  readonly serverName: string | undefined;
  /** The offered protocols, in the client's order. */
  readonly alpnProtocols: readonly string[];
}

export type ClientHelloResult =
  | { readonly kind: 'complete'; readonly hello: ClientHello }
  /** More bytes are needed. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'not-tls'; readonly reason: string };

const RECORD_HANDSHAKE = 22;
const HANDSHAKE_CLIENT_HELLO = 1;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ALPN = 16;
const RECORD_HEADER_BYTES = 5;
const MAX_RECORD_BYTES = 16_384;
const MAX_HELLO_BYTES = 65_536;

/**
 * Reads a ClientHello from the first bytes of a connection; the hello may arrive in any number of pieces and may be
 * spread over several TLS records.
 */
export function parseClientHello(bytes: Buffer): ClientHelloResult {
  try {
    const handshake = reassemble(bytes);
    if (handshake === undefined) return { kind: 'partial' };
    return { kind: 'complete', hello: readHello(handshake) };
  } catch (error) {
    if (error instanceof MalformedHelloError) return { kind: 'not-tls', reason: error.message };
    throw error;
  }
}

class MalformedHelloError extends Error {
  override readonly name = 'MalformedHelloError';
}

/** Joins the handshake bytes of the records so far; `undefined` while the message is incomplete. */
function reassemble(bytes: Buffer): Reader | undefined {
  const fragments: Buffer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (bytes[offset] !== RECORD_HANDSHAKE) throw new MalformedHelloError('not a handshake record');
    if (bytes.length - offset < RECORD_HEADER_BYTES) break;
    if (bytes[offset + 1] !== 3) throw new MalformedHelloError('not a TLS record version');
    const length = bytes.readUInt16BE(offset + 3);
    if (length === 0 || length > MAX_RECORD_BYTES) throw new MalformedHelloError('bad record length');
    const start = offset + RECORD_HEADER_BYTES;
    fragments.push(bytes.subarray(start, Math.min(start + length, bytes.length)));
    offset = start + length;
  }
  const message = Buffer.concat(fragments);
  if (message.length > 0 && message[0] !== HANDSHAKE_CLIENT_HELLO) {
    throw new MalformedHelloError('not a client hello');
  }
  if (message.length < 4) return undefined;
  const length = message.readUIntBE(1, 3);
  if (length > MAX_HELLO_BYTES) throw new MalformedHelloError('client hello too long');
  return message.length < 4 + length ? undefined : new Reader(message.subarray(4, 4 + length));
}

function readHello(reader: Reader): ClientHello {
  reader.skip(2 + 32); // legacy_version, random
  reader.vector(1); // legacy_session_id
  reader.vector(2); // cipher_suites
  reader.vector(1); // legacy_compression_methods
  let serverName: string | undefined;
  let alpnProtocols: readonly string[] = [];
  // A hello of TLS 1.2 and older may end here, without extensions.
  const extensions = reader.atEnd ? new Reader(Buffer.alloc(0)) : reader.vector(2);
  while (!extensions.atEnd) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (type === EXTENSION_SERVER_NAME) serverName = readServerName(body);
    if (type === EXTENSION_ALPN) alpnProtocols = readProtocols(body);
  }
  return { serverName, alpnProtocols };
}

function readServerName(body: Reader): string | undefined {
  const names = body.vector(2);
  while (!names.atEnd) {
    const isHostName = names.number(1) === 0;
    const name = names.vector(2).text();
    if (isHostName) return name;
  }
  return undefined;
}

function readProtocols(body: Reader): readonly string[] {
  const list = body.vector(2);
  const protocols: string[] = [];
  while (!list.atEnd) protocols.push(list.vector(1).text());
  return protocols;
}

/** Reads big-endian numbers and length-prefixed vectors; refuses to read beyond its end. */
class Reader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  skip(count: number): Buffer {
    const end = this.#offset + count;
    if (end > this.#bytes.length) throw new MalformedHelloError('client hello ends too early');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  number(byteCount: 1 | 2): number {
    return this.skip(byteCount).readUIntBE(0, byteCount);
  }

  vector(lengthBytes: 1 | 2): Reader {
    return new Reader(this.skip(this.number(lengthBytes)));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
