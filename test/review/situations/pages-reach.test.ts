import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import {
  openMaintenanceWindow,
  setOverride,
  setServiceDisabled,
} from '../../sim/pagerduty/administration.ts';
import { aPolicy, aService } from '../../sim/pagerduty/builders.ts';
import { acknowledge, reassign, resolve } from '../../sim/pagerduty/incident-life.ts';
import {
  answerTo,
  HOUR_MS,
  MINUTE_MS,
  PAYMENTS,
  PRIMARY,
  ROBIN,
  SAM,
  situation,
  TAYLOR,
  type SituationOptions,
} from '../../support/situation.ts';

const DESK = 'PSERVC2';
const OUTSIDER = 'POUT4SD';

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

/** sre-2 asks, while there is a second service beside the one of the story. */
async function asked(arrange: (account: Account) => unknown, options: SituationOptions = {}) {
  const stage = await situation(
    (account) => {
      account.addService(aService({ name: 'Duty manager', escalationPolicyId: PAYMENTS }));
      arrange(account);
    },
    { freshness: '0s', ...options },
  );
  const { id } = await answerTo(stage, 'sre-2');
  const { account } = stage.pagerDuty;
  const desks = () => stage.incidents().map(({ serviceId }) => account.services.require(serviceId).name);
  return { stage, account, id, desks, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

/** The same, with its page open. */
async function paged(arrange: (account: Account) => unknown = () => undefined, options?: SituationOptions) {
  const waiting = await asked(arrange, options ?? escalate({}));
  const { stage, account } = waiting;
  await stage.done('page');
  const page = () => account.incidents.require(stage.incidents()[0]?.id ?? '');
  const levels = async (ms: number) => {
    await stage.time.advance(ms);
    return [page().status, page().escalationLevel, page().assignments.map(({ userId }) => userId)];
  };
  const later = async (times: number, ms: number) => {
    for (let time = 0; time < times; time += 1) {
      stage.time.jump(ms);
      await stage.followUp(waiting.id);
    }
  };
  return { ...waiting, page, levels, later };
}

const escalate = (more: object) => ({
  rule: { escalate: { service: 'Access requests', decide_within: '1s', ...more } },
});
const twoDesks = escalate({ service: ['Access requests', 'Duty manager'] });
const user = (id: string) => ({ type: 'user', id }) as const;
const nowOnCall = (account: Account, userId: string) => setOverride(account, { scheduleId: PRIMARY, userId });

/** The desk's policy has no level but the first. */
function oneLevel(account: Account): void {
  const rules = account.escalationPolicies.require(PAYMENTS).rules.slice(0, 1);
  const { id } = account.addEscalationPolicy(aPolicy({ name: 'One level', rules }));
  account.services.put({ ...account.services.require(DESK), escalationPolicyId: id });
}

describe('where the service to page', () => {
  it.each(Object.entries(broken))('%s, the next one of the rule is paged', async (_what, arrange) => {
    await using waiting = await paged(arrange, twoDesks);

    expect(waiting.desks()).toEqual(['Duty manager']);
  });

  it.each(Object.entries(broken))(
    '%s and there is no other, the operator is told',
    async (_what, arrange) => {
      await using waiting = await asked(arrange, escalate({}));

      const { requestId, why } = await waiting.stage.reports.when('nobodyToPage');

      expect(requestId).toBe(waiting.id);
      expect(why).toMatch(/service|on call/u);
      expect(waiting.desks()).toEqual([]);
    },
  );

  it('is mended, the page is opened before long', async () => {
    await using waiting = await asked(broken['is disabled'], escalate({}));
    await waiting.stage.reports.when('nobodyToPage');

    setServiceDisabled(waiting.account, DESK, false);
    await waiting.stage.done('page', null, 3 * MINUTE_MS);

    expect(waiting.desks()).toEqual(['Access requests']);
  });
});

describe('a page that nobody who could answer hears of', () => {
  it('since the requester alone is paged goes to the next level at once', async () => {
    await using waiting = await paged((account) => nowOnCall(account, TAYLOR));

    expect(await waiting.levels(1_000)).toEqual(['triggered', 2, [ROBIN]]);
  });

  it('since the requester is alone on the policy goes to the next service', async () => {
    await using waiting = await paged((account) => {
      nowOnCall(account, TAYLOR);
      oneLevel(account);
    }, twoDesks);

    await waiting.stage.time.advance(MINUTE_MS);

    expect(waiting.desks()).toEqual(['Access requests', 'Duty manager']);
    expect(waiting.stage.incidents().map(({ status }) => status)).toEqual(['resolved', 'triggered']);
    expect(waiting.stage.reports.of('nobodyToPage')).toEqual([]);
  });

  it('since the requester is alone on the policy, and there is no other service, is told to the operator', async () => {
    await using waiting = await paged((account) => {
      nowOnCall(account, TAYLOR);
      oneLevel(account);
    });

    const { why } = await waiting.stage.reports.when('nobodyToPage');

    expect(why).toContain('nobody who could answer is reached by its page');
  });

  it('since the requester has acknowledged it is taken away from them', async () => {
    await using waiting = await paged();

    acknowledge(waiting.account, waiting.page().id, user(TAYLOR));

    expect(await waiting.levels(MINUTE_MS)).toEqual(['triggered', 2, [ROBIN]]);
  });

  it('since the shift of whoever acknowledged it is over goes to who is on call now', async () => {
    await using waiting = await paged();

    acknowledge(waiting.account, waiting.page().id, user(SAM));
    expect(await waiting.levels(MINUTE_MS)).toEqual(['acknowledged', 1, [SAM]]);
    nowOnCall(waiting.account, OUTSIDER);

    expect(await waiting.levels(6 * MINUTE_MS)).toEqual(['triggered', 1, [OUTSIDER]]);
  });

  it('but for somebody who never was on call, and has acknowledged it, is theirs', async () => {
    await using waiting = await paged();

    acknowledge(waiting.account, waiting.page().id, user(OUTSIDER));

    expect(await waiting.levels(6 * MINUTE_MS)).toEqual(['acknowledged', 1, [SAM, OUTSIDER]]);
  });

  it.each([
    ['acknowledged', {}, (account: Account, page: string) => acknowledge(account, page, user(SAM))],
    ['given by name', {}, (account: Account, page: string) => reassign(account, page, [OUTSIDER], user(SAM))],
    ['of low urgency', { urgency: 'low' }, () => undefined],
  ])(
    'since it is %s, and no answer comes, goes to others after two reminders',
    async (_why, more, happens) => {
      await using waiting = await paged(() => undefined, escalate(more));

      happens(waiting.account, waiting.page().id);
      const [, before] = await waiting.levels(29 * MINUTE_MS);
      const [status, after] = await waiting.levels(7 * MINUTE_MS);

      expect({ before, status, isElsewhere: after !== before || _why !== 'acknowledged' }).toEqual({
        before: 1,
        status: 'triggered',
        isElsewhere: true,
      });
      expect(waiting.page().assignments).not.toEqual([]);
      expect(waiting.page().urgency).toBe('high');
    },
  );

  it('is left to PagerDuty where that goes on to the next level by itself', async () => {
    await using waiting = await paged();

    await waiting.stage.time.advance(45 * MINUTE_MS);

    expect(waiting.stage.reports.of('effectDone').filter(({ key }) => key.startsWith('move-up'))).toEqual([]);
  });

  it('is asked about elsewhere once all were asked again three times, and in the end the operator is told', async () => {
    await using waiting = await paged(oneLevel, twoDesks);

    await waiting.later(4, 31 * MINUTE_MS);
    expect(waiting.desks()).toEqual(['Access requests', 'Duty manager']);
    expect(waiting.stage.reports.of('nobodyToPage')).toEqual([]);
    await waiting.later(8, 31 * MINUTE_MS);

    expect(waiting.desks()).toEqual(['Access requests', 'Duty manager']);
    expect(waiting.stage.reports.of('nobodyToPage').length).toBeGreaterThan(0);
  });

  it('since a rule of its service resolves it is opened three times more, and then the operator is told', async () => {
    await using waiting = await paged((account) =>
      account.services.put({ ...account.services.require(DESK), autoResolveTimeoutSeconds: 600 }),
    );

    await waiting.later(6, 11 * MINUTE_MS);

    expect(waiting.stage.incidents().map(({ status }) => status)).toEqual(Array(4).fill('resolved'));
    expect(waiting.stage.reports.of('nobodyToPage')[0]?.why).toContain('resolved 4 times without an answer');
  });

  it('since a person resolved it is opened again', async () => {
    await using waiting = await paged();

    resolve(waiting.account, waiting.page().id, user(SAM));
    await waiting.stage.followUp(waiting.id);

    expect(waiting.stage.incidents().map(({ status }) => status)).toEqual(['resolved', 'triggered']);
  });
});

describe('the services that an annotation names', () => {
  it.each([
    ['each counts', ['Gone', 'Duty manager'], 'Duty manager'],
    ['and that mean nothing hide none of the rule’s own', ['Gone', 'Gone too'], 'Access requests'],
    ['and that PagerDuty has come before the rule’s own', ['Duty manager'], 'Duty manager'],
  ])('%s', async (_what, pagerduty_notify_service, desk) => {
    await using waiting = await paged(() => undefined, {
      annotations: { pagerduty_notify_service },
      ...escalate({ from_annotation: 'pagerduty_notify_service' }),
    });

    expect(waiting.desks()).toEqual([desk]);
  });
});
