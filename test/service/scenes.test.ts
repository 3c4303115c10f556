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
  it('approves the on-call engineer and notes it on the live incident', async () => {
    await using stage = await Stage.open(options);
    const alert = triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });

    const id = stage.request('sre-1');
    await stage.reports.when('effectDone', ({ key }) => key === 'live-note');

    const request = stage.teleport.cluster.request(id);
    expect(request.state).toBe('APPROVED');
    const [decided] = stage.reports.of('decided').map((event) => event.decided);
    expect(request.resolveReason).toContain('Sam One');
    expect(request.resolveReason).toContain(decided?.decisionId);
    const notes = stage.pagerDuty.account.incident(alert?.id ?? '').notes;
    expect(notes).toHaveLength(1);
    expect(notes[0]?.content).toContain(decided?.decisionId);
    expect(stage.pagerDuty.account.incidents()).toHaveLength(1);
  });
});
