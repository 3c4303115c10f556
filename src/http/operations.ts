import type { Readiness } from '../telemetry/readiness.ts';
import type { HttpPlugin } from './server.ts';

/**
 * `GET /healthz`: 200 as long as the process answers; only a restart mends a process that does not.
 * `GET /readyz`: 200 when the service can do its work, else 503; each part with its state, age and reason.
 */
export function healthRoutes({
  version,
  readiness,
}: {
  readonly version: string;
  readonly readiness: () => Readiness;
}): HttpPlugin {
  return (server) => {
    server.get('/healthz', () => ({ status: 'ok', version }));
    server.get('/readyz', async (_request, reply) => {
      const { ready, parts } = readiness();
      return reply.code(ready ? 200 : 503).send({
        status: ready ? 'ready' : 'not ready',
        version,
        parts: Object.fromEntries(
          Object.entries(parts).map(([name, { state, ageMs, reason }]) => [
            name,
            { state, age_seconds: ageMs === null ? null : Math.round(ageMs / 1_000), reason },
          ]),
        ),
      });
    });
    return Promise.resolve();
  };
}

export interface Scraped {
  readonly contentType: string;
  /** The page in Prometheus' text format. */
  readonly render: () => Promise<string>;
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoute({ contentType, render }: Scraped): HttpPlugin {
  return (server) => {
    server.get('/metrics', async (_request, reply) => reply.type(contentType).send(await render()));
    return Promise.resolve();
  };
}
