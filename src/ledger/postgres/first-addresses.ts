import type { QueryResultRow } from 'pg';
import type { FirstAddresses } from '../../ports/first-addresses.ts';
import type { LedgerKeys } from '../../ports/ledger-keys.ts';
import { compareWith, firstAddressRow, type FirstAddressRow } from '../first-address-row.ts';
import type { PostgresDatabase } from './database.ts';

const FIND = 'SELECT user_id, address, seen_at, mac FROM first_address WHERE user_id = $1';
const INSERT =
  'INSERT INTO first_address (user_id, address, seen_at, mac) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
const SEAL = 'UPDATE first_address SET mac = $1 WHERE user_id = $2';

/**
 * First addresses in the ledger's database: all replicas see the same ones, and the first of them that sees somebody writes it down.
 * Throws LedgerUnavailableError.
 */
export function postgresFirstAddresses(
  database: Pick<PostgresDatabase, 'query'>,
  keys: LedgerKeys | null,
): FirstAddresses {
  async function find(id: string): Promise<FirstAddressRow | undefined> {
    return (await database.query<FirstAddressRow & QueryResultRow>(FIND, [id]))[0];
  }

  return {
    async compare(user, now) {
      let row = await find(user.id);
      if (row === undefined) {
        const first = firstAddressRow(user, now, keys);
        await database.query(INSERT, [first.user_id, first.address, first.seen_at, first.mac]);
        row = (await find(user.id)) ?? first;
      }
      const { binding, seal } = compareWith(row, user, keys);
      if (seal !== null) await database.query(SEAL, [seal, user.id]);
      return binding;
    },
  };
}
