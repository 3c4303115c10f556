import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/core/values/instant.ts';
import type { Next } from '../../src/ports/next.ts';
import { KeyedQueue } from '../../src/watcher/keyed-queue.ts';
import { Mailbox } from './mailbox.ts';

/** `a1` is the first item of key `a`; capitals are all for the same one; an item that ends in `!` may not be skipped, one that ends in `~` goes in the slow lane. */
type Item = string;

/** An item in the hands of the handler, until the test finishes it. */
interface Handling {
  readonly item: Item;
  readonly signal: AbortSignal;
  /** Asks for a repetition after so many milliseconds, or for none. */
  readonly finish: (repeatInMs?: number) => void;
  /** Has another item follow at once. */
  readonly goOnWith: (item: Item) => void;
}

function aQueue({ concurrency = 10, slow = 1, placesBeside = Infinity } = {}) {
  const handlings = new Mailbox<Handling>();
  const begun: Item[] = [];
  const queue = new KeyedQueue<Item, 'fast' | 'slow'>({
    places: { fast: concurrency, slow },
    mostOfOne: { fast: Math.ceil(concurrency / 2), slow: Math.ceil(slow / 2) },
    urgent: { lane: 'fast', placesBeside },
    keyOf: (item) => item.charAt(0),
    laneOf: (item) => (item.endsWith('~') ? 'slow' : 'fast'),
    ownerOf: (item) => (/[A-Z]/u.test(item) ? 'many' : item.charAt(0)),
    kept: (item) => item,
    supersedes: (_newer, waiting) => !waiting.endsWith('!'),
    handle(item, signal) {
      const { promise, resolve } = Promise.withResolvers<Next<Item>>();
      begun.push(item);
      handlings.put({
        item,
        signal,
        finish: (inMs) => resolve(inMs === undefined ? { is: 'done' } : { is: 'later', item, inMs }),
        goOnWith: (next) => resolve({ is: 'at-once', item: next }),
      });
      return promise;
    },
  });
  function push(...items: readonly Item[]): void {
    for (const item of items) queue.push(item);
  }
  return { queue, push, begun, next: () => handlings.next() };
}

describe('items of one key', () => {
  it('are handled one after the other, in the order in which they came', async () => {
    const { queue, push, begun, next } = aQueue();

    push('a1!', 'a2!', 'a3!');
    expect(begun).toEqual(['a1!']);
    for (let count = 0; count < 3; count += 1) (await next()).finish();
    await queue.idle();

    expect(begun).toEqual(['a1!', 'a2!', 'a3!']);
  });

  it('give way to newer ones while they wait, as far as they may be skipped', async () => {
    const { queue, push, begun, next } = aQueue();

    push('a1', 'a2', 'a3!', 'a4', 'a5');
    expect(queue.size).toBe(3);
    for (let count = 0; count < 3; count += 1) (await next()).finish();
    await queue.idle();

    expect(begun).toEqual(['a1', 'a3!', 'a5']);
  });

  it('are not aborted when a newer one comes while one is handled', async () => {
    const { queue, push, next } = aQueue();
    push('a1');
    const first = await next();

    push('a2');
    expect(first.signal.aborted).toBe(false);
    first.finish();
    (await next()).finish();
    await queue.idle();
  });
});

describe('items of different keys', () => {
  it('are handled at the same time, no more of them than allowed', async () => {
    const { queue, push, begun, next } = aQueue({ concurrency: 2 });

    push('a1', 'b1', 'c1');
    expect(begun).toEqual(['a1', 'b1']);
    expect(queue.size).toBe(3);
    (await next()).finish();
    const [, c1] = [await next(), await next()];

    expect(c1.item).toBe('c1');
    expect(queue.size).toBe(2);
  });

  it('are not held up by a key that has many', async () => {
    const { push, begun, next } = aQueue({ concurrency: 2 });

    push('a1!', 'a2!', 'a3!', 'b1', 'c1');
    expect(begun).toEqual(['a1!', 'b1']);
    (await next()).finish();
    await next();
    expect((await next()).item).toBe('c1');
  });
});

describe('items for somebody who has many', () => {
  it('take turns with those for others', async () => {
    const { push, begun, next } = aQueue({ concurrency: 1 });

    push('A1', 'B1', 'C1', 'x1', 'y1');
    for (let count = 0; count < 5; count += 1) (await next()).finish();

    expect(begun).toEqual(['A1', 'B1', 'x1', 'y1', 'C1']);
  });

  it('never have more than their share of the places', async () => {
    const { push, begun, next } = aQueue({ concurrency: 4 });

    push('A1', 'B1', 'C1', 'D1', 'x1', 'y1');
    expect(begun).toEqual(['A1', 'B1', 'x1', 'y1']);
    const a1 = await next();
    await next();
    (await next()).finish();
    expect(begun).toHaveLength(4);
    a1.finish();
    await next();

    expect((await next()).item).toBe('C1');
  });
});

describe('an item that wants to be repeated', () => {
  it('is handled again, until it wants no more', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');

    (await next()).finish(0);
    (await next()).finish(1);
    (await next()).finish();
    await queue.idle();

    expect(begun).toEqual(['a1', 'a1', 'a1']);
    expect(queue.has('a')).toBe(false);
  });

  it('takes up no place while it waits, and nobody waits for it', async () => {
    const { queue, push, next } = aQueue({ concurrency: 1 });
    push('a1', 'b1');

    (await next()).finish(HOUR);
    const b1 = await next();
    expect(b1.item).toBe('b1');
    b1.finish();
    await queue.idle();

    expect(queue.size).toBe(0);
    expect(queue.has('a')).toBe(true);
    expect(queue.has('b')).toBe(false);
    expect(await queue.drain(HOUR)).toBe(0);
  });

  it('gives way to a newer one at once, and does not come back', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');
    (await next()).finish(10);
    await queue.idle();

    push('a2');
    (await next()).finish();
    push('b1');
    (await next()).finish(30);
    await next();

    expect(begun).toEqual(['a1', 'a2', 'b1', 'b1']);
    expect(queue.has('a')).toBe(false);
  });

  it('gives way to a newer one that came while it was handled', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');
    const first = await next();
    push('a2');

    first.finish(0);
    (await next()).finish();
    await queue.idle();

    expect(begun).toEqual(['a1', 'a2']);
    expect(queue.has('a')).toBe(false);
  });
});

describe('while items of the urgent lane wait', () => {
  it('the others have few places, and all of them again when none waits', async () => {
    const { push, begun, next } = aQueue({ concurrency: 1, slow: 4, placesBeside: 1 });

    push('a1', 'b1', 'c1~', 'd1~', 'e1~');
    expect(begun).toEqual(['a1', 'c1~']);
    const a1 = await next();
    await next();
    a1.finish();
    for (let count = 0; count < 3; count += 1) await next();

    expect(begun).toEqual(['a1', 'c1~', 'b1', 'd1~', 'e1~']);
  });
});

describe('an item that goes on in another lane', () => {
  it('gives its place back at once, and waits for one of the other lane', async () => {
    const { queue, push, begun, next } = aQueue({ concurrency: 1, slow: 1 });
    push('a1', 'b1', 'c1');

    (await next()).goOnWith('a1~');
    (await next()).goOnWith('b1~');
    const [a1, c1] = [await next(), await next()].sort((one, other) => (one.item < other.item ? -1 : 1));

    expect(begun).toEqual(['a1', 'b1', 'a1~', 'c1']);
    expect(queue.size).toBe(3);
    c1?.finish();
    a1?.finish();
    (await next()).finish();
    await queue.idle();
    expect(begun).toEqual(['a1', 'b1', 'a1~', 'c1', 'b1~']);
  });

  it('gives way to a newer item of its key, which waits in its own lane only', async () => {
    const { queue, push, begun, next } = aQueue({ concurrency: 1, slow: 1 });
    push('a1~', 'b1');
    const a1 = await next();
    (await next()).goOnWith('b1~');
    await expect.poll(() => queue.size).toBe(2);

    push('b2');
    (await next()).finish();
    a1.finish();
    await queue.idle();

    expect(begun).toEqual(['a1~', 'b1', 'b2']);
  });

  it('gives way to a newer item that came while it was handled', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');
    const a1 = await next();
    push('a2');

    a1.goOnWith('a1~');
    (await next()).finish();
    await queue.idle();

    expect(begun).toEqual(['a1', 'a2']);
  });

  it('is finished by a queue that drains', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');
    const a1 = await next();

    const drained = queue.drain(HOUR);
    a1.goOnWith('a1~');
    (await next()).finish();

    expect(await drained).toBe(0);
    expect(begun).toEqual(['a1', 'a1~']);
  });

  it('is not begun any more once the time to drain is over, and counts as left', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1');
    const { signal, goOnWith } = await next();
    signal.addEventListener('abort', () => goOnWith('a1~'));

    expect(await queue.drain(1)).toBe(1);
    expect(begun).toEqual(['a1']);
    expect(queue.size).toBe(0);
    expect(queue.has('a')).toBe(false);
  });
});

describe('the queue', () => {
  it('is idle from the start, and again once everything is handled', async () => {
    const { queue, push, next } = aQueue();
    await queue.idle();

    push('a1', 'b1');
    const waits = [queue.idle(), queue.idle()];
    (await next()).finish();
    (await next()).finish();
    await Promise.all(waits);

    expect(queue.size).toBe(0);
  });

  it('knows the keys that it has something for', async () => {
    const { queue, push, next } = aQueue({ concurrency: 1 });
    push('a1', 'b1');

    expect(['a', 'b', 'c'].map((key) => queue.has(key))).toEqual([true, true, false]);
    (await next()).finish();
    await next();
    expect(['a', 'b', 'c'].map((key) => queue.has(key))).toEqual([false, true, false]);
  });
});

describe('draining', () => {
  it('finishes what was there, and takes in nothing more', async () => {
    const { queue, push, begun, next } = aQueue({ concurrency: 1 });
    push('a1!', 'a2!', 'b1');

    const drained = queue.drain(HOUR);
    push('c1');
    for (let count = 0; count < 3; count += 1) {
      const handling = await next();
      expect(handling.signal.aborted).toBe(false);
      handling.finish();
    }

    expect(await drained).toBe(0);
    expect(begun).toEqual(['a1!', 'b1', 'a2!']);
  });

  it('aborts what is not finished in time, begins nothing more, and counts all that was left', async () => {
    const { queue, push, begun, next } = aQueue({ concurrency: 2 });
    push('a1!', 'a2!', 'b1', 'c1');
    const [a1, b1] = [await next(), await next()];
    for (const { signal, finish } of [a1, b1]) signal.addEventListener('abort', () => finish());

    expect(await queue.drain(1)).toBe(4);
    expect(begun).toEqual(['a1!', 'b1']);
    expect(queue.size).toBe(0);
  });

  it('repeats nothing, neither what waits for it nor what asks for it now', async () => {
    const { queue, push, begun, next } = aQueue();
    push('a1', 'b1');
    const [a1, b1] = [await next(), await next()];
    a1.finish(HOUR);

    const drained = queue.drain(HOUR);
    b1.finish(0);

    expect(await drained).toBe(0);
    expect(begun).toEqual(['a1', 'b1']);
  });

  it('is done at once when there is nothing', async () => {
    const { queue } = aQueue();

    expect(await queue.drain(HOUR)).toBe(0);
  });
});
