import { spawnSync } from 'node:child_process';
import { chmod, mkdir, open as openFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { allEntries, chained, someEvents } from './some-events.ts';
import { spawnAppender } from './spawned-appender.ts';
import { aFolder, aSqliteLedger } from './sqlite-place.ts';

/** Whom file permissions bind: us, or somebody else where we are root. */
const ORDINARY_USER = process.getuid?.() === 0 ? { uid: 65_534 } : {};
const OWN_FILE_SYSTEM = 'unshare --map-root-user --mount';
const mayMount = spawnSync('/bin/sh', ['-c', `${OWN_FILE_SYSTEM} mount -t tmpfs tmpfs /mnt`]).status === 0;

/** SQLite's default. */
const PAGE_BYTES = 4_096;

/** What the ledger says of a file that it cannot be opened on. */
function refusalOf(file: string): LedgerUnavailableError {
  try {
    void new SqliteLedger(file).close();
  } catch (error) {
    if (error instanceof LedgerUnavailableError) return error;
    throw error;
  }
  throw new Error(`\`${file}\` was opened`);
}

async function saidWhenOpened(file: string): Promise<string> {
  await using appender = await spawnAppender({ file, ...ORDINARY_USER });
  appender.tell();
  return await appender.next();
}

describe('a ledger that cannot be opened', () => {
  it('says which folder is missing', async () => {
    await using folder = await aFolder();

    expect(refusalOf(join(folder.path, 'absent', 'ledger.sqlite')).message).toBe(
      `the ledger's folder \`${folder.path}/absent\` does not exist: create it, or mount the volume that holds it`,
    );
  });

  it('says when the path is that of a folder', async () => {
    await using folder = await aFolder();

    expect(refusalOf(folder.path).message).toMatch(/cannot be opened: check that the folder exists/u);
  });

  it('says when the file is something else', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'config.yaml');
    await writeFile(file, 'teleport:\n  addr: teleport.example.com:443\n'.repeat(100));

    const refusal = refusalOf(file);

    expect(refusal.message).toBe(
      `the ledger \`${file}\` cannot be used: the file is no SQLite database: does \`ledger.sqlite\` name the right file`,
    );
    expect(refusal.cause).toBeInstanceOf(Error);
  });

  it('says when a newer version has written it, and leaves the file to that version', async () => {
    await using place = await aSqliteLedger();
    using db = new DatabaseSync(place.file);
    db.exec('PRAGMA user_version = 99');

    expect(refusalOf(place.file).message).toMatch(
      /schema version 99, this program knows versions up to \d+: it was written by a newer version/u,
    );

    db.exec('PRAGMA user_version = 100');
  });

  it('says when its folder may not be written to', async () => {
    await using folder = await aFolder();
    await chmod(folder.path, 0o555);

    expect(await saidWhenOpened(join(folder.path, 'ledger.sqlite'))).toMatch(
      /^LedgerUnavailableError: the ledger `.*` cannot be used: it cannot be opened: check/u,
    );
  });

  it('says when the file may only be read', async () => {
    await using place = await aSqliteLedger();
    await place.ledger.close();
    await chmod(place.file, 0o444);
    await chmod(join(place.file, '..'), 0o755);

    const said = await saidWhenOpened(place.file);

    expect(said).toMatch(/^LedgerUnavailableError: the ledger `.*` cannot be used: it is read-only: mount/u);
  });

  it('waits for another program to let go of it, and says so when that takes too long', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger.sqlite');
    using db = new DatabaseSync(file);
    db.exec('BEGIN EXCLUSIVE; CREATE TABLE other (a)');

    await using appender = await spawnAppender({ file });
    appender.tell();
    const said = await appender.next();
    db.exec('COMMIT');
    appender.tell();

    expect(said).toMatch(
      /^LedgerUnavailableError: .* another program holds it locked: is a second instance/u,
    );
    expect(await appender.next()).toBe('open');
  });
});

describe('a ledger that fails while it is in use', () => {
  it('says when the file was damaged', async () => {
    await using place = await aSqliteLedger();
    const events = Array.from({ length: 200 }, (_, index) => someEvents(`request-${index}`).decided);
    await place.ledger.append(events, NOW);
    await place.ledger.close();
    await using file = await openFile(place.file, 'r+');
    await file.write(Buffer.alloc(PAGE_BYTES * 10), 0, null, PAGE_BYTES * 20);

    const ledger = await place.openAgain();

    await expect(allEntries(ledger)).rejects.toThrow(/the file is damaged: restore the last back-up/u);
  });

  it('answers nothing as written that the system refused to write, and goes on once it can', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger.sqlite');
    // In blocks of 512 bytes; the hard limit is left alone, so that this one can be raised again.
    await using appender = await spawnAppender({ file, through: 'ulimit -S -f 1024; exec "$@"' });
    appender.tell();

    const said = await appender.until((line) => line.startsWith('Ledger'));
    const ledger = new SqliteLedger(file);
    const entries = await allEntries(ledger);
    await ledger.close();
    spawnSync('prlimit', ['--pid', String(appender.pid), '--fsize=unlimited']);
    appender.tell();

    expect(said.at(-1)).toMatch(
      /^LedgerUnavailableError: the ledger cannot be used: the disk reports an error/u,
    );
    expect(entries.length).toBeGreaterThan(10);
    expect(said.slice(1, -1)).toEqual(entries.map(({ seq }) => String(seq)));
    expect(entries).toEqual(chained(entries));
    expect(await appender.next()).toBe(String(entries.length + 1));
  });

  it.skipIf(!mayMount)('says when the disk is full', async () => {
    await using folder = await aFolder();
    const small = join(folder.path, 'small');
    await mkdir(small);
    const through = `exec ${OWN_FILE_SYSTEM} sh -c 'mount -t tmpfs -o size=1m tmpfs ${small} && exec "$@"' sh "$@"`;
    await using appender = await spawnAppender({ file: join(small, 'ledger.sqlite'), through });
    appender.tell();

    const said = await appender.until((line) => line.startsWith('Ledger'));

    expect(said.length).toBeGreaterThan(10);
    expect(said.at(-1)).toBe(
      'LedgerUnavailableError: the ledger cannot be used: the disk is full: free some space; nothing is approved until then',
    );
  });
});
