import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../src/review/explain-request.ts';
import { at } from '../../support/builders.ts';
import type { World } from '../../support/world.ts';
import type { Account } from '../../sim/pagerduty/account.ts';
import { repointService, setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aPolicy, aRule, aSchedule } from '../../sim/pagerduty/builders.ts';
import {
  answerTo,
  explained,
  fromNow,
  HOUR_MS,
  MINUTE_MS,
  PAYMENTS,
  PAYMENTS_API,
  PRIMARY,
  SAM,
  situation,
  TAYLOR,
} from '../../support/situation.ts';

const DAY_MS = 24 * HOUR_MS;

function onCall(more: Record<string, unknown>) {
  return { rule: { on_call: { services: ['Payments API'], ...more } } };
}

/** Shifts count from their first second on. */
const AT_ONCE = onCall({ min_shift_age: '0s' });

/** Taylor takes over from Sam at this instant, for a day. */
function handOff(account: Account, start: Date): void {
  setOverride(account, {
    scheduleId: PRIMARY,
    userId: TAYLOR,
    start,
    end: new Date(start.getTime() + DAY_MS),
  });
}

/** Policy Payments pages this schedule, and nobody else. */
function setPolicyTo(account: Account, scheduleId: string): void {
  const policy = account.escalationPolicies.require(PAYMENTS);
  const rules = [{ id: account.ids.short(), ...aRule([{ kind: 'schedule', id: scheduleId }]) }];
  account.escalationPolicies.put({ ...policy, rules });
}

/** What `explain` says would be decided at that moment. */
async function verdictAt(stage: World, requester: string, time: string): Promise<string> {
  const moment = at(time);
  const hypothesis = { requester, roles: ['prodaccess'], reason: 'checkout fails', durationMs: HOUR_MS };
  const request = requestOf({ ...hypothesis, resources: [], annotations: {} }, moment);
  return (await explained(stage, request, moment)).decision.verdict;
}

describe('when somebody is on call', () => {
  it('is said by PagerDuty’s instants, in whatever zone they are written', async () => {
    await using stage = await situation((account) => {
      const schedule = account.addSchedule(
        aSchedule({
          name: 'Kathmandu',
          timeZone: 'Asia/Kathmandu',
          layers: [
            aLayer({ userIds: [SAM], start: fromNow(account, -HOUR_MS), end: fromNow(account, HOUR_MS) }),
          ],
        }),
      );
      setPolicyTo(account, schedule.id);
    });

    const { verdict, decided } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('approve');
    expect(decided.decision.proofs[0]?.row.schedule?.summary).toBe('Kathmandu');
  });

  it('is told through a change of clocks by the same instants', async () => {
    await using stage = await situation((account) => {
      // New York sets its clocks back in this night: a turn of a day on the wall lasts 25 h.
      const start = new Date('2026-10-31T13:00:00Z');
      account.clock.setTo(start);
      const turns = aLayer({ userIds: [TAYLOR, SAM], start, rotationTurnLengthSeconds: 25 * 3_600 });
      const { id } = account.addSchedule(
        aSchedule({ name: 'New York', timeZone: 'America/New_York', layers: [turns] }),
      );
      setPolicyTo(account, id);
    }, AT_ONCE);
    const verdict = (moment: string) => verdictAt(stage, 'sre-2', moment);

    expect(await verdict('2026-10-31T12:59:59Z')).toBe('escalate');
    expect(await verdict('2026-10-31T13:00:00Z')).toBe('approve');
    expect(await verdict('2026-11-01T08:59:59-05:00')).toBe('approve');
    expect(await verdict('2026-11-01T09:00:00-05:00')).toBe('escalate');
  });

  it('changes in one second at a hand-off: exactly one of the two is on call', async () => {
    await using stage = await situation((account) => {
      const handedOff = fromNow(account, 0);
      handOff(account, handedOff);
    }, AT_ONCE);

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
  });

  it('lasts through the grace for who handed off, and says so', async () => {
    await using stage = await situation(
      (account) => handOff(account, fromNow(account, -10 * MINUTE_MS)),
      onCall({ grace_after_shift: '15m' }),
    );
    await using over = await situation(
      (account) => handOff(account, fromNow(account, -16 * MINUTE_MS)),
      onCall({ grace_after_shift: '15m' }),
    );

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('approve');
    expect(why).toContain('counted by the grace after the shift');
    expect((await answerTo(over, 'sre-1')).verdict).toBe('escalate');
    expect((await answerTo(over, 'sre-2')).verdict).toBe('approve');
  });

  it('begins too lately for who has just put themselves on call', async () => {
    await using stage = await situation(
      (account) => setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR }),
      onCall({ min_shift_age: '10m' }),
    );
    await using aged = await situation(
      (account) => handOff(account, fromNow(account, -11 * MINUTE_MS)),
      onCall({ min_shift_age: '10m' }),
    );

    const fresh = await answerTo(stage, 'sre-2');
    expect(fresh.verdict).toBe('escalate');
    expect(fresh.why).toContain('the rule asks for 10 min');
    expect((await answerTo(aged, 'sre-2')).verdict).toBe('approve');
  });

  it('is as old as all shifts that follow each other, whatever their schedules', async () => {
    await using stage = await situation((account) => {
      const change = fromNow(account, -MINUTE_MS);
      const ends = { start: fromNow(account, -HOUR_MS), end: change };
      const [east, west] = [ends, { start: change, end: null }].map((span) =>
        account.addSchedule(
          aSchedule({
            name: `from ${span.start.toISOString()}`,
            layers: [aLayer({ userIds: [TAYLOR], ...span })],
          }),
        ),
      );
      const targets = [east, west].map((schedule) => ({ kind: 'schedule', id: schedule?.id ?? '' }) as const);
      const policy = account.escalationPolicies.require(PAYMENTS);
      account.escalationPolicies.put({ ...policy, rules: [{ id: account.ids.short(), ...aRule(targets) }] });
    });

    const { verdict, decided } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('approve');
    expect(decided.decision.proofs[0]?.age).toMatchObject({ by: 'row' });
  });

  // PagerDuty's row is as old as whoever may edit policies, services and schedules makes it: who has watched the target knows better.
  it.each<[string, (account: Account, rota: string) => void]>([
    ['a rota that was put under its policy a second ago', (account, rota) => setPolicyTo(account, rota)],
    [
      'a policy that was put under its service a second ago',
      (account, rota) => {
        const { id } = account.addEscalationPolicy(
          aPolicy({ name: 'Plants', rules: [aRule([{ kind: 'schedule', id: rota }])] }),
        );
        repointService(account, PAYMENTS_API, id);
      },
    ],
    [
      'an override that was entered a second ago says',
      (account) =>
        setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start: fromNow(account, -2 * HOUR_MS) }),
    ],
  ])('is not as old as %s', async (_what, change) => {
    let rota = '';
    const plants = aSchedule({ name: 'Office plants', layers: [aLayer({ userIds: [TAYLOR] })] });
    await using stage = await situation((account) => (rota = account.addSchedule(plants).id), {
      freshness: '0s',
    });
    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
    change(stage.pagerDuty.account, rota);

    const { verdict, why } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('escalate');
    expect(why).toContain('on call only since');
  });

  it('is as long as it was seen coming, over restarts, and by the row alone where nobody watched', async () => {
    await using stage = await situation(() => undefined, onCall({ min_shift_age: '2s' }));
    const { account } = stage.pagerDuty;
    expect((await answerTo(stage, 'sre-1')).decided.decision.proofs[0]?.age?.by).toBe('row');
    handOff(account, fromNow(account, 4_000));
    await stage.stopService();
    await stage.startService();
    await stage
      .poll(async () => (await answerTo(stage, 'sre-2')).verdict, { timeout: 20_000 })
      .toBe('approve');

    const { decision, facts } = stage.reports.of('decided').at(-1)?.decided ?? {};
    expect(decision?.proofs[0]?.age?.by).toBe('sighting');
    const sighting = facts?.onCall.state === 'known' ? facts.onCall.sightings?.[0] : undefined;
    expect((sighting?.firstSeen ?? '') < new Date(sighting?.start ?? 0).toISOString()).toBe(true);
  }, 40_000);

  it('does not grow older in its grace', async () => {
    await using stage = await situation(
      (account) => {
        const start = fromNow(account, -12 * MINUTE_MS);
        const end = fromNow(account, -11 * MINUTE_MS);
        setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start, end });
      },
      onCall({ min_shift_age: '10m', grace_after_shift: '15m' }),
    );

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
  });

  it.each([
    ['ahead', 2 * MINUTE_MS],
    ['behind', -2 * MINUTE_MS],
  ])('cannot be known while PagerDuty’s clock is %s by minutes', async (word, offsetMs) => {
    await using stage = await situation((account) => account.clock.setOffset(offsetMs));

    const { verdict, why, decided } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toMatch(new RegExp(`PagerDuty's clock is 1\\d\\d s ${word}`, 'u'));
    expect(decided.decision.provisional).toBe(true);
  });

  it('is judged by PagerDuty’s clock where the two differ by less', async () => {
    await using stage = await situation((account) => {
      handOff(account, fromNow(account, 20_000));
      account.clock.setOffset(30_000);
    }, AT_ONCE);

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });
});
