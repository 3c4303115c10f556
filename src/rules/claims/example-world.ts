import type { Policy, Rule } from '../../core/rule.ts';
import { HOUR, instantOf, MINUTE, type Instant } from '../../core/values/instant.ts';
import { isWithin } from '../../core/values/opening-hours.ts';
import { exampleOf } from './patterns.ts';
import type { Way } from './search.ts';

/** What may be so in more than one manner, where a rule leaves it open. */
export interface Manner {
  readonly level: 'nearest' | 'farthest';
  readonly shift: 'now' | 'just-over' | 'youngest' | 'permanent';
  /** Of broken glass: that PagerDuty is silent, or that nobody is on call. */
  readonly silent: boolean;
}

export const MANNERS: readonly Manner[] = (['nearest', 'farthest'] as const).flatMap((level) =>
  (['now', 'just-over', 'youngest', 'permanent'] as const).flatMap((shift) =>
    [true, false].map((silent) => ({ level, shift, silent })),
  ),
);

const WEEK_BEGINS = Date.UTC(2026, 2, 2);
const EMAIL = 'sam@example.com';

/** The way as a world of `rules test`, in the words of its files; null where none is found. */
export function exampleWorld(way: Way, policy: Policy, manner: Manner): object | null {
  const approving = way.breakGlass === null ? way.entitled.map(({ rule }) => rule) : [way.breakGlass];
  const time = momentIn(approving, way.outside);
  if (time === null) return null;
  const { user, id, traits } = requesterOf(way, policy);
  const services = [...new Set([...policy.rules.flatMap(servicesIn), ...annotatedIn(way)])];
  const policies = [...new Set(policy.rules.flatMap(({ onCall }) => onCall.escalationPolicies))];
  const schedules = [...new Set(policy.rules.flatMap(({ onCall }) => onCall.schedules))];
  const most = Math.min(12 * HOUR, ...approving.flatMap(({ require }) => require.maxDurationMs ?? []));
  const scoped = approving.find(({ when }) => when.resources !== null)?.when.resources;
  const isBroken = way.breakGlass !== null;
  return {
    time,
    request: {
      user,
      roles: [way.role],
      reason: approving.some(({ require }) => require.reason) ? 'a reason' : '',
      duration: `${Math.floor(most / 1_000)}s`,
      ...(scoped === undefined || scoped === null ? {} : { resources: [resourceIn(scoped, way.unused)] }),
      ...annotationsOf(way),
    },
    teleport_users: { [user]: { roles: way.roles, traits } },
    pagerduty_users: {
      [id]: { name: 'Sam One', email: EMAIL },
      PCO11EA: { name: 'Colleague Two', email: 'colleague@example.com' },
    },
    services: Object.fromEntries(services.map((name) => [name, { escalation_policy: `Policy of ${name}` }])),
    escalation_policies: [...policies, 'Policy of schedules'],
    schedules: [...schedules, 'Rota'],
    on_call: isBroken ? [] : way.entitled.map((each) => rowOf(each, manner, id)),
    incidents: isBroken ? [] : incidentsOf(way, approving, id),
    ...(isBroken && manner.silent ? { pagerduty_fails: true } : {}),
  };
}

function servicesIn({ onCall, escalate }: Rule): readonly string[] {
  return [...onCall.services, ...(escalate?.service === null || escalate === null ? [] : [escalate.service])];
}

function annotatedIn({ entitled }: Way): readonly string[] {
  return entitled.flatMap(({ target, annotation }) => (annotation === null ? [] : [target.asked]));
}

function annotationsOf({ entitled }: Way): object {
  const named = entitled.flatMap(({ target, annotation }) =>
    annotation === null ? [] : [[annotation, [target.asked]] as const],
  );
  return named.length === 0 ? {} : { annotations: Object.fromEntries(named) };
}

/** An hour of the week in which the former count and the latter do not. */
function momentIn(inside: readonly Rule[], outside: readonly Rule[]): Instant | null {
  for (let minutes = 14; minutes < 7 * 24 * 60; minutes += 15) {
    const at = instantOf(WEEK_BEGINS + minutes * MINUTE);
    const isIn = ({ when: { hours } }: Rule) => hours === null || isWithin(hours, at);
    if (inside.every(isIn) && !outside.some(isIn)) return at;
  }
  return null;
}

/** Who is recognised by what the policy goes by. */
function requesterOf(way: Way, { identities }: Policy) {
  const traits: Record<string, readonly string[]> = Object.fromEntries(way.traits);
  for (const source of identities) {
    if (source.kind === 'trait') {
      return { user: 'sam', id: 'PSAM1RE', traits: { ...traits, [source.trait]: [EMAIL] } };
    }
    if (source.kind === 'username-is-email') return { user: EMAIL, id: 'PSAM1RE', traits };
  }
  const maps = identities.flatMap((source) => (source.kind === 'map' ? Object.entries(source.users) : []));
  const [user, id] = maps[0] ?? ['sam', 'PSAM1RE'];
  return { user, id, traits };
}

function resourceIn({ kinds, names }: NonNullable<Rule['when']['resources']>, unused: string): string {
  const kind = kinds[0] === undefined || kinds[0].includes('*') ? 'db' : kinds[0];
  return `${kind}/${exampleOf(names[0] ?? '*', unused)}`;
}

function rowOf({ rule, target, helps }: Way['entitled'][number], { level, shift }: Manner, id: string) {
  const { maxLevel, minShiftAgeMs, graceAfterShiftMs, permanent } = rule.onCall;
  const isPermanent = shift === 'permanent' && permanent && target.kind !== 'schedule';
  const inPolicy =
    target.kind === 'service'
      ? `Policy of ${target.asked}`
      : target.kind === 'schedule'
        ? 'Policy of schedules'
        : target.asked;
  return {
    user: helps ? 'PCO11EA' : id,
    escalation_policy: inPolicy,
    level: level === 'nearest' ? 1 : maxLevel,
    ...(isPermanent ? {} : { schedule: target.kind === 'schedule' ? target.asked : 'Rota' }),
    ...(shift === 'youngest' ? { start: `-${Math.ceil(minShiftAgeMs / 1_000)}s` } : {}),
    ...(shift === 'just-over' && graceAfterShiftMs > 2_000
      ? { start: '-2d', end: `-${Math.floor(graceAfterShiftMs / 2_000)}s` }
      : {}),
  };
}

function incidentsOf({ entitled }: Way, approving: readonly Rule[], id: string): readonly object[] {
  const help = entitled.flatMap(({ rule, target, helps }) =>
    helps
      ? [
          {
            service: rule.onCall.services[0] ?? target.asked,
            responders: [{ user: id, asked_by: 'PCO11EA' }],
          },
        ]
      : [],
  );
  const needed = approving.flatMap(({ name, require: { openIncident }, onCall }) => {
    if (openIncident === null) return [];
    const annotated = entitled.find(({ rule, annotation }) => rule.name === name && annotation !== null);
    const { involvement, urgency } = openIncident;
    return [
      {
        service: onCall.services[0] ?? annotated?.target.asked ?? '',
        opened: '-2d',
        ...(urgency === null ? {} : { urgency }),
        ...(involvement === 'assigned' ? { assigned: [id] } : {}),
        ...(involvement === 'acknowledged' ? { acknowledged: [id] } : {}),
        ...(involvement === 'responder' ? { responders: [{ user: id, asked_by: 'PCO11EA' }] } : {}),
      },
    ];
  });
  return [...help, ...needed];
}
