import { describe, expect, it } from 'vitest';
import { openKeys } from '../../src/ledger/open-keys.ts';
import type { FirstAddresses } from '../../src/ports/first-addresses.ts';
import type { LedgerKeys } from '../../src/ports/ledger-keys.ts';
import { at, NOW } from '../support/builders.ts';
import type { LedgerPlace } from './ledger.contract.ts';

/** Where first addresses are kept, empty at first. */
export interface AddressPlace extends Pick<LedgerPlace, 'sql'>, AsyncDisposable {
  /** As one replica sees them, with its key. */
  addresses(keys: LedgerKeys | null): FirstAddresses;
}

const LATER = at('2026-04-01T00:00:00Z');
const keyed = (...lines: readonly string[]) => openKeys({ reveal: () => lines.join('\n') });
const OWN = `current ${'a1'.repeat(32)}`;
const NEXT = 'b2'.repeat(32);
const sam = (email: string) => ({ id: 'PSAM1RE', name: 'Sam One', email });
const [FIRST, OTHER] = [sam('sre-1@example.com'), sam('boss@example.com')];

/** What every implementation of the port owes its users. */
export function firstAddressesContract(name: string, open: () => Promise<AddressPlace>): void {
  describe(`${name}, for first addresses`, () => {
    it.each([null, keyed(OWN)])(
      'keeps the first one that was seen, for every replica, key or not',
      async (keys) => {
        await using place = await open();
        const [one, other] = [place.addresses(keys), place.addresses(keys)];

        expect(await one.compare(FIRST, NOW)).toBe('unchanged-address');
        expect(await other.compare(OTHER, LATER)).toBe('changed-address');
        expect(await one.compare(OTHER, LATER)).toBe('changed-address');
        expect(await other.compare(sam(' SRE-1@example.com'), LATER)).toBe('unchanged-address');
        expect(await place.sql('SELECT user_id, address, seen_at FROM first_address')).toEqual([
          { user_id: 'PSAM1RE', address: 'sre-1@example.com', seen_at: NOW },
        ]);
      },
    );

    it('tells each user from the others, whatever their ids and addresses', async () => {
      await using place = await open();
      const addresses = place.addresses(null);
      const odd = { id: "P'; --", name: '', email: "o'brien+\u{1f525}@example.com" };

      expect(await addresses.compare(FIRST, NOW)).toBe('unchanged-address');
      expect(await addresses.compare({ ...FIRST, id: 'PTAY2RE' }, NOW)).toBe('unchanged-address');
      expect(await addresses.compare(odd, NOW)).toBe('unchanged-address');
      expect(await addresses.compare({ ...odd, email: 'x@example.com' }, NOW)).toBe('changed-address');
    });

    it.each([
      "'boss@example.com', seen_at, mac",
      "address, '2020-01-01T00:00:00.000Z', mac",
      "address, seen_at, 'forged'",
      'address, seen_at, NULL',
    ])('knows of no address where the row was written by others: %s', async (row) => {
      await using place = await open();
      const addresses = place.addresses(keyed(OWN));
      await addresses.compare(FIRST, NOW);

      await place.sql(`CREATE TABLE was AS SELECT user_id, ${row} FROM first_address`);
      await place.sql('DELETE FROM first_address');
      await place.sql('INSERT INTO first_address SELECT * FROM was');

      expect(await addresses.compare(FIRST, LATER)).toBe('unknown-address');
      expect(await addresses.compare(OTHER, LATER)).toBe('unknown-address');
    });

    it('is not changed, neither by its key nor by others', async () => {
      await using place = await open();
      await place.addresses(null).compare(FIRST, NOW);

      await expect(place.sql("UPDATE first_address SET address = 'x'")).rejects.toThrow(
        'the first address is kept as it was',
      );
    });

    it('is sealed anew once another key took the place of its own', async () => {
      await using place = await open();
      const macs = async () => (await place.sql('SELECT mac FROM first_address')).map(({ mac }) => mac);
      const replaced = keyed(`current ${NEXT}`, OWN.replace('current', 'former'));
      await place.addresses(keyed(OWN)).compare(FIRST, NOW);
      const sealed = await macs();

      expect(await place.addresses(keyed(OWN)).compare(OTHER, LATER)).toBe('changed-address');
      expect(await place.addresses(replaced).compare(FIRST, LATER)).toBe('unchanged-address');

      expect(await macs()).not.toEqual(sealed);
      expect(await place.addresses(keyed(`current ${NEXT}`)).compare(FIRST, LATER)).toBe('unchanged-address');
      expect(await place.addresses(keyed(OWN)).compare(FIRST, LATER)).toBe('unknown-address');
    });
  });
}
