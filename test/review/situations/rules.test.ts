import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aLayer, aPolicy, aRule, aSchedule, aService, aUser } from '../../sim/pagerduty/builders.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { answerTo, fromNow, HOUR_MS, PAYMENTS, PAYMENTS_API, situation } from '../../support/situation.ts';

const ON_CALL = { services: ['Payments API'] };
const ESCALATE = { service: 'Access requests', decide_within: '1s' };
const PROD = { name: 'prod-oncall', roles: ['prodaccess'], on_call: ON_CALL, escalate: ESCALATE };
const GLASS = { name: 'a-glass', roles: ['prodaccess'], break_glass: true, escalate: ESCALATE };

function rules(...all: readonly Record<string, unknown>[]) {
  return { config: { rules: all } };
}

/** Policy Payments pages nobody: its schedule is empty. */
function emptyRota(account: Account): void {
  const policy = account.escalationPolicies.require(PAYMENTS);
  const { id } = account.addSchedule(aSchedule({ name: 'Empty' }));
  const only = [{ id: account.ids.short(), ...aRule([{ kind: 'schedule', id }]) }];
  account.escalationPolicies.put({ ...policy, rules: only });
}

/** Another service that pages Robin. */
function addElsewhere(account: Account): void {
  const { id } = account.addSchedule(aSchedule({ name: 'Else', layers: [aLayer({ userIds: ['PROB3RE'] })] }));
  const policy = account.addEscalationPolicy(
    aPolicy({ name: 'Else', rules: [aRule([{ kind: 'schedule', id }])] }),
  );
  account.addService(aService({ name: 'Elsewhere', escalationPolicyId: policy.id }));
}

describe('what a rule asks of the request', () => {
  it('is that the access lasts no longer than it allows', async () => {
    await using stage = await situation(() => undefined, { rule: { require: { max_duration: '4h' } } });
    const until = (ms: number) => ({ maxDuration: fromNow(stage.pagerDuty.account, ms) });

    expect((await answerTo(stage, 'sre-1', until(4 * HOUR_MS))).verdict).toBe('approve');
    const long = await answerTo(stage, 'sre-1', until(5 * HOUR_MS));
    expect(long.verdict).toBe('escalate');
    expect(long.why).toContain('the rule allows 4 h');
  });

  it('is that it begins at once', async () => {
    await using stage = await situation(() => undefined);
    const assumeStartTime = fromNow(stage.pagerDuty.account, HOUR_MS);

    expect((await answerTo(stage, 'sre-1', { assumeStartTime })).why).toContain(
      'the access is to start later',
    );
  });
});

describe('what a rule covers', () => {
  it('is bounded by hours, by the clocks on the wall', async () => {
    // It is 2:14.
    const at = (hour: number) => `0${hour}:00`;
    const during = (from: number, until: number) => ({
      ...PROD,
      when: { hours: { time_zone: 'Etc/UTC', spans: [{ from: at(from), until: at(until) }] } },
    });
    await using open = await situation(() => undefined, rules(during(1, 4)));
    await using closed = await situation(() => undefined, rules(during(4, 1)));

    expect((await answerTo(open, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(closed, 'sre-1')).verdict).toBe('abstain');
  });

  it('is bounded by the roles and traits of the requester', async () => {
    const stricter = { ...PROD, name: 'contractors', require: { open_incident: true }, otherwise: 'deny' };
    await using stage = await situation(
      () => undefined,
      rules(
        PROD,
        { ...stricter, when: { requester_traits: { team: ['contractor'] } } },
        {
          ...PROD,
          name: 'staff',
          when: { requester_roles: ['staff'] },
        },
      ),
    );

    expect((await answerTo(stage, 'sre-1')).decided.decision.rules).toEqual(['prod-oncall']);
    const { directory } = stage.teleport.cluster;
    const sam = directory.user('sre-1');
    directory.putUser({ ...sam, traits: { ...sam.traits, team: ['contractor'] } });
    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'deny', state: 'DENIED' });
  });

  it('is unknown while Teleport does not say who the requester is, and denies nobody', async () => {
    const denying = { ...PROD, when: { requester_roles: ['staff'] }, otherwise: 'deny' };
    await using stage = await situation(() => undefined, {
      config: { identities: [{ map: { 'sre-2': 'PTAY2RE' } }], rules: [denying] },
    });
    stage.teleport.faults.add({ method: 'GetUser', kind: 'error', code: status.PERMISSION_DENIED });

    const { verdict, decided } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('escalate');
    expect(decided.decision.outcomes[0]?.conditions).toContainEqual(
      expect.objectContaining({ name: 'applies', answer: 'unknown' }),
    );
  });

  it('does not deny whoever is not recognised for an incident that may be theirs', async () => {
    const denying = { ...PROD, require: { open_incident: { requester: 'assigned' } }, otherwise: 'deny' };
    await using stage = await situation((account) => {
      triggerAlert(account, { serviceId: PAYMENTS_API, title: 'checkout fails' });
      account.addUser(aUser({ email: 'sre-1@example.com' }));
    }, rules(denying));

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toContain('leads to several PagerDuty users');
  });
});

describe('a rule in shadow', () => {
  it('is recorded beside the decision and changes nothing, not even whom a page goes to', async () => {
    const shadow = {
      ...PROD,
      name: 'a-shadow',
      require: { open_incident: true },
      escalate: { service: 'Elsewhere' },
      mode: 'shadow',
    };
    await using stage = await situation(addElsewhere, rules(shadow, PROD));

    const approved = await answerTo(stage, 'sre-1');
    expect(approved).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
    expect(approved.decided.decision.shadow).toMatchObject({ verdict: 'escalate', rules: ['a-shadow'] });

    await answerTo(stage, 'sre-2');
    await stage.done('page');
    expect(stage.incidents().map(({ serviceId }) => serviceId)).toEqual(['PSERVC2']);
  });
});

describe('break glass', () => {
  it('opens when PagerDuty cannot answer in time, says so, and pages', async () => {
    await using stage = await situation(() => undefined, rules(PROD, GLASS));
    const outage = stage.pagerDuty.faults.add({ kind: 'status', status: 503 });

    const { verdict, state, decided, id } = await answerTo(stage, 'sre-2');
    expect({ verdict, state }).toEqual({ verdict: 'approve', state: 'APPROVED' });
    expect(decided.decision).toMatchObject({ breakGlass: true, rules: ['a-glass'] });
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('BREAK GLASS by rule a-glass');

    outage.remove();
    await stage.done('break-glass page', null, 20_000);
    expect(stage.incidents()).toMatchObject([
      { status: 'triggered', title: 'BREAK GLASS: sre-2 was given prodaccess' },
    ]);
  }, 40_000);

  it('opens when nobody is on call who could be paged', async () => {
    await using stage = await situation(emptyRota, rules(PROD, GLASS));

    const { verdict, why } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('approve');
    expect(why).toContain('nobody is on call who could be paged');
  });

  it('stays shut while PagerDuty answers and somebody can be paged', async () => {
    await using stage = await situation(() => undefined, rules(PROD, GLASS));

    const { verdict, decided } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('escalate');
    expect(decided.decision.breakGlass).toBe(false);
  });
});
