import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { ClaimLostError, soleClaim, type Claim } from '../../src/ports/claims.ts';
import { DONE } from '../../src/ports/next.ts';
import type { ObservedRequest } from '../../src/ports/teleport.ts';
import type { Handled } from '../../src/review/stage.ts';
import { createTakeOver, withClaim } from '../../src/review/with-claim.ts';
import { aRequest } from '../support/builders.ts';

const signal = new AbortController().signal;
const SOON = { is: 'later', inMs: 1_000, item: 'decision' };
const observed = (request: ObservedRequest['request'] = aRequest()): ObservedRequest => ({
  id: 'request-1',
  request,
});
const later = (inMs: number): Handled => ({ is: 'later', inMs, item: 'decision' });

/** A replica that has a claim, or has none because another one has it. */
function replica(handle: (claim: Claim, signal: AbortSignal) => Promise<Handled>, { isOurs = true } = {}) {
  const seen = { released: 0, handled: 0 };
  const lost = new AbortController();
  const claim: Claim = {
    ...soleClaim,
    lost: lost.signal,
    release: () => Promise.resolve(void (seen.released += 1)),
  };
  const claims = { take: () => Promise.resolve(isOurs ? claim : null), abandoned: () => Promise.resolve([]) };
  const handleIt = withClaim((_observed, each, held) => {
    seen.handled += 1;
    return handle(held, each);
  }, claims);
  return { seen, lost, handle: handleIt };
}

describe('a request that several replicas see', () => {
  it.each<[string, ObservedRequest['request'], object]>([
    ['passed over', aRequest(), DONE],
    ['asked for again where it is over, in case its holder missed that', aRequest({ state: 'denied' }), SOON],
    ['asked for again where it is gone', null, SOON],
  ])('is %s by those that have no claim on it', async (_what, request, expected) => {
    const { seen, handle } = replica(() => Promise.resolve(DONE), { isOurs: false });

    expect(await handle(observed(request), signal)).toEqual(expected);
    expect(seen.handled).toBe(0);
  });

  it.each<[string, Handled, number]>([
    ['is done with', DONE, 1],
    ['goes on at once', { is: 'at-once', item: 'page' }, 0],
    ['comes back within a minute', later(MINUTE), 0],
    ['comes back after more than a minute', later(MINUTE + 1), 1],
  ])('is released by whoever has it once it %s', async (_what, next, released) => {
    const { seen, handle } = replica(() => Promise.resolve(next));

    expect(await handle(observed(), signal)).toEqual(next);
    expect(seen.released).toBe(released);
  });

  it('is looked at again soon by whoever lost it meanwhile, and stopped at once', async () => {
    const stopped = replica(async (_claim, each) => {
      stopped.lost.abort();
      each.throwIfAborted();
      return Promise.resolve(DONE);
    });
    const late = replica(() => Promise.reject(new ClaimLostError('another replica has it')));

    expect([await stopped.handle(observed(), signal), await late.handle(observed(), signal)]).toEqual([
      SOON,
      SOON,
    ]);
    expect([stopped.seen.released, late.seen.released]).toEqual([0, 0]);
  });

  it('is not looked at again by a service that stops, nor is another failure hidden', async () => {
    const stop = new AbortController();
    const stopping = replica(() => {
      stop.abort();
      return Promise.reject(new ClaimLostError('another replica has it'));
    });
    const failing = replica(() => Promise.reject(new Error('a fault')));

    await expect(stopping.handle(observed(), stop.signal)).rejects.toThrow(ClaimLostError);
    await expect(failing.handle(observed(), signal)).rejects.toThrow('a fault');
  });
});

describe('requests whose replica is gone', () => {
  function takeOver(abandoned: () => Promise<readonly string[]>, busy: readonly string[] = []) {
    const handled: ObservedRequest[] = [];
    const failed: string[] = [];
    const look = createTakeOver({
      claims: { take: () => Promise.resolve(null), abandoned },
      requests: { find: (id) => Promise.resolve(id === 'gone' ? null : aRequest({ id })) },
      reporter: { sweepFailed: ({ cause }) => void failed.push(cause) },
      handle: (each) => void handled.push(each),
      isBusy: (id) => busy.includes(id),
    });
    return { handled, failed, look };
  }

  it('are taken over as Teleport has them now, but for those that are handled here', async () => {
    const { handled, failed, look } = takeOver(
      () => Promise.resolve(['request-1', 'busy', 'audit log', 'gone']),
      ['busy'],
    );
    await look(signal);

    expect(handled).toEqual([
      { id: 'request-1', request: aRequest({ id: 'request-1' }) },
      { id: 'gone', request: null },
    ]);
    expect(failed).toEqual([]);
  });

  it('are looked for again on schedule where that fails, which is told unless the service stops', async () => {
    const { failed, look } = takeOver(() => Promise.reject(new Error('the database is away')));
    await look(AbortSignal.abort());
    expect(failed).toEqual([]);
    await look(signal);

    expect(failed).toEqual(['the database is away']);
  });
});
