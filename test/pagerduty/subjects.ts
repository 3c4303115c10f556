import { z } from 'zod';
import { PagerDutyError, type Ask } from '../../src/ports/pagerduty.ts';
import {
  createPagerDutyClient,
  type Call,
  type PagerDutyClient,
  type PagerDutyClientOptions,
} from '../../src/pagerduty/http/client.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve, type Handler, type HttpServer } from './http-server.ts';

export const READ_KEY = 'read-only-key-000001';
export const WRITE_KEY = 'full-access-key-0001';

export function aClient(apiUrl: string, options: Partial<PagerDutyClientOptions> = {}): PagerDutyClient {
  return createPagerDutyClient({
    apiUrl,
    readKey: () => READ_KEY,
    writeKey: () => WRITE_KEY,
    tokenType: 'token',
    from: 'oncall-approver@example.com',
    version: '1.2.3',
    random: () => 0,
    ...options,
  });
}

/** A server that answers as the test says, or with this body, and a client of it. */
export async function answering(
  answer: Handler | object,
): Promise<HttpServer & { readonly client: PagerDutyClient }> {
  const handler: Handler =
    typeof answer === 'function' ? (answer as Handler) : (_request, response) => json(response, 200, answer);
  return withClient(await serve(handler));
}

/** A simulated PagerDuty, and a client of it. */
export async function aPagerDuty(): Promise<SimulatedPagerDuty & { readonly client: PagerDutyClient }> {
  return withClient(await startPagerDuty());
}

function withClient<T extends AsyncDisposable & { readonly url: string }>(
  server: T,
): T & { readonly client: PagerDutyClient } {
  const client = aClient(server.url);
  const stop = server[Symbol.asyncDispose].bind(server);
  return Object.assign(server, {
    client,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await stop();
    },
  });
}

/** An asker who waits for ever unless told, and counts the reads. */
export function anAsk(signal = new AbortController().signal): Ask & { readonly reads: () => number } {
  let reads = 0;
  return { signal, onRead: () => (reads += 1), reads: () => reads };
}

/** A read of something small. */
export const aRead: Call<{ thing: { id: string } }> = {
  doing: 'read a thing',
  scope: 'things.read',
  method: 'GET',
  path: ['things'],
  query: { query: 'sre-1@example.com' },
  answer: z.object({ thing: z.object({ id: z.string() }) }),
};

export const aWrite: Call<{ thing: { id: string } }> = {
  ...aRead,
  doing: 'write a thing',
  scope: 'things.write',
  method: 'POST',
  body: { thing: { name: 'Überdruck' } },
};

/** What a promise is expected to be rejected with; fails the test when it is fulfilled or rejected otherwise. */
export async function failureOf(promise: Promise<unknown>): Promise<PagerDutyError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PagerDutyError) return error;
    throw new Error('rejected with something else than a PagerDutyError', { cause: error });
  }
  throw new Error('fulfilled, though a PagerDutyError was expected');
}
