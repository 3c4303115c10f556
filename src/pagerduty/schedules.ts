import { isPerson } from '../core/conditions/opener.ts';
import { z } from 'zod';
import type { OnCallRow } from '../core/on-call.ts';
import { PagerDutyError, type Ask, type OnCallAnswer, type Schedule, type Span } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { malformed } from './http/errors.ts';
import { lookUp, nullIfNoSuchId } from './lookup.ts';
import { listAll } from './http/paging.ts';
import { isDeleted, referenceOf } from './schema.ts';
import * as wire from './schema.ts';

const ABOUT = { doing: 'look up a schedule', scope: 'schedules.read' };

/** PagerDuty keeps the two kinds apart: `/schedules` has the layer-based ones, `/v3/schedules` the shift-based ones. */
const PATHS = { layers: ['schedules'], shifts: ['v3', 'schedules'] } as const;

type Found = wire.Schedule & { readonly kind: Schedule['kind'] };

/** A schedule of either kind; one that was upgraded keeps its id. On-call rows name both alike. */
export async function findSchedule(client: PagerDutyClient, idOrName: string, ask: Ask): Promise<Schedule> {
  const found = await lookUp({
    noun: 'schedule',
    idOrName,
    byId: async (id) =>
      (await nullIfNoSuchId(scheduleById(client, 'layers', id, ask))) ??
      (await ifOffered(scheduleById(client, 'shifts', id, ask), null)),
    containing: (name) => listSchedules(client, ask, name),
  });
  const { id, name, kind } = found;
  const attached = found.attached ?? (await scheduleById(client, kind, id, ask)).attached;
  // Where PagerDuty does not say, on-call rows are trusted: without a policy there are none, and nobody is on call.
  return { id, summary: name, kind, attached: attached ?? true };
}

/** Schedules of both kinds: those that have the text in their name, or all. */
export async function listSchedules(
  client: PagerDutyClient,
  ask: Ask,
  name?: string,
): Promise<readonly Found[]> {
  return [
    ...(await schedulesContaining(client, 'layers', name, ask)),
    ...(await ifOffered(schedulesContaining(client, 'shifts', name, ask), [])),
  ];
}

/** The shifts of the final schedule, overrides included, as rows without a policy. */
export async function readShifts(
  client: PagerDutyClient,
  schedule: Schedule,
  span: Span,
  ask: Ask,
): Promise<OnCallAnswer> {
  const about = { doing: 'read the shifts of a schedule', scope: 'schedules.read' };
  const answer = z.object({
    schedule: schedule.kind === 'layers' ? wire.FinalSchedule : wire.ComputedShifts,
  });
  const path = [...PATHS[schedule.kind], schedule.id];
  const query = {
    since: span.from,
    until: span.until,
    // Whole shifts, not cut off at the span: their true start and end are evidence.
    overflow: 'true',
    ...(schedule.kind === 'shifts' ? { 'include[]': ['final_schedule'] } : {}),
  };
  const { body, at } = await client.call({ ...about, path, query, answer }, ask);
  if (at === null) throw malformed({ ...about, host: client.host }, 'it has no `Date` header', 200);
  const rows = shiftsIn(body.schedule).map((shift) => ({ ...shift, ...standingIn(schedule) }));
  // It names its people without their addresses.
  return { at, rows, broken: [], people: new Map() };
}

type Shift = Pick<OnCallRow, 'user' | 'start' | 'end'>;

function shiftsIn(
  schedule: z.infer<typeof wire.FinalSchedule> | z.infer<typeof wire.ComputedShifts>,
): readonly Shift[] {
  const { final_schedule: final } = schedule;
  if ('rendered_schedule_entries' in final) {
    return final.rendered_schedule_entries.flatMap(({ user, start, end }) =>
      user === null || isDeleted(user) || !isPerson(user) ? [] : [{ user: referenceOf(user), start, end }],
    );
  }
  return final.computed_shift_assignments.flatMap(({ member, start_time, end_time }) =>
    member.type === 'empty_member' || member.user_id === null || member.user_id === undefined
      ? []
      : [{ user: { id: member.user_id, summary: member.user_id }, start: start_time, end: end_time }],
  );
}

function standingIn({ id, summary }: Schedule): Omit<OnCallRow, keyof Shift> {
  return { escalation_policy: null, escalation_level: 1, schedule: { id, summary } };
}

async function scheduleById(
  client: PagerDutyClient,
  kind: Schedule['kind'],
  id: string,
  ask: Ask,
): Promise<Found> {
  const answer = z.object({ schedule: wire.Schedule });
  const path = [...PATHS[kind], id];
  const { body } = await client.call({ ...ABOUT, path, answer }, ask);
  return { ...body.schedule, kind };
}

async function schedulesContaining(
  client: PagerDutyClient,
  kind: Schedule['kind'],
  name: string | undefined,
  ask: Ask,
): Promise<readonly Found[]> {
  const listing = {
    ...ABOUT,
    path: PATHS[kind],
    query: name === undefined ? {} : { query: name },
    rows: 'schedules',
    row: wire.Schedule,
  };
  return (await listAll(client, listing, ask)).rows.map((schedule) => ({ ...schedule, kind }));
}

/**
 * The answer, or what stands for none where PagerDuty does not let the key have shift-based schedules at all: 402 for want of the
 * plan, 403 for want of the right, or no such path. Such an account has layer-based ones.
 */
async function ifOffered<T, None>(answer: Promise<T>, none: None): Promise<T | None> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    if (error.kind === 'forbidden' || error.kind === 'not-found') return none;
    throw error;
  }
}
