import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What becomes of the webhooks that PagerDuty sends from now on. */
export type Passage = 'through' | 'lost' | 'late' | 'twice' | 'refused';

const LATE_MS = 1_500;

/** The load balancer before the service's listeners: whatever PagerDuty posts goes to the first one that takes it. */
export class WebhookGate implements AsyncDisposable {
  passage: Passage = 'through';
  /** How many webhooks it has meddled with, and how many it has handed over. */
  meddled = 0;
  delivered = 0;
  readonly #server: Server;
  readonly #ports: readonly number[];

  private constructor(server: Server, ports: readonly number[]) {
    this.#server = server;
    this.#ports = ports;
    server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => {
      this.#pass(incoming, answer).catch(() => answer.writeHead(502).end());
    });
  }

  static async open(ports: readonly number[]): Promise<WebhookGate> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebhookGate(server, ports);
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { passage } = this;
    if (passage !== 'through') this.meddled += 1;
    const hand = (): Promise<number> => this.#hand(incoming, body);
    switch (passage) {
      case 'through':
        answer.writeHead(await hand()).end();
        return;
      case 'twice':
        await hand();
        answer.writeHead(await hand()).end();
        return;
      case 'late':
        answer.writeHead(202).end();
        setTimeout(() => void hand(), LATE_MS).unref();
        return;
      case 'lost':
        answer.writeHead(202).end();
        return;
      case 'refused':
        answer.writeHead(503).end();
    }
  }

  /** The status of the first listener that answers; 502 without one. */
  async #hand({ url = '/', headers }: IncomingMessage, body: Buffer): Promise<number> {
    for (const port of this.#ports) {
      const { promise, resolve } = Promise.withResolvers<number | null>();
      const options = { host: '127.0.0.1', port, path: url, method: 'POST', headers, agent: false } as const;
      const outgoing = request(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? null);
      });
      outgoing.setTimeout(1_000, () => outgoing.destroy());
      outgoing.on('error', () => resolve(null));
      outgoing.end(body);
      const status = await promise;
      if (status !== null) {
        this.delivered += 1;
        return status;
      }
    }
    return 502;
  }
}
