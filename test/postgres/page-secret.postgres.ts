import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

it('replicas that start at once give a page the same key, and so does the next start', async () => {
  const [url, other] = [await server.database(), await server.database()];
  const settings = { postgres: { url: { reveal: () => url } } };
  const { signal } = new AbortController();
  const others = await Promise.all([openLedger(settings, signal), openLedger(settings, signal)]);
  await using one = await openLedger(settings, signal);
  await using elsewhere = await openLedger({ postgres: { url: { reveal: () => other } } }, signal);

  const macs = new Set([one, ...others].map(({ keyMac }) => keyMac('page')));
  for (const each of others) await each[Symbol.asyncDispose]();

  expect([...macs]).toEqual([expect.stringMatching(/^[\w-]{22}$/u)]);
  expect(macs).not.toContain(elsewhere.keyMac('page'));
});
