import type { QueryResultRow } from 'pg';
import type { StoredAddress } from '../../ports/ledger-history.ts';
import type { AddressTable } from '../first-addresses.ts';
import type { PostgresDatabase } from './database.ts';

type Row = StoredAddress & QueryResultRow;

const INSERT = `
  INSERT INTO first_address (user_id, address, seen_at, number, mac) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;

/** First addresses in the ledger's database: all replicas see the same ones, and the first of them that sees somebody writes it down. */
export function postgresAddressTable(database: Pick<PostgresDatabase, 'query'>): AddressTable {
  return {
    find: async (userId) =>
      (await database.query<Row>('SELECT * FROM first_address WHERE user_id = $1', [userId]))[0],
    all: () => database.query<Row>('SELECT * FROM first_address'),
    async insert({ user_id: userId, address, seen_at: seenAt, number, mac }) {
      await database.query(INSERT, [userId, address, seenAt, number, mac]);
    },
    async seal({ user_id: userId, number, mac }) {
      await database.query('UPDATE first_address SET number = $1, mac = $2 WHERE user_id = $3', [
        number,
        mac,
        userId,
      ]);
    },
  };
}
