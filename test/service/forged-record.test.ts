import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { addNote, deleteNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { anAnswer, anAnswered } from '../support/builders.ts';
import { tamper } from '../traceability/tampering.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import { forge, forgedRecordContract } from './forged-record.contract.ts';
import { pagedOn } from '../support/paged.ts';
import { Stage } from './stage.ts';

const sqlOn =
  ({ folder }: Stage) =>
  async (text: string) => {
    const file = join(folder, 'ledger.sqlite');
    tamper(file, () => undefined);
    using db = new DatabaseSync(file);
    return await Promise.resolve(db.prepare(text).all());
  };

forgedRecordContract('SQLite', async (rule) => {
  const config = {
    ledger: { sqlite: 'ledger.sqlite', key_file: 'ledger-key' },
    http: { listen: '127.0.0.1:0' },
  };
  const stage = await Stage.open({ config, start: false, ...(rule === undefined ? {} : { rule }) });
  return { stage, sql: sqlOn(stage), [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
});

describe('an answer that counted, compared with PagerDuty', () => {
  const verified = (stage: Stage) =>
    ledgerCommand('verify', '--config', stage.configFile, '--against', 'pagerduty');

  it('is the note that its approver wrote, and anything else is named', async () => {
    await using world = await pagedOn(Stage.open());
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
    await using world = await pagedOn(Stage.open());
    const { stage, id, pageId } = world;
    await stage.stopService();
    const answer = anAnswer({ id: 'PFORGED', how, incidentId: pageId });
    await forge({ sql: sqlOn(stage) }, anAnswered({ requestId: id, answer }));

    const found = await verified(stage);

    expect([found.exitCode, found.text]).toEqual([1, expect.stringContaining(text)]);
  });
});
