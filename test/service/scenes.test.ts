import { answerCode } from '../../src/core/answers/answer.ts';
import { describe, expect, it } from 'vitest';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { Stage, type StageOptions } from './stage.ts';

const SET_UPS: [string, StageOptions][] = [
  ['Enterprise, direct to the auth server', { edition: 'enterprise', via: 'direct' }],
  ['Enterprise, through the proxy', { edition: 'enterprise', via: 'proxy' }],
  ['Community, direct to the auth server', { edition: 'community', via: 'direct' }],
  ['Community, through the proxy', { edition: 'community', via: 'proxy' }],
];

describe.each(SET_UPS)('the reference story on %s', (_name, options) => {
  it('scene 1: approves the on-call engineer and says so on the live incident', async () => {
    await using stage = await Stage.open(options);
    const alert = triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });

    const id = stage.request('sre-1');
    await stage.done('live-note');

    const decided = stage.decided(id);
    const request = stage.teleport.cluster.request(id);
    expect(request.state).toBe('APPROVED');
    expect(request.resolveReason).toBe(
      `Sam One (trait \`email\`) is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until ${decided.decision.proofs[0]?.row.end ?? ''}) · rule prod-oncall · oncall-approver decision ${decided.decisionId} digest ${decided.digest.slice(0, 12)}`,
    );
    expect(stage.notesOf(alert?.id)).toEqual([expect.stringContaining(`decision ${decided.decisionId}`)]);
    expect(stage.incidents()).toHaveLength(1);
  });

  it('scene 2: pages the on-call engineer for her colleague, and tidies up once she has approved in Teleport', async () => {
    await using stage = await Stage.open(options);

    const id = stage.request('sre-2');
    await stage.done('page');

    const [page] = stage.incidents();
    expect(stage.state(id)).toBe('PENDING');
    expect(page).toMatchObject({
      serviceId: 'PSERVC2',
      status: 'triggered',
      title: `approve ${answerCode(id)}: sre-2 → prodaccess. checkout fails for 30 % of customers`,
    });
    expect(page?.assignments.map(({ userId }) => userId)).toEqual(['PSAM1RE']);

    stage.approveAs('sre-1', id, 'she helps me');
    await stage.done('close-page');

    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.incidents()).toMatchObject([{ status: 'resolved' }]);
    const notes = stage.notesOf(page?.id);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('The access request was approved');
    expect(notes[0]).toContain('she helps me');
  });
});

// What is decided has nothing to do with the way to Teleport.
describe.each(SET_UPS.slice(1, 3))('the reference story on %s', (_name, options) => {
  it('scene 4: approves nobody while PagerDuty is down, then decides by what it says', async () => {
    await using stage = await Stage.open({ ...options, freshness: '0s' });
    stage.pagerDuty.faults.add({ kind: 'status', status: 503 });

    const id = stage.request('sre-1');
    await stage.reports.when('effectFailed', ({ key }) => key === 'page');
    expect(stage.decided(id).decision).toMatchObject({ verdict: 'escalate', provisional: true });
    expect(stage.state(id)).toBe('PENDING');
    expect(stage.reports.of('postponed').length).toBeGreaterThan(0);

    stage.pagerDuty.faults.clear();
    await stage.done('review');
    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.incidents()).toHaveLength(0);
  });
});
