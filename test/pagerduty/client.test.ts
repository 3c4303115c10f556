import { describe, expect, it } from 'vitest';
import { errorBody, json, serve } from './http-server.ts';
import { aClient, anAsk, answering, aRead, aWrite, failureOf, READ_KEY, WRITE_KEY } from './subjects.ts';

const THING = { thing: { id: 'PTHING1' } };

describe('a call', () => {
  it('reads with the reading key, by version 2, under our own name, and without From', async () => {
    await using server = await answering(THING);
    const ask = anAsk();

    expect((await server.client.call(aRead, ask)).body).toEqual(THING);
    expect(ask.reads()).toBe(1);
    const [request] = server.received;
    expect(request).toMatchObject({ method: 'GET', path: '/things', body: '' });
    expect(request?.query.getAll('query')).toEqual(['sre-1@example.com']);
    expect(request?.headers).toMatchObject({
      authorization: `Token token=${READ_KEY}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      'user-agent': 'oncall-approver/1.2.3',
    });
    expect(request?.headers.from).toBeUndefined();
  });

  it('writes with the writing key and From, as JSON', async () => {
    await using server = await answering((_request, response) => json(response, 201, THING));
    const ask = anAsk();

    await server.client.call(aWrite, ask);

    expect(ask.reads()).toBe(0);
    expect(server.received[0]).toMatchObject({ method: 'POST', body: JSON.stringify(aWrite.body) });
    expect(server.received[0]?.headers).toMatchObject({
      authorization: `Token token=${WRITE_KEY}`,
      'content-type': 'application/json',
      from: 'oncall-approver@example.com',
    });
  });

  it('asks for the key anew every time, and sends OAuth tokens as Bearer', async () => {
    await using server = await serve((_request, response) => json(response, 200, THING));
    const keys = ['pdus+first', 'pdus+second'];
    using client = aClient(server.url, { tokenType: 'bearer', readKey: () => keys.shift() ?? '' });

    await client.call(aRead, anAsk());
    await client.call(aRead, anAsk());

    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer pdus+first',
      'Bearer pdus+second',
    ]);
  });

  it('keeps the path of the API URL, and sends a path segment as one segment whatever it holds', async () => {
    await using server = await serve((_request, response) => json(response, 200, THING));
    using client = aClient(`${server.url}/gateway/pagerduty/`);

    await client.call({ ...aRead, path: ['incidents', '../users?x=1', 'notes'] }, anAsk());

    expect(server.received[0]?.path).toBe('/gateway/pagerduty/incidents/..%2Fusers%3Fx%3D1/notes');
  });

  it.each(['', '.', '..'])('sends nothing for the path segment %j', async (segment) => {
    await using server = await answering(THING);

    const failure = await failureOf(server.client.call({ ...aRead, path: ['incidents', segment] }, anAsk()));

    expect(failure).toMatchObject({ kind: 'refused', transient: false });
    expect(server.received).toEqual([]);
  });

  it.each(['api.pagerduty.com', 'ftp://api.pagerduty.com', 'https://x:y@host', 'https://host/?a=b'])(
    'refuses the API URL %s from the start',
    (apiUrl) => {
      expect(() => aClient(apiUrl)).toThrow(TypeError);
    },
  );

  it('goes through the proxy that the environment names', async () => {
    await using proxy = await serve((_request, response) => json(response, 200, THING));
    using client = aClient('http://api.pagerduty.test', { proxyEnv: { HTTP_PROXY: proxy.url } });

    await client.call(aRead, anAsk());

    expect(proxy.received[0]).toMatchObject({ path: '/things', headers: { host: 'api.pagerduty.test' } });
  });

  it("gives PagerDuty's time of the answer, and null for a Date that is none", async () => {
    const dates = ['Tue, 03 Mar 2026 02:14:07 GMT', '2026', ''];
    await using server = await answering((_request, response) => {
      response.sendDate = false;
      const date = dates.shift() ?? '';
      if (date !== '') response.setHeader('date', date);
      json(response, 200, THING);
    });

    const times = [];
    for (let call = 0; call < 3; call += 1) times.push((await server.client.call(aRead, anAsk())).at);

    expect(times).toEqual(['2026-03-03T02:14:07.000Z', null, null]);
  });

  it('uses one connection again for the next call', async () => {
    const ports = new Set<number | undefined>();
    await using server = await answering((_request, response) => {
      ports.add(response.socket?.remotePort);
      json(response, 200, THING);
    });

    await server.client.call(aRead, anAsk());
    await server.client.call(aRead, anAsk());

    expect(ports.size).toBe(1);
  });
});

describe('an answer of PagerDuty that says no', () => {
  it.each([
    [400, 'refused', false, /refused.*400, `code 2001, Invalid Input Provided`/],
    [
      401,
      'unauthorised',
      false,
      /127\.0\.0\.1:\d+ does not accept the API key.*expired.*other service region/,
    ],
    [402, 'forbidden', false, /plan/],
    [403, 'forbidden', false, /no right to read a thing.*`things\.read`/],
    [404, 'not-found', false, /no such thing, or the key may not see it/],
    [409, 'refused', false, /refused/],
    [408, 'unavailable', true, /failed \(408.*status page/],
    [500, 'unavailable', true, /failed \(500.*status page/],
    [503, 'unavailable', true, /failed \(503.*status page/],
  ] as const)('with %i is kind %s, transient %s', async (status, kind, transient, message) => {
    await using server = await answering((_request, response) =>
      json(response, status, errorBody(2001, 'Invalid Input Provided')),
    );

    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind, transient, status });
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(/^could not read a thing: /);
  });

  it.each([
    [
      { error: { code: 2001, message: 'Invalid', errors: 'a single text' } },
      '`code 2001, Invalid, a single text`',
    ],
    [{ error: ['one', 'two'] }, '`one, two`'],
    [
      {
        error: { code: 'bad_request', message: 'No', errors: [{ field: 'id', message: 'is no v3', at: 1 }] },
      },
      '`code bad_request, No, id is no v3`',
    ],
    [{ error: { code: 2001, message: 'No', errors: { since: ['is bad'] } } }, '`code 2001, No, is bad`'],
    [{ error: { code: 2001, message: 'a `forged`\nline', errors: null } }, '`code 2001, a  forged line`'],
  ])('is quoted in every form that PagerDuty writes errors: %j', async (body, quoted) => {
    await using server = await answering((_request, response) => json(response, 400, body));

    expect((await failureOf(server.client.call(aRead, anAsk()))).message).toContain(quoted);
  });

  it('never counts as "not found" when it is a gateway’s own, without the error body of PagerDuty', async () => {
    await using server = await answering((_request, response) =>
      json(response, 404, { message: 'no Route matched with those values' }),
    );

    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind: 'unavailable', transient: true, status: 404 });
    expect(failure.message).toMatch(/gateway/);
  });
});

it.each([
  ['a list', [THING], /no JSON object/],
  ['without the field', { other: 1 }, /field `thing`: invalid input/],
  ['with another type inside', { thing: { id: 7 } }, /field `thing\.id`: invalid input: expected string/],
])('an answer of the wrong shape (%s) is malformed, and says where', async (_name, body, message) => {
  await using server = await answering(body);

  const failure = await failureOf(server.client.call(aRead, anAsk()));

  expect(failure).toMatchObject({ kind: 'malformed', transient: false, status: 200 });
  expect(failure.message).toMatch(message);
  expect(server.received).toHaveLength(1);
});

describe('the key', () => {
  it.each(['secret-key\r\nX-Injected: 1', 'secret-key\n', '', 'sécret-key'])(
    'that no header may hold (%j) is refused without being shown or sent',
    async (key) => {
      await using server = await serve((_request, response) => json(response, 200, THING));
      using client = aClient(server.url, { readKey: () => key });

      const failure = await failureOf(client.call(aRead, anAsk()));

      expect(failure).toMatchObject({ kind: 'unauthorised', transient: false });
      expect(failure.message).toMatch(/the API key is empty or holds a character/);
      expect(`${failure.stack ?? ''} ${String(failure.cause)}`).not.toMatch(/s.cret-key/);
      expect(server.received).toEqual([]);
    },
  );

  it('is cut out of an error that PagerDuty echoes it in', async () => {
    await using server = await answering((_request, response) =>
      json(response, 400, errorBody(2001, `bad header Token token=${READ_KEY}`)),
    );

    const failure = await failureOf(server.client.call(aRead, anAsk()));

    expect(failure.message).toContain('Token token=[redacted]');
    expect(failure.message).not.toContain(READ_KEY);
  });

  it('that cannot be had is kind unauthorised, the reason being the cause', async () => {
    await using server = await serve((_request, response) => json(response, 200, THING));
    const reason = new Error('no such file');
    using client = aClient(server.url, {
      readKey: () => {
        throw reason;
      },
    });

    const failure = await failureOf(client.call(aRead, anAsk()));

    expect(failure).toMatchObject({ kind: 'unauthorised', cause: reason });
  });

  it('and a From address that no header may hold fails the write, not the process', async () => {
    await using server = await serve((_request, response) => json(response, 200, THING));
    using client = aClient(server.url, { from: 'bot@example.com\nX: y' });

    const failure = await failureOf(client.call(aWrite, anAsk()));

    expect(failure.message).toMatch(/the `from` address is empty or holds a character/);
  });
});
