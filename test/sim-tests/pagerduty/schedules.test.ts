import { describe, expect, it } from 'vitest';
import { setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aSchedule, aShiftSchedule } from '../../sim/pagerduty/builders.ts';
import { shiftsOf } from '../../sim/pagerduty/shifts.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, column, get } from './api-client.ts';
import { NOW, referenceAccount } from './reference-account.ts';

const DAY = 'since=2026-03-03T00:00:00Z&until=2026-03-04T00:00:00Z';

describe('layer-based schedules', () => {
  it('rotate their users in turns, also before the first turn of a later rotation start', () => {
    const account = referenceAccount();
    const schedule = account.addSchedule(
      aSchedule({
        layers: [
          aLayer({
            userIds: ['PSAM1RE', 'PTAY2RE', 'PROB3RE'],
            start: new Date('2026-01-01T00:00:00Z'),
            rotationVirtualStart: new Date('2026-03-01T00:00:00Z'),
            rotationTurnLengthSeconds: 86_400,
          }),
        ],
      }),
    );
    const window = { since: new Date('2026-02-27T12:00:00Z'), until: new Date('2026-03-02T12:00:00Z') };

    const shifts = shiftsOf(schedule, window);

    expect(shifts.map((shift) => shift.userId)).toEqual(['PTAY2RE', 'PROB3RE', 'PSAM1RE', 'PTAY2RE']);
  });

  it('let later layers cover earlier ones, and join what is left of one user into one shift', () => {
    const account = referenceAccount();
    const cover = { start: new Date('2026-03-03T02:00:00Z'), end: new Date('2026-03-03T04:00:00Z') };
    const schedule = account.addSchedule(
      aSchedule({
        layers: [
          aLayer({ userIds: ['PSAM1RE'] }),
          aLayer({ userIds: ['PTAY2RE'], ...cover }),
          aLayer({ userIds: ['PSAM1RE'], start: new Date('2026-03-03T03:30:00Z'), end: cover.end }),
        ],
      }),
    );

    const shifts = shiftsOf(schedule, { since: NOW, until: new Date('2026-03-03T05:00:00Z') });

    expect(shifts).toEqual([
      { userId: 'PTAY2RE', start: cover.start.getTime(), end: Date.parse('2026-03-03T03:30:00Z') },
      { userId: 'PSAM1RE', start: Date.parse('2026-03-03T03:30:00Z'), end: Infinity },
    ]);
  });

  it('show entries only for a window, cut to it unless overflow is asked for', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount() });

    const without = await get(pagerDuty.url, '/schedules/PSCHED1');
    const cut = await get(pagerDuty.url, `/schedules/PSCHED1?${DAY}`);
    const whole = await get(pagerDuty.url, `/schedules/PSCHED1?${DAY}&overflow=true`);

    expect(at(without.body, 'schedule.final_schedule.rendered_schedule_entries')).toEqual([]);
    expect(at(cut.body, 'schedule.final_schedule')).toMatchObject({
      rendered_coverage_percentage: 100,
      rendered_schedule_entries: [
        { start: '2026-03-03T00:00:00Z', end: '2026-03-04T00:00:00Z', user: { id: 'PSAM1RE' } },
      ],
    });
    expect(at(whole.body, 'schedule.final_schedule.rendered_schedule_entries.0')).toMatchObject({
      start: '2026-03-01T00:00:00Z',
      end: '2026-03-08T00:00:00Z',
    });
  });

  it('show overrides in the final schedule but not in the layers, and list them with 201', async () => {
    const account = referenceAccount();
    setOverride(account, { scheduleId: 'PSCHED1', userId: 'POUT4SD' });
    await using pagerDuty = await startPagerDuty({ account });

    const schedule = await get(pagerDuty.url, `/schedules/PSCHED1?${DAY}`);
    const overrides = await get(pagerDuty.url, `/schedules/PSCHED1/overrides?${DAY}`);
    const unbounded = await get(pagerDuty.url, '/schedules/PSCHED1/overrides');

    const final = at(schedule.body, 'schedule.final_schedule');
    const layer = at(schedule.body, 'schedule.schedule_layers.0');
    expect(column(final, 'rendered_schedule_entries', 'user.id')).toEqual(['PSAM1RE', 'POUT4SD']);
    expect(column(layer, 'rendered_schedule_entries', 'user.id')).toEqual(['PSAM1RE']);
    expect(overrides.status).toBe(201);
    expect(at(overrides.body, 'overrides.0')).toMatchObject({
      start: '2026-03-03T03:00:00Z',
      user: { id: 'POUT4SD' },
    });
    expect(unbounded.status).toBe(400);
  });

  it('answer who is on call even when no policy uses them', async () => {
    const account = referenceAccount();
    const { id } = account.addSchedule(aSchedule({ layers: [aLayer({ userIds: ['POUT4SD'] })] }));
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/schedules/${id}/users`);

    expect(column(body, 'users', 'email')).toEqual(['outsider@example.com']);
    expect(at(body, 'more')).toBeUndefined();
  });
});

describe('shift-based schedules', () => {
  it('live under v3 only, where layer-based ones are refused with 400', async () => {
    const account = referenceAccount();
    const { id } = account.addSchedule(aShiftSchedule({ name: 'Search' }));
    await using pagerDuty = await startPagerDuty({ account });

    const list = await get(pagerDuty.url, '/v3/schedules?query=sea');
    const layered = await get(pagerDuty.url, '/v3/schedules/PSCHED1');
    const underV2 = await get(pagerDuty.url, `/schedules/${id}`);
    const v2List = await get(pagerDuty.url, '/schedules');

    expect(at(list.body, 'schedules')).toMatchObject([{ id, type: 'schedule_v3_reference' }]);
    expect([layered.status, underV2.status]).toEqual([400, 404]);
    expect(at(layered.body, 'error.errors')).toEqual([{ message: expect.any(String) as string }]);
    expect(column(v2List.body, 'schedules', 'id')).toEqual(['PSCHED1', 'PSCHED2']);
  });

  it('tell of an assignment that it comes from an override, and from which', async () => {
    const account = referenceAccount();
    const shift = { start: NOW, end: null, userIds: ['PSAM1RE'] };
    const { id: scheduleId } = account.addSchedule(aShiftSchedule({ shifts: [shift] }));
    const { id } = setOverride(account, { scheduleId, userId: 'POUT4SD' });
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/v3/schedules/${scheduleId}?include[]=final_schedule&${DAY}`);

    expect(at(body, 'schedule.final_schedule.computed_shift_assignments.1')).toMatchObject({
      member: { user_id: 'POUT4SD' },
      source: { type: 'custom_shift_override', override_id: id },
    });
  });

  it('show concurrent members and name the gaps', async () => {
    const account = referenceAccount();
    const end = new Date('2026-03-03T12:00:00Z');
    const { id } = account.addSchedule(
      aShiftSchedule({ shifts: [{ start: NOW, end, userIds: ['PSAM1RE', 'PTAY2RE'] }] }),
    );
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/v3/schedules/${id}?include[]=final_schedule&${DAY}`);

    expect(at(body, 'schedule.type')).toBe('schedule_v3');
    expect(at(body, 'schedule.final_schedule')).toMatchObject({
      type: 'final_schedule',
      rendered_coverage_percentage: 37.5,
    });
    expect(at(body, 'schedule.final_schedule.computed_shift_assignments.1')).toMatchObject({
      type: 'computed_shift_assignment',
      source: { type: 'custom_shift', shift_id: expect.any(String) as string },
    });
    expect(at(body, 'schedule.final_schedule.computed_shift_assignments')).toMatchObject([
      { start_time: '2026-03-03T00:00:00Z', member: { type: 'empty_member' } },
      { start_time: '2026-03-03T03:00:00Z', member: { type: 'user_member', user_id: 'PSAM1RE' } },
      { start_time: '2026-03-03T03:00:00Z', member: { type: 'user_member', user_id: 'PTAY2RE' } },
      { start_time: '2026-03-03T12:00:00Z', member: { type: 'empty_member' } },
    ]);
  });
});
