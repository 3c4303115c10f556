import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { setOverride, setServiceDisabled } from '../../sim/pagerduty/administration.ts';
import {
  aLayer,
  aPolicy,
  aRule,
  aSchedule,
  aService,
  aShiftSchedule,
  aUser,
} from '../../sim/pagerduty/builders.ts';
import type { EscalationTarget } from '../../sim/pagerduty/model.ts';
import {
  answerTo,
  fromNow,
  HOUR_MS,
  MINUTE_MS,
  PAYMENTS,
  PRIMARY,
  ROBIN,
  SAM,
  situation,
  TAYLOR,
} from '../../support/situation.ts';

/** Gives policy Payments these targets, level by level, the first as it is. */
function setTargets(account: Account, ...levels: readonly (readonly EscalationTarget[])[]): void {
  const policy = account.escalationPolicies.require(PAYMENTS);
  const rules = levels.map((targets) => ({ id: account.ids.short(), ...aRule(targets) }));
  account.escalationPolicies.put({ ...policy, rules });
}

function schedule(id: string): EscalationTarget {
  return { kind: 'schedule', id };
}

/** A schedule with one person for ever. */
function rotaOf(account: Account, name: string, ...userIds: readonly string[]): EscalationTarget {
  return schedule(account.addSchedule(aSchedule({ name, layers: [aLayer({ userIds })] })).id);
}

describe('who is on call', () => {
  it('goes by overrides, and not by layers', async () => {
    await using stage = await situation((account) =>
      setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start: fromNow(account, -HOUR_MS) }),
    );

    expect(await answerTo(stage, 'sre-2')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
  });

  it('goes by the layer that covers the others', async () => {
    await using stage = await situation((account) => {
      const covered = [aLayer({ userIds: [SAM] }), aLayer({ name: 'Layer 2', userIds: [TAYLOR] })];
      setTargets(account, [
        schedule(account.addSchedule(aSchedule({ name: 'Layered', layers: covered })).id),
      ]);
    });

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });

  it('may be several people at once on a shift-based schedule', async () => {
    await using stage = await situation((account) => {
      const shift = {
        start: fromNow(account, -HOUR_MS),
        end: fromNow(account, HOUR_MS),
        userIds: [TAYLOR, ROBIN],
      };
      setTargets(account, [
        schedule(account.addSchedule(aShiftSchedule({ name: 'Together', shifts: [shift] })).id),
      ]);
    });

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
    expect((await answerTo(stage, 'sre-3')).verdict).toBe('approve');
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });

  it.each([
    [
      'layer-based',
      (account: Account) =>
        aSchedule({ layers: [aLayer({ userIds: [SAM], end: fromNow(account, -HOUR_MS) })] }),
    ],
    [
      'shift-based',
      (account: Account) =>
        aShiftSchedule({
          shifts: [{ userIds: [SAM], start: fromNow(account, HOUR_MS), end: fromNow(account, 2 * HOUR_MS) }],
        }),
    ],
  ])('is nobody in a gap of a %s schedule', async (_kind, gap) => {
    await using stage = await situation((account) =>
      setTargets(account, [schedule(account.addSchedule(gap(account)).id)]),
    );

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });

  it('is the first level only, unless the rule counts more', async () => {
    await using strict = await situation(() => undefined);
    await using wide = await situation(() => undefined, {
      rule: { on_call: { services: ['Payments API'], max_level: 2 } },
    });

    const refused = await answerTo(strict, 'sre-3');
    expect(refused.verdict).toBe('escalate');
    expect(refused.why).toContain('on call at level 2, the rule accepts up to level 1');
    expect((await answerTo(wide, 'sre-3')).verdict).toBe('approve');
  });

  it('is not somebody named in the policy without a schedule, unless the rule says so', async () => {
    const arrange = (account: Account) => setTargets(account, [{ kind: 'user', id: TAYLOR }]);
    await using strict = await situation(arrange);
    await using lax = await situation(arrange, {
      rule: { on_call: { services: ['Payments API'], permanent: true } },
    });

    const refused = await answerTo(strict, 'sre-2');
    expect(refused.verdict).toBe('escalate');
    expect(refused.why).toContain('named in the policy without a schedule');
    expect((await answerTo(lax, 'sre-2')).verdict).toBe('approve');
  });

  it('leaves out a trainee who shadows, where the rule names the schedule', async () => {
    await using stage = await situation(
      (account) => setTargets(account, [schedule(PRIMARY), rotaOf(account, 'Shadowing', TAYLOR)]),
      { rule: { on_call: { schedules: ['Payments primary'] } } },
    );

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });

  it('is the whole level of a round robin, and the schedule of it that the rule names', async () => {
    const arrange = (account: Account) => {
      setTargets(account, [schedule(PRIMARY), rotaOf(account, 'Other turn', TAYLOR)]);
      const policy = account.escalationPolicies.require(PAYMENTS);
      account.escalationPolicies.put({
        ...policy,
        rules: policy.rules.map((rule) => ({ ...rule, strategy: 'round_robin' })),
      });
    };
    await using whole = await situation(arrange);
    await using named = await situation(arrange, { rule: { on_call: { schedules: ['Payments primary'] } } });

    expect((await answerTo(whole, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(whole, 'sre-2')).verdict).toBe('approve');
    expect((await answerTo(named, 'sre-2')).verdict).toBe('escalate');
  });

  it('is found on whichever of several schedules of a level, the first being empty', async () => {
    await using stage = await situation((account) => {
      const empty = schedule(account.addSchedule(aSchedule({ name: 'India' })).id);
      setTargets(account, [empty, rotaOf(account, 'America', TAYLOR)]);
    });

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
  });

  it('is proved by the row of the service asked for, where a schedule serves several policies', async () => {
    await using stage = await situation(
      (account) => {
        for (const name of ['Search', 'Ledger']) {
          const { id } = account.addEscalationPolicy(aPolicy({ name, rules: [aRule([schedule(PRIMARY)])] }));
          account.addService(aService({ name: `${name} API`, escalationPolicyId: id }));
        }
      },
      { rule: { on_call: { services: ['Payments API'], schedules: ['Payments primary'] } } },
    );

    const { decided } = await answerTo(stage, 'sre-1');
    const { facts, decision } = decided;
    expect(facts.onCall.state === 'known' && facts.onCall.rows.length).toBe(3);
    expect(decision.proofs.map(({ row }) => row.escalation_policy?.summary)).toEqual(['Payments']);
  });

  it.each([
    ['layer-based', () => aSchedule({ name: 'Audit rota', layers: [aLayer({ userIds: [TAYLOR] })] })],
    [
      'shift-based',
      (account: Account) =>
        aShiftSchedule({
          name: 'Audit rota',
          shifts: [{ userIds: [TAYLOR], start: fromNow(account, -HOUR_MS), end: null }],
        }),
    ],
  ])('is told by the final schedule, where no policy uses a %s one', async (_kind, rota) => {
    await using stage = await situation((account) => account.addSchedule(rota(account)), {
      rule: { on_call: { schedules: ['Audit rota'] } },
    });

    const { verdict, decided } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('approve');
    expect(decided.decision.proofs[0]?.row).toMatchObject({
      escalation_policy: null,
      schedule: { summary: 'Audit rota' },
    });
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });

  it('is read to the last page, of rows as of people', async () => {
    await using stage = await situation(
      (account) => {
        for (let index = 0; index < 120; index += 1) {
          account.addUser(aUser({ email: `other-${index}-sre-9@example.com` }));
          account.addEscalationPolicy(
            aPolicy({ name: `Policy ${index}`, rules: [aRule([schedule(PRIMARY)])] }),
          );
        }
        const { id } = account.addUser(aUser({ email: 'sre-9@example.com' }));
        setOverride(account, { scheduleId: PRIMARY, userId: id, start: fromNow(account, -HOUR_MS) });
      },
      { rule: { on_call: { schedules: ['Payments primary'] } } },
    );
    const sam = stage.teleport.cluster.directory.user('sre-1');
    stage.teleport.cluster.directory.putUser({
      ...sam,
      name: 'sre-9',
      traits: { email: ['sre-9@example.com'] },
    });

    const { verdict, decided } = await answerTo(stage, 'sre-9');
    expect(verdict).toBe('approve');
    expect(decided.facts.onCall.state === 'known' && decided.facts.onCall.rows.length).toBeGreaterThan(100);
  });
});

/** Gives its name to another one, which pages Taylor. */
type Rename = (account: Account) => void;

/** Policy Taylor, which pages Taylor since long ago, and so for ever. */
function policyOfTaylor(account: Account, name = 'Taylor'): string {
  return account.addEscalationPolicy(aPolicy({ name, rules: [aRule([rotaOf(account, 'Plants', TAYLOR)])] }))
    .id;
}

/** Whoever has the name is called otherwise from now on, and another service has it. */
function takeService(account: Account, name: string): void {
  const old = account.services.all().find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (old !== undefined) account.services.put({ ...old, name: `${name} (old)` });
  account.addService(aService({ name, escalationPolicyId: policyOfTaylor(account) }));
}

describe('a name in a rule', () => {
  const SERVICE = { services: ['Payments API'] };
  const WAS = 'when it was first looked up';

  it.each<[string, Record<string, unknown>, Rename, string]>([
    ['a service that took it', SERVICE, (account) => takeService(account, 'Payments API'), WAS],
    [
      'a service that took it, written otherwise',
      { services: [' payments api'] },
      (account) => takeService(account, 'PAYMENTS API'),
      WAS,
    ],
    [
      'a policy that took it',
      { escalation_policies: ['Payments'] },
      (account) => {
        const old = account.escalationPolicies.require(PAYMENTS);
        account.escalationPolicies.put({ ...old, name: 'Payments (old)' });
        policyOfTaylor(account, 'Payments');
      },
      WAS,
    ],
    [
      'a schedule that took it',
      { schedules: ['Payments primary'] },
      (account) => {
        const old = account.schedules.require(PRIMARY);
        account.schedules.put({ ...old, name: 'Payments primary (old)' });
        rotaOf(account, 'Payments primary', TAYLOR);
      },
      WAS,
    ],
    [
      'a service of which an annotation takes it for its own',
      { from_annotation: 'pagerduty_services' },
      (account) => takeService(account, 'Payments API'),
      WAS,
    ],
    [
      'a second service of the same name',
      SERVICE,
      (account) => {
        account.addService(aService({ name: 'Payments API', escalationPolicyId: policyOfTaylor(account) }));
      },
      'more than one service named',
    ],
  ])('is not believed of %s, and operators are told', async (_whose, onCall, take, why) => {
    await using stage = await situation(() => undefined, {
      rule: { on_call: onCall },
      annotations: { pagerduty_services: ['Payments API'] },
    });
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    take(stage.pagerDuty.account);
    await stage.time.advance(3 * MINUTE_MS);

    for (const requester of ['sre-2', 'sre-1']) {
      const answer = await answerTo(stage, requester);
      expect(answer).toMatchObject({ verdict: 'escalate', state: 'PENDING' });
      expect(answer.why).toContain(why);
    }
    expect(stage.reports.of('nameTaken')).toHaveLength(why === WAS ? 1 : 0);
  });

  it('is the one to page for that bore it first, as long as that pages anybody', async () => {
    await using stage = await situation(() => undefined);
    const { account } = stage.pagerDuty;
    const pagedFor = async (user: string): Promise<string | undefined> => {
      const { id } = await answerTo(stage, user);
      await stage.reports.when('effectDone', (done) => done.requestId === id && done.key.startsWith('page'));
      return stage.incidents().at(-1)?.serviceId;
    };
    expect(await pagedFor('sre-2')).toBe('PSERVC2');
    takeService(account, 'Access requests');
    await stage.time.advance(3 * MINUTE_MS);

    expect(await pagedFor('sre-3')).toBe('PSERVC2');
    setServiceDisabled(account, 'PSERVC2', true);
    await stage.time.advance(3 * MINUTE_MS);
    expect(await pagedFor('outsider@example.com')).toBe(account.services.all().at(-1)?.id);
  });
});
