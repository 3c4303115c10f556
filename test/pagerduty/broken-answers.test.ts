import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, answering, aRead, aWrite, failureOf } from './subjects.ts';

const HTML = '<html><body>Bad Gateway</body></html>';

function html(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(HTML);
}

describe('an answer that is no JSON', () => {
  it.each([
    ['an HTML 502', (response: ServerResponse) => html(response, 502), 502, /502 .*\(text\/html\).*proxy/],
    ['an HTML 200', (response: ServerResponse) => html(response, 200), 200, /200 .*\(text\/html\).*proxy/],
    ['an HTML 404', (response: ServerResponse) => html(response, 404), 404, /404 .*proxy/],
    ['a bare 202', (response: ServerResponse) => response.writeHead(202).end(), 202, /202 .*no content type/],
    ['the body null', (response: ServerResponse) => json(response, 200, null), 200, /200/],
    [
      'a body whose connection is reset',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '50' });
        response.write('{"thing":', () => response.socket?.resetAndDestroy());
      },
      200,
      /200/,
    ],
  ] as const)(
    '(%s) is unavailable and transient, never a success',
    async (_name, answer, status, message) => {
      await using server = await answering((_request, response) => void answer(response));

      const reading = await failureOf(server.client.call(aRead, anAsk()));
      const writing = await failureOf(server.client.call(aWrite, anAsk()));

      expect(reading).toMatchObject({ kind: 'unavailable', transient: true, status });
      expect(reading.message).toMatch(message);
      expect(writing).toMatchObject({ kind: 'unavailable', transient: true, status });
      expect(server.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
    },
  );

  it('keeps its meaning when it is a 401, which PagerDuty has sent as empty HTML', async () => {
    await using server = await answering((_request, response) => html(response, 401));

    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind: 'unauthorised', transient: false, status: 401 });
  });

  it('is not read beyond the limit, and its connection is closed', async () => {
    const closed = Promise.withResolvers<boolean>();
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        if (response.write('"x",'.repeat(4_000))) setImmediate(more);
      };
      response.on('drain', more).on('close', () => closed.resolve(true));
      more();
    });
    using client = aClient(server.url, { maxBodyBytes: 100_000 });

    const failure = await failureOf(client.call(aWrite, anAsk()));

    expect(failure).toMatchObject({ kind: 'unavailable', status: 200 });
    expect(failure.message).toMatch(/too big/);
    expect(await closed.promise).toBe(true);
  });
});

describe('a silent server', () => {
  it.each([
    ['never answers', () => undefined],
    [
      'stops in the middle of the body',
      (response: ServerResponse) =>
        void response.writeHead(200, { 'content-length': '99' }).write('{"thing":'),
    ],
  ])('that %s is a timeout, and says after how long', async (_name, answer) => {
    const closed = Promise.withResolvers<boolean>();
    await using server = await serve((_request, response) => {
      response.on('close', () => closed.resolve(true));
      answer(response);
    });
    using client = aClient(server.url, { requestTimeoutMs: 60 });

    const failure = await failureOf(client.call(aWrite, anAsk()));

    expect(failure).toMatchObject({ kind: 'timeout', transient: true, status: null });
    expect(failure.message).toMatch(/within 60 ms/);
    expect(await closed.promise).toBe(true);
    expect(server.received).toHaveLength(1);
  });

  it('is given up when the asker’s time is over', async () => {
    const asker = new AbortController();
    await using server = await answering(() => asker.abort());

    const failure = await failureOf(server.client.call(aRead, anAsk(asker.signal)));

    expect(failure).toMatchObject({ kind: 'timeout', transient: true });
    expect(failure.message).toMatch(/given up after \d+ ms because the asker's time was over/);
    expect(server.received).toHaveLength(1);
  });

  it('is not asked at all by an asker whose time is over', async () => {
    await using server = await answering({});
    const ask = anAsk(AbortSignal.abort());

    expect((await failureOf(server.client.call(aRead, ask))).kind).toBe('timeout');
    expect(ask.reads()).toBe(0);
    expect(server.received).toEqual([]);
  });
});

describe('a connection', () => {
  it('that is reset is unavailable, without the address that was asked about in the message', async () => {
    await using server = await answering((_request, response) => void response.socket?.resetAndDestroy());

    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind: 'unavailable', transient: true, status: null });
    expect(failure.message).toMatch(/the connection to 127\.0\.0\.1:\d+ failed \(ECONNRESET\)/);
    expect(`${failure.stack ?? ''} ${String(failure.cause)}`).not.toContain('sre-1');
  });

  it('that is refused is unavailable', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    using client = aClient(`http://127.0.0.1:${port}`);

    const failure = await failureOf(client.call(aRead, anAsk()));

    expect(failure.message).toMatch(/ECONNREFUSED.*check the name, the network path/);
  });

  it('that answers what is no HTTP is unavailable', async () => {
    const listener = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    using client = aClient(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`);

    const failure = await failureOf(client.call(aWrite, anAsk()));

    expect(failure).toMatchObject({ kind: 'unavailable', status: null });
    listener.close();
  });
});

it('a redirect is not followed, so that the key goes nowhere else', async () => {
  await using elsewhere = await serve((_request, response) => json(response, 200, { thing: { id: 'P1' } }));
  await using server = await answering((_request, response) =>
    response.writeHead(302, { location: `${elsewhere.url}/things` }).end(),
  );

  const failure = await failureOf(server.client.call(aRead, anAsk()));

  expect(failure).toMatchObject({ kind: 'unavailable', transient: false });
  expect(failure.message).toMatch(/redirect.*pagerduty\.api_url/);
  expect(elsewhere.received).toEqual([]);
  expect(server.received).toHaveLength(1);
});
