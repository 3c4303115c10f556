import { describe, expect, it } from 'vitest';
import { seenOf, type AccessRequest } from '../../src/core/access-request.ts';
import type { Told } from '../../src/core/record/story.ts';
import { MINUTE } from '../../src/core/values/instant.ts';
import { LedgerForgedError, LedgerUnavailableError } from '../../src/ports/ledger.ts';
import type { ObservedRequest } from '../../src/ports/teleport.ts';
import { createSweep, type SweepOptions } from '../../src/review/sweep.ts';
import { aPolicy, aRecordedDecision, aRequest, NOW, onCallWith, someFacts } from '../support/builders.ts';
import { given, paged, told, withShift } from '../support/told.ts';

const signal = new AbortController().signal;
const request = aRequest();
const { id } = request;

interface There {
  readonly pending?: readonly string[];
  readonly open?: readonly string[];
  readonly busy?: readonly string[];
  readonly repeating?: Partial<AccessRequest> | null;
  readonly story?: readonly Told[] | Error;
}

/** What is handled, and reported. */
function sweeping({ pending = [], open = [], busy = [], repeating, story = [] }: There) {
  const handled: string[] = [];
  const reported: object[] = [];
  const fails = (error: Error) => Promise.reject(error);
  const sweep = createSweep({
    ledger: {
      open: () => Promise.resolve(open),
      entriesOf: () => (story instanceof Error ? fails(story) : Promise.resolve(story)),
    },
    requests: { find: () => Promise.resolve(request) },
    reporter: {
      swept: (swept: object) => reported.push(swept),
      resumed: (resumed: object) => reported.push(resumed),
      sweepFailed: (failed: object) => reported.push(failed),
    },
    policyInForce: () => ({ policy: aPolicy({ rules: [withShift] }), policyDigest: '' }),
    setting: { proxyPublicAddr: '', resolveWith: 'review', keyMac: (text: string) => text },
    clock: { now: () => NOW },
    listPending: () =>
      Promise.resolve(pending.map((each) => seenOf({ ...request, id: each, revision: '1' }))),
    isBusy: (each: string) => busy.includes(each),
    repeating: (each: string) =>
      repeating === undefined || each !== id
        ? undefined
        : { id, request: repeating && { ...request, ...repeating } },
    handle: ({ id: each, listed, request: as }: ObservedRequest) =>
      handled.push(`${each}${listed === true ? ' as listed' : ''}${as === null ? ' gone' : ''}`),
  } as unknown as SweepOptions);
  return { sweep, handled, reported };
}

describe('a sweep', () => {
  it.each<[string, There, readonly string[]]>([
    ['what is listed as pending', { pending: ['a'] }, ['a as listed']],
    ['nothing that is busy', { pending: ['a'], busy: ['a', id], open: [id] }, []],
    ['nothing that is known as it is', { pending: [id], repeating: { revision: '1' } }, []],
    ['what has changed', { pending: [id], repeating: { revision: '0' } }, [`${id} as listed`]],
    ['what is open and not listed', { open: ['b', id] }, ['b', id]],
    ['what is open and was pending', { open: [id], repeating: { state: 'pending' } }, [id]],
    ['what is open and was gone', { open: [id], repeating: null }, [id]],
    ['nothing twice', { pending: [id], open: [id] }, [`${id} as listed`]],
    ['nothing that is resolved and watched', { open: [id], repeating: { state: 'approved' } }, []],
  ])('handles %s', async (_what, there, expected) => {
    const { sweep, handled, reported } = sweeping(there);
    await sweep.sweep(signal);

    expect(handled).toEqual(expected);
    expect(reported).toEqual([
      {
        pending: there.pending?.length ?? 0,
        open: Math.max(
          0,
          handled.filter((each) => !each.includes('listed')).length,
          there.busy === undefined ? 0 : 1,
        ),
      },
    ]);
  });

  it('beside what is listed handles the rest', async () => {
    const { sweep, handled } = sweeping({ open: ['a', 'b'] });
    await sweep.lookBeside(new Set(['a']), signal);

    expect(handled).toEqual(['b']);
  });
});

describe('at the start', () => {
  const waits = told(0, aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) }));

  it.each<[string, There, readonly string[], object]>([
    ['what is due is done', { story: waits }, [id], { requests: 1, effects: 1 }],
    ['what waits is left to the sweep', { story: paged(0) }, [], { requests: 0, effects: 0 }],
    [
      'access whose shift goes on is left',
      { story: [...given(MINUTE, withShift, 1), ...findLive()] },
      [],
      { requests: 0, effects: 0 },
    ],
    [
      'access whose shift is over is looked at',
      { story: [...given(MINUTE, withShift, 0), ...findLive()] },
      [id],
      { requests: 1, effects: 0 },
    ],
    [
      'what others have written to is told of by who handles it',
      { story: new LedgerForgedError(id, 1, 'has no seal') },
      [id],
      { requests: 0, effects: 0 },
    ],
  ])('%s', async (_what, there, expected, resumed) => {
    const { sweep, handled, reported } = sweeping({ open: [id], ...there });
    await sweep.resume(signal);

    expect([handled, reported]).toEqual([expected, [resumed]]);
  });

  it('what cannot be read is told of, unless the service stops', async () => {
    const story = new LedgerUnavailableError('the disk is full');
    const { sweep, reported } = sweeping({ open: [id], story });
    await sweep.resume(AbortSignal.abort());
    expect(reported).toEqual([]);
    await sweep.resume(signal);

    expect(reported).toEqual([{ cause: 'the disk is full' }]);
  });
});

function findLive(): readonly Told[] {
  return told(
    MINUTE,
    {
      kind: 'effect-intended',
      requestId: id,
      effect: { kind: 'find-live-incident', key: 'find-live-incident', assignee: '', services: [] },
    },
    {
      kind: 'effect-done',
      requestId: id,
      key: 'find-live-incident',
      outcome: { summary: '', ours: false, incidentId: null, url: null },
    },
  );
}
