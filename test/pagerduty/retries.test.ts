import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { errorBody, json } from './http-server.ts';
import { anAsk, answering, aRead, aWrite, failureOf } from './subjects.ts';

const THING = { thing: { id: 'PTHING1' } };

function limited(response: ServerResponse, resetSeconds: number | null): void {
  if (resetSeconds === null) {
    response.writeHead(429).end();
    return;
  }
  response.setHeader('ratelimit-limit', '960').setHeader('ratelimit-remaining', '0');
  response.setHeader('ratelimit-reset', String(resetSeconds));
  json(response, 429, errorBody(2020, 'Rate Limit Exceeded'));
}

describe('a rate limit', () => {
  it.each([
    ['with headers and body', 7, /rate limit is used up \(429\); the limit resets in 7 s/],
    ['with neither', null, /rate limit is used up \(429\); ask again later/],
  ])('(%s) costs a write exactly one request', async (_name, resetSeconds, message) => {
    await using server = await answering((_request, response) => limited(response, resetSeconds));

    const failure = await failureOf(server.client.call(aWrite, anAsk()));

    expect(failure).toMatchObject({ kind: 'rate-limited', transient: true, status: 429 });
    expect(failure.message).toMatch(message);
    expect(server.received).toHaveLength(1);
  });

  it('is waited out by a read when it resets soon', async () => {
    await using server = await answering((_request, response) =>
      server.received.length === 1 ? limited(response, 0) : json(response, 200, THING),
    );
    const ask = anAsk();

    expect((await server.client.call(aRead, ask)).body).toEqual(THING);
    expect(ask.reads()).toBe(2);
    expect(server.received).toHaveLength(2);
  });

  it('is not waited out when it resets late: the read fails at once, and says when', async () => {
    await using server = await answering((_request, response) => limited(response, 42));

    expect((await failureOf(server.client.call(aRead, anAsk()))).message).toMatch(/resets in 42 s/);
    expect(server.received).toHaveLength(1);
  });

  it('is still the reason when the asker’s time ends during the wait', async () => {
    await using server = await answering((_request, response) => limited(response, 4));

    expect((await failureOf(server.client.call(aRead, anAsk(AbortSignal.timeout(200))))).kind).toBe(
      'rate-limited',
    );
    expect(server.received).toHaveLength(1);
  });

  it('on one call leaves the calls beside it alone', async () => {
    await using server = await answering((request, response) =>
      request.method === 'POST' ? limited(response, 9) : json(response, 200, THING),
    );

    const outcomes = await Promise.allSettled([
      server.client.call(aRead, anAsk()),
      server.client.call(aWrite, anAsk()),
      server.client.call(aRead, anAsk()),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('a transient failure', () => {
  it.each([408, 500, 502, 503])('of a read (%i) is tried again, twice at most', async (status) => {
    await using server = await answering((_request, response) =>
      json(response, status, errorBody(2000, 'oops')),
    );
    const ask = anAsk();

    await failureOf(server.client.call(aRead, ask));

    expect(ask.reads()).toBe(3);
    expect(server.received).toHaveLength(3);
  });

  it('of a read is forgotten once PagerDuty answers', async () => {
    await using server = await answering((_request, response) => {
      if (server.received.length < 3) response.socket?.resetAndDestroy();
      else json(response, 200, THING);
    });

    expect((await server.client.call(aRead, anAsk())).body).toEqual(THING);
  });

  it('of a write is never tried again, because it may have been done', async () => {
    await using server = await answering((_request, response) => void response.socket?.resetAndDestroy());

    expect((await failureOf(server.client.call(aWrite, anAsk()))).transient).toBe(true);
    expect(server.received).toHaveLength(1);
  });
});

it.each([400, 401, 402, 403, 404])('a lasting failure (%i) is not tried again', async (status) => {
  await using server = await answering((_request, response) => json(response, status, errorBody(2001, 'no')));

  await failureOf(server.client.call(aRead, anAsk()));

  expect(server.received).toHaveLength(1);
});
