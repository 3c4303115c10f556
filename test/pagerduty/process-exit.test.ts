import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { errorBody, json, serve, type Handler } from './http-server.ts';

const ONE_CALL = new URL('./one-call.ts', import.meta.url).pathname;

const answers: readonly (readonly [string, Handler])[] = [
  ['answered', (_request, response) => json(response, 200, { thing: { id: 'P1' } })],
  ['refused', (_request, response) => json(response, 401, errorBody(2006, 'Authentication failed'))],
  ['no JSON', (_request, response) => void response.writeHead(502).end('<html>')],
  ['rate-limited', (_request, response) => void response.writeHead(429).end()],
  ['reset', (_request, response) => void response.socket?.resetAndDestroy()],
  ['never answered', () => undefined],
];

// pdjs by itself would keep it for another 20 s (429) or 30 s (any failure).
it.each(answers)('a process that has made one call (%s) ends by itself at once', async (_name, handler) => {
  await using server = await serve(handler);
  const child = spawn(process.execPath, [ONE_CALL, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');

  await once(child.stdout, 'data');
  const settled = performance.now();
  const [code] = (await ended) as [number | null];

  expect(code).toBe(0);
  expect(performance.now() - settled).toBeLessThan(2_000);
});
