import type { Field } from './own-protos.ts';
import { ENUMS } from './own-protos.ts';
import { isMessageType, mapValueType } from './plain.ts';
import type { Plain } from './plain.ts';

/** Numbers below one, the same for the same seed (mulberry32). */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MAX_DEPTH = 5;
const MAX_ITEMS = 3;
/** A second after Go's zero time, which means "unset", up to the end of the year 9999, where a timestamp ends. */
const TIMESTAMP_SECONDS = [-62_135_596_799, 253_402_300_799] as const;
const TEXTS = [
  '',
  'prodaccess',
  'ünïcødé — 時刻 🚨',
  'a`b\n"c"\\',
  '{{internal.logins}}',
  '^.*$',
  ' '.repeat(40),
];

/** Messages with a oneof, by the field that is outside of it, null for none; all others are its members. */
const ONEOFS: Readonly<Record<string, string | null>> = {
  'proto.Event': 'Type',
  'proto.PaginatedResource': null,
  'types.ResourceConstraints': 'version',
};

/** A message with each of `fields` either absent or random, all the way down. */
export function randomMessage(
  message: string,
  fields: (message: string) => readonly Field[],
  random: Random,
  depth = 0,
): Plain {
  const out: Record<string, unknown> = {};
  for (const field of chosen(message, fields(message), random)) {
    if (random() < 0.25) continue;
    const type = mapValueType(field.type) ?? field.type;
    // Whatever JSON there is, in a form of each language's own: calls of either side prove it.
    if (type === 'google.protobuf.Struct') continue;
    if (isMessageType(type) && depth >= MAX_DEPTH) continue;
    const value = () => randomValue(type, fields, random, depth);
    if (mapValueType(field.type) !== null) {
      out[field.name] = Object.fromEntries(
        several(random, () => [`${pick(random, TEXTS)}${integer(random, 0, 9)}`, value()]),
      );
    } else {
      out[field.name] = field.repeated ? several(random, value) : value();
    }
  }
  return out;
}

function chosen(message: string, fields: readonly Field[], random: Random): readonly Field[] {
  const outside = ONEOFS[message];
  const members = fields.filter(({ name }) => name !== outside);
  if (outside === undefined || members.length === 0) return fields;
  return [...fields.filter(({ name }) => name === outside), pick(random, members)];
}

function randomValue(
  type: string,
  fields: (message: string) => readonly Field[],
  random: Random,
  depth: number,
): unknown {
  if (isMessageType(type)) return randomMessage(type, fields, random, depth + 1);
  const numbers = ENUMS.get(type);
  // Enums are open: a number that a later version may add is kept.
  if (numbers !== undefined) return random() < 0.1 ? 4711 : pick(random, Object.values(numbers));
  switch (type) {
    case 'string':
      return pick(random, TEXTS);
    case 'bool':
      return random() < 0.5;
    case 'int32':
      return integer(random, -(2 ** 31), 2 ** 31 - 1);
    case 'uint32':
      return integer(random, 0, 2 ** 32 - 1);
    case 'int64':
      return String(BigInt(integer(random, -(2 ** 52), 2 ** 52)) * 1023n);
    case 'google.protobuf.Timestamp':
      return {
        seconds: String(integer(random, ...TIMESTAMP_SECONDS)),
        nanos: integer(random, 0, 999_999_999),
      };
    default:
      throw new Error(`no random value for the type \`${type}\``);
  }
}

function several<T>(random: Random, make: () => T): T[] {
  return Array.from({ length: integer(random, 1, MAX_ITEMS) }, make);
}

function integer(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[integer(random, 0, values.length - 1)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
