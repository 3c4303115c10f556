import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import { aRequest, NOW } from '../support/builders.ts';
import { aWatch } from './a-watch.ts';

function pending(id: string): AccessRequest {
  return aRequest({ id, state: 'pending' });
}

function approved(id: string): AccessRequest {
  return aRequest({ id, state: 'approved' });
}

describe('the watch', () => {
  it('lists what is pending once the stream has begun, hands it on, and follows', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    expect(watch.teleport.unseenListings).toBe(0);

    stream.yields({ kind: 'init' });
    const listing = await watch.teleport.listing();
    watch.clock.at = plusMs(NOW, 250);
    listing.answers([pending('a'), pending('b')]);
    expect(await watch.reports.when('watchLive')).toEqual({ pending: 2, sinceStartMs: 250 });
    expect(watch.seen).toEqual(['a pending', 'b pending']);
    expect(watch.states).toEqual([
      { state: 'connecting' },
      { state: 'listing' },
      { state: 'following', since: plusMs(NOW, 250) },
    ]);
  });

  it('hands on the newest of what is pending first: somebody is waiting for it, or answering its page', async () => {
    await using watch = aWatch();
    const old = { ...pending('old'), created: plusMs(NOW, -SECOND) };
    const ageless = { ...pending('ageless'), created: null };

    await watch.following(ageless, old, { ...pending('new'), created: NOW });

    expect(watch.seen).toEqual(['new pending', 'old pending', 'ageless pending']);
  });

  it('hands on what happens at once while it follows', async () => {
    await using watch = aWatch();
    const stream = await watch.following();

    stream.yields({ kind: 'put', request: pending('a') });
    stream.yields({ kind: 'put', request: approved('a') });
    stream.yields({ kind: 'delete', id: 'b' });
    stream.yields({ kind: 'malformed', detail: 'an access request has no id' });
    await watch.reports.when('malformed');

    expect(watch.seen).toEqual(['a pending', 'a approved', 'b gone']);
  });

  it('holds what happens during the listing until it is over, and believes it more than the listing', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    stream.yields({ kind: 'init' });
    const listing = await watch.teleport.listing();

    stream.yields({ kind: 'put', request: approved('a') });
    stream.yields({ kind: 'delete', id: 'b' });
    stream.yields({ kind: 'put', request: pending('c') });
    stream.yields({ kind: 'malformed', detail: 'all of these were seen' });
    await watch.reports.when('malformed');
    expect(watch.seen).toEqual([]);
    listing.answers([pending('a'), pending('b'), pending('d')]);
    await watch.reports.when('watchLive');

    expect(watch.seen).toEqual(['d pending', 'a approved', 'b gone', 'c pending']);
  });

  it('tells of what it cannot read, and goes on', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    stream.yields({ kind: 'init' });
    (await watch.teleport.listing()).answers([pending('a')], ['access request `x` has no user']);
    await watch.reports.when('watchLive');

    stream.yields({ kind: 'malformed', detail: 'an access request has no id' });
    stream.yields({ kind: 'delete', id: 'a' });
    await watch.reports.when('malformed', ({ detail }) => detail === 'an access request has no id');

    expect(watch.reports.of('malformed')).toEqual([
      { detail: 'access request `x` has no user' },
      { detail: 'an access request has no id' },
    ]);
    await expect.poll(() => watch.seen).toEqual(['a pending', 'a gone']);
  });

  it('tells how late it learnt of a new request, and of no other', async () => {
    await using watch = aWatch();
    const stream = await watch.following(pending('listed'));
    const review = {
      author: 'alice',
      proposedState: 'approved',
      reason: '',
      created: NOW,
      submittedBy: null,
    } as const;

    stream.yields({ kind: 'put', request: aRequest({ id: 'new', created: plusMs(NOW, -40) }) });
    stream.yields({ kind: 'put', request: aRequest({ id: 'reviewed', reviews: [review] }) });
    stream.yields({ kind: 'put', request: approved('approved') });
    stream.yields({ kind: 'put', request: aRequest({ id: 'undated', created: null }) });
    stream.yields({ kind: 'delete', id: 'deleted' });
    stream.yields({ kind: 'put', request: aRequest({ id: 'clocks disagree', created: plusMs(NOW, 200) }) });
    await watch.reports.when('seen', ({ requestId }) => requestId === 'clocks disagree');

    expect(watch.reports.of('seen')).toEqual([
      { requestId: 'new', lagMs: 40 },
      { requestId: 'clocks disagree', lagMs: 0 },
    ]);
  });

  it('lists for others what is pending, without what the stream has told of meanwhile', async () => {
    await using watch = aWatch();
    const stream = await watch.following(pending('a'));

    const listed = watch.list();
    const listing = await watch.teleport.listing();
    stream.yields({ kind: 'put', request: approved('a') });
    await expect.poll(() => watch.seen).toEqual(['a pending', 'a approved']);
    listing.answers([pending('a'), pending('b')], ['access request `x` has no user']);

    expect(await listed).toEqual([pending('b')]);
    expect(watch.seen).toHaveLength(2);
    expect(watch.reports.of('malformed')).toEqual([{ detail: 'access request `x` has no user' }]);
  });

  it('passes on why a listing for others failed', async () => {
    await using watch = aWatch();
    await watch.following();

    const listed = watch.list();
    (await watch.teleport.listing()).fails(new Error('permission denied'));

    await expect(listed).rejects.toThrow('permission denied');
  });
});

describe('a watch that is cut', () => {
  it('connects anew and lists again, after the stream fails', async () => {
    await using watch = aWatch();
    const stream = await watch.following(pending('a'));

    stream.fails(new Error('connection reset'));
    const lost = await watch.reports.when('watchLost');
    await watch.following(pending('a'), pending('b'));

    expect(lost).toEqual({ cause: 'connection reset', retryInMs: 125 });
    expect(watch.seen).toEqual(['a pending', 'a pending', 'b pending']);
    expect(watch.states.map(({ state }) => state)).toEqual([
      'connecting',
      'listing',
      'following',
      'waiting',
      'connecting',
      'listing',
      'following',
    ]);
  });

  it.each(['before it began', 'while it is followed'])(
    'connects anew after the stream ends without a word %s',
    async (when) => {
      await using watch = aWatch();
      const stream = when === 'before it began' ? await watch.teleport.stream() : await watch.following();

      stream.ends();
      const lost = await watch.reports.when('watchLost');
      await watch.following();

      expect(lost.cause).toBe('Teleport closed the stream');
      expect(stream.signal.aborted).toBe(true);
    },
  );

  it('gives up the listing when the stream ends meanwhile, and says that the stream ended', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    stream.yields({ kind: 'init' });
    await watch.teleport.listing();

    stream.ends();
    expect((await watch.reports.when('watchLost')).cause).toBe('Teleport closed the stream');
  });

  it('gives up the stream when the listing fails, and says why it did', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    stream.yields({ kind: 'init' });

    (await watch.teleport.listing()).fails(new Error('permission denied'));
    const lost = await watch.reports.when('watchLost');
    await watch.following(pending('a'));

    expect(lost.cause).toBe('permission denied');
    expect(stream.signal.aborted).toBe(true);
    expect(watch.seen).toEqual(['a pending']);
  });

  it('hands on what it saw although the listing failed: no later listing tells of a resolution', async () => {
    await using watch = aWatch();
    const stream = await watch.teleport.stream();
    stream.yields({ kind: 'init' });
    const listing = await watch.teleport.listing();
    stream.yields({ kind: 'put', request: approved('a') });
    stream.yields({ kind: 'malformed', detail: 'seen up to here' });
    await watch.reports.when('malformed');

    listing.fails(new Error('unavailable'));
    await watch.following();

    expect(watch.seen).toEqual(['a approved']);
  });

  it('waits longer from time to time, and starts over once a stream was healthy', async () => {
    await using watch = aWatch();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      (await watch.teleport.stream()).fails(new Error(`failure ${attempt}`));
    }

    const healthy = await watch.following();
    watch.clock.at = plusMs(NOW, 31 * SECOND);
    healthy.fails(new Error('failure 4'));
    const last = await watch.reports.when('watchLost', ({ cause }) => cause === 'failure 4');

    expect(watch.reports.of('watchLost').map(({ retryInMs }) => retryInMs)).toEqual([125, 250, 500, 125]);
    expect(last.retryInMs).toBe(125);
  });
});

describe('a watch that is stopped', () => {
  it.each(['connecting', 'listing', 'following'])(
    'ends without a complaint while it is %s',
    async (state) => {
      await using watch = aWatch();
      if (state === 'following') await watch.following();
      else {
        const stream = await watch.teleport.stream();
        if (state === 'listing') stream.yields({ kind: 'init' });
        if (state === 'listing') await watch.teleport.listing();
      }

      await watch.stop();

      expect(watch.reports.of('watchLost')).toEqual([]);
      expect(watch.states.at(-1)?.state).toBe(state);
    },
  );

  it('does not wait out the time before a reconnection', async () => {
    await using watch = aWatch();
    (await watch.teleport.stream()).fails(new Error('connection reset'));
    await watch.reports.when('watchLost');

    await watch.stop();

    expect(watch.states.map(({ state }) => state)).toEqual(['connecting', 'waiting']);
  });
});

describe('a watch whose identity is renewed', () => {
  it('is left only when the next one has begun and listed, and is no watch that was lost', async () => {
    await using watch = aWatch();
    const old = await watch.following(pending('a'));

    old.superseded();
    const next = await watch.teleport.stream();
    old.yields({ kind: 'put', request: pending('told by the old one') });
    next.yields({ kind: 'init' });
    const listing = await watch.teleport.listing();
    next.yields({ kind: 'put', request: pending('b') });
    next.yields({ kind: 'put', request: approved('b') });
    next.yields({ kind: 'malformed', detail: 'the next one has told all' });
    await watch.reports.when('malformed');
    // Late, and older than what the next one has told already.
    old.yields({ kind: 'put', request: pending('b') });
    expect(old.signal.aborted).toBe(false);
    listing.answers([pending('a'), pending('listed')]);
    await expect.poll(() => watch.states.filter(({ state }) => state === 'following')).toHaveLength(2);

    old.yields({ kind: 'put', request: pending('b') });
    old.yields({ kind: 'delete', id: 'on its way' });
    await expect.poll(() => watch.seen.at(-1)).toBe('on its way gone');
    expect(watch.seen).toEqual([
      'a pending',
      'told by the old one pending',
      'a pending',
      'listed pending',
      'b pending',
      'b approved',
      'on its way gone',
    ]);
    await watch.stop();
    expect(watch.reports.of('watchLost')).toEqual([]);
    expect(watch.reports.of('watchLive')).toHaveLength(1);
    expect(watch.states.map(({ state }) => state)).toEqual([
      'connecting',
      'listing',
      'following',
      'following',
    ]);
  });

  it('goes on while no other can begin, and tells all that it sees', async () => {
    await using watch = aWatch();
    const old = await watch.following();

    old.superseded();
    const failing = await watch.teleport.stream();
    failing.yields({ kind: 'init' });
    failing.yields({ kind: 'put', request: pending('a') });
    await watch.teleport.listing();
    failing.fails(new Error('permission denied'));
    await expect.poll(() => watch.seen).toEqual(['a pending']);
    old.yields({ kind: 'put', request: approved('a') });
    await expect.poll(() => watch.seen).toEqual(['a pending', 'a approved']);
    const next = await watch.following();
    next.yields({ kind: 'delete', id: 'a' });

    await expect.poll(() => watch.seen.at(-1)).toBe('a gone');
    expect(watch.reports.of('watchLost')).toEqual([]);
  });

  it('that is cut before the next one has begun was lost, and is followed by one that lists', async () => {
    await using watch = aWatch();
    const old = await watch.following();

    old.superseded();
    const next = await watch.teleport.stream();
    old.fails(new Error('connection reset'));
    const lost = await watch.reports.when('watchLost');
    await watch.following(pending('a'));

    expect(lost.cause).toBe('connection reset');
    expect(next.signal.aborted).toBe(true);
    expect(watch.seen).toEqual(['a pending']);
  });
});
