import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { tamper } from '../traceability/tampering.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import { pagedOn } from '../support/paged.ts';
import { Stage } from './stage.ts';

/** Written by the version before there were seals: an approval, and a page that is still open. */
const FIXTURE = new URL('../ledger/fixtures/ecb476d.sqlite.gz', import.meta.url);
const OPEN = '01a2184b-e951-7451-9a64-8523371fb8db';

async function withOldLedger(ledger: Record<string, string>): Promise<Stage> {
  const stage = await Stage.open({
    start: false,
    config: { ledger: { sqlite: 'ledger.sqlite', ...ledger } },
  });
  await writeFile(join(stage.folder, 'ledger.sqlite'), gunzipSync(await readFile(FIXTURE)));
  return stage;
}

describe('a ledger written before there were seals', () => {
  it('is verified and replayed as it is', async () => {
    await using stage = await withOldLedger({});
    const file = join(stage.folder, 'ledger.sqlite');

    const [verified, replayed] = [
      await ledgerCommand('verify', '--ledger', file),
      await ledgerCommand('replay', '--config', stage.configFile, '--expect-none'),
    ];

    expect([verified.exitCode, verified.text]).toEqual([
      0,
      expect.stringContaining('10 entries, 2 decisions'),
    ]);
    expect([replayed.exitCode, replayed.text]).toEqual([0, expect.stringContaining('2 decisions')]);
  });

  it.each([['without a key', {}] as const, ['sealed', { key_file: 'ledger-key' }] as const])(
    'is gone on with, %s',
    async (_how, ledger) => {
      await using stage = await withOldLedger(ledger);
      if ('key_file' in ledger) await ledgerCommand('key', 'init', '--config', stage.configFile);

      await stage.startService();
      await stage.reports.when('ended', ({ requestId }) => requestId === OPEN);
      const fresh = stage.request('sre-1');
      await stage.done('review', fresh);
      await stage.stopService();
      const { exitCode, text } = await ledgerCommand('verify', '--config', stage.configFile);

      expect(stage.reports.of('recordForged')).toEqual([]);
      expect([exitCode, text]).toEqual([0, expect.stringContaining('3 decisions')]);
    },
  );
});

it('a request that an earlier version decided is decided anew before an answer counts: it did not tell whether the requester’s address was the first one', async () => {
  await using waiting = await pagedOn(Stage.open({ config: { ledger: { sqlite: 'ledger.sqlite' } } }));
  const { stage, id, pageId, code } = waiting;
  await stage.stopService();
  tamper(join(stage.folder, 'ledger.sqlite'), (db) => {
    db.exec(`UPDATE entry SET event = replace(event, ',"binding":"unchanged-address"', '')`);
  });
  addNote(stage.pagerDuty.account, pageId, `approve ${code}`, { type: 'user', id: 'PSAM1RE' });
  await stage.startService();
  await stage.reports.when('decided', ({ decided }) => decided.number === 2);
  await stage.followUp(id);

  expect(stage.decided(id).facts.requester).toMatchObject({ binding: 'unchanged-address' });
  expect([stage.state(id), stage.incidents().length]).toEqual(['APPROVED', 1]);
});

describe('the key of a ledger', () => {
  it('takes the place of another in three steps, and the service goes on', async () => {
    await using stage = await withOldLedger({ key_file: 'ledger-key' });
    const keyFile = join(stage.folder, 'ledger-key');
    const key = (what: string) => ledgerCommand('key', what, '--config', stage.configFile);
    const begun = await key('init');
    const first = await readFile(keyFile, 'utf8');
    const again = await key('init');
    await stage.startService();
    const said: string[] = [];
    for (const user of ['sre-1', 'sre-2', 'sre-1']) {
      if (said.length === 2) {
        expect((await key('rotate')).text).toContain('try again then');
        await utimes(keyFile, 0, 0);
      }
      said.push((await key('rotate')).text);
      await stage.stopService();
      await stage.startService();
      const id = stage.request(user);
      await stage.reports.when('effectDone', ({ requestId }) => requestId === id);
      expect((await ledgerCommand('verify', '--config', stage.configFile)).exitCode).toBe(0);
    }
    const last = await readFile(keyFile, 'utf8');
    await writeFile(keyFile, first);
    const withOldKey = await ledgerCommand('verify', '--config', stage.configFile);

    expect(begun.text).toMatch(
      /10 entries from before.*vouch for them as found.*--against teleport,pagerduty/su,
    );
    expect([again.exitCode, again.text]).toEqual([1, expect.stringContaining('has its mark already')]);
    expect(said.map((text) => text.slice(0, 11))).toEqual(['step 1 of 3', 'step 2 of 3', 'step 3 of 3']);
    expect(last).not.toContain(first.split('\n')[1]);
    expect(last.match(/^(?:current|next|former) /gmu)).toEqual(['current ']);
    expect(withOldKey.exitCode).toBe(1);
  });

  it('seals no ledger that does not verify', async () => {
    await using stage = await withOldLedger({ key_file: 'ledger-key' });
    tamper(join(stage.folder, 'ledger.sqlite'), (db) => db.exec('DELETE FROM entry WHERE seq = 5'));

    const { exitCode, text } = await ledgerCommand('key', 'init', '--config', stage.configFile);

    expect([exitCode, text]).toEqual([1, expect.stringMatching(/faults.*Nothing was changed/u)]);
    await expect(stage.startService()).rejects.toThrow('ledger.key_file');
  });
});
