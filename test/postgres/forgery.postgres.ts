import { afterAll, beforeAll } from 'vitest';
import { firstAddressesContract } from '../ledger/first-addresses.contract.ts';
import { forgeryContract } from '../ledger/forgery.contract.ts';
import { sharedPagesContract } from '../ledger/shared-pages.contract.ts';
import { sightingsContract } from '../ledger/sightings.contract.ts';
import { inPostgres } from './postgres-place.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const place = () => inPostgres(server);

forgeryContract('a ledger in PostgreSQL', place);
firstAddressesContract('PostgreSQL', place);
sightingsContract('PostgreSQL', place);
sharedPagesContract('PostgreSQL', place);
