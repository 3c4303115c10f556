import { describe, expect, it } from 'vitest';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import type { Span } from '../../src/ports/pagerduty.ts';
import { instantOf } from '../../src/core/values/instant.ts';
import { errorBody, json } from './http-server.ts';
import { user } from './messages.ts';
import { anAsk, answering, failureOf } from './subjects.ts';

const SPAN: Span = { from: instantOf(0), until: instantOf(3_600_000) };
const [START, END] = ['2026-03-02T09:00:00-05:00', '2026-03-09T09:00:00-05:00'];
const LAYERS = { id: 'PSCHED1', summary: 'Primary', kind: 'layers', attached: true } as const;
const SHIFTS = { ...LAYERS, kind: 'shifts' } as const;

async function shiftsIn(schedule: typeof LAYERS | typeof SHIFTS, final_schedule: object) {
  await using server = await answering({ schedule: { final_schedule } });
  const { rows } = await createOnCallDirectory(server.client).shiftsOf(schedule, SPAN, anAsk());
  const [asked] = server.received;
  return { rows, asked: `${asked?.path ?? ''}?${asked?.query.toString() ?? ''}` };
}

describe('the shifts of a schedule', () => {
  it('of layers are those of people, whole, as rows without a policy', async () => {
    const shift = { start: START, end: END };
    const { rows, asked } = await shiftsIn(LAYERS, {
      rendered_schedule_entries: [
        { ...shift, user: user('PSAM1RE', 'user') },
        { ...shift, end: null, user: user('PTAY2RE') },
        { ...shift, user: null },
        { ...shift, user: user('PBOT1', 'bot_user_reference') },
        { ...shift, user: { ...user('PGONE1'), deleted_at: START } },
      ],
    });

    const row = {
      ...{ escalation_policy: null, escalation_level: 1, start: START },
      schedule: { id: 'PSCHED1', summary: 'Primary' },
    };
    expect(rows).toEqual([
      { ...row, user: { id: 'PSAM1RE', summary: 'name of PSAM1RE' }, end: END },
      { ...row, user: { id: 'PTAY2RE', summary: 'name of PTAY2RE' }, end: null },
    ]);
    expect(decodeURIComponent(asked)).toBe(
      `/schedules/PSCHED1?since=${SPAN.from}&until=${SPAN.until}&overflow=true`,
    );
  });

  it('of the newer kind are those that somebody has', async () => {
    const shift = { start_time: START, end_time: END };
    const { rows, asked } = await shiftsIn(SHIFTS, {
      computed_shift_assignments: [
        { ...shift, member: { type: 'user_member', user_id: 'PSAM1RE' } },
        { ...shift, member: { type: 'empty_member', user_id: 'PTAY2RE' } },
        { ...shift, member: { type: 'user_member', user_id: null } },
        { ...shift, member: { type: 'user_member' } },
      ],
    });

    expect(rows).toMatchObject([{ user: { id: 'PSAM1RE', summary: 'PSAM1RE' }, start: START, end: END }]);
    expect(decodeURIComponent(asked)).toMatch(/^\/v3\/schedules\/PSCHED1\?.*include\[\]=final_schedule/u);
  });

  it('prove nothing without a time', async () => {
    await using server = await answering((_request, response) => {
      response.sendDate = false;
      json(response, 200, { schedule: { final_schedule: { rendered_schedule_entries: [] } } });
    });

    const failure = await failureOf(createOnCallDirectory(server.client).shiftsOf(LAYERS, SPAN, anAsk()));

    expect(failure).toMatchObject({ kind: 'malformed', message: expect.stringMatching(/`Date`/u) as string });
  });
});

describe('a schedule', () => {
  it.each([
    ['is, where it has a policy', { escalation_policies: [user('PPOLCY1', 'escalation_policy')] }, true],
    ['is not, where it has none', { escalation_policies: [] }, false],
    ['is taken to be, where PagerDuty does not say', {}, true],
  ])('that is found by its name %s attached', async (_what, told, attached) => {
    const schedule = { ...user('PSCHED1', 'schedule'), name: 'Primary' };
    await using server = await answering(({ path }, response) => {
      if (path === '/schedules/PSCHED1') json(response, 200, { schedule: { ...schedule, ...told } });
      else json(response, 200, { schedules: path === '/schedules' ? [schedule] : [], more: false });
    });

    expect(await createOnCallDirectory(server.client).schedule('primary', anAsk())).toEqual({
      ...LAYERS,
      attached,
    });
  });

  it('of the newer kind is not taken for absent where PagerDuty is only failing', async () => {
    await using server = await answering(({ path }, response) => {
      if (path.startsWith('/v3')) json(response, 409, errorBody(2000, 'conflict'));
      else json(response, 200, { schedules: [], more: false });
    });

    expect((await failureOf(createOnCallDirectory(server.client).schedule('x', anAsk()))).status).toBe(409);
  });
});
