import { appendFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './route.ts';

export interface Exchange {
  readonly at: Date;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** The body, parsed; undefined where there is none. */
  readonly body: unknown;
  readonly reply: Reply;
  readonly replyHeaders: Readonly<Record<string, string>>;
}

export type Recorder = (exchange: Exchange) => void;

const SECRET = /^(?:authorization|secret|client_secret|access_token|refresh_token|value)$/iu;

/**
 * Appends each exchange as one line of JSON, so that anybody can hold them against the schema that they have: request and
 * response with path, query, headers and body. Secrets are left out; a spoilt answer is nothing that PagerDuty documents.
 */
export function recordTo(file: string): Recorder {
  return ({ at, method, url, headers, body, reply, replyHeaders }) => {
    const exchange = {
      at,
      request: { method, path: url.pathname, query: url.search, headers, body },
      response: { status: reply.status, headers: replyHeaders, body: reply.body },
    };
    const line = JSON.stringify(exchange, (name, value: unknown) =>
      SECRET.test(name) && typeof value === 'string' ? '[left out]' : value,
    );
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  };
}
