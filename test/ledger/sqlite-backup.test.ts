import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupSqlite } from '../../src/ledger/sqlite/database.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { NOW } from '../support/builders.ts';

describe('a copy of the ledger', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oncall-approver-backup-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('has every entry there was, while the ledger goes on being written', async () => {
    const ledger = new SqliteLedger(join(folder, 'ledger.sqlite'));
    await ledger.append([ended('one')], NOW);
    await backupSqlite(join(folder, 'ledger.sqlite'), join(folder, 'copy.sqlite'));
    await ledger.append([ended('two')], NOW);
    await ledger.close();

    expect(statSync(join(folder, 'copy.sqlite')).mode & 0o777).toBe(0o600);
    const copy = new SqliteLedger(join(folder, 'copy.sqlite'));
    expect(await copy.entriesOf('one')).toHaveLength(1);
    expect(await copy.entriesOf('two')).toHaveLength(0);
    await copy.close();
  });

  it('never takes the place of another file', async () => {
    await new SqliteLedger(join(folder, 'ledger.sqlite')).close();
    await writeFile(join(folder, 'copy.sqlite'), 'precious');
    await expect(backupSqlite(join(folder, 'ledger.sqlite'), join(folder, 'copy.sqlite'))).rejects.toThrow(
      /exists: name a new file/u,
    );
  });

  it('is not left behind in part, and a ledger that is missing is not made', async () => {
    await new SqliteLedger(join(folder, 'ledger.sqlite')).close();
    const nowhere = join(folder, 'missing/copy.sqlite');
    await expect(backupSqlite(join(folder, 'ledger.sqlite'), nowhere)).rejects.toThrow(/cannot be used/u);
    const none = join(folder, 'none.sqlite');
    await expect(backupSqlite(none, join(folder, 'copy.sqlite'))).rejects.toThrow(/cannot be opened/u);
    expect([none, join(folder, 'copy.sqlite')].filter((file) => existsSync(file))).toEqual([]);
  });
});

function ended(requestId: string) {
  return {
    kind: 'ended',
    requestId,
    ending: { state: 'expired', by: null, reason: '' },
  } as const;
}
