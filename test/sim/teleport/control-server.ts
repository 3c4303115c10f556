import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { status } from '@grpc/grpc-js';
import { ZodError, prettifyError } from 'zod';
import { CONTROL_ROUTES } from './control-routes.ts';
import { StatusError } from './errors.ts';
import type { SimulatedTeleport } from './start-teleport.ts';

const HOST = '127.0.0.1';

/** Serves `CONTROL_ROUTES` over HTTP to other processes on this machine. */
export class ControlServer {
  readonly #server: Server;

  constructor(teleport: SimulatedTeleport) {
    this.#server = createServer((request, response) => void answer(teleport, request, response));
  }

  get addr(): string {
    return `${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Port 0 takes any free one. */
  async start(port: number): Promise<void> {
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(teleport: SimulatedTeleport, request: IncomingMessage, response: ServerResponse) {
  const { code, body } = await outcome(teleport, request);
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function outcome(
  teleport: SimulatedTeleport,
  request: IncomingMessage,
): Promise<{ readonly code: number; readonly body: unknown }> {
  const { pathname } = new URL(request.url ?? '/', 'http://control.invalid');
  for (const { method, path, handle } of CONTROL_ROUTES) {
    const match = method === request.method ? path.exec(pathname) : null;
    if (match === null) continue;
    try {
      const sent = await text(request);
      const input: unknown = sent === '' ? {} : JSON.parse(sent);
      const body = await handle(teleport, input, decodeURIComponent(match[1] ?? ''));
      return { code: 200, body: body ?? {} };
    } catch (error) {
      return refusal(error);
    }
  }
  return { code: 404, body: { message: `no route for ${request.method ?? ''} ${pathname}` } };
}

function refusal(error: unknown): { readonly code: number; readonly body: unknown } {
  if (error instanceof StatusError) {
    return { code: 409, body: { code: status[error.code], message: error.message } };
  }
  if (error instanceof ZodError) return { code: 400, body: { message: prettifyError(error) } };
  if (error instanceof SyntaxError) return { code: 400, body: { message: error.message } };
  return { code: 500, body: { message: String(error) } };
}
