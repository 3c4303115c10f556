import { firstAddressesContract } from './first-addresses.contract.ts';
import { forgeryContract } from './forgery.contract.ts';
import { sharedPagesContract } from './shared-pages.contract.ts';
import { sightingsContract } from './sightings.contract.ts';
import { inSqlite } from './sqlite-place.ts';

forgeryContract('a ledger in SQLite', inSqlite);
firstAddressesContract('SQLite', inSqlite);
sightingsContract('SQLite', inSqlite);
sharedPagesContract('SQLite', inSqlite);
