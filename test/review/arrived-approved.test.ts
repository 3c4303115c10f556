import { expect, it } from 'vitest';
import { World } from '../support/world.ts';

const BUILT_IN = '@teleport-access-approval-bot';

it('a request that nobody decided on is recorded and reported where it arrives approved, once, and is over', async () => {
  await using stage = await World.open();
  const id = stage.request('sre-3', { state: 'APPROVED' });
  const { request } = await stage.reports.when('arrivedApproved');
  stage.teleport.cluster.putRequest({ ...stage.teleport.cluster.request(id), revision: 'again' });
  await stage.service.lookAgain(id);

  expect(request).toMatchObject({ id, requester: 'sre-3', roles: ['prodaccess'] });
  expect(await stage.events(id)).toMatchObject([
    { kind: 'ended', ending: { state: 'approved', by: null }, arrived: { id, requester: 'sre-3' } },
  ]);
  expect(stage.reports.of('arrivedApproved')).toHaveLength(1);
  expect(stage.reports.of('decided')).toEqual([]);
  expect(stage.incidents()).toEqual([]);
});

it('a review by a rule of Teleport’s own is somebody else’s: no review of ours, and no answer of an approver', async () => {
  await using stage = await World.open();
  const { cluster } = stage.teleport;
  const id = stage.request('sre-3');
  const decided = await stage.decision(id);
  await stage.reports.when('effectDone', ({ key }) => key.startsWith('page'));
  const reviewer = {
    user: { name: BUILT_IN, roles: [], traits: {} },
    roles: cluster.directory.rolesNamed(['access-reviewer']),
  };
  const review = {
    requestId: id,
    author: BUILT_IN,
    proposedState: 'APPROVED',
    reason: 'by access_monitoring_rule "auto"',
  } as const;
  cluster.submitReview(review, reviewer);
  const { ending } = await stage.reports.when('ended', ({ requestId }) => requestId === id);

  expect(decided.decision.verdict).toBe('escalate');
  expect(ending).toMatchObject({ state: 'approved', by: BUILT_IN });
  const events = await stage.events(id);
  expect(events.some(({ kind }) => kind === 'answered')).toBe(false);
  expect(events.some((event) => event.kind === 'effect-intended' && event.effect.kind === 'review')).toBe(
    false,
  );
  await stage.poll(() => stage.incidents().map(({ status }) => status)).toEqual(['resolved']);
  expect(stage.locks()).toEqual([]);
});
