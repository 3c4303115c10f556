import { stdSerializers } from 'pino';

/** Last words of names whose values are never printed: `token`, `api_key`, `clientSecret`, `Authorization`. */
const SECRET_NAME =
  /(?:^|[_-])(?:token|key|secret|authorization|password)s?$|(?:Token|Key|Secret|Authorization|Password)s?$/u;
const REDACTED = '[redacted]';
/** Deeper than anything that is logged here; what is deeper still is left out as a whole. */
const DEEPEST = 12;

/** The fields of a log line with every secret replaced, whatever it stands in and however deep. The fields themselves stay as they are. */
export function withoutSecrets(fields: object): Record<string, unknown> {
  return entriesOf(fields, [fields]);
}

function safe(value: unknown, within: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (within.includes(value)) return '[circular]';
  if (within.length >= DEEPEST) return '[too deep]';
  const path = [...within, value];
  if (Array.isArray(value)) return value.map((each) => safe(each, path));
  if (value instanceof Error) return entriesOf(stdSerializers.err(value), path);
  // What says itself how it is written, a Date or a URL for instance, may give anything.
  if (saysItself(value)) {
    const written = value.toJSON();
    return written === value ? entriesOf(value, path) : safe(written, path);
  }
  if (value instanceof Map) return entriesOf(Object.fromEntries(value) as Record<string, unknown>, path);
  if (value instanceof Set) return [...value].map((each) => safe(each, path));
  return entriesOf(value, path);
}

function entriesOf(value: object, path: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]): [string, unknown] => [
      name,
      isSecret(name) ? REDACTED : safe(each, path),
    ]),
  );
}

function saysItself(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function isSecret(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_NAME.test(name.toLowerCase());
}
