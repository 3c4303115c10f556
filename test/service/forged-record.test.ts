import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { onceKeyOf, subjectOf } from '../../src/core/record/ledger-entry.ts';
import { hashOf } from '../../src/ledger/chain.ts';
import { anAnswer, anAnswered } from '../support/builders.ts';
import { addNote, deleteNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import { tamper } from '../traceability/tampering.ts';
import { paged } from './paged.ts';
import { Stage } from './stage.ts';

const CONFIG = {
  ledger: { sqlite: 'ledger.sqlite', key_file: 'ledger-key' },
  http: { listen: '127.0.0.1:0' },
};

async function sealed(): Promise<Stage> {
  const stage = await Stage.open({ config: CONFIG, start: false });
  const { text } = await ledgerCommand('key', 'init', '--config', stage.configFile);
  expect(text).toContain('the ledger is sealed');
  await stage.startService();
  return stage;
}

/** Appends an event as somebody does who may write to the file, and knows how the chain is made. */
function forge({ folder }: Stage, event: LedgerEvent): void {
  tamper(join(folder, 'ledger.sqlite'), (db) => {
    const last = db.prepare('SELECT seq, at, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
    const eventText = JSON.stringify(event);
    const [seq, at] = [Number(last?.['seq']) + 1, String(last?.['at'])];
    const hash = hashOf(String(last?.['hash']), { seq, at, eventText });
    db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, NULL)').run(
      ...[seq, at, event.kind, subjectOf(event), onceKeyOf(event), eventText, hash],
    );
  });
}

describe('a service on a sealed ledger', () => {
  it('leaves a request alone whose approval somebody wrote into the ledger, says so once, and goes on', async () => {
    await using stage = await sealed();
    const id = stage.request('sre-2');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');
    const [page] = stage.incidents();

    forge(stage, anAnswered({ requestId: id, answer: anAnswer({ incidentId: page?.id ?? '' }) }));
    await stage.followUp(id);
    await stage.followUp(id);
    await stage.service.sweepNow();
    const other = stage.request('sre-1');
    await stage.reports.when('effectDone', ({ requestId, key }) => requestId === other && key === 'review');
    const ready = await fetch(`${stage.service.url ?? ''}/readyz`);
    const body = (await ready.json()) as { parts: { record: { state: string; reason: string } } };
    const metrics = await (await fetch(`${stage.service.url ?? ''}/metrics`)).text();
    const { exitCode, text } = await ledgerCommand('verify', '--config', stage.configFile);

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.state(other)).toBe('APPROVED');
    expect(stage.reports.of('recordForged')).toEqual([
      { requestId: id, cause: expect.stringContaining('has no seal: somebody else has written') as string },
    ]);
    expect([ready.status, body.parts.record.state]).toEqual([200, 'degraded']);
    expect(body.parts.record.reason).toContain(
      'handle the request in Teleport, restore the ledger from a backup',
    );
    expect(metrics).toContain('oncall_approver_forged_records 1');
    expect([exitCode, text]).toEqual([1, expect.stringMatching(/FAIL {2}entry \d+ of \S+ has no seal/u)]);
  });

  it('goes on with the request once its entries are as they were', async () => {
    await using stage = await sealed();
    const id = stage.request('sre-2');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');
    forge(stage, { kind: 'unlocked', requestId: id });
    await stage.followUp(id);
    tamper(join(stage.folder, 'ledger.sqlite'), (db) => db.exec('DELETE FROM entry WHERE seal IS NULL'));

    await stage.followUp(id);

    expect(stage.reports.of('recordSound')).toEqual([{ requestId: id }]);
  });

  it('refuses to start on a ledger without a mark, and never sets one itself', async () => {
    await using stage = await sealed();
    await stage.stopService();
    tamper(join(stage.folder, 'ledger.sqlite'), (db) =>
      db.exec('DELETE FROM entry; DELETE FROM open_request'),
    );

    await expect(stage.startService()).rejects.toThrow('the ledger has no mark');
    await expect(stage.startService()).rejects.toThrow('the ledger has no mark');
  });
});

describe('an answer that counted, compared with PagerDuty', () => {
  const verified = (stage: Stage) =>
    ledgerCommand('verify', '--config', stage.configFile, '--against', 'pagerduty');

  it('is the note that its approver wrote, and anything else is named', async () => {
    await using world = await paged();
    const { stage, id, pageId, code } = world;
    const { account } = stage.pagerDuty;
    const note = addNote(account, pageId, `approve ${code} carry on`, {
      type: 'user',
      id: 'PSAM1RE',
    });
    await stage.followUp(id);
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('vote') || key.startsWith('review'));
    const genuine = await verified(stage);
    // PagerDuty's times have whole seconds: an edit within the second of the note itself cannot be told.
    account.clock.advance(1_000);
    editNote(account, pageId, note.id, `deny ${code} not now`);
    const reworded = await verified(stage);
    deleteNote(account, pageId, note.id);
    const removed = await verified(stage);

    expect([genuine.exitCode, genuine.text]).toEqual([0, expect.stringContaining('compared with PagerDuty')]);
    expect([reworded.exitCode, reworded.text]).toEqual([
      3,
      expect.stringMatching(/note \S+ was edited at \S+, and says something else/u),
    ]);
    expect([removed.exitCode, removed.text]).toEqual([1, expect.stringMatching(/PagerDuty has no note/u)]);
  });

  it.each([
    ['note', 'PagerDuty has no note PFORGED'],
    ['acknowledge', 'PagerDuty knows of no acknowledgement'],
  ] as const)('by %s that was never given is named, without any key', async (how, text) => {
    await using world = await paged();
    const { stage, id, pageId } = world;
    await stage.stopService();
    const answer = anAnswer({ id: 'PFORGED', how, incidentId: pageId });
    forge(stage, anAnswered({ requestId: id, answer }));

    const found = await verified(stage);

    expect([found.exitCode, found.text]).toEqual([1, expect.stringContaining(text)]);
  });
});
