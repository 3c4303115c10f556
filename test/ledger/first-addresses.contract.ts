import { describe, expect, it } from 'vitest';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import type { AddressBinding } from '../../src/ports/pins.ts';
import { at, NOW } from '../support/builders.ts';
import { key, mark, signal, Stage, type ForgersPlace } from './forgers-stage.ts';
import { someEvents } from './some-events.ts';

const LATER = at('2026-04-01T00:00:00Z');
const person = (id: string, email = `${id}@example.com`) => ({ id, name: '', email });
const sam = (email: string) => person('PSAM1RE', email);
const [FIRST, OTHER] = [sam('sre-1@example.com'), sam('boss@example.com')];
const [OWN, NEXT] = [key.reveal(), `current ${'b2'.repeat(32)}`];

const compare = ({ open }: Pick<Stage, 'open'>, user = FIRST) => open.addresses.compare(user, NOW);

/** What every place where first addresses are kept owes its users, with the key of the ledger and without. */
export function firstAddressesContract(name: string, place: () => Promise<ForgersPlace>): void {
  /** A sealed ledger beside which three people were seen, in this order. */
  async function seen(...ids: readonly string[]): Promise<Stage> {
    const stage = await Stage.set(await place());
    for (const id of ids) await compare(stage, person(id));
    await stage.open.ledger.append([someEvents('request-9').decided], NOW);
    return stage;
  }
  const missing = expect.stringMatching(/first address 2 is counted.*Restore the table/u) as string;

  describe(`${name}, for first addresses`, () => {
    it.each([undefined, key])(
      'keeps the first one that was seen, for every replica, key or not',
      async (keyOrNot) => {
        await using own = await place();
        const settings = { ...own.settings, key: keyOrNot };
        if (keyOrNot !== undefined) await mark(settings);
        await using one = await openLedger(settings, signal);
        await using two = await openLedger(settings, signal);
        const odd = person("P'; --", "o'brien+\u{1f525}@example.com");

        expect(await one.addresses.compare(FIRST, NOW)).toBe('unchanged-address');
        expect(await two.addresses.compare(OTHER, LATER)).toBe('changed-address');
        expect(await one.addresses.compare(OTHER, LATER)).toBe('changed-address');
        expect(await two.addresses.compare(sam(' SRE-1@example.com'), LATER)).toBe('unchanged-address');
        expect(await two.addresses.compare(person('PTAY2RE', FIRST.email), LATER)).toBe('unchanged-address');
        expect(await one.addresses.compare(odd, NOW)).toBe('unchanged-address');
        expect(await one.addresses.compare({ ...odd, email: 'x@example.com' }, NOW)).toBe('changed-address');
        expect(await own.sql("SELECT address, seen_at FROM first_address WHERE user_id = 'PSAM1RE'")).toEqual(
          [{ address: 'sre-1@example.com', seen_at: NOW }],
        );
        await expect(own.sql("UPDATE first_address SET address = 'x'")).rejects.toThrow(
          'the first address is kept as it was',
        );
      },
    );

    it.each([
      "'boss@example.com', seen_at, number, mac",
      "address, '2020-01-01T00:00:00.000Z', number, mac",
      'address, seen_at, 2, mac',
      "address, seen_at, number, 'forged'",
      'address, seen_at, number, NULL',
    ])('knows of no address where the row was written by others: %s', async (row) => {
      await using stage = await seen('PSAM1RE');
      await stage.place.sql(`CREATE TABLE was AS SELECT user_id, ${row} FROM first_address`);
      await stage.place.sql('DELETE FROM first_address');
      await stage.place.sql(
        'INSERT INTO first_address (user_id, address, seen_at, number, mac) SELECT * FROM was',
      );

      expect(await compare(stage)).toBe('unknown-address');
      expect(await compare(stage, OTHER)).toBe('unknown-address');
      expect(await stage.findings()).toContain('addresses');
    });

    it.each([
      ['while the service runs', () => Promise.resolve()],
      ['while the service is stopped', (stage: Stage) => stage.restart()],
      [
        'with entries of others at the end',
        async (stage: Stage) => {
          await stage.forge(someEvents('request-8').decided);
          await stage.restart();
        },
      ],
    ])('takes nobody for new once a row was taken out %s, and says so once', async (_when, meanwhile) => {
      await using stage = await seen('PONE', 'PTWO', 'PTHREE');
      await stage.place.sql("DELETE FROM first_address WHERE user_id = 'PTWO'");
      await meanwhile(stage);
      const bindings: AddressBinding[] = [];
      for (const id of ['PTWO', 'PNEW', 'PONE', 'PTWO'])
        bindings.push(await compare(stage, person(id, id === 'PONE' ? undefined : 'boss@example.com')));
      // What is appended then does not make it right.
      await stage.open.ledger.append([someEvents('request-7').decided], NOW);
      await stage.restart();
      bindings.push(await compare(stage, person('PTWO')));

      expect(bindings).toEqual([
        'unknown-address',
        'unknown-address',
        'unchanged-address',
        'unknown-address',
        'unknown-address',
      ]);
      expect(stage.forged.map(({ message }) => message)).toEqual(Array(2).fill(missing));
      expect(await stage.findings()).toContain('addresses');
    });

    it.each([undefined, key])(
      'keeps the id that a name first led to beside them, key or not',
      async (keyOrNot) => {
        await using own = await place();
        const settings = { ...own.settings, key: keyOrNot };
        if (keyOrNot !== undefined) await mark(settings);
        await using one = await openLedger(settings, signal);
        await using two = await openLedger(settings, signal);
        const first = ({ pins }: typeof one, asked: string, id: string) =>
          pins.first({ kind: 'service', asked }, id, NOW);
        const names = Array.from({ length: 30 }, (_, index) => `Service ${index}`);

        // Both want the same numbers.
        const seenAtOnce = names.map((name, index) => first(index % 2 === 0 ? one : two, name, `${name} id`));
        expect(await Promise.all(seenAtOnce)).toEqual(names.map((name) => `${name} id`));
        expect(await first(two, 'SERVICE 7', 'POTHER1')).toBe('Service 7 id');
        expect(await one.addresses.compare(person('PSAM1RE'), NOW)).toBe('unchanged-address');
        expect(await two.pins.first({ kind: 'schedule', asked: 'Service 7' }, 'POTHER1', NOW)).toBe(
          'POTHER1',
        );
      },
    );

    it.each([
      ['taken out', "DELETE FROM first_address WHERE user_id = 'service payments'", null],
      ['by others', "UPDATE first_address SET mac = 'forged' WHERE user_id = 'service payments'", null],
      ['that of a name beside it, taken out', "DELETE FROM first_address WHERE user_id = 'PONE'", 'PPAY001'],
    ])('does not know what a name led to first where its row was %s', async (_what, sql, expected) => {
      await using stage = await seen('PONE');
      const first = (asked: string, id: string) => stage.open.pins.first({ kind: 'service', asked }, id, NOW);
      await first('Payments', 'PPAY001');
      await stage.open.ledger.append([someEvents('request-8').decided], NOW);
      await stage.place.sql(sql);
      await stage.restart();

      expect(await first('Payments', 'POTHER1')).toBe(expected);
      expect(await first('Never asked for', 'PNEVER1')).toBeNull();
      expect(await stage.findings()).toContain('addresses');
    });

    it('misses a row that is taken out before anything was written after it', async () => {
      await using stage = await Stage.set(await place());
      await compare(stage);
      await stage.place.sql('DELETE FROM first_address');

      expect(await compare(stage, OTHER)).toBe('unknown-address');
    });

    it('misses a row that another replica wrote', async () => {
      await using stage = await seen('PONE', 'PTWO');
      await using other = await openLedger(stage.settings, signal);
      await other.addresses.compare(FIRST, NOW);
      await other.ledger.append([someEvents('request-8').decided], NOW);
      await stage.place.sql("DELETE FROM first_address WHERE user_id = 'PSAM1RE'");
      await stage.open.ledger.append([someEvents('request-7').decided], NOW);

      expect(await compare(stage, OTHER)).toBe('unknown-address');
    });

    it('goes on once the rows are as they were', async () => {
      await using stage = await seen('PONE', 'PTWO');
      await stage.place.sql('CREATE TABLE was AS SELECT * FROM first_address');
      await stage.place.sql("DELETE FROM first_address WHERE user_id = 'PONE'");
      const without = await compare(stage);
      await stage.place.sql(
        "INSERT INTO first_address (user_id, address, seen_at, number, mac) SELECT user_id, address, seen_at, number, mac FROM was WHERE user_id = 'PONE'",
      );

      expect([without, await compare(stage)]).toEqual(['unknown-address', 'unchanged-address']);
      expect(await stage.findings()).toEqual([]);
    });

    it('numbers the rows that an earlier version sealed, and counts them from then on', async () => {
      await using stage = await Stage.set(await place());
      const mac = (...row: readonly string[]) => openKeys(key).mac('first-seen', JSON.stringify(row));
      for (const id of ['PONE', 'PTWO'])
        await stage.place.sql(
          `INSERT INTO first_address (user_id, address, seen_at, mac) VALUES ('${id}', 'a@b', '${NOW}', '${mac(id, 'a@b', NOW)}')`,
        );

      const before = await compare(stage, person('PONE', 'a@b'));
      await stage.open.ledger.append([someEvents('request-9').decided], NOW);
      await stage.place.sql("DELETE FROM first_address WHERE user_id = 'PTWO'");
      await stage.restart();

      expect([before, await compare(stage, person('PTWO'))]).toEqual([
        'unchanged-address',
        'unknown-address',
      ]);
    });

    it('is sealed anew once another key took the place of its own', async () => {
      await using stage = await seen('PONE');
      const under = async (...lines: readonly string[]) => {
        const settings = { ...stage.settings, key: { reveal: () => lines.join('\n') } };
        await using open = await openLedger(settings, signal);
        return await open.addresses.compare(person('PONE'), LATER);
      };
      const macs = async () => (await stage.place.sql('SELECT mac FROM first_address')).map(({ mac }) => mac);
      const sealed = await macs();

      expect(await under(NEXT, OWN.replace('current', 'former'))).toBe('unchanged-address');
      expect(await macs()).not.toEqual(sealed);
      expect(await compare(stage, person('PONE'))).toBe('unknown-address');
    });
  });
}
