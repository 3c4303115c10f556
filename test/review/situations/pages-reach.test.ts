import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { openMaintenanceWindow, setServiceDisabled } from '../../sim/pagerduty/administration.ts';
import { aPolicy, aService } from '../../sim/pagerduty/builders.ts';
import { answerTo, HOUR_MS, PAYMENTS, situation, type SituationOptions } from '../../support/situation.ts';

const DESK = 'PSERVC2';

const broken = {
  'is disabled': (account: Account) => setServiceDisabled(account, DESK, true),
  'is in maintenance': (account: Account) =>
    openMaintenanceWindow(account, { serviceIds: [DESK], durationMs: HOUR_MS }),
  'was renamed': (account: Account) =>
    account.services.put({ ...account.services.require(DESK), name: 'Access desk' }),
  'has nobody on its policy': (account: Account) => {
    const { id } = account.addEscalationPolicy(aPolicy({ name: 'Nobody', rules: [] }));
    account.services.put({ ...account.services.require(DESK), escalationPolicyId: id });
  },
};

/** Where there is a second desk beside the one of the story, for all of the tests. */
async function asked(arrange: (account: Account) => unknown, options: SituationOptions) {
  const stage = await situation((account) => {
    account.addService(aService({ name: 'Duty manager', escalationPolicyId: PAYMENTS }));
    arrange(account);
  }, options);
  const { id } = await answerTo(stage, 'sre-2');
  const desks = () =>
    stage.incidents().map(({ serviceId }) => stage.pagerDuty.account.services.require(serviceId).name);
  return { stage, id, desks, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

const escalate = (more: object) => ({ rule: { escalate: { decide_within: '1s', ...more } } });

describe('where the service to page', () => {
  it.each(Object.entries(broken))('%s, the next one of the rule is paged', async (_what, arrange) => {
    await using paged = await asked(arrange, escalate({ service: ['Access requests', 'Duty manager'] }));

    await paged.stage.reports.when('effectDone', ({ key }) => key === 'page');

    expect(paged.desks()).toEqual(['Duty manager']);
  });

  it.each(Object.entries(broken))(
    '%s and there is no other, the operator is told',
    async (_what, arrange) => {
      await using paged = await asked(arrange, escalate({ service: 'Access requests' }));

      const { requestId, why } = await paged.stage.reports.when('nobodyToPage');

      expect(requestId).toBe(paged.id);
      expect(why).toMatch(/service|on call/u);
      expect(paged.desks()).toEqual([]);
    },
  );

  it('is mended, the page is opened before long', async () => {
    await using paged = await asked(broken['is disabled'], escalate({ service: 'Access requests' }));
    await paged.stage.reports.when('nobodyToPage');

    setServiceDisabled(paged.stage.pagerDuty.account, DESK, false);
    await paged.stage.reports.when('effectDone', ({ key }) => key === 'page', 3 * 60_000);

    expect(paged.desks()).toEqual(['Access requests']);
  });
});

describe('the services that an annotation names', () => {
  it.each([
    ['each counts', ['Gone', 'Duty manager'], 'Duty manager'],
    ['and that mean nothing hide none of the rule’s own', ['Gone', 'Gone too'], 'Access requests'],
    ['and that PagerDuty has come before the rule’s own', ['Duty manager'], 'Duty manager'],
  ])('%s', async (_what, pagerduty_notify_service, desk) => {
    await using paged = await asked(() => undefined, {
      annotations: { pagerduty_notify_service },
      ...escalate({ service: 'Access requests', from_annotation: 'pagerduty_notify_service' }),
    });

    await paged.stage.reports.when('effectDone', ({ key }) => key === 'page');

    expect(paged.desks()).toEqual([desk]);
  });
});
