import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Live } from '../../src/http/pages/live-pages.ts';
import type { Seals } from '../../src/ports/ledger-history.ts';
import { aConfigFolder, LEAST, type ConfigFolder } from '../config/a-config.ts';
import { SAM, TAYLOR, WrittenLedger } from '../traceability/written-ledger.ts';
import { lively, NOT_BEGUN, readinessWith } from './live-stub.ts';
import { bearer, byToken, NOON, pagesWith, TOKEN } from './pages-under-test.ts';

let folder: ConfigFolder;
let file: string;
beforeAll(async () => {
  folder = await aConfigFolder();
  file = join(folder.path, 'ledger.sqlite');
  const { policy } = await folder.load(LEAST);
  await using written = await WrittenLedger.create(file, policy, NOON);
  await written.tell({ id: 'request-1', at: NOON, person: SAM, onCall: 'yes' });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('the pages of what goes on', () => {
  async function shown(path: string, live: Live = lively(NOON), of = file): Promise<string> {
    await using pages = await pagesWith(of, byToken, live);
    const answer = await pages.get(path, bearer(TOKEN));
    expect(answer.status).toBe(200);
    return (await answer.text()).replaceAll(/<[^>]*>/gu, ' ').replaceAll(/\s+/gu, ' ');
  }

  it('begin at `/`', async () => {
    await using pages = await pagesWith(file, byToken);

    const answer = await pages.get('/', bearer(TOKEN));

    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/now']);
  });

  it('say at `/now` what waits, who is on call and what they would get, open access and its end, and health', async () => {
    const { policy } = await folder.load(LEAST);
    const of = join(folder.path, 'now.sqlite');
    await using written = await WrittenLedger.create(of, policy, NOON);
    await written.tell({ id: 'given', at: NOON, person: SAM, onCall: 'yes' });
    const [paged, unpaged] = ['paged', 'unpaged'].map((id) =>
      written.decided({ id, at: NOON, person: TAYLOR, onCall: 'no' }),
    );
    if (paged === undefined || unpaged === undefined) throw new RangeError('nothing is decided');
    const sent = { incidentKey: 'k', title: 't', details: 'd', urgency: 'high' } as const;
    const page = { kind: 'page', key: 'page', service: 'Access requests', ...sent } as const;
    const outcome = {
      summary: '',
      ours: true,
      incidentId: 'QPAGE1',
      url: 'https://acme.pagerduty.com/incidents/QPAGE1',
    };
    const theirs = { ...outcome, incidentId: 'QPAGE2', url: 'https://acme.pagerduty.com/incidents/QPAGE2' };
    await written.append(
      [
        paged,
        { kind: 'effect-intended', requestId: 'paged', effect: page },
        { kind: 'effect-done', requestId: 'paged', key: 'page', outcome },
        { kind: 'effect-intended', requestId: 'paged', effect: { ...page, key: 'page of database' } },
        { kind: 'effect-done', requestId: 'paged', key: 'page of database', outcome: theirs },
        unpaged,
      ],
      NOON,
    );
    const text = await shown('/now', lively(NOON), of);

    expect(text).toContain('taylor prodaccess waits since');
    expect(text).toContain('Nobody is asked by a page');
    expect(text.match(/Asked now: Sam One\. Next: Taylor Two, at 2026-03-03 12:30:00 \./gu)).toHaveLength(2);
    expect(text).toContain('By rule database : Asked now');
    expect(text).toContain('Sam One ✓ would be approved until 2026-03-03 17:00:00');
    expect(text).toContain('Taylor Two ✕ would not be approved');
    expect(text).toContain('✕ nobody is on call');
    expect(text).toMatch(/sam prodaccess approved by \S+; ends at 2026-03-03 /u);
    expect(text).toContain('pagerduty ! with a warning it failed lately');
  });

  it('mark at `/now` what others wrote', async () => {
    const seals = {
      read: () => ({ prior: null, first: null }),
      faultIn: () => 'has another seal',
    } as unknown as Seals;
    await using pages = await pagesWith(file, byToken, lively(NOON), seals);

    expect(await (await pages.get('/now', bearer(TOKEN))).text()).toContain(
      'NOT WRITTEN BY THIS SERVICE: it has another seal',
    );
  });

  it('renew themselves at `/now` alone, without a script, unless the reader has it stay', async () => {
    await using pages = await pagesWith(file, byToken);
    const renews = async (path: string) =>
      (await (await pages.get(path, bearer(TOKEN))).text()).includes('http-equiv="refresh"');

    const answers = await Promise.all(['/now', '/now?renew=off', '/forecast', '/decisions'].map(renews));

    expect(answers).toEqual([true, false, false, false]);
  });

  it.each([
    ['works', readinessWith()],
    ['has a warning', readinessWith({ ledger: { state: 'degraded', ageMs: 1, reason: '' } })],
    ['does not work', readinessWith({ ledger: { state: 'failed', ageMs: 1, reason: '' } }, false)],
  ])('say on each of them that the service %s', async (word, readiness) => {
    expect(await shown('/decisions', { ...NOT_BEGUN, readiness: () => readiness })).toContain(
      `oncall-approver ${word} `,
    );
  });

  it.each([
    ['/now', 'PagerDuty has not been asked yet.'],
    ['/forecast', 'It has not been read yet.'],
    ['/explain?user=sre-1&roles=prodaccess', 'Teleport has not been reached yet.'],
  ])('say at %s what is not known yet', async (path, words) => {
    expect(await shown(path, NOT_BEGUN)).toContain(words);
  });

  it('say why rotas cannot be read', async () => {
    const live = { ...NOT_BEGUN, problem: () => 'PagerDuty answers 503' };

    expect(await shown('/now', live)).toContain('rotas could not be read: PagerDuty answers 503');
    expect(await shown('/forecast', live)).toContain('PagerDuty answers 503');
  });

  it('say at `/forecast` what will go wrong, what to do about it, and who could be approved when', async () => {
    const text = await shown('/forecast');

    expect(text).toContain('1 will go wrong.');
    expect(text).toContain('✕ nobody on call nobody is on call for 3 h fill the gap');
    expect(text).toContain('? not known who they are is not known let it be read');
    expect(text).toContain('Sam One could be approved 2026-03-03 11:00:00 to 2026-03-03 17:00:00');
    expect(text).toContain('Nothing will go wrong. Nobody could be approved.');
  });

  it('say at `/explain` what would be decided, and why, or what the question lacks', async () => {
    const text = await shown(
      '/explain?user=sre-1&roles=prodaccess,%20db&reason=broken&at=2026-03-03T02:14:07Z',
    );

    expect(text).toContain('sre-1 asks for prodaccess, db');
    expect(text).toContain('no rule covers role db');
    expect(text).toContain('Rule prod-oncall');
    expect(text).toContain('other does not cover it: not for Sam One');
    expect(await shown('/explain?user=sre-1')).toContain('Say who asks, and for which roles.');
    expect(await shown('/explain?user=a&roles=b&at=tomorrow')).toContain('A time is written like');
    expect(await shown('/explain')).not.toContain('Say who');
  });

  it('tell at `/owners` whose everything is, by filters, a part at a time, and why that cannot be told', async () => {
    const all = await shown('/owners');
    expect(all).toContain('300 resources by');
    expect(all).toContain('5 without an owner; the first 250 are here. 250 fit.');
    expect(all).toContain('db thing-0 ? none: it has no label of');
    expect(all).toContain('More →');
    expect(await shown('/owners?from=200')).toContain('← Before');
    expect(await shown('/owners?unowned=on')).toContain('5 fit.');
    expect(await shown('/owners?kind=app&name=thing-1*&cluster=ro*')).toContain('56 fit.');
    expect(await shown('/owners?name=Pay*')).toContain('245 fit.');
    for (const other of ['cluster=leaf', 'name=Search', 'kind=node']) {
      expect(await shown(`/owners?${other}`)).toContain('Nothing fits.');
    }
    expect(await shown('/owners?from=-1&unowned=x&kind=')).toContain('250 fit.');
    expect(await shown('/owners', NOT_BEGUN)).toContain('No rule goes by owners');
    const failing = { ...NOT_BEGUN, owners: () => Promise.reject(new Error('Teleport is away')) };
    expect(await shown('/owners', failing)).toContain('Teleport is away');
    await using pages = await pagesWith(file, byToken);
    expect((await pages.get('/owners')).status).toBe(401);
  });
});
