import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { World } from '../support/world.ts';
import { twoApprovals } from '../support/two-approvals.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;
const MAP = { map: { 'sre-1': 'PSAM1RE', 'sre-2': 'PTAY2RE', 'sre-3': 'PROB3RE' } };

/** A page for sre-2, whose request needs two approvals; Sam and Robin may answer. */
async function pagedForTwo({
  submitForUsers,
  listUsers = false,
  config = { identities: [MAP, { trait: 'email' }] },
}: {
  readonly submitForUsers: boolean;
  readonly listUsers?: boolean;
  readonly config?: Record<string, unknown>;
}) {
  const stage = await World.open({
    ...twoApprovals({ submitForUsers, listUsers }),
    config,
    rule: { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } },
  });
  const id = stage.request('sre-2');
  await stage.done('page');
  const pageId = stage.incidents()[0]?.id ?? '';
  const answer = async (by: typeof SAM | typeof ROBIN, verb: string) => {
    addNote(stage.pagerDuty.account, pageId, `${verb} ${answerCode(id)}`, by);
    await stage.followUp(id);
  };
  const reviews = () =>
    stage.teleport.cluster.request(id).reviews.map(({ author, proposedState }) => [author, proposedState]);
  const notes = () => stage.notesOf(pageId);
  const lastNote = () => notes().at(-1);
  const stop = () => stage[Symbol.asyncDispose]();
  return { stage, id, answer, reviews, notes, lastNote, [Symbol.asyncDispose]: stop };
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

  it('are given by nobody but the approvers themselves where Teleport does not take them in their names', async () => {
    await using waiting = await pagedForTwo({ submitForUsers: false });
    const { stage, id, answer, reviews, lastNote } = waiting;

    await answer(SAM, 'approve');
    const told = lastNote();
    stage.approveAs('sre-1', id, 'by hand');
    await stage.followUp(id);
    const afterSam = stage.state(id);
    stage.approveAs('sre-3', id, 'by hand');

    expect(told).toMatch(
      /^The answer of Sam One was not taken: the request needs 2 approvals, of which 0 are given, .* Please review it in Teleport yourself: .*\/web\/requests\//u,
    );
    expect(afterSam).toBe('PENDING');
    expect(reviews()).toEqual([
      ['sre-1', 'APPROVED'],
      ['sre-3', 'APPROVED'],
    ]);
    expect(stage.state(id)).toBe('APPROVED');
  });

  it('are given in the service’s name where they are the last that is asked for', async () => {
    await using waiting = await pagedForTwo({ submitForUsers: false });
    const { stage, id, answer, reviews } = waiting;

    stage.approveAs('sre-3', id, 'by hand');
    await answer(SAM, 'approve');

    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews()).toEqual([
      ['sre-3', 'APPROVED'],
      ['oncall-approver', 'APPROVED'],
    ]);
  });

  it.each([true, false])(
    'are not given for somebody unknown in Teleport, who may have reviewed there (on their behalf: %s)',
    async (submitForUsers) => {
      await using waiting = await pagedForTwo({
        submitForUsers,
        config: { identities: [{ trait: 'email' }] },
      });
      const { stage, id, answer, reviews, lastNote } = waiting;

      stage.approveAs('sre-1', id, 'by hand');
      await answer(SAM, 'approve');

      expect(stage.state(id)).toBe('PENDING');
      expect(reviews()).toEqual([['sre-1', 'APPROVED']]);
      expect(lastNote()).toMatch(
        /^The answer of Sam One was not taken: the request has been reviewed in Teleport already/u,
      );
    },
  );
});

describe('votes of approvers who are known by a trait', () => {
  const bySso = { identities: [{ trait: 'email' }], require_sso: true, addresses: 'managed' };

  it('are given in their own names where the service may look through Teleport’s users', async () => {
    await using waiting = await pagedForTwo({ submitForUsers: true, listUsers: true, config: bySso });
    const { stage, id, answer, reviews } = waiting;

    await answer(SAM, 'approve');
    await answer(ROBIN, 'approve');

    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews()).toEqual([
      ['sre-1', 'APPROVED'],
      ['sre-3', 'APPROVED'],
    ]);
  });
});

describe('votes where Teleport only knows a state', () => {
  it.each([
    ['approve', 'deny', 'APPROVED'],
    ['deny', 'approve', 'DENIED'],
    ['approve', 'approve', 'APPROVED'],
  ])('the first answer settles it: %s, then %s', async (first, second, state) => {
    await using stage = await World.open({
      edition: 'community',
      rule: { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } },
    });
    const id = stage.request('sre-2');
    await stage.done('page');
    const pageId = stage.incidents()[0]?.id ?? '';

    addNote(stage.pagerDuty.account, pageId, `${first} ${answerCode(id)}`, ROBIN);
    addNote(stage.pagerDuty.account, pageId, `${second} ${answerCode(id)}`, SAM);
    await stage.followUp(id);
    await stage.done('close-page');

    expect(stage.state(id)).toBe(state);
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('by Robin Three by note');
    expect(stage.notesOf(pageId).join('\n')).toContain('The answer of Sam One was not taken');
  });
});
