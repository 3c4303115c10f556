import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import {
  openMaintenanceWindow,
  repointService,
  setServiceDisabled,
} from '../../sim/pagerduty/administration.ts';
import { aLayer, aPolicy, aRule, aSchedule } from '../../sim/pagerduty/builders.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { delegate } from '../../sim/pagerduty/incident-life.ts';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { answerTo, HOUR_MS, PAYMENTS, PAYMENTS_API, situation, TAYLOR } from '../../support/situation.ts';

/** A policy of its own, with Taylor on call for ever. */
function otherPolicy(account: Account): string {
  const { id } = account.addSchedule(aSchedule({ name: 'Search', layers: [aLayer({ userIds: [TAYLOR] })] }));
  return account.addEscalationPolicy(aPolicy({ name: 'Search', rules: [aRule([{ kind: 'schedule', id }])] }))
    .id;
}

function hideFromTheKey(account: Account, ...hiddenIds: readonly string[]): void {
  account.keys.put({ ...account.keys.require(FULL_ACCESS_KEY), hiddenIds });
}

describe('a service of a rule', () => {
  it('goes by the policy that it uses at that moment, though its name was looked up before', async () => {
    await using stage = await situation(() => undefined, {
      freshness: '0s',
      rule: { on_call: { services: ['Payments API'], min_shift_age: '0s' } },
    });
    expect((await answerTo(stage, 'sre-3')).decided.facts.targets).toMatchObject([
      { policy: { id: PAYMENTS } },
    ]);

    const { account } = stage.pagerDuty;
    repointService(account, PAYMENTS_API, otherPolicy(account));

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
  });

  it('has nobody on call while it is disabled', async () => {
    await using stage = await situation((account) => setServiceDisabled(account, PAYMENTS_API, true));

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toContain('the service is disabled');
  });

  it('has the same people on call in maintenance, but no new incident to show', async () => {
    const maintenance = (account: Account) =>
      openMaintenanceWindow(account, { serviceIds: [PAYMENTS_API], durationMs: HOUR_MS });
    await using stage = await situation(maintenance);
    await using strict = await situation(maintenance, { rule: { require: { open_incident: true } } });

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    expect(
      triggerAlert(strict.pagerDuty.account, { serviceId: PAYMENTS_API, title: 'down' }),
    ).toBeUndefined();
    expect((await answerTo(strict, 'sre-1')).why).toContain('there is no open incident');
  });

  it('that the key may not see is unknown, and never “not on call”', async () => {
    await using stage = await situation((account) => hideFromTheKey(account, PAYMENTS_API));

    const { verdict, why, decided } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toContain('PagerDuty has no service `Payments API` that the API key may see');
    expect(decided.decision.reasons).toMatchObject([{ code: 'condition-unknown', condition: 'on-call' }]);
    expect(decided.facts.targets).toMatchObject([{ state: 'unknown', cause: { code: 'not-found' } }]);
  });

  it('that does not exist leaves the other rules as they are', async () => {
    const onCall = { services: ['Payments API'] };
    const escalate = { service: 'Access requests', decide_within: '1s' };
    await using stage = await situation(() => undefined, {
      config: {
        rules: [
          { name: 'gone', roles: ['dbadmin'], on_call: { schedules: ['No such rota'] }, escalate },
          { name: 'prod-oncall', roles: ['prodaccess'], on_call: onCall, escalate },
        ],
      },
    });

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });

  it('has its incident judged by whom it is assigned to, whatever policy the incident runs on', async () => {
    await using stage = await situation(
      (account) => {
        const incident = triggerAlert(account, { serviceId: PAYMENTS_API, title: 'checkout fails' });
        delegate(account, incident?.id ?? '', otherPolicy(account), { type: 'user', id: 'PMAN5GR' });
      },
      { rule: { require: { open_incident: { requester: 'assigned' } } } },
    );

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toContain("there is no open incident on the rule's services that is assigned to them");
  });
});
