import type { LogSettings } from '../../src/telemetry/logger.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/** A logger, and its lines as whoever collects them reads them. */
export function capturedLog(level: LogSettings['level'] = 'debug', more: Pick<LogSettings, 'traced'> = {}) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: createLogger({ level, output: 'stderr', ...more }, { write }), lines };
}
