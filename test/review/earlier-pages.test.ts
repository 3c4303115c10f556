import { describe, expect, it } from 'vitest';
import { resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

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
