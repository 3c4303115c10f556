import { historyContract } from './history.contract.ts';
import { markingContract } from './marking.contract.ts';
import { inSqlite } from './sqlite-place.ts';

historyContract('a ledger in SQLite', inSqlite);
markingContract('a ledger in SQLite', inSqlite);
