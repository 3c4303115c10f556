import { describe, expect, it } from 'vitest';
import { acknowledge, reassign, resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';
import { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const TAYLOR = { type: 'user', id: 'PTAY2RE' } as const;

describe('an answer by note', () => {
  it.each([['enterprise'], ['community']] as const)(
    'approves on %s, and names the approver',
    async (edition) => {
      await using waiting = await paged({ edition });
      const { stage, id, pageId, code } = waiting;

      addNote(stage.pagerDuty.account, pageId, `approve ${code} she helps me`, SAM);
      await stage.followUp(id);
      await stage.done('close-page');

      const request = stage.teleport.cluster.request(id);
      expect(request.state).toBe('APPROVED');
      expect(request.resolveReason).toMatch(
        /^Approved by Sam One by note in PagerDuty incident .* “she helps me”/u,
      );
      expect(stage.incidents()).toMatchObject([{ status: 'resolved' }]);
    },
  );

  it('denies with the approver’s reason', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    addNote(stage.pagerDuty.account, pageId, `deny ${code} not before the freeze ends`, SAM);
    await stage.followUp(id);
    await stage.done('close-page');

    expect(stage.state(id)).toBe('DENIED');
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('not before the freeze ends');
  });

  it('is given in the approver’s own name where Teleport allows it', async () => {
    await using waiting = await paged({
      submitForUsers: true,
      config: { identities: [{ map: { 'sre-1': 'PSAM1RE', 'sre-2': 'PTAY2RE' } }] },
    });
    const { stage, id, pageId, code } = waiting;

    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    await stage.done('close-page');

    expect(stage.teleport.cluster.request(id).reviews.map(({ author }) => author)).toEqual(['sre-1']);
  });

  it.each([
    ['of the requester', TAYLOR, (code: string) => `approve ${code}`, 'nobody answers their own request'],
    [
      'of somebody who is not on call',
      { type: 'user', id: 'POUT4SD' } as const,
      (code: string) => `approve ${code}`,
      'was not on call',
    ],
  ])('%s does not count, and is told why once', async (_whose, author, words, why) => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    addNote(stage.pagerDuty.account, pageId, words(code), author);
    await stage.followUp(id);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    const replies = stage.notesOf(pageId).filter((note) => note.includes('is not taken for an answer'));
    expect(replies).toEqual([expect.stringContaining(why)]);
  });

  it('whose evidence cannot be had is judged later', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    expect(stage.state(id)).toBe('PENDING');
    expect(stage.reports.of('followUpFailed')).toMatchObject([{ what: 'answers' }]);

    stage.pagerDuty.faults.clear();
    await stage
      .poll(
        async () => {
          await stage.followUp(id);
          return stage.state(id);
        },
        { timeout: 15_000 },
      )
      .toBe('APPROVED');
  });
});

describe('an answer by acknowledging', () => {
  it('approves where the rule allows it', async () => {
    await using waiting = await paged({ rule: { approvers: { answer_by: ['note', 'acknowledge'] } } });
    const { stage, id, pageId } = waiting;

    acknowledge(stage.pagerDuty.account, pageId, SAM);
    await stage.followUp(id);
    await stage.done('close-page');

    expect(stage.state(id)).toBe('APPROVED');
  });

  it.each([
    [
      'given to somebody else',
      (stage: World, pageId: string) => reassign(stage.pagerDuty.account, pageId, [TAYLOR.id], SAM),
    ],
    ['resolved', (stage: World, pageId: string) => resolve(stage.pagerDuty.account, pageId, SAM)],
  ])('is heard though the page is %s right after it', async (_what, happens) => {
    await using waiting = await paged({ rule: { approvers: { answer_by: ['acknowledge'] } } });
    const { stage, id, pageId } = waiting;

    acknowledge(stage.pagerDuty.account, pageId, SAM);
    happens(stage, pageId);
    await stage.followUp(id);
    await stage.reports.when('ended');

    expect(stage.state(id)).toBe('APPROVED');
    expect((await stage.events(id)).map(({ kind }) => kind)).not.toContain('page-resolved');
  });
});

it.each(['high', 'low'] as const)(
  'a page is as urgent as its service says where the rule leaves it to that: %s',
  async (urgency) => {
    await using stage = await World.open({
      start: false,
      rule: { escalate: { service: 'Access requests', decide_within: '2s', urgency: 'as_service' } },
    });
    const { services } = stage.pagerDuty.account;
    for (const each of services.all()) services.put({ ...each, urgency });
    await stage.startService();

    stage.request('sre-2');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');

    expect(stage.incidents()).toMatchObject([{ urgency }]);
  },
);

it('a request that suggests its reviewers pages by the policy, which goes on to the next one, and names them', async () => {
  await using stage = await World.open({
    rule: { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } },
  });

  stage.request('sre-2', { suggestedReviewers: ['outsider@example.com', 'sre-3'] });
  await stage.done('page');

  const [page] = stage.incidents();
  expect(page).toMatchObject({ assignedVia: 'escalation_policy', assignments: [{ userId: 'PSAM1RE' }] });
  expect(page?.escalatesAt).not.toBeNull();
  expect(page?.details).toContain('outsider@example.com and sre-3');
});
