import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { listAll } from '../../src/pagerduty/http/paging.ts';
import { errorBody, json, type HttpServer } from './http-server.ts';
import { anAsk, answering, failureOf } from './subjects.ts';

const LISTING = {
  doing: 'list things',
  scope: 'things.read',
  path: ['things'],
  query: { 'ids[]': ['A', 'B'] },
  rows: 'things',
  row: z.object({ id: z.number() }),
};

function offsets({ received }: HttpServer): readonly (string | null)[] {
  return received.map(({ query }) => query.get('offset'));
}

describe('a listing', () => {
  it('reads all pages, advancing by the rows received, with its filters on every page', async () => {
    const pages = [[1, 2, 3], [4], [5, 6]];
    await using server = await answering((_request, response) => {
      const ids = pages[server.received.length - 1] ?? [];
      const more = server.received.length < pages.length;
      json(response, 200, { things: ids.map((id) => ({ id })), limit: 100, offset: 0, more, total: null });
    });

    const { rows } = await listAll(server.client, LISTING, anAsk());

    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(offsets(server)).toEqual(['0', '3', '4']);
    expect(server.received.map(({ query }) => [query.get('limit'), query.getAll('ids[]')])).toEqual(
      Array.from({ length: 3 }, () => ['100', ['A', 'B']]),
    );
  });

  it('that need not say whether there is more is read until nothing comes', async () => {
    await using server = await answering((_request, response) => {
      const ids = [[1, 2], [3], []][server.received.length - 1] ?? [];
      json(response, 200, { things: ids.map((id) => ({ id })) });
    });

    const { rows } = await listAll(server.client, { ...LISTING, mayLackMore: true }, anAsk());

    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(offsets(server)).toEqual(['0', '2', '3']);
  });

  it('gives the oldest time of its pages', async () => {
    const dates = [
      'Tue, 03 Mar 2026 02:14:08 GMT',
      'Tue, 03 Mar 2026 02:14:07 GMT',
      'Tue, 03 Mar 2026 02:14:09 GMT',
    ];
    await using server = await answering((_request, response) => {
      response.setHeader('date', dates[server.received.length - 1] ?? '');
      json(response, 200, { things: [{ id: 1 }], more: server.received.length < 3 });
    });

    expect((await listAll(server.client, LISTING, anAsk())).at).toBe('2026-03-03T02:14:07.000Z');
  });

  it.each([1, 2])('has no time when its page %i has none', async (page) => {
    await using server = await answering((_request, response) => {
      response.sendDate = server.received.length !== page;
      json(response, 200, { things: [{ id: 1 }], more: server.received.length < 2 });
    });

    expect((await listAll(server.client, LISTING, anAsk())).at).toBeNull();
  });

  it('fails as a whole when a later page fails', async () => {
    await using server = await answering((_request, response) =>
      server.received.length === 1
        ? json(response, 200, { things: [{ id: 1 }], more: true })
        : json(response, 403, errorBody(2010, 'Access Denied')),
    );

    expect((await failureOf(listAll(server.client, LISTING, anAsk()))).kind).toBe('forbidden');
  });

  it.each([
    ['is empty but says that there is more', { things: [], more: true }, /empty page/],
    ['does not say whether there is more', { things: [{ id: 1 }] }, /field `more`/],
    ['has one bad row', { things: [{ id: 1 }, { id: '2' }], more: false }, /field `things\[1\]\.id`/],
  ])('is malformed when a page %s', async (_name, body, message) => {
    await using server = await answering(body);

    const failure = await failureOf(listAll(server.client, LISTING, anAsk()));

    expect(failure.kind).toBe('malformed');
    expect(failure.message).toMatch(message);
  });

  it('stops where PagerDuty would refuse, instead of giving a part', async () => {
    const things = Array.from({ length: 100 }, (_, id) => ({ id }));
    await using server = await answering({ things, more: true });

    const failure = await failureOf(listAll(server.client, LISTING, anAsk()));

    expect(failure).toMatchObject({ kind: 'refused', transient: false });
    expect(failure.message).toMatch(/more than 10000 rows.*narrow/);
    expect(server.received).toHaveLength(100);
  });
});
