import { describe, expect, it } from 'vitest';
import { aKey } from '../../sim/pagerduty/builders.ts';
import { MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { APP_TOKEN, OAUTH_CLIENT, READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import { newIncident } from './api-client.ts';
import { opened, type Opened } from './opened.ts';

const post = (api: Opened, options: object) => api.send('POST', '/incidents', newIncident(), options);

describe('credentials', () => {
  it.each([
    ['none at all', null],
    ['an unknown key', 'Token token=nobody-has-this-key0'],
    ['a key without its scheme', READ_ONLY_KEY],
    ['an API key sent as Bearer', `Bearer ${READ_ONLY_KEY}`],
    ['an app token sent as an API key', `Token token=${APP_TOKEN}`],
    ['a key of the other region', 'Token token=eu-key-0000000000001'],
  ])('are refused with 401 and code 2006: %s', async (_, authorization) => {
    await using api = await opened();
    api.account.addKey(aKey({ id: 'eu-key-0000000000001', kind: 'account-full', region: 'eu' }));

    expect(await api.get('/abilities', { authorization })).toMatchObject({
      status: 401,
      body: { error: { code: 2006 } },
    });
    expect(api.pagerDuty.calls.all().at(-1)).toMatchObject({ keyKind: null, status: 401 });
  });

  it('with scopes reach no further than those', async () => {
    await using api = await opened();
    api.account.addKey(aKey({ id: 'pdus+writer-000000001', kind: 'app', scopes: ['incidents.write'] }));
    const authorization = 'Bearer pdus+writer-000000001';

    expect((await post(api, { authorization })).status).toBe(201);
    expect((await api.get('/incidents', { authorization })).status).toBe(403);
  });

  it('must come with a request for version 2, except on writes that leave it open', async () => {
    await using api = await opened();
    const headers = { accept: '*/*' };

    expect((await api.get('/oncalls', { headers })).status).toBe(406);
    expect((await post(api, { headers })).status).toBe(201);
  });
});

describe('the token endpoint', () => {
  const request = ({ pagerDuty }: Opened, fields: object) => {
    const form = { grant_type: 'client_credentials', ...OAUTH_CLIENT, ...fields };
    return fetch(`${pagerDuty.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  };

  it.each([
    ['account', { scope: 'as_account-eu.acme oncalls.read' }, 400],
    ['secret', { scope: 'as_account-us.acme', client_secret: 'guess' }, 401],
    ['grant', { grant_type: 'password' }, 400],
  ])('refuses another %s', async (_what, fields, status) => {
    await using api = await opened();

    expect((await request(api, fields)).status).toBe(status);
  });
});

describe('the rate limit', () => {
  it('counts down per key, answers 429 with code 2020, and starts again after the seconds it names', async () => {
    await using api = await opened({ rateLimit: { perMinute: 2 } });
    const ask = (options = {}) => api.get('/abilities', options);

    const first = await ask();
    api.account.clock.advance(15_000);
    await ask();
    const refused = await ask();

    expect(['limit', 'remaining'].map((name) => first.headers.get(`ratelimit-${name}`))).toEqual(['2', '1']);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 2020 } } });
    expect(refused.headers.get('ratelimit-reset')).toBe('45');
    expect((await ask({ authorization: `Bearer ${APP_TOKEN}` })).status).toBe(200);
    api.account.clock.advance(MINUTE_MS);
    expect((await ask()).status).toBe(200);
  });

  it('limits some operations further, and tells of the limit that is closest', async () => {
    await using api = await opened({ rateLimit: { operations: { 'GET /oncalls': 1 } } });
    const replies = [await api.get('/oncalls'), await api.get('/oncalls'), await api.get('/abilities')];

    expect(replies.map(({ status }) => status)).toEqual([200, 429, 200]);
    expect(replies.map(({ headers }) => headers.get('ratelimit-limit'))).toEqual(['1', '1', '960']);
  });

  it('can refuse without headers and body', async () => {
    await using api = await opened({ rateLimit: { perMinute: 0, bareRefusals: true } });

    const refused = await api.get('/abilities');

    expect(refused).toMatchObject({ status: 429, body: undefined });
    expect(refused.headers.has('ratelimit-reset')).toBe(false);
  });
});
