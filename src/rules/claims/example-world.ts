import type { ResourceScope } from '../../core/resources/resource-scope.ts';
import type { Policy, Rule } from '../../core/rule.ts';
import { HOUR, instantOf, MINUTE, type Instant } from '../../core/values/instant.ts';
import { isWithin } from '../../core/values/opening-hours.ts';
import { policyOfTeam, type Entitled } from './entitled.ts';
import { isWithinScope } from '../implies.ts';
import { exampleOf, inBoth } from './patterns.ts';
import type { Way } from './search.ts';

/** What may be so in more than one manner, where a rule leaves it open. */
export interface Manner {
  readonly level: 'nearest' | 'farthest';
  readonly shift: 'now' | 'just-over' | 'youngest' | 'permanent';
  /** That PagerDuty is silent; of broken glass else that nobody is on call. */
  readonly silent: boolean;
}

export const MANNERS: readonly Manner[] = (['nearest', 'farthest'] as const).flatMap((level) =>
  (['now', 'just-over', 'youngest', 'permanent'] as const).flatMap((shift) =>
    [true, false].map((silent) => ({ level, shift, silent })),
  ),
);

const WEEK_BEGINS = Date.UTC(2026, 2, 2);
const EMAIL = 'sam@example.com';

/** The way as a world of `rules test`, in the words of its files; null where none is found. `rules`: all that anything is said of. */
export function exampleWorld(
  way: Way,
  { identities, rules }: Pick<Policy, 'identities' | 'rules'>,
  manner: Manner,
): object | null {
  const { covering, role, becomes } = way;
  const time = momentIn(covering, way.outside);
  if (time === null) return null;
  const { user, id, traits } = requesterOf(way, identities);
  const thing = thingIn(way);
  // The service that owns the thing takes the place of the one that stands for it.
  const entitled = way.entitled.map((each) =>
    each.owns && thing.owner !== null ? { ...each, target: { ...each.target, asked: thing.owner } } : each,
  );
  const annotated = entitled.filter(({ annotation }) => annotation !== null);
  const services = [
    ...new Set([
      ...rules.flatMap(servicesIn),
      ...annotated.map(({ target }) => target.asked),
      ...(thing.owner === null ? [] : [thing.owner]),
    ]),
  ];
  const most = Math.min(12 * HOUR, ...covering.flatMap(({ require }) => require.maxDurationMs ?? []));
  const isApproved = becomes === 'approved';
  const isReasonless = becomes === 'denied' || !covering.some(({ require }) => require.reason);
  return {
    time,
    // Named by no rule, so that none is for it by that.
    ...(way.things?.inLeaf === true ? { root_cluster: `root-${way.unused}` } : {}),
    request: {
      user,
      roles: [role],
      reason: isReasonless && becomes !== 'broken' ? '' : 'a reason',
      duration: `${Math.floor(most / 1_000)}s`,
      ...(becomes === 'denied' ? { starts: '+1h' } : {}),
      ...(thing.resource === null ? {} : { resources: [thing.resource] }),
      ...(annotated.length === 0
        ? {}
        : {
            annotations: Object.fromEntries(
              annotated.map(({ annotation, target }) => [annotation, [target.asked]]),
            ) as object,
          }),
    },
    ...(thing.resource === null || Object.keys(thing.labels).length === 0
      ? {}
      : { labels: { [thing.resource]: thing.labels } }),
    ...(Object.keys(thing.hostNames).length === 0 ? {} : { host_names: thing.hostNames }),
    teleport_users: { [user]: { roles: way.roles, traits, ...(isLocal(way) ? { sso: false } : {}) } },
    pagerduty_users: {
      [id]: { name: 'Sam One', email: EMAIL },
      PCO11EA: { name: 'Colleague Two', email: 'colleague@example.com' },
    },
    services: Object.fromEntries(
      services.map((name) => [
        name,
        {
          escalation_policy: `Policy of ${name}`,
          ...(name === thing.owner && thing.fields !== undefined ? { custom_fields: thing.fields } : {}),
        },
      ]),
    ),
    ...teamsIn(rules, thing),
    escalation_policies: [
      ...new Set(
        rules.flatMap(({ onCall }) => [
          ...onCall.escalationPolicies,
          ...(onCall.teams?.names ?? []).map((team) => policyOfTeam(team).asked),
        ]),
      ),
      'Policy of schedules',
    ],
    schedules: [...new Set(rules.flatMap(({ onCall }) => onCall.schedules)), 'Rota'],
    on_call: isApproved ? entitled.map((each) => rowOf(each, manner, id)) : [],
    incidents: isApproved ? incidentsOf(entitled, covering, id) : [],
    ...(!isApproved && manner.silent ? { pagerduty_fails: true } : {}),
  };
}

function servicesIn({ onCall: { services, owner }, escalate }: Rule): readonly string[] {
  const paged = escalate?.service ?? null;
  return [...services, ...(paged === null ? [] : [paged]), ...(owner === undefined ? [] : [owner.unowned])];
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
function requesterOf(way: Way, identities: Policy['identities']) {
  const traits: Record<string, readonly string[]> = Object.fromEntries(way.traits);
  const local = way.covering.flatMap(({ localUsers = [] }) => localUsers)[0];
  for (const source of identities) {
    if (source.kind === 'trait') {
      return { user: local ?? 'sam', id: 'PSAM1RE', traits: { ...traits, [source.trait]: [EMAIL] } };
    }
    if (source.kind === 'username-is-email') return { user: local ?? EMAIL, id: 'PSAM1RE', traits };
  }
  const maps = identities.flatMap((source) => (source.kind === 'map' ? Object.entries(source.users) : []));
  const [user, id] = maps[0] ?? ['sam', 'PSAM1RE'];
  return { user, id, traits };
}

function isLocal({ covering }: Way): boolean {
  return covering.some(({ localUsers }) => localUsers !== undefined);
}

interface Thing {
  /** As it is written; null where none is asked for. */
  readonly resource: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostNames: Readonly<Record<string, string>>;
  /** The service that owns it; null where no rule goes by owners. */
  readonly owner: string | null;
  /** The team that owns it, or of whose services the field is read. */
  readonly team?: string | undefined;
  /** What the owner says in its fields. */
  readonly fields?: Readonly<Record<string, string>>;
}

function teamsIn(rules: readonly Rule[], { team, owner }: Thing): object {
  // As young as it may be.
  const named = rules.flatMap(({ onCall: { teams: all } }) =>
    (all?.names ?? []).map((name) => {
      const seen = `-${Math.ceil((all?.settled.ms ?? 0) / 1_000)}s`;
      return [name, { escalation_policies: [policyOfTeam(name).asked], seen }] as const;
    }),
  );
  const teams = [
    ...named,
    ...(team === undefined || owner === null
      ? []
      : [[team, { escalation_policies: [`Policy of ${owner}`] }] as const]),
  ];
  return teams.length === 0 ? {} : { teams: Object.fromEntries<object>(teams) };
}

const KINDS = ['db', 'app', 'git_server', 'kube_cluster'];

/** Something that all these rules cover, and the claim is about. */
function thingIn({ covering, elsewhere, role, things, unused }: Way): Thing {
  const source = covering.find(({ onCall }) => onCall.owner !== undefined)?.onCall.owner;
  const ofRole = new Map(Object.entries(source?.ofRole ?? {})).get(role)?.[0];
  const { label, teamLabel, field } = source ?? {};
  const isByLabels = [label, teamLabel, field].some((each) => each !== undefined);
  const byMap = isByLabels ? [] : (source?.map ?? []);
  const entry = byMap.find(({ scope }) => things !== null && isWithinScope(things, scope)) ?? byMap[0];
  const asked = [things, ...covering.map(({ when }) => when.resources)].filter((each) => each !== null);
  const scopes = [...asked, ...(entry === undefined ? [] : [entry.scope])];
  if (scopes.length === 0 && !isByLabels)
    return { resource: null, labels: {}, hostNames: {}, owner: ofRole ?? null };
  const one = (part: 'clusters' | 'kinds' | 'names' | 'subResources'): string | null => {
    const textIn = (some: readonly ResourceScope[]): string | undefined =>
      some
        .flatMap((scope) => (scope[part] === undefined ? [] : [scope[part]]))
        .reduce<readonly string[] | null>(
          (sofar, list) => textsInBoth(sofar ?? ['*'], list, unused),
          null,
        )?.[0];
    // What holds a thing is named otherwise.
    const found = textIn(scopes) ?? textIn(scopes.filter((scope) => scope !== things));
    return found === undefined ? null : exampleOf(found, unused);
  };
  // Who does not speak of clusters means the root cluster.
  const isInRoot =
    asked.some(({ clusters }) => clusters === undefined) ||
    covering.some(({ when }) => when.resources === null);
  const cluster = isInRoot ? null : one('clusters');
  const others = elsewhere.flatMap(({ when }) => when.resources?.kinds ?? []);
  const open =
    one('kinds')?.includes(unused) === false ? null : KINDS.filter((kind) => !others.includes(kind));
  const kind = open === null ? (one('kinds') ?? 'db') : (open[0] ?? 'db');
  const name = one('names') ?? unused;
  const part = kind === 'kube_cluster' ? null : one('subResources');
  const within = kind === 'namespace' ? (part?.split('/')[0] ?? null) : part;
  const labels = asked.flatMap((scope) => Object.entries(scope.labels ?? {}));
  const own = new Map(labels.map(([name, [value = '']]) => [name, exampleOf(value, unused)]));
  const isByTeam = label === undefined && teamLabel !== undefined;
  const byField = label === undefined && teamLabel === undefined ? field : undefined;
  const owner = entry?.services[0] ?? own.get(label ?? '') ?? byField?.services[0] ?? `Service ${unused}`;
  if (label !== undefined) own.set(label, owner);
  const team = isByTeam ? (own.get(teamLabel) ?? `Team ${unused}`) : byField?.teams[0];
  if (isByTeam) own.set(teamLabel, team ?? '');
  if (byField !== undefined) own.set(`owned-by-${unused}`, unused);
  return {
    resource: `${cluster === null ? '' : `/${cluster}/`}${kind}/${name}${within === null ? '' : `/${within}`}`,
    hostNames: kind === 'node' ? { [name]: name } : {},
    labels: Object.fromEntries(own),
    owner: source === undefined ? null : owner,
    team,
    ...(byField === undefined ? {} : { fields: { [byField.name]: `owned-by-${unused}=${unused}` } }),
  };
}

function textsInBoth(some: readonly string[], others: readonly string[], unused: string): string[] {
  const both = some.flatMap((one) => others.flatMap((other) => inBoth(one, other, unused)));
  return both.map((text) => text.replaceAll(unused, '*'));
}

function rowOf({ rule, target, helps }: Entitled, { level, shift }: Manner, id: string) {
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

function incidentsOf(
  entitled: readonly Entitled[],
  covering: readonly Rule[],
  id: string,
): readonly object[] {
  const responders = [{ user: id, asked_by: 'PCO11EA' }];
  const help = entitled
    .filter(({ helps }) => helps)
    .map(({ rule, target }) => ({ service: rule.onCall.services[0] ?? target.asked, responders }));
  const needed = covering.flatMap(({ name, require: { openIncident }, onCall }) => {
    if (openIncident === null) return [];
    const other = entitled.find(
      ({ rule, annotation, owns }) => rule.name === name && (annotation !== null || owns),
    );
    const { involvement, urgency } = openIncident;
    return [
      {
        service: onCall.services[0] ?? other?.target.asked ?? '',
        opened: '-2d',
        ...(urgency === null ? {} : { urgency }),
        ...(involvement === 'assigned' ? { assigned: [id] } : {}),
        ...(involvement === 'acknowledged' ? { acknowledged: [id] } : {}),
        ...(involvement === 'responder' ? { responders } : {}),
      },
    ];
  });
  return [...help, ...needed];
}
