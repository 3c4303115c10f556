import { expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { World } from '../support/world.ts';

it('the closing note names the approver whose answer let somebody in, not the service that gave it', async () => {
  await using stage = await World.open();
  const id = stage.request('sre-2');
  await stage.done('page');
  const pageId = stage.incidents()[0]?.id ?? '';

  addNote(stage.pagerDuty.account, pageId, `approve ${answerCode(id)}`, { type: 'user', id: 'PSAM1RE' });
  await stage.followUp(id);
  await stage.done('close-page');

  expect(stage.teleport.cluster.request(id).reviews.map(({ author }) => author)).toEqual(['oncall-approver']);
  expect(stage.notesOf(pageId).at(-1)).toContain(
    'The access request was approved by Sam One, answering the page.',
  );
});
