import { describe, expect, it } from 'vitest';
import { LISTING_HEAD } from '../../src/core/wording/pages.ts';
import type { Ask, Incident, Note } from '../../src/ports/pagerduty.ts';
import { createListOnPage, type Listed } from '../../src/review/effects/list-on-page.ts';

const signal = new AbortController().signal;

/** PagerDuty with an incident; writing takes a turn. */
function page({
  status = 'triggered',
  there = [] as readonly string[],
}: { status?: string | null; there?: readonly string[] } = {}) {
  const written: string[] = [];
  const seen = { finds: [] as Ask[], reads: 0, gate: Promise.resolve() };
  const list = createListOnPage({
    incidents: {
      async find(_id, ask) {
        seen.finds.push(ask);
        await seen.gate;
        return status === null ? null : ({ status } as Incident);
      },
      notes() {
        seen.reads += 1;
        return Promise.resolve(there.map((content) => ({ content }) as Note));
      },
      async addNote(_id, content, ask) {
        await Promise.resolve();
        ask.onWrite?.();
        written.push(content);
      },
    },
  });
  const add = (
    text: string,
    {
      again = false,
      ask = {},
      incidentId = 'Q1',
    }: { again?: boolean; ask?: Partial<Ask>; incidentId?: string } = {},
  ) => list({ incidentId, text, again }, { signal, ...ask });
  return { add, written, seen };
}

const text = (...parts: readonly string[]) => [LISTING_HEAD, ...parts].join('\n\n');

describe('requests that are added to a page', () => {
  it('are written in one note where they come while another one is written', async () => {
    const { add, written, seen } = page();
    const all = [add('one', { ask: { priority: 'page', for: 'sre-2' } }), add('two'), add('three')];

    expect(await Promise.all(all)).toEqual(['written', 'written', 'written']);
    expect(written).toEqual([text('one'), text('two', 'three')]);
    expect(seen.finds[0]).toMatchObject({ priority: 'follow-up', for: 'sre-2' });
    expect(seen.reads).toBe(0);
    expect([await add('four'), written.at(-1)]).toEqual(['written', text('four')]);
  });

  it('have notes of their own on each page', async () => {
    const { add, written } = page();
    await Promise.all([add('one'), add('two', { incidentId: 'Q2' })]);

    expect(written).toEqual([text('one'), text('two')]);
  });

  it('go into several notes where one would be too long, and none is cut', async () => {
    const { add, written } = page();
    const long = 'x'.repeat(3_000);
    const fits = 'y'.repeat(7_000 - LISTING_HEAD.length - 2 * (3_000 + 2) - 2);
    await Promise.all([
      add('first'),
      ...[long, long, fits, long, 'z'.repeat(9_000), 'last'].map((each) => add(each)),
    ]);

    expect(written).toEqual([
      text('first'),
      text(long, long, fits),
      text(long),
      text('z'.repeat(9_000)),
      text('last'),
    ]);
    expect(written[1]).toHaveLength(7_000);
  });

  it.each<[string, string | null, Listed]>([
    ['gone where the page is no more', null, 'gone'],
    ['gone where it was resolved', 'resolved', 'gone'],
    ['written where somebody has acknowledged it', 'acknowledged', 'written'],
  ])('are %s', async (_which, status, listed) => {
    expect(await page({ status }).add('one')).toBe(listed);
  });

  it('are looked for where they may be there already', async () => {
    const { add, written, seen } = page({ there: [`${LISTING_HEAD}\n\none\n\ntwo`] });
    const all = [add('one', { again: true }), add('two', { again: true }), add('three')];

    expect(await Promise.all(all)).toEqual(['there before', 'there before', 'written']);
    expect([written, seen.reads]).toEqual([[text('three')], 2]);
  });

  it('are looked for on a page that was resolved since, too: somebody may have answered them there', async () => {
    const { add, written } = page({ status: 'resolved', there: [`${LISTING_HEAD}\n\none`] });
    const all = [add('one', { again: true }), add('two', { again: true })];

    expect(await Promise.all(all)).toEqual(['there before', 'gone']);
    expect(written).toEqual([]);
  });
});

describe('a request that may not be written any more', () => {
  const lost = () => {
    throw new Error('another replica has it');
  };

  it('is left out, and the others of its note are written', async () => {
    const { add, written } = page();
    const all = await Promise.allSettled([
      add('first'),
      add('lost', { ask: { onWrite: lost } }),
      add('other'),
    ]);

    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual([text('first'), text('other')]);
  });

  it('keeps the note from being sent where that is known in the last moment only: the others come back', async () => {
    let asked = 0;
    const { add, written } = page();
    const late = () => {
      asked += 1;
      if (asked > 1) lost();
    };
    const [one, other] = await Promise.allSettled([add('late', { ask: { onWrite: late } }), add('next')]);

    expect(one).toMatchObject({ status: 'rejected', reason: { message: 'another replica has it' } });
    expect([other.status, written]).toEqual(['fulfilled', [text('next')]]);
  });

  it('has the others of the note told that they may come back', async () => {
    let asked = 0;
    const { add, seen } = page();
    const late = () => {
      asked += 1;
      if (asked > 1) lost();
    };
    seen.gate = new Promise((done) => void setImmediate(done));
    const all = [add('first'), add('late', { ask: { onWrite: late } }), add('beside')];
    const [, , beside] = await Promise.allSettled(all);

    expect(beside).toMatchObject({
      status: 'rejected',
      reason: {
        kind: 'refused',
        transient: true,
        message: 'a request of this note is another replica’s by now',
      },
    });
  });

  it('fails for all of a note that PagerDuty does not take', async () => {
    const { add, seen } = page();
    seen.gate = Promise.reject(new Error('PagerDuty answers 503'));
    const all = await Promise.allSettled([add('one'), add('two')]);

    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
