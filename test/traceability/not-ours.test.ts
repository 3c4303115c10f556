import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, hashOf } from '../../src/ledger/rows.ts';
import { NOT_BEGUN } from '../http/live-stub.ts';
import { decisionPages } from '../../src/http/pages/decision-pages.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openMarking } from '../../src/ledger/open-marking.ts';
import { openHistory, openSeals } from '../../src/ledger/open-ledger.ts';
import { aConfigFolder, LEAST, type ConfigFolder } from '../config/a-config.ts';
import { tamper } from './tampering.ts';
import { ledgerCommand } from './terminal.ts';
import { at } from '../support/builders.ts';
import { SAM, WrittenLedger } from './written-ledger.ts';

const NOON = at('2026-03-03T12:00:00Z');
const KEY = `current ${'0a'.repeat(32)}`;
const MARKED = 'NOT WRITTEN BY THIS SERVICE: it has no seal';

let folder: ConfigFolder;
let settings: { sqlite: string; key: { reveal: () => string } };
const config = () => ['--config', join(folder.path, 'keyed.yaml')] as const;

/** A sealed ledger with a decision of the service's, and one that somebody wrote who owns the file. */
beforeAll(async () => {
  folder = await aConfigFolder();
  const { policy } = await folder.load(LEAST);
  settings = { sqlite: join(folder.path, 'ledger.sqlite'), key: { reveal: () => KEY } };
  await writeFile(join(folder.path, 'ledger-key'), KEY, { mode: 0o600 });
  await writeFile(
    join(folder.path, 'keyed.yaml'),
    `${LEAST}ledger:\n  sqlite: ledger.sqlite\n  key_file: ledger-key\n`,
  );
  const keys = openKeys(settings.key);
  {
    await using marking = await openMarking(settings, new AbortController().signal);
    await marking.setMark(keys, NOON, () => undefined);
  }
  await using written = await WrittenLedger.create(settings.sqlite, policy, NOON, keys);
  await written.tell({ id: 'genuine', at: NOON, person: SAM, onCall: 'yes' });
  const forged = written.decided({ id: 'forged', at: NOON, person: SAM, onCall: 'yes' });
  tamper(settings.sqlite, (db) => {
    const last = db.prepare('SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
    const entry = { seq: Number(last?.['seq']) + 1, at: NOON, eventText: JSON.stringify(forged) };
    db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, NULL)').run(
      ...[entry.seq, NOON, 'decided', 'forged', 'decided forged 1', entry.eventText],
      hashOf(String(last?.['hash'] ?? GENESIS), entry),
    );
  });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('what others wrote into the ledger', () => {
  it.each([
    ['show', 'forged', 1, MARKED],
    ['show', 'genuine', 0, ''],
    ['show', 'forged --json', 1, '"seal_fault":"has no seal"'],
    ['show', 'genuine --json', 0, '"seal_fault":null'],
    ['list', '', 1, MARKED],
    ['list', '--json', 1, '"seal_fault":"has no seal"'],
    ['list', '--csv', 1, ',"has no seal"'],
  ])('is marked by `ledger %s %s`', async (command, rest, exitCode, mark) => {
    const args = rest.split(' ').filter((arg) => arg !== '');
    const told = await ledgerCommand(command, ...args, ...config());
    const unmarked = mark === '' || mark.endsWith('null') ? MARKED : '"genuine".*has no seal';

    expect([told.exitCode, told.text]).toEqual([exitCode, expect.stringContaining(mark)]);
    expect(told.text).not.toMatch(new RegExp(unmarked, 'u'));
  });

  it.each(['show forged', 'list'])(
    'is not told from what the service wrote by `ledger %s` without the key',
    async (line) => {
      const told = await ledgerCommand(...(line.split(' ') as [string]), '--ledger', settings.sqlite);

      expect([told.exitCode, told.text]).toEqual([
        0,
        expect.stringContaining('name a configuration with its key'),
      ]);
    },
  );

  it('is said by evidence, and when evidence that was made without the key is held against the ledger', async () => {
    const made = async (id: string, place: readonly string[], name: string) => {
      const out = join(folder.path, `${name}.tar`);
      const { exitCode } = await ledgerCommand('evidence', id, ...place, '--out', out);
      return [exitCode, out] as const;
    };
    const verified = (out: string, place: readonly string[]) =>
      ledgerCommand('evidence', '--verify', out, ...place);
    const keyless = ['--ledger', settings.sqlite];
    const [code, marked] = await made('forged', config(), 'marked');
    const [, unmarked] = await made('forged', keyless, 'unmarked');
    const [, genuine] = await made('genuine', keyless, 'genuine');

    expect(code).toBe(1);
    for (const out of [marked, unmarked])
      expect(await verified(out, config())).toMatchObject({
        exitCode: 1,
        text: expect.stringContaining('has no seal') as string,
      });
    expect((await verified(unmarked, keyless)).text).toContain('name a configuration with its key');
    expect(await verified(genuine, config())).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['/decisions', MARKED],
    ['/decisions/forged', 'Somebody else has written to the ledger'],
    ['/decisions/month/2026-03', '1 decision of this month were not written'],
  ])('is marked on the page %s', async (path, mark) => {
    const history = await openHistory(settings);
    await using resources = new AsyncDisposableStack();
    resources.defer(() => history.close());
    const pages = decisionPages({
      history,
      seals: await openSeals(settings, history),
      access: { kind: 'token', token: () => 'a-token-that-nobody-guesses-0123456789' },
      clock: { now: () => NOON },
      proxyPublicAddr: () => '',
      live: NOT_BEGUN,
    });
    const listen = { host: '127.0.0.1', port: 0 };
    const server = await startHttpServer({ listen, plugins: [pages], onFailure: () => undefined });
    resources.defer(() => server.close());
    const headers = { authorization: 'Bearer a-token-that-nobody-guesses-0123456789' };
    const text = async (of: string) =>
      (await (await fetch(`${server.url}${of}`, { headers })).text()).replaceAll(/\s+/gu, ' ');

    expect(await text(path)).toContain(mark);
    expect(await text('/decisions/genuine')).not.toContain('Somebody else has written');
  });
});
