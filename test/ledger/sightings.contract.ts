import { describe, expect, it } from 'vitest';
import { policiesAfter, SELDOM } from '../../src/core/roster/policies-seen.ts';
import type { Watched } from '../../src/core/roster/watched.ts';
import { DAY, HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openMarking } from '../../src/ledger/open-marking.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { at, NOW, SAM } from '../support/builders.ts';
import { key, mark, signal, Stage, type ForgersPlace } from './forgers-stage.ts';

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
/** Of a target that was watched until now, by nobody's sighting: whatever began before then is new. */
const unseen = { rows: [], horizon: plusMs(NOW, MINUTE) };

/** What every place where sightings are kept owes its users, with the key of the ledger and without. */
export function sightingsContract(name: string, place: () => Promise<ForgersPlace>): void {
  /** Watched for a day, with shifts looked for a day ahead. */
  async function keepTomorrow({ open }: Stage): Promise<void> {
    const last = plusMs(NOW, DAY);
    await open.sightings.keep({ ...watched, last, horizon: plusMs(last, DAY) }, last);
  }

  describe(`${name}, for sightings`, () => {
    it.each([undefined, key])('keeps what was seen, for every replica, key or not', async (keyOrNot) => {
      await using own = await place();
      const settings = { ...own.settings, key: keyOrNot };
      if (keyOrNot !== undefined) await mark(settings);
      await using one = await openLedger(settings, signal);
      await using two = await openLedger(settings, signal);

      expect(await one.sightings.of(target, NOW)).toBeNull();
      expect(await two.sightings.of(target, NOW)).toBeNull();
      await one.sightings.keep(watched, NOW);
      const later = { ...watched, last: at('2026-03-03T03:00:00Z'), rows: [] };
      await two.sightings.keep(later, NOW);
      await one.sightings.keep(watched, NOW);

      expect(await two.sightings.of(target, NOW)).toEqual(later);
      expect(await one.sightings.of({ ...target, kind: 'schedule' }, NOW)).toBeNull();
      await two.sightings.keep({ ...later, horizon: plusMs(NOW, MINUTE) }, NOW);
      // One of them has written it down, and the other has found that out.
      expect(await own.sql("SELECT seq FROM entry WHERE kind = 'watched'")).toHaveLength(
        keyOrNot === undefined ? 0 : 1,
      );
    });

    it.each([
      { kind: 'team', id: 'PTEAM01' },
      { kind: 'team', id: 'PTEAM01 services' },
      { kind: 'field', id: 'PSERVC1 teleport_selector' },
    ] as const)('keeps what $kind $id was seen to have, also what is gone', async (of) => {
      await using stage = await Stage.set(await place());
      const { sightings } = stage.open;
      const there = { id: `team="it's",env=prod`, since: NOW };
      const gone = { id: 'env=prod', since: plusMs(NOW, -DAY), first: true, gone: NOW } as const;
      const first: Watched = { ...watched, target: of, rows: [], policies: [there, gone] };
      await sightings.keep(first, NOW);
      // Another replica has seen it later, and for the first time.
      const last = plusMs(NOW, MINUTE);
      await sightings.keep({ ...first, last, policies: [{ ...there, since: last }, gone] }, last);
      await stage.restart();

      expect(await stage.open.sightings.of(of, last)).toEqual({ ...first, last });
      expect(await stage.open.sightings.of({ ...of, kind: 'service' }, last)).toBeNull();
      expect(await stage.findings()).toEqual([]);

      await stage.place.sql('DELETE FROM watched');
      await stage.restart();
      const lost = await stage.open.sightings.of(of, last);
      // It was something for longer than anything must settle, until this look.
      const [was, ...others] = policiesAfter(lost, [], last, SELDOM);
      expect([was, others]).toEqual([{ id: '', since: plusMs(last, -31 * DAY), gone: last }, []]);
      expect(policiesAfter(lost, ['PPOLICY'], last)).toEqual([{ id: 'PPOLICY', since: last }]);
    });

    it('believes nothing that was written without the key: everything is then seen for the first time', async () => {
      await using own = await place();
      {
        await using open = await openLedger(own.settings, signal);
        await open.sightings.keep(watched, NOW);
      }
      const settings = { ...own.settings, key };
      await mark(settings);
      await using open = await openLedger(settings, signal);

      expect(await open.sightings.of(target, NOW)).toMatchObject(unseen);
      await open.sightings.keep(watched, NOW);
      expect(await open.sightings.of(target, NOW)).toEqual(watched);
    });

    it('writes down that a target is watched, and until when, once in the time that it looks ahead', async () => {
      await using stage = await Stage.set(await place());
      await stage.open.sightings.keep(watched, NOW);
      await keepTomorrow(stage);
      for (let hour = 24; hour <= 48; hour += 1) {
        const last = plusMs(NOW, hour * HOUR);
        await stage.open.sightings.keep({ ...watched, last, horizon: plusMs(last, DAY) }, last);
      }
      const rows = (await stage.rows()).filter(({ kind }) => kind === 'watched');

      expect(rows.map(({ event }) => (JSON.parse(event) as { until: string }).until)).toEqual([
        NOW,
        plusMs(NOW, 2 * DAY),
        plusMs(NOW, 3 * DAY),
      ]);
      expect(await stage.findings()).toEqual([]);
      expect(stage.forged).toEqual([]);
    });

    it('writes it down each hour at most where nobody looks ahead', async () => {
      await using stage = await Stage.set(await place());
      for (let minute = 0; minute <= 150; minute += 10) {
        const last = plusMs(NOW, minute * MINUTE);
        await stage.open.sightings.keep({ ...watched, last, horizon: last }, last);
      }

      expect(
        (await stage.rows()).filter(({ kind }) => kind === 'watched').map(({ at: when }) => when),
      ).toEqual([0, 1, 2].map((hour) => plusMs(NOW, hour * HOUR)));
    });

    it.each<
      [
        what: string,
        forge: (stage: Stage, old: Record<string, unknown>) => Promise<unknown>,
        expected: object,
        why: string,
      ]
    >([
      ['taken away', (stage) => stage.place.sql('DELETE FROM watched'), unseen, 'is missing'],
      [
        'changed',
        (stage) => stage.place.sql(`UPDATE watched SET state = replace(state, '${SAM.id}', 'PMALLORY')`),
        unseen,
        'was changed there by somebody else',
      ],
      [
        'put back as it was a day ago',
        (stage, old) =>
          stage.place.sql(
            `UPDATE watched SET state = '${String(old['state']).replaceAll("'", "''")}', mac = '${String(old['mac'])}'`,
          ),
        { rows: watched.rows, horizon: plusMs(NOW, 2 * DAY) },
        'was put back there as it was before',
      ],
    ])(
      'makes no shift older by what was %s: it says so once, and verification names it',
      async (_what, forge, expected, why) => {
        await using stage = await Stage.set(await place());
        await stage.open.sightings.keep(watched, NOW);
        const [old = {}] = await stage.place.sql('SELECT state, mac FROM watched');
        await keepTomorrow(stage);

        await forge(stage, old);
        await stage.restart();
        const found = await stage.findings();
        const seen = [await stage.open.sightings.of(target, NOW), await stage.open.sightings.of(target, NOW)];

        expect(seen).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)]);
        expect(stage.forged).toEqual([
          {
            requestId: null,
            message: expect.stringMatching(
              `what was seen of service PSERVC1.* by watching it ${why}`,
            ) as string,
          },
        ]);
        expect(found).toEqual(['sightings']);
      },
    );

    it('is sealed anew when another key takes the place of its own', async () => {
      await using stage = await Stage.set(await place());
      await stage.open.sightings.keep(watched, NOW);
      const next = `current ${'0b'.repeat(32)}`;
      {
        await using marking = await openMarking(stage.settings, signal);
        const both = openKeys({ reveal: () => `${next}\n${key.reveal().replace('current', 'former')}` });
        await marking.sealAnew(both, () => undefined);
      }
      await using open = await openLedger({ ...stage.settings, key: { reveal: () => next } }, signal);

      expect(await open.sightings.of(target, NOW)).toEqual(watched);
    });

    it('believes no entry of others about what was watched, and goes on beyond one', async () => {
      await using stage = await Stage.set(await place());
      const forged = { kind: 'watched', target, until: NOW } as const;
      await stage.forge(forged);

      expect(await stage.open.sightings.of(target, NOW)).toBeNull();
      await stage.open.sightings.keep(watched, NOW);
      await stage.open.sightings.keep({ ...watched, horizon: plusMs(NOW, DAY) }, NOW);

      expect(stage.forged).toEqual([expect.objectContaining({ requestId: null })]);
      expect(
        (await stage.rows()).filter(({ kind, seal }) => kind === 'watched' && seal !== null),
      ).toHaveLength(1);
    });
  });
}
