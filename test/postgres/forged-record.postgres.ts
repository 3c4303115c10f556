import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { forgedRecordContract } from '../service/forged-record.contract.ts';
import { Stage } from '../service/stage.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

forgedRecordContract('PostgreSQL', async (rule) => {
  const url = await server.database();
  const ledger = { postgres: { url_file: 'ledger-url' }, key_file: 'ledger-key' };
  const config = { ledger, http: { listen: '127.0.0.1:0' } };
  const stage = await Stage.open({ config, start: false, ...(rule === undefined ? {} : { rule }) });
  await writeFile(join(stage.folder, 'ledger-url'), `${url}\n`, { mode: 0o600 });
  return {
    stage,
    sql: async (text) => {
      await server.sql(url, 'ALTER TABLE entry DISABLE TRIGGER USER');
      return await server.sql(url, text);
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
});
