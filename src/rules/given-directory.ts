import { sameEmail } from '../core/identity.ts';
import type { OnCallRow } from '../core/on-call.ts';
import type { OnCallAnswer, OnCallDirectory, Schedule, Service, Span } from '../ports/pagerduty.ts';
import type { OnCallGiven } from './case-schema.ts';
import { CaseError, notFound, sameName, type GivenWorld } from './given-world.ts';

const DAY_MS = 86_400_000;

/** PagerDuty's directory as a case has it. It answers as PagerDuty does: rows that touch the span, both sides of a hand-off. */
export function givenDirectory(world: GivenWorld): OnCallDirectory {
  const { given, pagerDutyTime: at, mustAnswer } = world;
  const rows = (given.on_call ?? []).map((row) => rowOf(row, world));
  const users = Object.entries(given.pagerduty_users).map(([id, user]) => ({ id, ...user }));
  const people = new Map(users.map((user) => [user.id, user]));

  function answer(wanted: (row: OnCallRow) => boolean, span: Span | null): Promise<OnCallAnswer> {
    const within = rows.filter((row) => wanted(row) && touches(row, span ?? { from: at, until: at }));
    return Promise.resolve({ at, rows: within, broken: [], people });
  }

  return {
    async usersByEmail(email) {
      mustAnswer('users');
      return await Promise.resolve(users.filter((user) => sameEmail(user.email, email)));
    },
    async user(id) {
      mustAnswer('users');
      return await Promise.resolve(users.find((user) => user.id === id) ?? null);
    },
    users: () => Promise.resolve(null),
    services: () => Promise.resolve(null),
    everyService: () => Promise.resolve([]),
    async onCallsUnder(policyIds, span) {
      mustAnswer('on_call');
      return await answer(
        ({ escalation_policy: policy }) => policy !== null && policyIds.includes(policy.id),
        span,
      );
    },
    async onCallsOn(scheduleIds, span) {
      mustAnswer('on_call');
      const isOn = ({ escalation_policy: policy, schedule }: OnCallRow) =>
        policy !== null && schedule !== null && scheduleIds.includes(schedule.id);
      return await answer(isOn, span);
    },
    async shiftsOf({ id }, span) {
      mustAnswer('schedules');
      return await answer(
        ({ escalation_policy: policy, schedule }) => policy === null && schedule?.id === id,
        span,
      );
    },
    async service(idOrName) {
      mustAnswer('services');
      return await Promise.resolve(serviceOf(idOrName, world));
    },
    async escalationPolicy(idOrName) {
      mustAnswer('escalation_policies');
      const name = policyNames(world).find((each) => sameName(each, idOrName));
      if (name === undefined) throw notFound('escalation policy', idOrName);
      return await Promise.resolve({ id: name, summary: name });
    },
    async schedule(idOrName) {
      mustAnswer('schedules');
      return await Promise.resolve(scheduleOf(idOrName, world));
    },
  };
}

function serviceOf(idOrName: string, { given }: GivenWorld): Service {
  const [name, service] = Object.entries(given.services).find(([each]) => sameName(each, idOrName)) ?? [];
  if (name === undefined || service === undefined) throw notFound('service', idOrName);
  const { escalation_policy: policy, status } = service;
  return { id: name, summary: name, escalationPolicy: { id: policy, summary: policy }, status };
}

function scheduleOf(idOrName: string, { given }: GivenWorld): Schedule {
  const loose = (given.schedules_without_policy ?? []).find((each) => sameName(each, idOrName));
  const name = loose ?? (given.schedules ?? []).find((each) => sameName(each, idOrName));
  if (name === undefined) throw notFound('schedule', idOrName);
  return { id: name, summary: name, kind: 'layers', attached: loose === undefined };
}

function policyNames({ given }: GivenWorld): readonly string[] {
  return [
    ...Object.values(given.services).map(({ escalation_policy: policy }) => policy),
    ...(given.escalation_policies ?? []),
  ];
}

/** A row by schedule lasts from a day ago to a day from now unless told; one without a schedule is for ever. */
function rowOf(row: OnCallGiven, world: GivenWorld): OnCallRow {
  const { given, instantOf } = world;
  const { schedule, escalation_policy: policy } = row;
  const { attached } = schedule === undefined ? { attached: true } : scheduleIn(schedule, world);
  if (attached !== (policy !== undefined)) {
    throw new CaseError(
      attached
        ? 'a row of `on_call` needs its `escalation_policy`, unless its schedule is one of `schedules_without_policy`'
        : `\`${schedule ?? ''}\` is used by no policy: a row of it has no \`escalation_policy\``,
    );
  }
  if (policy !== undefined && !policyNames(world).includes(policy)) {
    throw new CaseError(
      `no service uses escalation policy \`${policy}\`, and \`escalation_policies\` has it not`,
    );
  }
  const [start, end] =
    schedule === undefined ? [row.start, row.end] : [row.start ?? -DAY_MS, row.end ?? DAY_MS];
  const services = Object.entries(given.services)
    .filter(([, service]) => service.escalation_policy === policy)
    .map(([name]) => ({ id: name, summary: name }));
  return {
    user: world.person(row.user),
    escalation_policy: policy === undefined ? null : { id: policy, summary: policy, services },
    escalation_level: row.level,
    schedule: schedule === undefined ? null : { id: schedule, summary: schedule },
    start: start === undefined ? null : instantOf(start),
    end: end === undefined ? null : instantOf(end),
  };
}

function scheduleIn(name: string, { given }: GivenWorld): { readonly attached: boolean } {
  if (given.schedules_without_policy?.includes(name) === true) return { attached: false };
  if (given.schedules?.includes(name) === true) return { attached: true };
  throw new CaseError(`neither \`schedules\` nor \`schedules_without_policy\` has \`${name}\``);
}

/** PagerDuty: whatever overlaps or touches the span, so that at a hand-off both people come back. */
function touches({ start, end }: OnCallRow, { from, until }: Span): boolean {
  return (start === null || start <= until) && (end === null || end >= from);
}
