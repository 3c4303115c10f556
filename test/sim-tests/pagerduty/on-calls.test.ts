import { describe, expect, it } from 'vitest';
import { deleteUser, setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aPolicy, aRule, aSchedule, aShiftSchedule } from '../../sim/pagerduty/builders.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, column, get } from './api-client.ts';
import { NOW, referenceAccount } from './reference-account.ts';

const HANDOVER = '2026-03-08T00:00:00Z';

describe('GET /oncalls', () => {
  it('gives a row for every policy and level, and permanent rows without schedule and times', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { status, body } = await get(pagerDuty.url, '/oncalls');

    expect(status).toBe(200);
    expect(body).toMatchObject({ limit: 25, offset: 0, total: null, more: false });
    expect(at(body, 'oncalls')).toMatchObject([
      {
        escalation_level: 1,
        user: { id: 'PSAM1RE', type: 'user_reference', summary: 'Sam One' },
        escalation_policy: { id: 'PPOLCY1', type: 'escalation_policy_reference' },
        schedule: { id: 'PSCHED1', type: 'schedule_reference' },
        start: '2026-03-01T00:00:00Z',
        end: HANDOVER,
      },
      { escalation_level: 2, user: { id: 'PROB3RE' }, end: null },
      { escalation_level: 3, user: { id: 'PMAN5GR' }, schedule: null, start: null, end: null },
    ]);
  });

  it('gives both the outgoing and the incoming user at the instant of a hand-off', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { body } = await get(
      pagerDuty.url,
      `/oncalls?schedule_ids[]=PSCHED1&since=${HANDOVER}&until=${HANDOVER}`,
    );

    expect(column(body, 'oncalls', 'user.summary')).toEqual(['Sam One', 'Taylor Two']);
  });

  it('takes the literal null among the schedules for direct user targets', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const permanent = await get(pagerDuty.url, '/oncalls?schedule_ids[]=null');
    const both = await get(pagerDuty.url, '/oncalls?schedule_ids[]=null&schedule_ids[]=PSCHED1');

    expect(column(permanent.body, 'oncalls', 'user.id')).toEqual(['PMAN5GR']);
    expect(column(both.body, 'oncalls', 'user.id')).toEqual(['PSAM1RE', 'PMAN5GR']);
  });

  it('combines its filters, and expands what is included', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const none = await get(pagerDuty.url, '/oncalls?user_ids[]=PTAY2RE&escalation_policy_ids[]=PPOLCY1');
    const one = await get(pagerDuty.url, '/oncalls?user_ids[]=PSAM1RE&include[]=users&include[]=schedules');

    expect(at(none.body, 'oncalls')).toEqual([]);
    expect(at(one.body, 'oncalls.0')).toMatchObject({
      user: { type: 'user', email: 'sre-1@example.com', role: 'limited_user' },
      schedule: { type: 'schedule', name: 'Payments primary' },
      escalation_policy: { type: 'escalation_policy_reference' },
    });
  });

  it('has overrides applied already, and splits the shift they interrupt', () => {
    const account = referenceAccount();
    const start = new Date('2026-03-03T02:00:00Z');
    const end = new Date('2026-03-03T06:00:00Z');
    setOverride(account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE', start, end });

    const rows = account.onCallRows(NOW).filter((row) => row.scheduleId === 'PSCHED1');
    const later = account.onCallRows(NOW, new Date('2026-03-03T07:00:00Z'));

    expect(rows).toMatchObject([{ userId: 'PTAY2RE', start, end }]);
    expect(later.filter((row) => row.userId === 'PSAM1RE')).toMatchObject([
      { start: end, end: new Date(HANDOVER) },
    ]);
  });

  it('gives no rows for a schedule that no policy uses', () => {
    const account = referenceAccount();
    account.addSchedule(aSchedule({ name: 'Shadow', layers: [aLayer({ userIds: ['POUT4SD'] })] }));

    expect(account.onCallRows().some((row) => row.userId === 'POUT4SD')).toBe(false);
  });

  it('gives one row per policy for a shift that several policies use, and only the earliest on request', async () => {
    const account = referenceAccount();
    const target = { kind: 'schedule', id: 'PSCHED1' } as const;
    account.addEscalationPolicy(aPolicy({ name: 'Search', rules: [aRule([target])] }));
    await using pagerDuty = await startPagerDuty({ account });
    const window = 'since=2026-03-03T03:00:00Z&until=2026-03-20T00:00:00Z';

    const now = await get(pagerDuty.url, '/oncalls?user_ids[]=PSAM1RE');
    const all = await get(pagerDuty.url, `/oncalls?user_ids[]=PSAM1RE&${window}`);
    const earliest = await get(pagerDuty.url, `/oncalls?user_ids[]=PSAM1RE&${window}&earliest=true`);

    expect(column(now.body, 'oncalls', 'escalation_policy.summary')).toEqual(['Payments', 'Search']);
    expect(column(all.body, 'oncalls', 'start')).toHaveLength(4);
    expect(column(earliest.body, 'oncalls', 'start')).toEqual([
      '2026-03-01T00:00:00Z',
      '2026-03-01T00:00:00Z',
    ]);
  });

  it('names shift-based schedules by their own reference type, with all concurrent members', async () => {
    const account = referenceAccount();
    const { id } = account.addSchedule(
      aShiftSchedule({ shifts: [{ start: NOW, end: null, userIds: ['PTAY2RE', 'PROB3RE'] }] }),
    );
    account.addEscalationPolicy(aPolicy({ name: 'Search', rules: [aRule([{ kind: 'schedule', id }])] }));
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/oncalls?schedule_ids[]=${id}`);

    expect(column(body, 'oncalls', 'user.id')).toEqual(['PTAY2RE', 'PROB3RE']);
    expect(at(body, 'oncalls.0.schedule.type')).toBe('schedule_v3_reference');
  });

  it('goes on naming a deleted user as a stub that cannot be expanded', async () => {
    const account = referenceAccount();
    deleteUser(account, 'PSAM1RE');
    await using pagerDuty = await startPagerDuty({ account });

    const row = await get(pagerDuty.url, '/oncalls?user_ids[]=PSAM1RE&include[]=users');
    const user = await get(pagerDuty.url, '/users/PSAM1RE');

    expect(at(row.body, 'oncalls.0.user')).toMatchObject({
      type: 'user_reference',
      self: null,
      deleted_at: '2026-03-03T03:00:00Z',
    });
    expect(user).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
  });

  it('writes times in the zone asked for, always with an offset', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { body } = await get(pagerDuty.url, '/oncalls?user_ids[]=PSAM1RE&time_zone=America/New_York');

    // The shift ends on the day the clocks go forward there, a few hours before they do.
    expect(at(body, 'oncalls.0')).toMatchObject({
      start: '2026-02-28T19:00:00-05:00',
      end: '2026-03-07T19:00:00-05:00',
    });
  });

  it.each([
    ['since=2026-03-03T05:00:00Z&until=2026-03-03T04:00:00Z', 2005],
    ['since=2026-03-03T05:00:00Z', 2005],
    ['until=2026-07-03T05:00:00Z', 2005],
    ['since=2026-03-03T05:00:00', 2004],
    ['since=yesterday', 2004],
    ['user_ids=PSAM1RE', 2001],
    ['include[]=teams', 2001],
    ['limit=101', 2001],
    ['limit=100&offset=9901', 2001],
    ['time_zone=Mars', 2001],
  ])('refuses `%s` with 400 and code %i', async (query, code) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const { status, body } = await get(pagerDuty.url, `/oncalls?${query}`);

    expect({ status, code: at(body, 'error.code') }).toEqual({ status: 400, code });
  });

  it('pages by limit and offset, and counts only on request', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const first = await get(pagerDuty.url, '/oncalls?limit=2&total=true');
    const second = await get(pagerDuty.url, '/oncalls?limit=2&offset=2');

    expect(first.body).toMatchObject({ more: true, total: 3, limit: 2, offset: 0 });
    expect(second.body).toMatchObject({ more: false, total: null, offset: 2 });
    expect(column(second.body, 'oncalls', 'user.id')).toEqual(['PMAN5GR']);
  });

  it('leaves out, without a word, what the owner of the key may not see', async () => {
    const account = referenceAccount();
    const key = account.keys.require('user-key-sam-one-001');
    account.addKey({ ...key, hiddenIds: ['PSCHED1'] });
    await using pagerDuty = await startPagerDuty({ account });

    const { status, body } = await get(pagerDuty.url, '/oncalls', {
      authorization: 'Token token=user-key-sam-one-001',
    });

    expect(status).toBe(200);
    expect(column(body, 'oncalls', 'user.id')).toEqual(['PROB3RE', 'PMAN5GR']);
  });
});
