import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `stderr`, `stdout`, or the path of a file. */
  readonly output: string;
}

/** Never printed, wherever they may turn up in what is logged. */
const REDACTED = ['token', 'key', 'secret', 'authorization', 'password'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** JSON lines; on a terminal, lines for people. Throws when the log file cannot be opened. */
export function createLogger({ level, output }: LogSettings, sink?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'oncall-approver' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    sink ?? streamTo(output),
  );
}

function streamTo(output: string): DestinationStream {
  const stream = output === 'stdout' ? process.stdout : output === 'stderr' ? process.stderr : null;
  if (stream === null) return destination({ dest: output, sync: true });
  return stream.isTTY
    ? PinoPretty({ destination: stream.fd, sync: true, ignore: 'service', translateTime: 'SYS:HH:MM:ss.l' })
    : destination({ fd: stream.fd, sync: true });
}
