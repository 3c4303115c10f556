import { describe, expect, it } from 'vitest';
import { CLOCKS_DIFFER_MS, plusMs } from '../../src/core/values/instant.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { NOW, SAM, TAYLOR } from '../support/builders.ts';
import { anIncident, carry, KEY, type Carried } from '../support/carried.ts';
import { aPage } from '../support/told.ts';

const bad = (status: number | null, kind: PagerDutyError['kind'] = 'refused', transient = false) =>
  new PagerDutyError(kind, `PagerDuty says ${status ?? 'nothing'}`, {
    transient,
    status,
    silence: status === null || status >= 500,
  });

type Row = readonly [string, Carried, string, string];
const again = { again: true };
const foreign = anIncident('QALIEN');
const elsewhere = anIncident('QELSE', { service: { id: 'PSERVC9', summary: '' } });
const early = anIncident('QEARLY', { createdAt: plusMs(NOW, -CLOCKS_DIFFER_MS - 1) });
const own = anIncident('QOWN');
const FREE = `${KEY}/1/mac`;
const OPENED = 'the incident is open on service Access requests';
const ALIEN = 'under another key: incident QALIEN, which is not ours, has the key of this page';

describe('a page', () => {
  it.each<Row>([
    ['is opened', {}, `open ${KEY} on PSERVC2`, `Q1: ${OPENED}`],
    ['is opened if not there', { attempt: again }, `with ${KEY}?, open ${KEY} on PSERVC2`, `Q1: ${OPENED}`],
    [
      'is there',
      { attempt: again, incidents: [own], sent: ['QOWN'] },
      `with ${KEY}?, QOWN as sent?`,
      'QOWN: the incident is open, opened before',
    ],
    [
      'is there beside another',
      { attempt: again, incidents: [foreign, own], sent: ['QOWN'] },
      `with ${KEY}?, QALIEN as sent?, QOWN as sent?`,
      'QOWN: the incident is open, opened before',
    ],
    [
      'has another key where others have its own',
      { attempt: again, incidents: [foreign] },
      `with ${KEY}?, QALIEN as sent?, with ${FREE}?, open ${FREE} on PSERVC2`,
      `Q1: ${OPENED}, ${ALIEN}`,
    ],
    [
      'is never on another service, nor from before',
      { attempt: again, incidents: [elsewhere, early], sent: ['QELSE', 'QEARLY'] },
      `with ${KEY}?, with ${FREE}?, open ${FREE} on PSERVC2`,
      `Q1: ${OPENED}, ${ALIEN.replace('QALIEN', 'QELSE')}`,
    ],
    [
      'is found where PagerDuty says that it is there',
      { opened: [bad(400)], incidents: [own], sent: ['QOWN'] },
      `open ${KEY} on PSERVC2, with ${KEY}?, QOWN as sent?`,
      'QOWN: the incident is open, opened before',
    ],
    [
      'has another key where PagerDuty says that it is taken',
      { opened: [bad(400)], incidents: [foreign] },
      `open ${KEY} on PSERVC2, with ${KEY}?, QALIEN as sent?, with ${FREE}?, open ${FREE} on PSERVC2`,
      `Q2: ${OPENED}, ${ALIEN}`,
    ],
  ])('%s', async (_what, there, did, came) => {
    expect(await carry(aPage(), there)).toMatchObject({ did, came });
  });

  it('of somebody else under its key is told of', async () => {
    expect((await carry(aPage(), { attempt: again, incidents: [foreign] })).told).toEqual([
      'answered',
      { requestId: 'request-1', incidentId: 'QALIEN', url: 'https://pd/QALIEN' },
    ]);
  });

  it('is opened as somebody waits for it, for the requester, if the claim holds', async () => {
    const { asks } = await carry(aPage());
    expect(asks).toMatchObject([{ priority: 'page', for: 'sre-1' }]);
    expect(asks[0]?.onWrite).toBeDefined();
  });

  it.each<[string, readonly Error[], readonly unknown[]]>([
    ['is refused', [bad(400), bad(400)], ['answered']],
    ['is refused otherwise', [bad(403, 'forbidden')], ['answered']],
    ['fails by silence', [bad(null, 'unavailable', true)], ['silent']],
    ['fails by PagerDuty', [bad(503, 'unavailable', true)], ['silent']],
    ['fails by a fault of ours', [new RangeError('a fault')], []],
    ['is given up', [new PagerDutyError('timeout', 'given up', { transient: true })], []],
  ])('that %s fails, and it is heard how', async (_what, opened, heard) => {
    const told: unknown[] = [];
    const attempt = {
      heard: (_look: unknown, silence: unknown) => void told.push(silence === null ? 'answered' : 'silent'),
    };
    await expect(carry(aPage(), { opened, attempt })).rejects.toBe(opened[0]);

    expect(told).toEqual(heard);
  });

  it.each([
    ['somebody', [SAM, TAYLOR], undefined],
    ['the requester alone', [SAM], 'requester'],
    ['nobody', [], 'nobody'],
  ] as const)('is known to reach %s from its opening', async (_whom, reached, reaches) => {
    expect((await carry(aPage(), { reached })).reaches).toBe(reaches);
  });

  it('is given up where others have all its keys', async () => {
    const keys = [KEY, ...[1, 2, 3, 4].map((each) => `${KEY}/${each}/mac`)];
    const incidents = keys.map((incidentKey, each) => anIncident(`Q${each}`, { incidentKey }));

    await expect(carry(aPage(), { attempt: again, incidents })).rejects.toMatchObject({
      ...{ kind: 'refused', transient: false },
      message: expect.stringContaining('have all 5 keys') as string,
    });
  });
});

describe('a page for several services', () => {
  const page = aPage({ instead: ['Backup', 'Last'] });
  const gone = bad(404, 'not-found');

  it.each<[string, Carried, string, string]>([
    ['the first one', {}, `open ${KEY} on PSERVC2`, 'Access requests'],
    ['the next if it is gone', { services: { 'Access requests': gone } }, `open ${KEY} on Backup`, 'Backup'],
    [
      'the next one where it is disabled',
      { services: { 'Access requests': 'disabled', Backup: 'maintenance' } },
      `open ${KEY} on Last`,
      'Last',
    ],
    [
      'the next one where it takes nothing',
      { opened: [bad(403, 'forbidden')] },
      `open ${KEY} on PSERVC2, open ${KEY} on Backup`,
      'Backup',
    ],
  ])('goes to %s', async (_which, there, did, desk) => {
    expect(await carry(page, there)).toMatchObject({ did, desk });
  });

  const there = {
    attempt: again,
    incidents: [anIncident('QOWN', { service: { id: 'Backup', summary: '' } })],
    sent: ['QOWN'],
  };
  it('is found on the one that took it, whichever are gone', async () => {
    const services = { 'Access requests': gone };
    expect(await carry(page, { ...there, services })).toMatchObject({
      came: 'QOWN: the incident is open, opened before',
    });
    const failing = bad(503, 'unavailable', true);
    await expect(carry(page, { ...there, services: { Last: failing } })).rejects.toBe(failing);
    await expect(carry(page, { ...there, services: { Last: new RangeError('a fault') } })).rejects.toThrow(
      'a fault',
    );
  });

  it.each<[string, Carried, object]>([
    [
      'none takes it',
      { services: { 'Access requests': gone, Backup: gone, Last: gone } },
      {
        kind: 'refused',
        transient: false,
        message:
          'none of the services takes the page: service `Access requests`: PagerDuty says 404; service `Backup`: PagerDuty says 404; service `Last`: PagerDuty says 404',
      },
    ],
    ['it may be tried there', { opened: [bad(503, 'unavailable', true)] }, { message: 'PagerDuty says 503' }],
    ['the key is refused', { opened: [bad(401, 'unauthorised')] }, { message: 'PagerDuty says 401' }],
    ['it fails by a fault of ours', { opened: [new RangeError('a fault')] }, { message: 'a fault' }],
  ])('goes nowhere where %s', async (_why, there, error) => {
    await expect(carry(page, there)).rejects.toMatchObject(error);
  });

  it('says what a single one lacks', async () => {
    await expect(carry(aPage(), { services: { 'Access requests': 'maintenance' } })).rejects.toThrow(
      'is in state maintenance',
    );
    await expect(carry(aPage(), { services: { 'Access requests': gone } })).rejects.toBe(gone);
  });
});

describe('on the page of another request', () => {
  const page = aPage({ joins: { page: 'other/1', incidentId: 'Q7', text: 'and this' } });

  it.each<Row>([
    ['it is listed', {}, 'list and this on Q7', 'Q7: the request is listed on the page, written'],
    [
      'it is listed, if it is not there',
      { attempt: again, listed: 'there before' },
      'list and this on Q7 again',
      'Q7: the request is listed on the page, there before',
    ],
    [
      'it is not where that is resolved',
      { listed: 'gone' },
      'list and this on Q7',
      'not ours: the page was resolved before the request was listed on it',
    ],
  ])('%s', async (_what, there, did, came) => {
    expect(await carry(page, there)).toMatchObject({ did, came });
  });
});
