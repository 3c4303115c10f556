import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { Stage } from './stage.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;
const MAP = { map: { 'sre-1': 'PSAM1RE', 'sre-2': 'PTAY2RE', 'sre-3': 'PROB3RE' } };

/** A page for sre-2, whose request needs two approvals; Sam and Robin may answer. */
async function pagedForTwo({ submitForUsers }: { readonly submitForUsers: boolean }) {
  const world = referenceWorld({ edition: 'enterprise', submitForUsers });
  const thresholds = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
  const roles = world.roles.map((role) =>
    role.name === 'sres'
      ? { ...role, allow: { ...role.allow, request: { ...role.allow.request, thresholds } } }
      : role,
  );
  const users = world.users.map((user) =>
    user.name === 'sre-3' ? { ...user, roles: ['sres', 'access-reviewer'] } : user,
  );
  const stage = await Stage.open({
    roles,
    users,
    config: { identities: [MAP, { trait: 'email' }] },
    rule: { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } },
  });
  const id = stage.request('sre-2');
  await stage.reports.when('effectDone', ({ key }) => key === 'page');
  const pageId = stage.incidents()[0]?.id ?? '';
  const answer = async (by: typeof SAM | typeof ROBIN, verb: string) => {
    addNote(stage.pagerDuty.account, pageId, `${verb} ${answerCode(id)}`, by);
    await stage.followUp(id);
  };
  const reviews = () =>
    stage.teleport.cluster.request(id).reviews.map(({ author, proposedState }) => [author, proposedState]);
  const lastNote = () => stage.notesOf(pageId).at(-1);
  const stop = () => stage[Symbol.asyncDispose]();
  return { stage, id, answer, reviews, lastNote, [Symbol.asyncDispose]: stop };
}

describe('votes where Teleport asks for two', () => {
  it('are given in the approvers’ own names, and the second one lets the requester in', async () => {
    await using waiting = await pagedForTwo({ submitForUsers: true });
    const { stage, id, answer, reviews } = waiting;

    await answer(SAM, 'approve');
    const afterOne = stage.state(id);
    await answer(ROBIN, 'approve');

    expect(afterOne).toBe('PENDING');
    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews()).toEqual([
      ['sre-1', 'APPROVED'],
      ['sre-3', 'APPROVED'],
    ]);
  });

  it('are not said to be given where the service’s one review stands for somebody else', async () => {
    await using waiting = await pagedForTwo({ submitForUsers: false });
    const { stage, id, answer, reviews, lastNote } = waiting;

    await answer(SAM, 'approve');
    await answer(ROBIN, 'approve');

    expect(stage.state(id)).toBe('PENDING');
    expect(reviews()).toEqual([['oncall-approver', 'APPROVED']]);
    expect(lastNote()).toMatch(/^The answer of Robin Three was not taken: .*one review of each/u);
  });

  it.each([true, false])(
    'of somebody who has reviewed in Teleport already are not given again (on their behalf: %s)',
    async (submitForUsers) => {
      await using waiting = await pagedForTwo({ submitForUsers });
      const { stage, id, answer, reviews, lastNote } = waiting;

      stage.approveAs('sre-1', id, 'by hand');
      await answer(SAM, 'deny');

      expect(stage.state(id)).toBe('PENDING');
      expect(reviews()).toEqual([['sre-1', 'APPROVED']]);
      expect(lastNote()).toMatch(/^The answer of Sam One was not taken: sre-1 has reviewed it/u);
    },
  );
});

describe('votes where Teleport only knows a state', () => {
  it.each([
    ['approve', 'deny', 'APPROVED'],
    ['deny', 'approve', 'DENIED'],
    ['approve', 'approve', 'APPROVED'],
  ])('the first answer settles it: %s, then %s', async (first, second, state) => {
    await using stage = await Stage.open({
      edition: 'community',
      rule: { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } },
    });
    const id = stage.request('sre-2');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');
    const pageId = stage.incidents()[0]?.id ?? '';

    addNote(stage.pagerDuty.account, pageId, `${first} ${answerCode(id)}`, ROBIN);
    addNote(stage.pagerDuty.account, pageId, `${second} ${answerCode(id)}`, SAM);
    await stage.followUp(id);
    await stage.reports.when('effectDone', ({ key }) => key === 'close-page');

    expect(stage.state(id)).toBe(state);
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('by Robin Three by note');
    expect(stage.notesOf(pageId).join('\n')).toContain('The answer of Sam One was not taken');
  });
});
