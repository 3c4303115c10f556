import { Duplex } from 'node:stream';

/** Size of what follows, big-endian; 0 is a ping, which nothing follows and nobody answers (Teleport: `pingconn`). */
const SIZE_BYTES = 4;

/** What is carried by a connection of packets: the stream of their contents, in either direction. Owns the connection. */
export function unpacked(packets: Duplex): Duplex {
  const unpack = unpacker();
  const contents = new Duplex({
    read: () => void packets.resume(),
    write(chunk: Buffer, _encoding, done) {
      const size = Buffer.alloc(SIZE_BYTES);
      size.writeUInt32BE(chunk.length);
      if (chunk.length === 0) done();
      else packets.write(Buffer.concat([size, chunk]), done);
    },
    final: (done) => void packets.end(done),
    destroy(error, done) {
      packets.destroy();
      done(error);
    },
  });
  packets.on('data', (chunk: Buffer) => {
    for (const content of unpack(chunk)) if (!contents.push(content)) packets.pause();
  });
  packets.once('end', () => contents.push(null));
  packets.on('error', () => contents.destroy());
  // Who uses the connection hears of its end by `close`.
  contents.on('error', () => undefined);
  packets.once('close', () => contents.destroy());
  // A TLS session over it goes on in one direction only if told so: as with a WebSocket, the end of one is the end of both.
  contents.once('end', () => contents.destroy());
  return contents;
}

/** Takes the bytes as they come, cut anywhere, and gives the contents of the packets without waiting for their ends. */
function unpacker(): (chunk: Buffer) => readonly Buffer[] {
  let left = 0;
  let header = Buffer.alloc(0);
  return (chunk) => {
    const contents: Buffer[] = [];
    for (let rest = chunk; rest.length > 0;) {
      if (left === 0) {
        const missing = SIZE_BYTES - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < SIZE_BYTES) break;
        left = header.readUInt32BE();
        header = Buffer.alloc(0);
      } else {
        const content = rest.subarray(0, left);
        left -= content.length;
        rest = rest.subarray(content.length);
        contents.push(content);
      }
    }
    return contents;
  };
}
