import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { storyOf, type Told } from '../../src/core/record/story.ts';
import { AlreadyRecordedError, LedgerForgedError } from '../../src/ports/ledger.ts';
import { takePlace } from '../../src/review/effects/take-place.ts';
import {
  aPolicy,
  aRecordedDecision,
  anEscalation,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../support/builders.ts';
import { aPage, effect, paged, told } from '../support/told.ts';

const offCall = someFacts({ onCall: onCallWith() });
const mine = aRequest({ id: '0194f8a2-6c1e-7b3a-9d52-aaaabbbbcccc' });
const HOST = aRequest().id;
const taken = new AlreadyRecordedError('somebody has it');

interface There {
  /** How many pages may be open; none are shared unless told. */
  readonly most?: number;
  /** What the ledger holds of the request that has a page, or why that cannot be read. */
  readonly host?: readonly Told[] | Error;
  readonly hosts?: readonly string[];
  readonly story?: readonly Told[];
  /** What comes of each writing, one after the other. */
  readonly writing?: readonly (Error | null)[];
}

/** Takes a place for `mine`; where, in words, and by which codes that was tried. */
async function place({ most, host = paged(0), hosts = [HOST], story = [], writing = [] }: There) {
  const escalate = anEscalation(most === undefined ? {} : { mostOpenPages: most });
  const policy = aPolicy({ rules: [aRule({ escalate })] });
  const decided = aRecordedDecision({ request: mine, facts: offCall, policy });
  const written: (readonly LedgerEvent[])[] = [];
  const found = await takePlace(
    aPage({ incidentKey: 'mine' }),
    storyOf([...told(0, decided), ...story]),
    decided,
    {
      requestId: mine.id,
      write(before: unknown, events: readonly LedgerEvent[]) {
        const failure = writing[written.length] ?? null;
        written.push(events);
        return failure === null ? Promise.resolve(before) : Promise.reject(failure);
      },
    } as unknown as Parameters<typeof takePlace>[3],
    {
      ...{ policy, digest: (text: string) => text, clock: { now: () => NOW } },
      setting: { proxyPublicAddr: '', resolveWith: 'review', keyMac: () => 'mac' },
      ledger: {
        pagesOf: () =>
          Promise.resolve({
            last: 3,
            live: hosts.map((each) => ({
              kind: 'page-begun',
              group: '',
              number: 3,
              page: `${each}/1`,
              host: each,
            })),
          }),
        entriesOf: () => (host instanceof Error ? Promise.reject(host) : Promise.resolve(host)),
      },
    } as unknown as Parameters<typeof takePlace>[4],
  );
  const codes = written.flatMap((events) =>
    events.flatMap((event) => (event.kind === 'asked-on' ? event.code : [])),
  );
  const where = (written.at(-1) ?? []).map((event) => {
    if (event.kind === 'page-begun')
      return `page ${event.number} ${event.page.slice(-6)} of ${event.host.slice(-4)}`;
    if (event.kind === 'asked-on') return `on ${event.page.slice(-6)}`;
    return event.kind === 'effect-intended' && event.effect.kind === 'page'
      ? (event.effect.joins?.incidentId ?? 'its own')
      : event.kind;
  });
  return { where: found === null ? 'not yet' : where.join(', '), codes: codes.join() };
}

const OWN = 'page 4 cccc/1 of cccc, on cccc/1, its own';
const THERE = 'on 1b44/1, Q1';
const joined = told(
  0,
  ...effect(aPage({ key: 'page 2', joins: { page: `${HOST}/1`, incidentId: 'Q1', text: '' } }), null),
);
const resolved = told(0, { kind: 'page-resolved', requestId: HOST, incidentId: 'Q1' });
const opening = [...paged(0).slice(0, 1), ...told(0, ...effect(aPage(), null))];

describe('where a request is asked about', () => {
  it.each<[string, There, string]>([
    ['on a page of its own where none is shared', {}, OWN],
    ['on the page where the same is asked for', { most: 1 }, THERE],
    ['on a page of its own where nothing is open', { most: 1, hosts: [] }, OWN],
    ['not before that page is open', { most: 1, host: opening }, 'not yet'],
    ['not where that page was resolved', { most: 1, host: [...paged(0), ...resolved] }, OWN],
    ['not where it was before', { most: 1, story: joined }, OWN],
    ['not where it is itself the host', { most: 1, hosts: [mine.id] }, OWN],
    ['not where the host has no such page', { most: 1, host: paged(0).slice(0, 1) }, OWN],
    ['not where its record is forged', { most: 1, host: new LedgerForgedError(HOST, 1, 'has no seal') }, OWN],
  ])('%s', async (_which, there, where) => {
    expect(await place(there)).toMatchObject({ where });
  });

  it('is told by a longer code where another has the shorter one on that page', async () => {
    expect(await place({ most: 1, writing: [taken, taken] })).toEqual({
      where: THERE,
      codes: 'BCCCC,BBCCCC,BBBCCCC',
    });
  });

  it('is looked for again where all its codes are taken, or its page is', async () => {
    await expect(place({ most: 1, writing: Array.from({ length: 6 }, () => taken) })).rejects.toThrow(
      'all codes of the request are taken',
    );
    await expect(place({ writing: [taken] })).rejects.toBe(taken);
  });

  it('is not found where the ledger fails', async () => {
    const failure = new RangeError('a fault');
    await expect(place({ most: 1, writing: [failure] })).rejects.toBe(failure);
    await expect(place({ most: 1, host: failure })).rejects.toBe(failure);
  });
});
