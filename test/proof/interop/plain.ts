import type { Field } from './own-protos.ts';
import { FIELDS, MESSAGES } from './own-protos.ts';

/**
 * A message as both sides can tell it: by the names of its .proto file, 64-bit integers as strings, bytes in base64,
 * enums as numbers. The Go side reads one more key: `$unknown`, the bytes of fields which nobody knows yet.
 */
export type Plain = Readonly<Record<string, unknown>>;

const TIMESTAMP = 'google.protobuf.Timestamp';
/** Go's zero time, which Teleport sends for a timestamp that is not nullable and not set. */
export const GO_ZERO_TIME = { seconds: '-62135596800' } as const;

/** Our code reads these bytes. */
export function decodeOwn(message: string, bytes: Buffer): Plain {
  return definition(message).deserialize(bytes) as Plain;
}

/** Our code writes this message. */
export function encodeOwn(message: string, plain: Plain): Buffer {
  return definition(message).serialize(plain);
}

/** Without what says nothing: default values, empty messages, Go's zero time. List items and map values all stay. */
export function normal(message: string, plain: Plain): Plain {
  const out: Record<string, unknown> = {};
  for (const field of FIELDS.get(message) ?? []) {
    const value = normalField(field, plain[field.name]);
    if (value !== undefined) out[field.name] = value;
  }
  return out;
}

/** Only the fields which `knows` accepts, all the way down. */
export function pruned(
  message: string,
  plain: Plain,
  knows: (message: string, field: string) => boolean,
): Plain {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(plain)) {
    if (name === '$unknown') {
      out[name] = value;
      continue;
    }
    const field = (FIELDS.get(message) ?? []).find((each) => each.name === name);
    if (field === undefined) throw new Error(`our message \`${message}\` has no field \`${name}\``);
    if (knows(message, name))
      out[name] = mapMessages(field, value, (inner, each) => pruned(inner, each, knows));
  }
  return out;
}

/** The type of a map's values; null for what is no map. */
export function mapValueType(type: string): string | null {
  return /^map<[^,]+, (.+)>$/.exec(type)?.[1] ?? null;
}

export function isMessageType(type: string): boolean {
  return MESSAGES.has(type);
}

function normalField(field: Field, value: unknown): unknown {
  const mapped = mapMessages(field, value, normal);
  if (field.type === TIMESTAMP && !field.repeated) return normalTime(mapped);
  if (Array.isArray(mapped)) return mapped.length > 0 ? mapped : undefined;
  if (typeof mapped === 'object' && mapped !== null)
    return Object.keys(mapped).length > 0 ? mapped : undefined;
  return mapped === '' || mapped === 0 || mapped === '0' || mapped === false
    ? undefined
    : (mapped ?? undefined);
}

function normalTime(value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  const { seconds = '0', nanos = 0 } = value as { seconds?: string; nanos?: number };
  if (seconds === GO_ZERO_TIME.seconds && nanos === 0) return undefined;
  return seconds === '0' && nanos === 0 ? undefined : { seconds, nanos };
}

/** Applies `change` to the messages in a field's value, wherever in it they stand. */
function mapMessages(
  field: Field,
  value: unknown,
  change: (message: string, plain: Plain) => Plain,
): unknown {
  const valueType = mapValueType(field.type) ?? field.type;
  const one = (each: unknown) =>
    isMessageType(valueType) && typeof each === 'object' && each !== null
      ? change(valueType, each as Plain)
      : each;
  if (Array.isArray(value)) return value.map(one);
  if (mapValueType(field.type) === null || typeof value !== 'object' || value === null) return one(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, one(each)]));
}

function definition(message: string) {
  const found = MESSAGES.get(message);
  if (found === undefined) throw new Error(`we have no message \`${message}\``);
  return found;
}
