import { localUrlOf } from '../config/http-address.ts';
import type { Terminal } from './terminal.ts';
import { messageOf } from '../core/values/cause.ts';

/** Below the 5 s that the image's HEALTHCHECK gives it. */
const DEADLINE_MS = 3_000;

/**
 * `healthcheck`: asks the service on this machine whether its process answers, as containers without a shell do it. Gives 0 or
 * 1, with a sentence. Throws ConfigError.
 */
export async function healthcheck(configFile: string, terminal: Terminal): Promise<number> {
  const url = localUrlOf(configFile);
  if (url === null) {
    terminal.print('nothing to ask: give the configuration an `http` section, for instance `http: {}`');
    return 1;
  }
  try {
    const { status } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    terminal.print(status === 200 ? 'healthy' : `unhealthy: ${url}/healthz answered ${status}`);
    return status === 200 ? 0 : 1;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    terminal.print(`unhealthy: ${url}/healthz does not answer: ${messageOf(cause)}`);
    return 1;
  }
}
