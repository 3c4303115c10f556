import { describe, expect, it } from 'vitest';
import { resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote, deleteNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';
import type { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

/** What one look asks of PagerDuty. */
async function readsOf(stage: World, id: string): Promise<readonly string[]> {
  stage.pagerDuty.calls.clear();
  await stage.followUp(id);
  return stage.pagerDuty.calls.all().map(({ method, path }) => `${method} ${path}`);
}

describe('a look at a page', () => {
  it.each([
    ['notes', ['note']],
    ['notes and acknowledging', ['note', 'acknowledge']],
  ])('costs one read while nobody says anything, where %s may approve', async (_what, answerBy) => {
    await using waiting = await paged({ rule: { approvers: { answer_by: answerBy } } });
    const { stage, id, pageId } = waiting;

    const looks = [await readsOf(stage, id), await readsOf(stage, id)];

    const log = `GET /incidents/${pageId}/log_entries`;
    expect(looks).toEqual([[log], [log]]);
  });

  it('costs two reads when the page was resolved and the request still waits', async () => {
    const escalate = { service: 'Access requests', if_resolved: 'leave' };
    await using waiting = await paged({ rule: { escalate } });
    const { stage, id, pageId } = waiting;

    resolve(stage.pagerDuty.account, pageId, SAM);
    await stage.followUp(id);
    // Reads what the service itself has noted.
    await stage.followUp(id);

    expect(await readsOf(stage, id)).toEqual([
      `GET /incidents/${pageId}/log_entries`,
      `GET /incidents/${pageId}`,
    ]);
  });
});

it('an answer of which it is not known yet whether it counts is not heard any more once it was taken back', async () => {
  await using waiting = await paged();
  const { stage, id, pageId, code } = waiting;
  const { account, faults } = stage.pagerDuty;

  const onCall = faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
  const note = addNote(account, pageId, `approve ${code}`, SAM);
  await stage.followUp(id);
  deleteNote(account, pageId, note.id);
  onCall.remove();
  await stage.followUp(id);

  expect(stage.reports.of('followUpFailed')).toMatchObject([{ requestId: id, what: 'answers' }]);
  expect(stage.state(id)).toBe('PENDING');
  expect(stage.notesOf(pageId)).toEqual([]);
});
