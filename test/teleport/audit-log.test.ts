import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { grpcAuditLog } from '../../src/teleport/audit-log.ts';
import { allOf, answering, signal } from './answering.ts';

const FROM = Date.parse('2026-03-03T02:00:00Z');
const UNTIL = FROM + 60_000;
const query = { from: instantOf(FROM), until: instantOf(UNTIL), types: ['exec'] };

function item(epochMs: number, event = 'exec') {
  const text = (stringValue: string) => ({ stringValue });
  const fields = { event: text(event), time: text(new Date(epochMs).toISOString()), uid: text('u') };
  return { time: { seconds: Math.floor(epochMs / 1_000) }, unstructured: { fields } };
}

async function read(...pages: readonly (readonly object[])[]) {
  const asked: unknown[] = [];
  const client = answering({
    GetUnstructuredEvents(request) {
      const page = asked.push(request);
      return { items: pages[page - 1], last_key: page < pages.length ? `page-${page}` : '' };
    },
  });
  return { asked, read: await allOf(grpcAuditLog(client).read(query, signal)) };
}

describe('the audit log', () => {
  it('is read page by page, from the old to the new', async () => {
    const { asked, read: pages } = await read([item(FROM), item(FROM + 2_000)], [item(FROM + 3_000)], []);

    expect(pages.map(({ events }) => events.map(({ time }) => Date.parse(time) - FROM))).toEqual([
      [0, 2_000],
      [3_000],
      [],
    ]);
    expect(asked).toMatchObject(
      ['', 'page-1', 'page-2'].map((start_key) => ({
        ...{ namespace: 'default', event_types: ['exec'], order: 0, limit: 500, start_key },
        start_date: { seconds: FROM / 1_000, nanos: 0 },
        end_date: { seconds: UNTIL / 1_000 - 1, nanos: 999_000_000 },
      })),
    );
  });

  it('gives nothing from before or after, and counts what cannot be understood', async () => {
    const { read: pages } = await read([
      ...[item(FROM - 1), item(FROM), item(FROM, ''), item(UNTIL - 1), item(UNTIL)],
      { time: null, unstructured: null },
    ]);

    expect(pages).toEqual([
      {
        events: [
          expect.objectContaining({ time: instantOf(FROM) }),
          expect.objectContaining({ time: instantOf(UNTIL - 1) }),
        ],
        unreadable: 2,
      },
    ]);
  });

  it('from its end to its beginning is malformed; the order within a second is not known everywhere', async () => {
    expect((await read([item(FROM + 1_999), item(FROM)])).read).toHaveLength(1);
    await expect(read([item(FROM + 2_000), item(FROM + 5_000), item(FROM)])).rejects.toMatchObject({
      ...{ name: 'TeleportError', kind: 'malformed', transient: true },
      message: expect.stringContaining('from its end') as string,
    });
  });

  it('is slow where it can be exported in chunks, and not known to be where Teleport refuses', async () => {
    const isSlow = (answer: () => object) =>
      grpcAuditLog(answering({ GetEventExportChunks: answer })).isSlow(signal);
    const failing = (error: Error) =>
      isSlow(() => {
        throw error;
      });

    expect(await isSlow(() => ({ chunk: 'c' }))).toBe(true);
    expect(await failing(new TeleportError('unsupported', 'no streaming export'))).toBe(false);
    await expect(failing(new TeleportError('denied', 'no'))).rejects.toMatchObject({ kind: 'denied' });
    await expect(failing(new Error('a fault of ours'))).rejects.toThrow('a fault of ours');
  });
});
