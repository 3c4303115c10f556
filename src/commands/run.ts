import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { loadConfig } from '../config/load.ts';
import { createProving } from '../service/proving.ts';
import { startService } from '../service/start-service.ts';
import { createLogReporter } from '../telemetry/log-reporter.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Terminal } from './terminal.ts';

/** What the process is told from outside. */
export interface Signals {
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  /** What is done at SIGHUP from now on. */
  readonly onHangUp: (listener: () => void) => void;
}

/** V8 would let the heap grow to four times of what is alive, which after a long list of requests is a lot, and gives it back late. */
const HEAP_GROWTH = '--heap-growing-percent=40';

/**
 * `run`: the service, until the stop signal. Gives the exit code once everything is closed. Throws ConfigError,
 * TeleportError or LedgerUnavailableError for a start that only a person can make good.
 */
export async function run(
  configFile: string,
  terminal: Terminal,
  { stop, onHangUp }: Signals,
): Promise<number> {
  setFlagsFromString(HEAP_GROWTH);
  const read = () => loadConfig(configFile, terminal.environment);
  const config = read();
  const proven = createProving(configFile, { signal: stop });
  const log = createLogger({ ...config.log, traced: config.otlp !== null });
  const reporter = createLogReporter(log);
  try {
    await proven(config);
    const source = { read, proven, text: () => readFileSync(configFile, 'utf8') };
    const service = await startService({ config, source, reporter, signal: stop });
    onHangUp(() => void service.reload());
    log.info(
      {
        cluster: service.cluster.name,
        teleport_version: service.cluster.version,
        resolve_with: service.resolveWith,
        rules: config.policy.rules.length,
      },
      'started',
    );
    if (!stop.aborted) await once(stop, 'abort');
    log.info('stopping: taking in nothing more, finishing what is under way');
    const left = await service.stop();
    log.info(
      { unfinished: left },
      left === 0 ? 'stopped' : 'stopped, the next start resumes what is unfinished',
    );
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    throw error;
  }
}
