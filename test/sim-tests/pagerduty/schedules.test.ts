import { describe, expect, it } from 'vitest';
import { setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aSchedule, aShiftSchedule } from '../../sim/pagerduty/builders.ts';
import { shiftsOf } from '../../sim/pagerduty/shifts.ts';
import { opened } from './opened.ts';
import { NOW, referenceAccount } from './reference-account.ts';

const DAY = 'since=2026-03-03T00:00:00Z&until=2026-03-04T00:00:00Z';
const FINAL = 'schedule.final_schedule';

describe('layer-based schedules', () => {
  it('rotate their users in turns, also before the first turn of a later rotation start', () => {
    const layer = aLayer({
      userIds: ['PSAM1RE', 'PTAY2RE', 'PROB3RE'],
      start: new Date('2026-01-01T00:00:00Z'),
      rotationVirtualStart: new Date('2026-03-01T00:00:00Z'),
      rotationTurnLengthSeconds: 86_400,
    });
    const window = { since: new Date('2026-02-27T12:00:00Z'), until: new Date('2026-03-02T12:00:00Z') };

    const shifts = shiftsOf(referenceAccount().addSchedule(aSchedule({ layers: [layer] })), window);

    expect(shifts.map((shift) => shift.userId)).toEqual(['PTAY2RE', 'PROB3RE', 'PSAM1RE', 'PTAY2RE']);
  });

  it('show entries only for a window, cut to it unless overflow is asked for', async () => {
    await using api = await opened();
    const entries = async (query: string) =>
      (await api.get(`/schedules/PSCHED1?${query}`)).at(`${FINAL}.rendered_schedule_entries`);

    expect(await entries('')).toEqual([]);
    expect(await entries(DAY)).toMatchObject([
      { start: '2026-03-03T00:00:00Z', end: '2026-03-04T00:00:00Z', user: { id: 'PSAM1RE' } },
    ]);
    expect(await entries(`${DAY}&overflow=true`)).toMatchObject([
      { start: '2026-03-01T00:00:00Z', end: '2026-03-08T00:00:00Z' },
    ]);
    expect((await api.get(`/schedules/PSCHED1?${DAY}`)).at(`${FINAL}.rendered_coverage_percentage`)).toBe(
      100,
    );
  });

  it('show overrides in the final schedule but not in the layers', async () => {
    await using api = await opened();
    setOverride(api.account, { scheduleId: 'PSCHED1', userId: 'POUT4SD' });

    const schedule = await api.get(`/schedules/PSCHED1?${DAY}`);
    const users = (part: string) => schedule.column(`${part}.rendered_schedule_entries`, 'user.id');

    expect(users(FINAL)).toEqual(['PSAM1RE', 'POUT4SD']);
    expect(users('schedule.schedule_layers.0')).toEqual(['PSAM1RE']);
  });
});

describe('shift-based schedules', () => {
  it('live under v3 only, where layer-based ones are refused with 400, in errors that are objects', async () => {
    await using api = await opened();
    const { id } = api.account.addSchedule(aShiftSchedule({ name: 'Search' }));

    const layered = await api.get('/v3/schedules/PSCHED1');

    expect((await api.get('/v3/schedules?query=sea')).at('schedules')).toMatchObject([
      { id, type: 'schedule_v3_reference' },
    ]);
    expect([layered.status, (await api.get(`/schedules/${id}`)).status]).toEqual([400, 404]);
    expect(layered.at('error.errors')).toEqual([{ message: expect.any(String) as string }]);
    expect((await api.get('/schedules')).column('schedules', 'id')).toEqual(['PSCHED1', 'PSCHED2']);
  });

  it('tell of an assignment that it comes from an override, and from which', async () => {
    await using api = await opened();
    const shifts = [{ start: NOW, end: null, userIds: ['PSAM1RE'] }];
    const { id: scheduleId } = api.account.addSchedule(aShiftSchedule({ shifts }));
    const { id } = setOverride(api.account, { scheduleId, userId: 'POUT4SD' });

    const schedule = await api.get(`/v3/schedules/${scheduleId}?include[]=final_schedule&${DAY}`);

    expect(schedule.at(`${FINAL}.computed_shift_assignments.1`)).toMatchObject({
      member: { user_id: 'POUT4SD' },
      source: { type: 'custom_shift_override', override_id: id },
    });
  });

  it('show concurrent members and name the gaps', async () => {
    await using api = await opened();
    const shifts = [{ start: NOW, end: new Date('2026-03-03T12:00:00Z'), userIds: ['PSAM1RE', 'PTAY2RE'] }];
    const { id } = api.account.addSchedule(aShiftSchedule({ shifts }));

    const schedule = await api.get(`/v3/schedules/${id}?include[]=final_schedule&${DAY}`);

    const source = { type: 'custom_shift', shift_id: expect.any(String) as string };
    expect(schedule.at('schedule')).toMatchObject({
      type: 'schedule_v3',
      final_schedule: {
        type: 'final_schedule',
        rendered_coverage_percentage: 37.5,
        computed_shift_assignments: [
          { start_time: '2026-03-03T00:00:00Z', member: { type: 'empty_member' } },
          {
            type: 'computed_shift_assignment',
            start_time: '2026-03-03T03:00:00Z',
            member: { type: 'user_member', user_id: 'PSAM1RE' },
            source,
          },
          { start_time: '2026-03-03T03:00:00Z', member: { user_id: 'PTAY2RE' }, source },
          { start_time: '2026-03-03T12:00:00Z', member: { type: 'empty_member' } },
        ],
      },
    });
  });
});
