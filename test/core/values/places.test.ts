import { describe, expect, it } from 'vitest';
import { Places } from '../../../src/core/values/places.ts';

function waiting(places: number, ...items: readonly string[]): Places<string> {
  const row = new Places<string>(places, Math.ceil(places / 2));
  for (const item of items) row.add(item.charAt(0), item);
  return row;
}

/** What is next, again and again, each of it done at once. */
function taken(row: Places<string>): readonly (string | undefined)[] {
  return Array.from({ length: row.waiting }, () => row.next());
}

describe('those who wait for places', () => {
  it('take turns, whoever has waited longest first, each in their own order', () => {
    const row = waiting(1, 'a1', 'a2', 'a3', 'b1', 'c1', 'b2');

    expect(taken(row)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(row.next()).toBeUndefined();
    expect(row.waiting).toBe(0);
  });

  it('have no more than so many of them each, and all of them together no more than there are', () => {
    const row = waiting(3, 'a1', 'a2', 'a3', 'b1', 'c1');
    for (const owner of ['a', 'a']) row.enter(owner);

    expect(row.next()).toBe('b1');
    row.enter('b');
    expect(row.next()).toBeUndefined();
    row.leave('b');
    expect(row.next()).toBe('c1');
    expect(row.next()).toBeUndefined();
    row.leave('a');
    expect(row.next()).toBe('a1');
    row.leave('a');
    expect(taken(row)).toEqual(['a2', 'a3']);
  });

  it('are passed over once they wait no more', () => {
    const row = waiting(1, 'a1', 'a2', 'b1');

    expect(['a1', 'b1', 'd1'].map((item) => row.delete(item))).toEqual([true, true, false]);
    expect(taken(row)).toEqual(['a2']);
  });

  it('lose their turn once they have nothing that waits', () => {
    const row = waiting(1, 'a1');
    taken(row);
    row.add('b', 'b1');
    row.add('a', 'a2');

    expect(taken(row)).toEqual(['b1', 'a2']);
  });

  it('have a place less for what goes on, and no less for what is over', () => {
    const row = waiting(4, 'a1', 'a2');
    for (const each of ['enter', 'enter', 'leave', 'enter'] as const) row[each]('a');
    expect(row.next()).toBeUndefined();

    for (const each of ['leave', 'leave', 'enter'] as const) row[each]('a');
    expect(row.next()).toBe('a1');
  });
});
