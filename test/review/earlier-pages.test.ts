import { describe, expect, it } from 'vitest';
import { resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;

/** The page was resolved without an answer, and there is a second one. */
async function pagedTwice() {
  const waiting = await paged({
    rule: { escalate: { service: 'Access requests', decide_within: '2s', if_resolved: 'repage' } },
  });
  const { stage, id, pageId } = waiting;
  resolve(stage.pagerDuty.account, pageId, SAM);
  await stage.followUp(id);
  return { ...waiting, secondId: stage.incidents()[1]?.id };
}

describe('an answer on an earlier page of the same request', () => {
  it('counts like one on the page that is open, which is then closed', async () => {
    await using waiting = await pagedTwice();
    const { stage, id, pageId, code, secondId } = waiting;

    addNote(stage.pagerDuty.account, pageId, `approve ${code} go ahead`, SAM);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    expect(stage.notesOf(secondId).at(-1)).toContain('approved by Sam One, answering the page');
  });

  it('is refused there, once, where it does not count', async () => {
    await using waiting = await pagedTwice();
    const { stage, id, pageId, code, secondId } = waiting;

    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, ROBIN);
    await stage.followUp(id);
    await stage.followUp(id);

    const refusals = (page = '') => stage.notesOf(page).filter((note) => note.includes('is not taken'));
    expect(refusals(pageId)).toEqual([expect.stringContaining('Robin Three was not on call')]);
    expect(refusals(secondId)).toEqual([]);
    expect(stage.state(id)).toBe('PENDING');
  });

  it('is heard while the second page cannot be opened, which is then not needed any more', async () => {
    await using waiting = await paged({
      rule: { escalate: { service: 'Access requests', decide_within: '2s', if_resolved: 'repage' } },
    });
    const { stage, id, pageId, code } = waiting;

    stage.pagerDuty.faults.add({
      kind: 'status',
      status: 500,
      match: { method: 'POST', pathPrefix: '/incidents' },
    });
    resolve(stage.pagerDuty.account, pageId, SAM);
    await stage.followUp(id);
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.incidents()).toHaveLength(1);
  });

  it('costs one read for each page that is resolved, and one for the one that is open', async () => {
    await using waiting = await pagedTwice();
    const { stage, id, pageId, secondId } = waiting;
    await stage.followUp(id);

    stage.pagerDuty.calls.clear();
    await stage.followUp(id);
    const asked = stage.pagerDuty.calls.all().map(({ path }) => path);

    expect(asked.toSorted()).toEqual(
      [`/incidents/${pageId}/notes`, `/incidents/${secondId}/log_entries`].toSorted(),
    );
  });
});
