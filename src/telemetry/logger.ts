import { destination, pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { remember } from '../core/values/remember.ts';
import { traceIdOf } from './trace-id.ts';

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `stderr`, `stdout`, or the path of a file. */
  readonly output: string;
  /** Whether lines about a request name its trace; not unless told. */
  readonly traced?: boolean;
}

/** No children: pino prints their fields without asking what may be printed. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

const MOST_UNREAD_BYTES = 4 * 2 ** 20;

/** JSON lines; on a terminal, lines for people. Throws when the log file cannot be opened. */
export function createLogger({ level, output, traced = false }: LogSettings, sink?: DestinationStream): Log {
  return pino(
    {
      level,
      base: { service: 'oncall-approver' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: traced ? (fields) => withTrace(withoutSecrets(fields)) : withoutSecrets,
      },
      // Errors are plain fields by then.
      serializers: { err: (fields: unknown) => fields },
    },
    sink ?? streamTo(output),
  );
}

function withTrace(fields: Record<string, unknown>): Record<string, unknown> {
  const { request_id: requestId } = fields;
  return typeof requestId === 'string' ? { ...fields, trace_id: traceIdOf(requestId) } : fields;
}

function streamTo(output: string): DestinationStream {
  const stream = output === 'stdout' ? process.stdout : output === 'stderr' ? process.stderr : null;
  if (stream === null) return destination({ dest: output, sync: true });
  return stream.isTTY
    ? PinoPretty({ destination: stream.fd, sync: true, ignore: 'service', translateTime: 'SYS:HH:MM:ss.l' })
    : // Whoever is to read the log may be slow, or stop: nobody waits for that. What is too much is dropped.
      destination({ fd: stream.fd, sync: false, maxLength: MOST_UNREAD_BYTES });
}

/** Last words of names whose values are never printed: `token`, `api_key`, `clientSecret`, `Authorization`. */
const SECRET_NAME =
  /(?:^|[_-])(?:token|key|secret|authorization|password)s?$|(?:Token|Key|Secret|Authorization|Password)s?$/u;
const REDACTED = '[redacted]';
/** Deeper than anything that is logged here; what is deeper still is left out as a whole. */
const DEEPEST = 12;

/** The fields of a log line with every secret replaced, whatever it stands in and however deep. The fields themselves stay as they are. */
function withoutSecrets(fields: object): Record<string, unknown> {
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

/** Fields have few names, and each line has ten of them. */
const judged = new Map<string, boolean>();
const MOST_NAMES = 1_000;

function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const found = SECRET_NAME.test(name) || SECRET_NAME.test(name.toLowerCase());
  remember(judged, name, found, MOST_NAMES);
  return found;
}
