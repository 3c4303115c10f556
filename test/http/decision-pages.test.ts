import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PagesAccess } from '../../src/http/pages/decision-pages.ts';
import { aConfigFolder, LEAST, type ConfigFolder } from '../config/a-config.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import { SAM, WrittenLedger } from '../traceability/written-ledger.ts';
import { bearer, byToken, NOON, pagesWith, TOKEN } from './pages-under-test.ts';

let folder: ConfigFolder;
let file: string;
beforeAll(async () => {
  folder = await aConfigFolder();
  file = join(folder.path, 'ledger.sqlite');
  const { policy } = await folder.load(LEAST);
  await using written = await WrittenLedger.create(file, policy, NOON);
  await written.tell({ id: 'request-1', at: NOON, person: SAM, onCall: 'yes' });
  await written.tell({ id: 'request-2', at: NOON, person: SAM, onCall: 'no' });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const byHeader: PagesAccess = {
  kind: 'header',
  header: 'X-Forwarded-User',
  trustedProxies: ['127.0.0.1', '::1'],
};

function basic(password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`auditor:${password}`).toString('base64')}` };
}

describe('the gate of the decision pages', () => {
  it.each([
    ['as bearer', bearer(TOKEN)],
    ['as the password of HTTP Basic', basic(TOKEN)],
  ])('opens to the token %s', async (_how, headers) => {
    await using pages = await pagesWith(file, byToken);

    expect((await pages.get('/decisions', headers)).status).toBe(200);
    expect(pages.reads).toEqual([{ reader: 'token', path: '/decisions' }]);
  });

  it.each([
    ['nothing', {}],
    ['another token', bearer(`${TOKEN}x`)],
    ['a part of the token', bearer(TOKEN.slice(0, -1))],
    ['an empty token', bearer('')],
    ['the token as a user name', { authorization: `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}` }],
    ['a header that a proxy would set', { 'x-forwarded-user': 'auditor' }],
    ['an unreadable header', { authorization: 'Basic %%%' }],
  ])('stays shut for %s, whatever is asked for', async (_what, headers) => {
    await using pages = await pagesWith(file, byToken);

    for (const path of [
      '/decisions',
      '/decisions/request-1',
      '/decisions/month/2026-03',
      '/decisions/style.css',
      '/',
      '/now',
      '/forecast',
      '/explain?user=sre-1&roles=prodaccess',
    ]) {
      const answer = await pages.get(path, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Basic realm=');
      expect(await answer.text()).not.toContain('request-1');
    }
    expect(pages.reads).toEqual([]);
  });

  it('knows a new token as soon as its file holds it', async () => {
    let token = TOKEN;
    await using pages = await pagesWith(file, { kind: 'token', token: () => token });
    token = 'another-token-that-nobody-guesses';

    expect((await pages.get('/decisions', bearer(TOKEN))).status).toBe(401);
    expect((await pages.get('/decisions', bearer(token))).status).toBe(200);
  });

  it('is never open for want of a token', async () => {
    await using pages = await pagesWith(file, { kind: 'token', token: () => '' });

    expect((await pages.get('/decisions', bearer(''))).status).toBe(401);
    expect((await pages.get('/decisions', basic(''))).status).toBe(401);
  });

  it('takes the name that a trusted proxy gives, and puts it on record', async () => {
    await using pages = await pagesWith(file, byHeader);

    const answer = await pages.get('/decisions/request-1', { 'x-forwarded-user': 'auditor@example.com' });

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Read by auditor@example.com');
    expect(pages.reads).toEqual([{ reader: 'auditor@example.com', path: '/decisions/request-1' }]);
  });

  it.each([
    ['from others', { ...byHeader, trustedProxies: ['192.0.2.1'] }, { 'x-forwarded-user': 'auditor' }],
    ['without a name in it', byHeader, { 'x-forwarded-user': ' ' }],
    ['without the header', byHeader, {}],
    ['beside another one', byHeader, { 'x-forwarded-user': 'mallory, bob' }],
  ])('takes no name %s', async (_why, access, headers) => {
    await using pages = await pagesWith(file, access);

    expect((await pages.get('/decisions', headers as Record<string, string>)).status).toBe(401);
  });
});

it('takes no name where two are given: what the client sent itself, and what the proxy added', async () => {
  await using pages = await pagesWith(file, byHeader);
  const { url } = await pages.get('/decisions');
  const headers = ['Host', 'localhost', 'X-Forwarded-User', 'mallory', 'x-forwarded-user', 'bob'];
  const asked = request(url, { headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();

  expect(answer.statusCode).toBe(401);
});

it('a page and the story in the terminal name the leaf cluster, and what narrows the access', async () => {
  const { policy } = await folder.load(LEAST);
  const ledger = join(folder.path, 'resources.sqlite');
  await using written = await WrittenLedger.create(ledger, policy, NOON);
  const resources = [
    { cluster: 'root', kind: 'db', name: 'payments', subResource: '' },
    {
      cluster: 'edge',
      kind: 'app',
      name: 'console',
      subResource: '',
      constraints: { kind: 'aws_console', roleArns: ['arn:aws:iam::1:role/admin'] },
    },
  ] as const;
  await written.tell({ id: 'request-3', at: NOON, person: SAM, onCall: 'no', resources });
  await using pages = await pagesWith(ledger, byToken);
  const narrowed = 'app console in leaf cluster edge with role arn:aws:iam::1:role/admin';

  const page = await (await pages.get('/decisions/request-3', bearer(TOKEN))).text();
  const story = await ledgerCommand('show', 'request-3', '--ledger', ledger);

  expect(page).toContain(`<span class="role">db payments</span> <span class="role">${narrowed}</span>`);
  expect(story.text).toContain(`Only for db payments and ${narrowed}.`);
});

describe('the decision pages', () => {
  it.each([
    '/decisions',
    '/decisions/request-1',
    '/decisions/month/2026-03',
    '/now',
    '/forecast',
    '/explain',
  ])('%s may run no script, be framed nowhere, and is kept by nobody', async (path) => {
    await using pages = await pagesWith(file, byToken);

    const answer = await pages.get(path, bearer(TOKEN));
    const policy = answer.headers.get('content-security-policy') ?? '';

    expect(answer.status).toBe(200);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('script-src');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await answer.text()).not.toMatch(/<script|style=|\son\w+=/u);
  });

  it.each([
    ['/decisions/nothing', 'knows no request'],
    ['/decisions/request', 'is the beginning of several ids'],
    ['/decisions/month/2026-13', 'a month is written like 2026-03'],
    ['/decisions/%3Cscript%3E', '&lt;script>'],
    ['/decisions/%', 'knows no request'],
    ['/decisions/%E0%A4%A', 'knows no request'],
    ['/decisions/month/%ff', 'a month is written like 2026-03'],
  ])('%s is a page that says why there is none', async (path, words) => {
    await using pages = await pagesWith(file, byToken);

    const answer = await pages.get(path, bearer(TOKEN));

    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain(words);
  });

  it('are not there under an id that is none', async () => {
    await using pages = await pagesWith(file, byToken);

    const answer = await pages.get(`/decisions/${'x'.repeat(3_000)}`, bearer(TOKEN));

    expect([answer.status, await answer.json()]).toEqual([400, { error: 'the request cannot be read' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['verdict=maybe', 'from=yesterday', 'before=x', 'user=a&user=b', `role=${'x'.repeat(500)}`])(
    'leave out of the question what the form would never send: %s',
    async (query) => {
      await using pages = await pagesWith(file, byToken);

      const answer = await pages.get(`/decisions?${query}`, bearer(TOKEN));

      expect(answer.status).toBe(200);
      expect((await answer.text()).match(/<tr/gu)).toHaveLength(3);
    },
  );

  it.each(['POST', 'PUT', 'DELETE'])('cannot be written to by %s', async (method) => {
    await using pages = await pagesWith(file, byToken);
    const { url } = await pages.get('/decisions', bearer(TOKEN));

    expect((await fetch(url, { method, headers: bearer(TOKEN) })).status).toBe(404);
  });
});

describe('the section `http.pages`', () => {
  const PAGES = `${LEAST}http:\n  pages:\n`;

  it('takes a token file, or a header and who may set it', async () => {
    await writeFile(join(folder.path, 'token'), `${TOKEN}\n`);
    const token = (await folder.load(`${PAGES}    token_file: token\n`)).pages;
    const header = (await folder.load(`${PAGES}    trusted_user_header: X-Forwarded-User\n`)).pages;

    expect(token?.kind === 'token' ? token.token.reveal() : null).toBe(TOKEN);
    expect(JSON.stringify(token)).not.toContain(TOKEN);
    expect(header).toEqual({
      kind: 'header',
      header: 'X-Forwarded-User',
      trustedProxies: ['127.0.0.1', '::1'],
    });
    expect((await folder.load(LEAST)).pages).toBeNull();
  });

  it('refuses a token that could be guessed, and both ways at once', async () => {
    await writeFile(join(folder.path, 'short'), 'secret');

    expect(await folder.problems(`${PAGES}    token_file: short\n`)).toEqual([
      expect.stringContaining('fewer than 20 characters'),
    ]);
    expect(
      await folder.problems(`${PAGES}    token_file: token\n    trusted_user_header: X-User\n`),
    ).toHaveLength(1);
  });
});
