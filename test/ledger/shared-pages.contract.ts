import { describe, expect, it } from 'vitest';
import { NOW } from '../support/builders.ts';
import { OTHER, Stage, VICTIM, type ForgersPlace } from './forgers-stage.ts';
import { someEvents } from './some-events.ts';

/** What a writer of the database achieves with the pages that requests share. */
export function sharedPagesContract(name: string, place: () => Promise<ForgersPlace>): void {
  describe(`${name}, for shared pages`, () => {
    it.each<[what: string, forge: (stage: Stage) => Promise<unknown>, code: string]>([
      [
        'somebody else wrote that they are over',
        async (stage) => {
          for (const id of [VICTIM, OTHER]) await stage.forge(someEvents(id).ended);
        },
        'seal',
      ],
      [
        'the end of another is filed as theirs',
        async (stage) => {
          await stage.place.disarm();
          await stage.place.sql(
            `UPDATE entry SET once_key = 'ended ${VICTIM}' WHERE once_key = 'ended request-3'`,
          );
        },
        'look-up',
      ],
      [
        'others pretend to be asked about there, too',
        async (stage) => {
          for (let each = 0; each < 30; each += 1)
            await stage.forge({
              kind: 'asked-on',
              page: `${VICTIM}/1`,
              code: `C${each}`,
              asked: `r-${each}`,
            });
        },
        'seal',
      ],
    ])('knows who waits on a page by its own entries alone, where %s', async (_what, forge, code) => {
      await using stage = await Stage.set(await place());
      const { ledger } = stage.open;
      const page = `${VICTIM}/1`;
      const begun = { kind: 'page-begun', group: 'g', number: 1, page, host: VICTIM } as const;
      const codes = [VICTIM, OTHER].map((asked) => ({ kind: 'asked-on', page, code: asked, asked }) as const);
      await ledger.append([begun, ...codes, someEvents('request-3').ended], NOW);

      // What is remembered of a page on which somebody waits is not that it is over.
      expect(await ledger.pagesOf('g')).toEqual({ last: 1, live: [begun] });
      await forge(stage);
      const before = [
        await ledger.isWaitedOn(page, OTHER),
        await ledger.pagesOf('g'),
        await ledger.askedOn(page),
      ];
      const found = await stage.findings();
      await stage.place.disarm();
      await stage.place.sql(`DELETE FROM entry WHERE seal IS NULL AND once_key LIKE 'ended %'`);
      await stage.place.sql(`UPDATE entry SET once_key = NULL WHERE once_key = 'ended ${VICTIM}'`);
      await ledger.append([someEvents(VICTIM).ended, someEvents(OTHER).ended], NOW);

      expect(before).toEqual([
        true,
        { last: 1, live: [begun] },
        [VICTIM, OTHER].map((id) => ({ requestId: id, code: id, waits: true })),
      ]);
      expect(found).toContain(code);
      expect([await ledger.isWaitedOn(page, ''), await ledger.pagesOf('g')]).toEqual([
        false,
        { last: 1, live: [] },
      ]);
      await ledger.append([{ kind: 'asked-on', page, code: 'LATER', asked: 'request-4' }], NOW);
      expect(await ledger.pagesOf('g')).toEqual({ last: 1, live: [begun] });
    });
  });
}
