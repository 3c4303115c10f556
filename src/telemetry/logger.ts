import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { traceIdOf } from './trace-id.ts';
import { withoutSecrets } from './without-secrets.ts';

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
