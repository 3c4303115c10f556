import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inZone, instantShown, localText } from '../../src/http/pages/reader-zone.ts';
import { aConfigFolder, LEAST, type ConfigFolder } from '../config/a-config.ts';
import { SAM, WrittenLedger } from '../traceability/written-ledger.ts';
import { at } from '../support/builders.ts';
import { bearer, byToken, pagesWith, TOKEN } from './pages-under-test.ts';

const LATE = at('2026-03-03T23:30:00Z');
let folder: ConfigFolder;
let file: string;
beforeAll(async () => {
  folder = await aConfigFolder();
  file = join(folder.path, 'ledger.sqlite');
  const { policy } = await folder.load(LEAST);
  await using written = await WrittenLedger.create(file, policy, LATE);
  await written.tell({ id: 'request-1', at: LATE, person: SAM, onCall: 'yes' });
});
afterAll(() => folder[Symbol.asyncDispose]());

async function read(path: string): Promise<string> {
  await using pages = await pagesWith(file, byToken);
  return await (await pages.get(path, bearer(TOKEN))).text();
}

describe('a reader’s own time zone', () => {
  it('is that of every time on the page, and goes along with its links and forms', async () => {
    const text = await read('/decisions?role=prodaccess&tz=Europe/Berlin');

    expect(text).toContain('>2026-03-04 00:30:00</time>');
    expect(text).toContain('all times are Europe/Berlin');
    expect(text).toMatch(/href="\/decisions\/[^"?]+\?tz=Europe%2FBerlin"/u);
    expect(text).toContain('<input type="hidden" name="tz" value="Europe/Berlin"/>');
    expect(text).toContain('<input type="hidden" name="role" value="prodaccess"/>');
    expect(text).not.toContain('style.css?');
    expect(await read('/decisions/request-1?tz=Asia/Tokyo')).toContain('judged at 2026-03-04 08:30:00');
  });

  it.each(['', '?tz=', '?tz=Mars/Olympus', '?tz=UTC', '?tz=UTC&tz=Asia/Tokyo', '?tz=%3Cscript%3E'])(
    'is UTC where none is asked for that there is: %s',
    async (query) => {
      const text = await read(`/decisions${query}`);

      expect(text).toContain('>2026-03-03 23:30:00</time>');
      expect(text).toContain('all times are UTC');
      expect(text).not.toMatch(/href="[^"]*tz=|<script/u);
    },
  );

  it('is that of the days and months of the month view, whose links lead to the same decisions', async () => {
    for (const [zone, day] of [
      ['UTC', '2026-03-03'],
      ['Europe/Berlin', '2026-03-04'],
    ] as const) {
      const month = await read(`/decisions/month/2026-03?tz=${zone}`);
      const link = new RegExp(`href="(/decisions\\?from=${day}[^"]*)"`, 'u').exec(month)?.[1] ?? '';
      expect(await read(link.replaceAll('&amp;', '&'))).toContain('datetime="2026-03-03T23:30');
    }
    const far = '2026-02?tz=Etc/GMT%2B12';
    expect(await read(`/decisions/month/${far}`)).toContain('No request was decided');
    expect(await read('/decisions/month/2026-13?tz=Asia/Tokyo')).toContain('a month is written like');
  });

  it.each([
    ['from=2026-03-04&tz=Europe/Berlin', true],
    ['from=2026-03-04', false],
    ['to=2026-03-03&tz=Europe/Berlin', false],
    ['to=2026-03-03', true],
  ])('is that of the days that are asked for: %s', async (query, isThere) => {
    expect((await read(`/decisions?${query}`)).includes('datetime="2026-03-03T23:30')).toBe(isThere);
  });
});

it.each([
  ['America/New_York', '2026-03-08T02:30', null],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
  ['Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15:00.000Z'],
  ['UTC', '2026-01-01T00:00', '2026-01-01T00:00:00.000Z'],
  ['UTC', '2026-02-30T00:00', null],
])('what clocks show in %s at %s is one instant or none', (zone, local, instant) => {
  inZone(zone, () => {
    expect(instantShown(local)).toBe(instant);
    if (instant !== null) expect(localText(instant)).toBe(`${local.replace('T', ' ')}:00`);
    expect(localText('unwritten')).toBe('unwritten');
  });
});
