import type { HttpPlugin } from './server.ts';

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
