import { expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { World } from '../support/world.ts';
import { twoApprovals } from '../support/two-approvals.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;
const MAP = { map: { 'sre-1': 'PSAM1RE', 'sre-2': 'PTAY2RE', 'sre-3': 'PROB3RE' } };

/** A page for sre-2, whose request needs two approvals: Sam has given one, and resolved the page. */
async function resolvedAfterOne(escalate: object) {
  const stage = await World.open({
    submitForUsers: true,
    ...twoApprovals({ submitForUsers: true }),
    config: { identities: [MAP, { trait: 'email' }] },
    rule: {
      approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } },
      escalate: { service: 'Access requests', decide_within: '2s', ...escalate },
    },
  });
  const id = stage.request('sre-2');
  await stage.done('page');
  const pageId = stage.incidents()[0]?.id ?? '';
  const answer = async (by: typeof SAM | typeof ROBIN, page: string) => {
    addNote(stage.pagerDuty.account, page, `approve ${answerCode(id)}`, by);
    await stage.followUp(id);
  };
  await answer(SAM, pageId);
  resolve(stage.pagerDuty.account, pageId, SAM);
  await stage.followUp(id);
  return { stage, id, pageId, answer, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

it('a page that somebody resolves after one of two approvals is opened again where the rule says so, and the second approver is asked', async () => {
  await using resolved = await resolvedAfterOne({ if_resolved: 'repage' });
  const { stage, id, answer } = resolved;
  const pages = stage.incidents();

  expect(pages.map(({ status }) => status)).toEqual(['resolved', 'triggered']);
  expect(pages[1]?.details).toContain('1 of 2 approvals given');
  await answer(ROBIN, pages[1]?.id ?? '');

  expect(stage.state(id)).toBe('APPROVED');
  expect(stage.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved']);
});
