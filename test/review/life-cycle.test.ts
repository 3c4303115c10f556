import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

describe('start and stop', () => {
  it('handles what was already pending, once', async () => {
    await using stage = await World.open({ start: false });
    const ids = ['sre-1', 'sre-2', 'outsider@example.com'].map((user) => stage.request(user));

    await stage.startService();
    await stage.service.sweepNow();

    expect(ids.map((id) => stage.state(id))).toEqual(['APPROVED', 'PENDING', 'PENDING']);
    expect(stage.incidents()).toHaveLength(2);
  });

  it('leaves nothing undone at a stop, and does nothing twice after the next start', async () => {
    await using stage = await World.open();
    stage.request('sre-1');
    stage.request('sre-2');

    await stage.done('page');
    expect(await stage.stopService()).toBe(0);
    const before = {
      calls: stage.teleport.calls.of('SubmitAccessReview').length,
      incidents: stage.incidents(),
    };
    await stage.startService();
    await stage.service.sweepNow();

    expect(stage.teleport.calls.of('SubmitAccessReview')).toHaveLength(before.calls);
    expect(stage.incidents()).toEqual(before.incidents);
  });
});

describe('a request that somebody else ends', () => {
  it.each([
    [
      'denied',
      (stage: World, id: string) => stage.denyAs('sre-1', id),
      'The access request was denied by sre-1',
    ],
    ['deleted', (stage: World, id: string) => stage.teleport.cluster.deleteRequest(id), 'was deleted'],
    [
      'promoted',
      (stage: World, id: string) => void stage.teleport.cluster.promoteRequest(id),
      'was promoted to an access list',
    ],
  ])('is %s: one closing note, and the page is resolved', async (_state, end, words) => {
    await using stage = await World.open();
    const id = stage.request('sre-2');
    await stage.done('page');

    end(stage, id);
    await stage.done('close-page');

    const [page] = stage.incidents();
    expect(page?.status).toBe('resolved');
    expect(stage.notesOf(page?.id)).toEqual([expect.stringContaining(words)]);
  });

  it('is approved by another plugin while PagerDuty is asked: ours adds nothing and opens nothing', async () => {
    await using stage = await World.open();
    stage.pagerDuty.faults.add({ kind: 'latency', ms: 200 });
    const id = stage.request('sre-1');
    await stage.pagerDuty.until(() => stage.pagerDuty.calls.all().length > 0);

    stage.teleport.cluster.setRequestState({ id, state: 'APPROVED', reason: 'by the other plugin' });
    await stage.reports.when('ended');
    await stage.service.sweepNow();

    expect(stage.teleport.cluster.request(id).reviews).toHaveLength(0);
    expect(stage.incidents()).toHaveLength(0);
  });
});

describe('what the service cannot do', () => {
  it('asks a person when Teleport refuses the approval for good', async () => {
    await using stage = await World.open();
    stage.teleport.cluster.directory.putRole({
      name: 'access-reviewer',
      allow: {
        rules: [
          { resources: ['access_request'], verbs: ['list', 'read'] },
          { resources: ['user', 'user_login_state'], verbs: ['read'] },
        ],
      },
    });

    const id = stage.request('sre-1');
    await stage.done('page');

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.decided(id).decision.reasons).toMatchObject([{ code: 'review-refused' }]);
    expect(stage.incidents()).toHaveLength(1);
  });
});
