import type { Account } from './account.ts';
import { DAY_MS } from './durations.ts';
import type { ApiKey, LayerSchedule, ShiftSchedule } from './model.ts';
import type { OnCallRow } from './on-calls.ts';
import { contains, flagOf, instantOf, listOf, listOfKnown, paged, pageOf, timeZoneOf } from './query.ts';
import { badInstant, badRange, invalidInput, notFound } from './refusal.ts';
import { scheduleReference } from './references.ts';
import { renderUser } from './render-config.ts';
import {
  renderOnCall,
  renderSchedule,
  renderScheduleSummary,
  renderShiftSchedule,
  type ScheduleView,
} from './render-schedules.ts';
import { ok, visibleTo, type Call, type Reply, type Route } from './route.ts';
import { cutToWindow, shiftsOf, type Window } from './shifts.ts';

const MAX_WINDOW_MS = 90 * DAY_MS;
const V3_PAGE = { limit: 100, max: 1000 };

/** On-call rows and schedules of both kinds. */
export const onCallRoutes: readonly Route[] = [
  { method: 'GET', path: '/oncalls', scope: 'oncalls.read', handle: listOnCalls },
  { method: 'GET', path: '/schedules', scope: 'schedules.read', handle: listSchedules },
  { method: 'GET', path: '/schedules/:id', scope: 'schedules.read', handle: getSchedule },
  { method: 'GET', path: '/schedules/:id/users', scope: 'users.read', handle: listScheduleUsers },
  { method: 'GET', path: '/v3/schedules', scope: 'schedules.read', handle: listShiftSchedules },
  { method: 'GET', path: '/v3/schedules/:id', scope: 'schedules.read', handle: getShiftSchedule },
];

/** PagerDuty: there is no filter by service; `schedule_ids[]=null` asks for direct user targets. */
function listOnCalls({ account, key, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', ['users', 'schedules', 'escalation_policies']);
  const userIds = listOf(query, 'user_ids');
  const scheduleIds = listOf(query, 'schedule_ids');
  const policyIds = listOf(query, 'escalation_policy_ids');
  const timeZone = timeZoneOf(query, account);
  const window = onCallWindow(account, query);
  const policies = account.escalationPolicies
    .all()
    .filter(({ id }) => policyIds.length === 0 || policyIds.includes(id));
  const rows = account
    .onCallRows(window.since, window.until, policies)
    .filter((row) => userIds.length === 0 || userIds.includes(row.userId))
    .filter((row) => scheduleIds.length === 0 || scheduleIds.includes(row.scheduleId ?? 'null'))
    .filter((row) => isVisible(key, row));
  return ok(paged('oncalls', rows, pageOf(query), (row) => renderOnCall(account, row, includes, timeZone)));
}

function onCallWindow(account: Account, query: URLSearchParams): Window {
  const now = account.clock.now();
  const window = { since: instantOf(query, 'since') ?? now, until: instantOf(query, 'until') ?? now };
  if (window.until < window.since) throw badRange('until must not be before since');
  const lengthMs = window.until.getTime() - window.since.getTime();
  if (lengthMs > MAX_WINDOW_MS || window.until.getTime() - now.getTime() > MAX_WINDOW_MS) {
    throw badRange('the range must not exceed 90 days');
  }
  return window;
}

function isVisible(key: ApiKey, row: OnCallRow): boolean {
  const ids = [row.userId, row.escalationPolicyId, row.scheduleId ?? ''];
  return !ids.some((id) => key.hiddenIds.includes(id));
}

function listSchedules({ account, key, query }: Call): Reply {
  const schedules = visibleTo(key, account.schedules.all())
    .filter((schedule) => schedule.kind === 'layers')
    .filter((schedule) => contains(schedule.name, query.get('query')));
  return ok(
    paged('schedules', schedules, pageOf(query), (schedule) => renderScheduleSummary(account, schedule)),
  );
}

function getSchedule(call: Call): Reply {
  const schedule = layerSchedule(call);
  return ok({ schedule: renderSchedule(call.account, schedule, viewOf(call)) });
}

/** PagerDuty: everyone on call on this schedule in the window (default: now), unpaginated, even when no policy uses it. */
function listScheduleUsers(call: Call): Reply {
  const { account } = call;
  const schedule = layerSchedule(call);
  const now = account.clock.now();
  const window = optionalWindow(call) ?? { since: now, until: new Date(now.getTime() + 1) };
  const ids = new Set(cutToWindow(shiftsOf(schedule, window), window).map((shift) => shift.userId));
  const users = [...ids].flatMap((id) => account.liveUser(id) ?? []);
  return ok({ users: users.map((user) => renderUser(account, user)) });
}

function listShiftSchedules({ account, key, query }: Call): Reply {
  const schedules = visibleTo(key, account.schedules.all())
    .filter((schedule) => schedule.kind === 'shifts')
    .filter((schedule) => contains(schedule.name, query.get('query')));
  return ok(
    paged('schedules', schedules, pageOf(query, V3_PAGE), ({ id }) => scheduleReference(account, id)),
  );
}

function getShiftSchedule(call: Call): Reply {
  const { account, query } = call;
  const includes = listOfKnown(query, 'include', ['final_schedule']);
  const view = { ...viewOf(call), withFinalSchedule: includes.has('final_schedule') };
  return ok({ schedule: renderShiftSchedule(account, shiftSchedule(call), view) });
}

function viewOf(call: Call): ScheduleView {
  return {
    timeZone: timeZoneOf(call.query, call.account),
    window: optionalWindow(call),
    overflow: flagOf(call.query, 'overflow'),
  };
}

function optionalWindow({ query }: Call): Window | undefined {
  const since = instantOf(query, 'since');
  const until = instantOf(query, 'until');
  if (since === undefined && until === undefined) return undefined;
  if (since === undefined || until === undefined) throw badInstant('since and until go together');
  if (until < since) throw badRange('until must not be before since');
  return { since, until };
}

function layerSchedule(call: Call): LayerSchedule {
  const schedule = visibleTo(call.key, call.account.schedules.all()).find(
    ({ id }) => id === call.params['id'],
  );
  if (schedule?.kind !== 'layers') throw notFound();
  return schedule;
}

/** PagerDuty: 400 for the id of a schedule that is still layer-based. */
function shiftSchedule(call: Call): ShiftSchedule {
  const schedule = visibleTo(call.key, call.account.schedules.all()).find(
    ({ id }) => id === call.params['id'],
  );
  if (schedule === undefined) throw notFound();
  if (schedule.kind === 'layers') throw invalidInput('The schedule has not been upgraded');
  return schedule;
}
