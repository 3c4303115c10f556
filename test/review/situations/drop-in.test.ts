import { describe, expect, it } from 'vitest';
import { aLayer, aPolicy, aRule, aSchedule, aService } from '../../sim/pagerduty/builders.ts';
import type { Account } from '../../sim/pagerduty/account.ts';
import { answerTo, situation, type SituationOptions } from '../../support/situation.ts';

/** As Teleport's own plugin is set up: the requester's role names the services and where to page. */
function asThePlugin(
  annotations: Record<string, string[]>,
  onCall: Record<string, unknown> = {},
): SituationOptions {
  return {
    annotations,
    rule: {
      on_call: { from_annotation: 'pagerduty_services', ...onCall },
      escalate: { from_annotation: 'pagerduty_notify_service', decide_within: '1s' },
    },
  };
}

/** Service Search API, for which Robin is on call, and service Desk, which pages Robin. */
function addSearch(account: Account): void {
  const { id } = account.addSchedule(
    aSchedule({ name: 'Search', layers: [aLayer({ userIds: ['PROB3RE'] })] }),
  );
  const policy = account.addEscalationPolicy(
    aPolicy({ name: 'Search', rules: [aRule([{ kind: 'schedule', id }])] }),
  );
  for (const name of ['Search API', 'Desk'])
    account.addService(aService({ name, escalationPolicyId: policy.id }));
}

describe('roles made for Teleport’s own plugin', () => {
  it('approve who is on call for any service of the annotation, and page the service that they name', async () => {
    await using stage = await situation(
      addSearch,
      asThePlugin({
        pagerduty_services: ['Payments API', 'search api'],
        pagerduty_notify_service: ['Desk', 'Access requests'],
      }),
    );

    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
    expect(await answerTo(stage, 'sre-3')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
    await stage.done('page');
    const desk = stage.pagerDuty.account.services.find(({ name }) => name === 'Desk');
    expect(stage.incidents().map(({ serviceId }) => serviceId)).toEqual([desk?.id]);
  });

  it('have a service that does not exist told, instead of left out', async () => {
    await using stage = await situation(
      addSearch,
      asThePlugin({
        pagerduty_services: ['No such service', 'Payments API'],
        pagerduty_notify_service: ['Desk'],
      }),
    );

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    const unknown = await answerTo(stage, 'sre-2');
    expect(unknown.verdict).toBe('escalate');
    expect(unknown.why).toContain('PagerDuty has no service `No such service`');
  });
});
