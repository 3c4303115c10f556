import { describe, expect, it } from 'vitest';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';

const ALEX = { type: 'user', id: 'POUT4SD' } as const;
const PRIMARY = 'PSCHED1';
describe('where shifts must have some age, as they must unless told', () => {
  it.each([
    ['now', 0],
    ['as of an hour ago', -3_600_000],
  ])('who has just put themselves on call, %s, lets nobody in, and is told why', async (_when, ms) => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    const { account } = stage.pagerDuty;
    const start = new Date(account.clock.now().getTime() + ms);
    setOverride(account, { scheduleId: PRIMARY, userId: ALEX.id, start });
    addNote(account, pageId, `approve ${code}`, ALEX);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.notesOf(pageId).at(-1)).toMatch(
      /^The note of Alex Outsider is not taken for an answer: .* on call only since .*, the rule asks for 10 min/u,
    );
  });

  it('approvers of their own may answer as soon as their own settings say', async () => {
    await using waiting = await paged({
      rule: { approvers: { on_call: { services: ['Payments API'], min_shift_age: '0s' } } },
    });
    const { stage, id, pageId, code } = waiting;

    setOverride(stage.pagerDuty.account, { scheduleId: PRIMARY, userId: ALEX.id });
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, ALEX);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('APPROVED');
  });
});
