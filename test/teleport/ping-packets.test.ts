import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpacked } from '../../src/teleport/connection/connection-upgrade.ts';

/** A connection that delivers these chunks and ends; what is written to it can be read. */
function connectionOf(chunks: readonly Buffer[]): {
  readonly packets: Duplex;
  readonly written: () => Buffer;
} {
  const written: Buffer[] = [];
  const left = [...chunks];
  const packets = new Duplex({
    read() {
      this.push(left.shift() ?? null);
    },
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  return { packets, written: () => Buffer.concat(written) };
}

function packetOf(content: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  return Buffer.concat([size, content]);
}

function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const size of sizes) {
    chunks.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...chunks, rest].filter(({ length }) => length > 0);
}

describe('packets with their size in front', () => {
  it('give their contents in order, without the pings, wherever the network cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.array(fc.integer({ min: 1, max: 90 })),
        async (contents, sizes) => {
          const { packets } = connectionOf(cut(Buffer.concat(contents.map(packetOf)), sizes));

          expect(await buffer(unpacked(packets))).toEqual(Buffer.concat(contents));
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  it('are what is written, and nothing is never a ping', async () => {
    const { packets, written } = connectionOf([]);
    const stream = unpacked(packets);

    await new Promise((done) => stream.write(Buffer.alloc(0), done));
    await new Promise((done) => stream.write(Buffer.from('hello'), done));

    expect(written()).toEqual(packetOf(Buffer.from('hello')));
  });
});
