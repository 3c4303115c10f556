import { describe, expect, it } from 'vitest';
import type { LedgerEntry, LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { DAY, plusMs, type Instant } from '../../src/core/values/instant.ts';
import type { SearchableHistory, Seals } from '../../src/ports/ledger-history.ts';
import { LedgerForgedError, LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { createHiddenCheck, type HiddenOptions } from '../../src/review/find-hidden.ts';
import { aPolicy, aRecordedDecision, aRequest, NOW, onCallWith, someFacts } from '../support/builders.ts';
import { ManualTime } from '../support/manual-time.ts';

const signal = new AbortController().signal;
const offCall = someFacts({ onCall: onCallWith() });

function decided(requestId: string, overrides: Parameters<typeof aRecordedDecision>[0] = {}): LedgerEvent {
  return aRecordedDecision({ request: aRequest({ id: requestId }), ...overrides });
}

const escalated = (id: string): LedgerEvent => decided(id, { facts: offCall });
const ended = (requestId: string, state: 'approved' | 'denied' = 'denied'): LedgerEvent => ({
  ...{ kind: 'ended', requestId },
  ending: { state, by: 'sre-3', reason: '' },
});
const paged = (requestId: string): readonly LedgerEvent[] => [
  {
    ...{ kind: 'effect-intended', requestId },
    effect: {
      ...{
        kind: 'page',
        key: 'page',
        service: 'Access requests',
        incidentKey: `oncall-approver/${requestId}`,
      },
      ...{ title: 'sre-2 asks', details: 'approve ABCDE', urgency: 'high' },
    },
  },
  {
    ...{ kind: 'effect-done', requestId, key: 'page' },
    outcome: { summary: 'open', ours: true, incidentId: 'Q2PAGE', url: null },
  },
];

interface Written {
  readonly at?: Instant;
  readonly event: LedgerEvent;
  /** Somebody else wrote it. */
  readonly forged?: true;
  /** Somebody took out the one before it. */
  readonly afterGap?: true;
}

/** Entries, of which those of others are not told apart but by their seals; whose requests are open is a list beside them. */
function ledgerOf(written: readonly Written[], { open = [] as readonly string[] } = {}) {
  const seen = { put: [] as string[], told: [] as string[], closed: 0 };
  const ledger = {
    open: () => Promise.resolve<readonly string[]>(open),
    entriesOf: (id: string) =>
      Promise.resolve(
        written.flatMap(({ event, at = NOW }) =>
          'requestId' in event && event.requestId === id ? ({ event, at } as LedgerEntry) : [],
        ),
      ),
    reopen(id: string) {
      seen.put.push(id);
      return Promise.resolve();
    },
  };
  let gaps = 0;
  const stored = written.map(({ event, at = NOW, forged, afterGap }, index) => ({
    ...{ seq: index + 1 + (gaps += afterGap === true ? 1 : 0), at, eventText: JSON.stringify(event) },
    seal: forged === true ? null : 'sealed',
  }));
  const history = {
    *entries(after = 0) {
      yield* stored.slice(after);
    },
    *backwards(before: number) {
      yield* stored.filter(({ seq }) => seq < before).toReversed();
    },
    checkpoints: () => Promise.resolve(stored.filter(({ eventText }) => eventText.includes('"checkpoint"'))),
    close: () => Promise.resolve(void (seen.closed += 1)),
  } as unknown as SearchableHistory;
  const seals = { faultIn: ({ seal }) => (seal === null ? 'has no seal' : null) } as Seals;
  const options: HiddenOptions = {
    ledger: ledger as unknown as HiddenOptions['ledger'],
    reporter: {
      recordForged: ({ requestId, cause }: { requestId: string | null; cause: string }) =>
        void seen.told.push(`${requestId ?? 'all'}: ${cause}`),
    } as HiddenOptions['reporter'],
    policyInForce: () => ({ policy: aPolicy(), policyDigest: '' }),
    setting: { proxyPublicAddr: '', resolveWith: 'review', keyMac: (text) => text },
    clock: { now: () => NOW },
    openHistory: () => Promise.resolve({ history, seals }),
  };
  return { seen, ledger, options, look: createHiddenCheck(options) };
}

const all = (...events: readonly LedgerEvent[]): readonly Written[] => events.map((event) => ({ event }));

describe('a request that is missing from the list of open ones', () => {
  it.each<[string, readonly Written[], boolean]>([
    ['waits for a person', all(escalated('a')), true],
    ['is put off for want of facts', all({ kind: 'postponed', requestId: 'a', since: NOW, why: '' }), true],
    [
      'is named behind entries of others that claim an early time',
      [
        ...all(escalated('a')),
        { at: plusMs(NOW, -40 * DAY), event: { kind: 'unlocked', requestId: 'b' }, forged: true },
      ],
      true,
    ],
  ])('is put back, and it is told that it was taken out: it %s', async (_which, written) => {
    const { seen, look } = ledgerOf(written);
    await look(signal);
    await look(signal);

    const told = seen.told.filter((each) => !each.includes('has no seal'));
    expect({ ...seen, told }).toEqual({
      put: ['a', 'a'],
      told: [expect.stringContaining('all: request a is not over')],
      closed: 2,
    });
  });

  it.each<[string, readonly Written[]]>([
    ['was denied', all(decided('a'), ended('a'))],
    ['was left alone', all(decided('a', { request: aRequest({ id: 'a', roles: ['other'] }) }))],
    ['was never decided upon', all({ kind: 'unlocked', requestId: 'a' })],
    [
      'is older than a month',
      [
        { at: plusMs(NOW, -32 * DAY), event: escalated('a') },
        { at: plusMs(NOW, -32 * DAY), event: { kind: 'unlocked', requestId: 'b' } },
      ],
    ],
  ])('stays out where nothing is due for it: it %s', async (_which, written) => {
    const { seen, look } = ledgerOf(written);
    await look(signal);

    expect(seen).toEqual({ put: [], told: [], closed: 1 });
  });

  it('is looked for a month back, by its own entries alone', async () => {
    const written = [
      { at: plusMs(NOW, -32 * DAY), event: escalated('too-old') },
      { at: plusMs(NOW, -30 * DAY), event: escalated('a') },
      ...all({ kind: 'policy', digest: '', policy: aPolicy() }),
    ];
    const { seen, look } = ledgerOf(written);
    await look(signal);

    expect(seen.put).toEqual(['a']);
  });

  it('is put back without a word where it is over, and only something small is due yet', async () => {
    const { seen, look } = ledgerOf(all(escalated('a'), ...paged('a'), ended('a')));
    await look(signal);

    expect(seen).toMatchObject({ put: ['a'], told: [] });
  });

  it('is put back without a word where its entries are not believed: whoever handles it says so', async () => {
    const { seen, ledger, look } = ledgerOf(all(escalated('a')));
    ledger.entriesOf = () => Promise.reject(new LedgerForgedError('a', 1, 'has no seal'));
    await look(signal);

    expect(seen).toMatchObject({ put: ['a'], told: [] });
  });
});

describe('the look through the last month', () => {
  const over = all(decided('a'), ended('a'));
  const gap: Written = { event: { kind: 'policy', digest: '', policy: aPolicy() }, afterGap: true };
  const checkpoint = (seq: number): LedgerEvent => ({
    ...{ kind: 'checkpoint', origin: '', through: { seq, at: NOW, hash: '' }, before: NOW, policies: [] },
    removed: { from: 1, entries: 1, decisions: 0 },
  });

  it.each<[string, readonly Written[], string[]]>([
    ['is missing', [...over, gap, gap], ['all: entry 3 is missing']],
    ['is behind theirs', [...over, gap, { event: checkpoint(3), forged: true }], ['all: entry 3 is missing']],
    [
      'has no seal',
      [...over, { event: { kind: 'unlocked', requestId: 'a' }, forged: true }],
      ['all: entry 3 has no seal'],
    ],
    ['was removed behind a checkpoint', [...over, gap, { event: checkpoint(3) }], []],
    ['was removed from the beginning', [gap, ...over], []],
  ])('tells once of an entry that %s', async (_which, written, expected) => {
    const { seen, look } = ledgerOf(written);
    await look(signal);
    await look(signal);

    expect(seen.told).toEqual(expected.map((text) => expect.stringContaining(text) as string));
  });
});

describe('the look for requests that are missing', () => {
  it('leaves alone what is open, also since a moment ago', async () => {
    const { seen, look } = ledgerOf(all(escalated('a')), { open: ['a'] });
    await look(signal);
    const since = ledgerOf(all(escalated('a')));
    let looks = 0;
    since.ledger.open = () => Promise.resolve((looks += 1) === 1 ? [] : ['a']);
    await since.look(signal);

    expect([seen.put, since.seen.put]).toEqual([[], []]);
  });

  it('leaves alone what was settled while it looked', async () => {
    const { seen, ledger, look } = ledgerOf(all(escalated('a')));
    const entriesOf = ledger.entriesOf;
    ledger.entriesOf = async (id) => {
      ledger.entriesOf = () => ledgerOf(all(decided('a'), ended('a'))).ledger.entriesOf('a');
      return entriesOf(id);
    };
    await look(signal);

    expect(seen).toMatchObject({ put: [], told: [] });
  });

  it('gives others their turn after every ten', async () => {
    using time = new ManualTime(new Date(NOW));
    const ids = Array.from({ length: 25 }, (_, each) => `request-${each}`);
    const { seen, look } = ledgerOf(all(...ids.map(escalated)));
    const begun = time.epochMs;
    await time.during(look(signal));

    expect([seen.put.length, time.epochMs - begun]).toEqual([25, 20]);
  });

  it('tells nothing of a ledger without seals', async () => {
    const { seen, options } = ledgerOf(all(escalated('a')));
    await createHiddenCheck({ ...options, openHistory: () => Promise.resolve(null) })(signal);

    expect(seen).toEqual({ put: [], told: [], closed: 0 });
  });

  it('ends where the ledger cannot be read, or the service stops, and closes what it opened', async () => {
    const { seen, ledger, look } = ledgerOf(all(escalated('a')));
    await expect(look(AbortSignal.abort(new Error('the service stops')))).rejects.toThrow(
      'the service stops',
    );
    ledger.entriesOf = () => Promise.reject(new LedgerUnavailableError('the disk is full'));
    await expect(look(signal)).rejects.toThrow('the disk is full');

    expect(seen).toEqual({ put: [], told: [], closed: 2 });
  });
});
