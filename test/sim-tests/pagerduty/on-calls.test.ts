import { describe, expect, it } from 'vitest';
import { deleteUser, setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aPolicy, aRule, aSchedule } from '../../sim/pagerduty/builders.ts';
import { READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import { opened } from './opened.ts';
import { NOW } from './reference-account.ts';

const HANDOVER = '2026-03-08T00:00:00Z';

describe('GET /oncalls', () => {
  it.each([
    [
      'both users at the instant of a hand-off',
      `schedule_ids[]=PSCHED1&since=${HANDOVER}&until=${HANDOVER}`,
      ['PSAM1RE', 'PTAY2RE'],
    ],
    ['direct targets for the literal null', 'schedule_ids[]=null', ['PMAN5GR']],
    ['these and a schedule', 'schedule_ids[]=null&schedule_ids[]=PSCHED1', ['PSAM1RE', 'PMAN5GR']],
    ['what all filters let through', 'user_ids[]=PTAY2RE&escalation_policy_ids[]=PPOLCY1', []],
    ['a page', 'limit=2&offset=2', ['PMAN5GR']],
  ])('gives %s', async (_what, query, users) => {
    await using api = await opened();

    expect((await api.get(`/oncalls?${query}`)).column('oncalls', 'user.id')).toEqual(users);
  });

  it('expands what is included, counts on request, and writes times in the zone asked for, always with an offset', async () => {
    await using api = await opened();

    const whole = await api.get('/oncalls?limit=2&total=true&include[]=users&include[]=schedules');
    const inNewYork = await api.get('/oncalls?user_ids[]=PSAM1RE&time_zone=America/New_York');

    expect(whole.body).toMatchObject({ more: true, total: 3 });
    expect(whole.at('oncalls.0')).toMatchObject({
      user: { type: 'user', email: 'sre-1@example.com', role: 'limited_user' },
      schedule: { type: 'schedule', name: 'Payments primary' },
      escalation_policy: { type: 'escalation_policy_reference' },
    });
    // The shift ends on the day the clocks go forward there, a few hours before they do.
    expect(inNewYork.at('oncalls.0')).toMatchObject({
      start: '2026-02-28T19:00:00-05:00',
      end: '2026-03-07T19:00:00-05:00',
    });
  });

  it('has overrides applied already, splits the shift they interrupt, and has no row for a schedule without a policy', async () => {
    await using api = await opened();
    const { account } = api;
    const [start, end] = [new Date('2026-03-03T02:00:00Z'), new Date('2026-03-03T06:00:00Z')];
    setOverride(account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE', start, end });
    account.addSchedule(aSchedule({ name: 'Shadow', layers: [aLayer({ userIds: ['POUT4SD'] })] }));

    const rows = account.onCallRows(NOW);
    const later = account.onCallRows(NOW, new Date('2026-03-03T07:00:00Z'));

    expect(rows.filter((row) => row.scheduleId === 'PSCHED1')).toMatchObject([
      { userId: 'PTAY2RE', start, end },
    ]);
    expect(later.filter((row) => row.userId === 'PSAM1RE')).toMatchObject([
      { start: end, end: new Date(HANDOVER) },
    ]);
    expect(rows.some((row) => row.userId === 'POUT4SD')).toBe(false);
  });

  it('gives one row per policy for a shift that several use', async () => {
    await using api = await opened();
    const rules = [aRule([{ kind: 'schedule', id: 'PSCHED1' }])];
    api.account.addEscalationPolicy(aPolicy({ name: 'Search', rules }));
    const window = 'since=2026-03-03T03:00:00Z&until=2026-03-20T00:00:00Z';
    const ask = (query: string) => api.get(`/oncalls?user_ids[]=PSAM1RE&${query}`);

    expect((await ask('')).column('oncalls', 'escalation_policy.summary')).toEqual(['Payments', 'Search']);
    expect((await ask(window)).at('oncalls')).toHaveLength(4);
  });

  it('goes on naming a deleted user as a stub that cannot be expanded', async () => {
    await using api = await opened();
    deleteUser(api.account, 'PSAM1RE');

    expect((await api.get('/oncalls?user_ids[]=PSAM1RE&include[]=users')).at('oncalls.0.user')).toMatchObject(
      { type: 'user_reference', self: null, deleted_at: '2026-03-03T03:00:00Z' },
    );
    expect(await api.get('/users/PSAM1RE')).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
  });

  it('leaves out, without a word, what the owner of the key may not see', async () => {
    await using api = await opened();
    const key = api.account.keys.require(READ_ONLY_KEY);
    api.account.addKey({ ...key, hiddenIds: ['PSCHED1'] });

    const seen = await api.get('/oncalls', { authorization: `Token token=${key.id}` });

    expect([seen.status, seen.column('oncalls', 'user.id')]).toEqual([200, ['PROB3RE', 'PMAN5GR']]);
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
    await using api = await opened();

    expect(await api.get(`/oncalls?${query}`)).toMatchObject({ status: 400, body: { error: { code } } });
  });
});
