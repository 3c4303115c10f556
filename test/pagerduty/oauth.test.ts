import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { instantOf } from '../../src/core/values/instant.ts';
import { connectPagerDuty, type PagerDutyConnection } from '../../src/pagerduty/connect.ts';
import { createTokenSource, READ_SCOPES, WRITE_SCOPES } from '../../src/pagerduty/http/oauth.ts';
import { OAUTH_CLIENT } from '../sim/pagerduty/reference-world.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, failureOf, READ_KEY } from './subjects.ts';

const ACCOUNT = 'us.example';
const HOURS = 3_600_000;
const USERS = {
  doing: 'read users',
  scope: 'users.read',
  method: 'GET',
  path: ['users'],
  answer: z.unknown(),
} as const;
const NO_KEY = {
  reveal: () => {
    throw new Error('no key is configured');
  },
};

function everyScope(pagerDuty: SimulatedPagerDuty): void {
  const { client_id: id, client_secret: secret } = OAUTH_CLIENT;
  pagerDuty.account.oauthClients.put({ id, secret, scopes: [...READ_SCOPES, ...WRITE_SCOPES] });
}

function connected(pagerDuty: SimulatedPagerDuty, secret = OAUTH_CLIENT.client_secret): PagerDutyConnection {
  const { account } = pagerDuty;
  return connectPagerDuty({
    apiUrl: pagerDuty.url,
    from: 'oncall-approver@example.com',
    readKey: NO_KEY,
    writeKey: NO_KEY,
    oauth: {
      tokenUrl: `${pagerDuty.url}/oauth/token`,
      account: `${account.region}.${account.subdomain}`,
      clientId: OAUTH_CLIENT.client_id,
      clientSecret: { reveal: () => secret },
    },
    version: '1.2.3',
    clock: { now: () => instantOf(account.clock.now().getTime()) },
    random: () => 0,
  });
}

function tokensHad(pagerDuty: SimulatedPagerDuty): number {
  return pagerDuty.calls.matching('POST', '/oauth/token').length;
}

describe('OAuth client credentials', () => {
  it('read who is on call, and open an incident, with a token each', async () => {
    await using pagerDuty = await startPagerDuty();
    everyScope(pagerDuty);
    using connection = connected(pagerDuty);

    const { rows } = await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk());
    await connection.admin.mayWrite(anAsk());

    expect(rows).not.toEqual([]);
    expect(tokensHad(pagerDuty)).toBe(2);
    expect(connection.credentials().missingScopes).toEqual([]);
  });

  it('have one token for all who ask at the same moment', async () => {
    await using pagerDuty = await startPagerDuty();
    everyScope(pagerDuty);
    using connection = connected(pagerDuty);

    await Promise.all(
      ['a', 'b', 'c'].map((name) => connection.directory.usersByEmail(`${name}@b.cd`, anAsk())),
    );

    expect(tokensHad(pagerDuty)).toBe(1);
  });

  it('are renewed an hour before the token ends, without keeping anybody waiting', async () => {
    await using pagerDuty = await startPagerDuty();
    everyScope(pagerDuty);
    using connection = connected(pagerDuty);
    await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk());
    const { expires } = connection.credentials();

    pagerDuty.account.clock.setOffset(23.5 * HOURS);
    await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk());
    await expect.poll(() => connection.credentials().expires).not.toBe(expires);

    expect(tokensHad(pagerDuty)).toBe(2);
  });

  it('are had anew at once when PagerDuty does not accept the token any more, and the call is repeated', async () => {
    await using pagerDuty = await startPagerDuty();
    everyScope(pagerDuty);
    using connection = connected(pagerDuty);
    await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk());
    for (const key of pagerDuty.account.keys.all()) {
      if (key.id.startsWith('pdus+_')) pagerDuty.account.keys.put({ ...key, expiresAt: new Date(0) });
    }

    expect((await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk())).rows).toBeDefined();
    expect(pagerDuty.calls.matching('GET', '/oncalls').map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(tokensHad(pagerDuty)).toBe(2);
  });

  it('say which scopes the app was not granted', async () => {
    await using pagerDuty = await startPagerDuty();
    const { client_id: id, client_secret: secret } = OAUTH_CLIENT;
    pagerDuty.account.oauthClients.put({ id, secret, scopes: ['oncalls.read'] });
    using connection = connected(pagerDuty);

    await connection.directory.onCallsUnder(['PPOLCY1'], null, anAsk());
    const failure = await failureOf(connection.directory.usersByEmail('sre-1@example.com', anAsk()));

    expect(connection.credentials().missingScopes).toEqual(
      READ_SCOPES.filter((scope) => scope !== 'oncalls.read'),
    );
    expect(failure).toMatchObject({ kind: 'forbidden' });
    expect(failure.message).toContain('`users.read`');
  });

  it('that are wrong are a lasting failure, and the secret is in no message', async () => {
    await using pagerDuty = await startPagerDuty();
    using connection = connected(pagerDuty, 'not-the-secret');

    const failure = await failureOf(connection.directory.usersByEmail('sre-1@example.com', anAsk()));

    expect(failure).toMatchObject({ kind: 'unauthorised', transient: false });
    expect(failure.message).toContain('check pagerduty.oauth');
    expect(JSON.stringify([failure.message, String(failure.cause)])).not.toContain('not-the-secret');
  });

  it.each([
    ['a server error', 503, {}, 'unavailable', true],
    ['no JSON object', 200, 'token', 'malformed', false],
    ['no token', 200, { scope: '', expires_in: 1 }, 'malformed', false],
  ])('that are answered by %s give no token', async (_name, status, body, kind, transient) => {
    await using server = await serve((_request, response) => json(response, status, body));
    const source = createTokenSource({
      tokenUrl: `${server.url}/oauth/token`,
      account: ACCOUNT,
      clientId: 'client',
      clientSecret: () => 'secret',
      scopes: READ_SCOPES,
      now: () => 0,
    });

    expect(await failureOf(source.token())).toMatchObject({ kind, transient });
  });

  it('keep the token in use while renewals fail', async () => {
    let now = 0;
    await using server = await serve((_request, response) =>
      server.received.length === 1
        ? json(response, 200, { access_token: 'first', scope: 'oncalls.read', expires_in: 86_400 })
        : json(response, 503, {}),
    );
    const source = createTokenSource({
      tokenUrl: server.url,
      account: ACCOUNT,
      clientId: 'client',
      clientSecret: () => 'secret',
      scopes: ['oncalls.read'],
      now: () => now,
    });
    await source.token();
    now = 23.5 * HOURS;

    expect([await source.token(), await source.token()]).toEqual(['first', 'first']);
    await expect.poll(() => server.received.length).toBe(2);
  });
});

describe('an API key that is renewed', () => {
  it('between the question and the answer is used at once', async () => {
    await using pagerDuty = await startPagerDuty();
    const keys = ['revoked-key', READ_KEY];
    using client = aClient(pagerDuty.url, { readKey: () => keys.shift() ?? READ_KEY });

    expect((await client.call(USERS, anAsk())).status).toBe(200);
    expect(pagerDuty.calls.all().map((each) => each.status)).toEqual([401, 200]);
  });

  it('only after PagerDuty has refused the old one for good is a lasting failure, after one attempt', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url, { readKey: () => 'revoked-key' });

    const failure = await failureOf(client.call(USERS, anAsk()));

    expect(failure).toMatchObject({ kind: 'unauthorised', transient: false });
    expect(pagerDuty.calls.all()).toHaveLength(1);
  });
});
