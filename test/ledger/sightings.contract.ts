import { describe, expect, it } from 'vitest';
import type { Watched } from '../../src/core/roster/watched.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { at, NOW, SAM } from '../support/builders.ts';
import { key, mark, signal, type ForgersPlace } from './forgers-stage.ts';

const target = { kind: 'service', id: "PSERVC1'; --" } as const;
const watched: Watched = {
  target,
  first: NOW,
  last: NOW,
  horizon: NOW,
  rows: [
    {
      ...{ target, user: SAM, level: 1, schedule: null, start: null, end: null, gone: null },
      ...{ firstSeen: NOW, since: null, by: 'row' },
    },
  ],
};

/** What every place where sightings are kept owes its users, with the key of the ledger and without. */
export function sightingsContract(name: string, place: () => Promise<ForgersPlace>): void {
  describe(`${name}, for sightings`, () => {
    it.each([undefined, key])('keeps what was seen, for every replica, key or not', async (keyOrNot) => {
      await using own = await place();
      const settings = { ...own.settings, key: keyOrNot };
      if (keyOrNot !== undefined) await mark(settings);
      await using one = await openLedger(settings, signal);
      await using two = await openLedger(settings, signal);

      expect(await one.sightings.of(target)).toBeNull();
      await one.sightings.keep(watched);
      const later = { ...watched, last: at('2026-03-03T03:00:00Z'), rows: [] };
      await two.sightings.keep(later);
      await one.sightings.keep(watched);

      expect(await two.sightings.of(target)).toEqual(later);
      expect(await one.sightings.of({ ...target, kind: 'schedule' })).toBeNull();
    });

    it('believes nothing that others wrote: everything is then seen for the first time', async () => {
      await using own = await place();
      {
        await using open = await openLedger(own.settings, signal);
        await open.sightings.keep(watched);
      }
      const settings = { ...own.settings, key };
      await mark(settings);
      await using open = await openLedger(settings, signal);

      expect(await open.sightings.of(target)).toMatchObject({
        rows: [],
        horizon: at('9999-12-31T23:59:59.999Z'),
      });
      await open.sightings.keep(watched);
      expect(await open.sightings.of(target)).toEqual(watched);
    });
  });
}
