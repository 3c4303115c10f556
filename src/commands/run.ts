import { setFlagsFromString } from 'node:v8';
import { loadConfig } from '../config/load.ts';
import { startService } from '../service/start-service.ts';
import { createLogReporter } from '../telemetry/log-reporter.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Terminal } from './terminal.ts';

/** V8 would let the heap grow to four times of what is alive, which after a long list of requests is a lot, and gives it back late. */
const HEAP_GROWTH = '--heap-growing-percent=40';

/**
 * `run`: the service, until the stop signal. Gives the exit code once everything is closed. Throws ConfigError,
 * TeleportError or LedgerUnavailableError for a start that only a person can make good.
 */
export async function run(configFile: string, terminal: Terminal, stop: AbortSignal): Promise<number> {
  setFlagsFromString(HEAP_GROWTH);
  const config = loadConfig(configFile, terminal.environment);
  const log = createLogger(config.log);
  const reporter = createLogReporter(log);
  try {
    const service = await startService({ config, reporter, signal: stop });
    log.info(
      {
        cluster: service.cluster.name,
        teleport_version: service.cluster.version,
        resolve_with: service.resolveWith,
        rules: config.policy.rules.length,
      },
      'started',
    );
    await aborted(stop);
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
