import { describe, expect, it } from 'vitest';
import { deleteUser } from '../../sim/pagerduty/administration.ts';
import { aKey } from '../../sim/pagerduty/builders.ts';
import { DAY_MS, MINUTE_MS } from '../../sim/pagerduty/durations.ts';
import { APP_TOKEN, OAUTH_CLIENT, READ_ONLY_KEY, SAM_USER_KEY } from '../../sim/pagerduty/reference-world.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, get, newIncident, textAt } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

describe('credentials', () => {
  it.each([
    ['none at all', null],
    ['an unknown key', 'Token token=nobody-has-this-key0'],
    ['a key without its scheme', READ_ONLY_KEY],
    ['an API key sent as Bearer', `Bearer ${READ_ONLY_KEY}`],
    ['an app token sent as an API key', `Token token=${APP_TOKEN}`],
    ['a key of the other region', 'Token token=eu-key-0000000000001'],
  ])('are refused with 401 and code 2006: %s', async (_, authorization) => {
    const account = referenceAccount();
    account.addKey(aKey({ id: 'eu-key-0000000000001', kind: 'account-full', region: 'eu' }));
    await using pagerDuty = await startPagerDuty({ account });

    const { status, body } = await get(pagerDuty.url, '/abilities', { authorization });

    expect({ status, code: at(body, 'error.code') }).toEqual({ status: 401, code: 2006 });
    expect(pagerDuty.calls.all().at(-1)).toMatchObject({ keyKind: null, status: 401 });
  });

  it('that are read-only read everything and write nothing', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const authorization = `Token token=${READ_ONLY_KEY}`;

    const read = await get(pagerDuty.url, '/oncalls', { authorization });
    const write = await call(pagerDuty.url, 'POST', '/incidents', { authorization, body: newIncident() });

    expect(read.status).toBe(200);
    expect(write).toMatchObject({ status: 403, body: { error: { code: 2010 } } });
    expect(pagerDuty.account.incidents.all()).toEqual([]);
  });

  it('with scopes reach no further than those', async () => {
    const account = referenceAccount();
    account.addKey(aKey({ id: 'pdus+writer-000000001', kind: 'app', scopes: ['incidents.write'] }));
    await using pagerDuty = await startPagerDuty({ account });
    const authorization = 'Bearer pdus+writer-000000001';

    const write = await call(pagerDuty.url, 'POST', '/incidents', { authorization, body: newIncident() });
    const read = await get(pagerDuty.url, '/incidents', { authorization });

    expect([write.status, read.status]).toEqual([201, 403]);
  });

  it('of a user know a "me", end with the user, and share one allowance', async () => {
    const account = referenceAccount();
    account.addKey(aKey({ id: 'user-key-sam-one-002', kind: 'user', userId: 'PSAM1RE' }));
    await using pagerDuty = await startPagerDuty({ account });
    const authorization = `Token token=${SAM_USER_KEY}`;

    const me = await get(pagerDuty.url, '/users/me', { authorization });
    const other = await get(pagerDuty.url, '/users/me', {
      authorization: 'Token token=user-key-sam-one-002',
    });
    const accountKey = await get(pagerDuty.url, '/users/me');
    deleteUser(account, 'PSAM1RE');
    const orphan = await get(pagerDuty.url, '/users/me', { authorization });

    expect(at(me.body, 'user.email')).toBe('sre-1@example.com');
    expect(me.headers.get('ratelimit-remaining')).toBe('959');
    expect(other.headers.get('ratelimit-remaining')).toBe('958');
    expect([accountKey.status, orphan.status]).toEqual([400, 401]);
  });

  it('must come with a request for version 2, except on writes that leave it open', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const headers = { accept: '*/*' };

    const read = await get(pagerDuty.url, '/oncalls', { headers });
    const write = await call(pagerDuty.url, 'POST', '/incidents', { headers, body: newIncident() });

    expect([read.status, write.status]).toEqual([406, 201]);
  });
});

describe('the token endpoint', () => {
  const form = (scope: string) =>
    new URLSearchParams({ grant_type: 'client_credentials', ...OAUTH_CLIENT, scope });
  const request = (base: string, body: URLSearchParams) =>
    fetch(`${base}/oauth/token`, { method: 'POST', body });

  it('grants what the client has, leaves out the rest without an error, and for a day only', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const response = await request(pagerDuty.url, form('as_account-us.acme oncalls.read audit_records.read'));
    const token: unknown = await response.json();
    const authorization = `Bearer ${textAt(token, 'access_token')}`;
    const granted = await get(pagerDuty.url, '/oncalls', { authorization });
    const beyond = await get(pagerDuty.url, '/incidents', { authorization });
    pagerDuty.account.clock.advance(DAY_MS);
    const expired = await get(pagerDuty.url, '/oncalls', { authorization });

    expect(token).toMatchObject({ scope: 'as_account-us.acme oncalls.read', expires_in: 86_400 });
    expect([granted.status, beyond.status, expired.status]).toEqual([200, 403, 401]);
  });

  it('refuses another account, region or secret', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });
    const wrongSecret = form('as_account-us.acme');
    wrongSecret.set('client_secret', 'guess');

    const replies = [
      await request(pagerDuty.url, form('as_account-eu.acme oncalls.read')),
      await request(pagerDuty.url, wrongSecret),
      await request(pagerDuty.url, new URLSearchParams({ grant_type: 'password' })),
    ];

    expect(replies.map((reply) => reply.status)).toEqual([400, 401, 400]);
  });
});

describe('the rate limit', () => {
  it('counts down per key, answers 429 with code 2020, and starts again after the seconds it names', async () => {
    await using pagerDuty = await startPagerDuty({
      account: referenceAccount(),
      rateLimit: { perMinute: 2 },
    });

    const first = await get(pagerDuty.url, '/abilities');
    pagerDuty.account.clock.advance(15_000);
    await get(pagerDuty.url, '/abilities');
    const refused = await get(pagerDuty.url, '/abilities');
    const otherKey = await get(pagerDuty.url, '/abilities', { authorization: `Bearer ${APP_TOKEN}` });
    pagerDuty.account.clock.advance(MINUTE_MS);
    const again = await get(pagerDuty.url, '/abilities');

    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 2020 } } });
    expect(refused.headers.get('ratelimit-reset')).toBe('45');
    expect([otherKey.status, again.status]).toEqual([200, 200]);
  });

  it('limits some operations further, and tells of the limit that is closest', async () => {
    const rateLimit = { operations: { 'GET /oncalls': 1 } };
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), rateLimit });

    const first = await get(pagerDuty.url, '/oncalls');
    const refused = await get(pagerDuty.url, '/oncalls');
    const other = await get(pagerDuty.url, '/abilities');

    expect([first.status, refused.status, other.status]).toEqual([200, 429, 200]);
    expect([refused, other].map(({ headers }) => headers.get('ratelimit-limit'))).toEqual(['1', '960']);
  });

  it('can refuse without headers and body', async () => {
    const rateLimit = { perMinute: 0, bareRefusals: true };
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), rateLimit });

    const refused = await get(pagerDuty.url, '/abilities');

    expect(refused).toMatchObject({ status: 429, body: undefined });
    expect(refused.headers.has('ratelimit-reset')).toBe(false);
  });
});
