import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { World } from '../support/world.ts';
import { twoApprovals } from '../support/two-approvals.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;
const AUTOMATION = { type: 'service', id: 'PSERVC1' } as const;

/** Sam is on call and asks for what takes two approvals; Robin, at level 2, may give the other one. */
async function open({ submitForUsers }: { readonly submitForUsers: boolean }) {
  return World.open({
    ...twoApprovals({ submitForUsers }),
    config: { identities: [{ map: { 'sre-1': 'PSAM1RE', 'sre-3': 'PROB3RE' } }, { trait: 'email' }] },
    rule: {
      approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } },
      escalate: { service: 'Access requests', decide_within: '300ms' },
    },
  });
}

/** The page for Sam's request, once the service's own approval stands. */
async function pagedForTheOther(options: { readonly submitForUsers: boolean; readonly wasDown?: boolean }) {
  const stage = await open(options);
  const down =
    options.wasDown === true
      ? stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } })
      : null;
  const id = stage.request('sre-1');
  await stage.done('page');
  down?.remove();
  await stage.followUp(id);
  await stage.service.sweepNow();
  await stage.poll(() => stage.teleport.cluster.request(id).reviews.length).toBe(1);
  const [page, ...others] = stage.incidents();
  const answer = async (by: typeof SAM | typeof ROBIN | typeof AUTOMATION) => {
    addNote(stage.pagerDuty.account, page?.id ?? '', `approve ${answerCode(id)}`, by);
    await stage.followUp(id);
  };
  const reviewers = () => stage.teleport.cluster.request(id).reviews.map(({ author }) => author);
  const told = () => stage.notesOf(page?.id).filter((note) => !note.startsWith('approve'));
  const stop = () => stage[Symbol.asyncDispose]();
  return { stage, id, page, others, answer, reviewers, told, [Symbol.asyncDispose]: stop };
}

describe('where Teleport asks for one approval more than the service’s own', () => {
  it('it is given by a note of somebody on call, and not by the requester or by a machine', async () => {
    await using waiting = await pagedForTheOther({ submitForUsers: true });
    const { stage, id, answer, reviewers, told } = waiting;

    await answer(SAM);
    await answer(AUTOMATION);
    const before = [stage.state(id), reviewers(), told()];
    await answer(ROBIN);

    expect(before).toEqual([
      'PENDING',
      ['oncall-approver'],
      [
        expect.stringContaining('nobody answers their own request'),
        expect.stringContaining('only a person can answer'),
      ],
    ]);
    expect(stage.state(id)).toBe('APPROVED');
    expect(reviewers()).toEqual(['oncall-approver', 'sre-3']);
  });

  it('whoever cannot give it from PagerDuty is told once to review it in Teleport', async () => {
    await using waiting = await pagedForTheOther({ submitForUsers: false });
    const { stage, id, answer, reviewers, told } = waiting;

    await answer(ROBIN);
    await stage.followUp(id);

    expect(told()).toEqual([
      expect.stringMatching(
        /^The answer of Robin Three was not taken: oncall-approver has reviewed it before .* Please review it in Teleport yourself: /u,
      ),
    ]);
    expect(reviewers()).toEqual(['oncall-approver']);
    stage.approveAs('sre-3', id, 'by hand');
    expect(stage.state(id)).toBe('APPROVED');
  });

  it('it is asked for by the page that was opened while PagerDuty could not tell who is on call', async () => {
    await using waiting = await pagedForTheOther({ submitForUsers: true, wasDown: true });
    const { stage, id, others, answer, reviewers, told } = waiting;

    await answer(SAM);
    const toldSam = told();
    await answer(ROBIN);

    expect(others).toEqual([]);
    expect(toldSam).toEqual([expect.stringContaining('nobody answers their own request')]);
    expect(stage.state(id)).toBe('APPROVED');
    expect(reviewers()).toEqual(['oncall-approver', 'sre-3']);
    expect(stage.incidents().map(({ status }) => status)).toEqual(['resolved']);
  });
});
