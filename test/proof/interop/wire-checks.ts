import { deepStrictEqual } from 'node:assert/strict';

import type { Field } from './own-protos.ts';
import { ENUMS, FIELDS, SERVICES } from './own-protos.ts';
import { decodeOwn, encodeOwn, normal } from './plain.ts';
import { randomFrom, randomMessage } from './random-messages.ts';
import type { Results } from './results.ts';
import type { TeleportPeer } from './teleport-peer.ts';

const INSTANCES = 25;
const SEED = 20260301;

/** What of ours was found in at least one version, as `message.field`, `/service/method`, `enum NAME`. */
export type Seen = Set<string>;

/** Our .proto files against the descriptors in Teleport's generated code. */
export async function checkWireShapes(peer: TeleportPeer, results: Results, seen: Seen): Promise<void> {
  for (const [message, fields] of FIELDS) {
    const theirs: readonly Field[] | null = peer.descriptions.messages[message] ?? null;
    if (theirs === null) continue;
    await results.check(`${message} has Teleport's numbers and types`, () => {
      for (const ours of fields) {
        const sameName: Field | undefined = theirs.find(({ name }) => name === ours.name);
        const sameNumber: Field | undefined = theirs.find(({ number }) => number === ours.number);
        // Absent in this version under both: newer than it.
        if (sameName === undefined && sameNumber === undefined) continue;
        deepStrictEqual(ours, shapeOf(sameName ?? sameNumber), `${message}.${ours.name} differs`);
        seen.add(`${message}.${ours.name}`);
      }
    });
  }
  for (const [name, ours] of ENUMS) {
    const theirs = peer.descriptions.enums[name] ?? null;
    if (theirs === null) continue;
    await results.check(`${name} has Teleport's numbers`, () => {
      for (const [value, number] of Object.entries(ours)) {
        const known =
          theirs[value] ?? theirs[Object.keys(theirs).find((each) => theirs[each] === number) ?? ''];
        if (known === undefined) continue;
        deepStrictEqual({ [value]: number }, { [value]: theirs[value] }, `${name} differs`);
        seen.add(`${name} ${value}`);
      }
    });
  }
  for (const [service, methods] of SERVICES) {
    const theirs = peer.descriptions.services[service] ?? null;
    if (theirs === null) continue;
    await results.check(`${service} has Teleport's signatures`, () => {
      for (const [method, ours] of Object.entries(methods)) {
        if (theirs[method] === undefined) continue;
        deepStrictEqual(ours, theirs[method], `${service}/${method} differs`);
        seen.add(`/${service}/${method}`);
      }
    });
  }
}

/** Random messages, written by one side and read by the other. */
export async function checkBytes(peer: TeleportPeer, results: Results): Promise<void> {
  for (const message of FIELDS.keys()) {
    if ((peer.descriptions.messages[message] ?? null) === null) continue;
    await results.check(`${message}: ${INSTANCES} random instances are the same to both sides`, async () => {
      const random = randomFrom(SEED);
      for (let instance = 0; instance < INSTANCES; instance += 1) {
        const known = randomMessage(message, (each) => peer.knownFields(each), random);
        const wanted = normal(message, known);
        const ours = await peer.decode(message, encodeOwn(message, known));
        deepStrictEqual(normal(message, ours.plain), wanted, 'ours, read by theirs');
        deepStrictEqual(
          normal(message, decodeOwn(message, ours.bytes)),
          wanted,
          'ours, written again by theirs',
        );
        const theirs = await peer.encode(message, known);
        deepStrictEqual(normal(message, decodeOwn(message, theirs)), wanted, 'theirs, read by ours');
      }
    });
    await results.check(`${message}: fields newer than this version pass through it unharmed`, async () => {
      const random = randomFrom(SEED + 1);
      const whole = randomMessage(message, (each) => FIELDS.get(each) ?? [], random);
      const { bytes } = await peer.decode(message, encodeOwn(message, whole));
      deepStrictEqual(normal(message, decodeOwn(message, bytes)), normal(message, whole));
    });
  }
}

/** Everything our .proto files say, in the words of `Seen`. */
export function everythingOwn(): readonly string[] {
  return [
    ...[...FIELDS].flatMap(([message, fields]) => fields.map(({ name }) => `${message}.${name}`)),
    ...[...ENUMS].flatMap(([name, values]) => Object.keys(values).map((value) => `${name} ${value}`)),
    ...[...SERVICES].flatMap(([service, methods]) =>
      Object.keys(methods).map((method) => `/${service}/${method}`),
    ),
  ];
}

/** The parts of a field's shape that reach the wire. */
function shapeOf(field: Field | undefined): Field | undefined {
  if (field === undefined) return undefined;
  const { name, number, type, repeated } = field;
  return { name, number, type, repeated };
}
