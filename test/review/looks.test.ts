import { describe, expect, it } from 'vitest';
import { paged } from '../support/paged.ts';
import type { World } from '../support/world.ts';

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
});
