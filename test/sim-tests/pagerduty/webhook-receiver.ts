import { createServer, type IncomingHttpHeaders } from 'node:http';
import { readBody } from '../../sim/pagerduty/http-body.ts';
import { listen, stop } from '../../sim/pagerduty/listening.ts';

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  /** As signed. */
  readonly rawBody: string;
  readonly body: unknown;
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
}

/**
 * Takes webhooks and answers 202.
 * @param answers statuses for the first webhooks instead; null = no answer at all
 */
export async function receiveWebhooks(...answers: readonly (number | null)[]): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const planned = [...answers];
  const server = createServer((request, response) => {
    const receive = async () => {
      const rawBody = await readBody(request);
      received.push({ headers: request.headers, rawBody, body: JSON.parse(rawBody) as unknown });
      const status = planned.length > 0 ? planned.shift() : 202;
      if (typeof status === 'number') response.writeHead(status).end();
    };
    receive().catch((error: unknown) => server.emit('error', error));
  });
  const url = await listen(server, 0);
  return { url: `${url}/pagerduty`, received, [Symbol.asyncDispose]: () => stop(server) };
}
