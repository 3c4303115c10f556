import type { IdentitySource } from '../core/identity.ts';
import type { ResourceScope } from '../core/resources/resource-scope.ts';
import type {
  AccessEnd,
  Escalation,
  IncidentRequirement,
  OnCallTargets,
  OwnerSource,
  Policy,
  Rule,
  When,
} from '../core/rule.ts';
import { MINUTE } from '../core/values/instant.ts';
import type { OwnerMapConfig } from './owner-schema.ts';
import { NOTHING_SAID_OF_PAGES, type ConfigFile, type RuleConfig } from './schema.ts';

/** Reads an identity map from its file: Teleport user → PagerDuty user id. */
export type ReadMap = (path: string) => Readonly<Record<string, string>>;

/** Reads a map of owners from its file. */
export type ReadOwners = (path: string) => OwnerMapConfig;

/** The part of the configuration that decides, in the core's terms. Throws what `readMap` throws. */
export function policyOf(
  {
    identities,
    require_sso,
    addresses,
    rules,
  }: Pick<ConfigFile, 'identities' | 'require_sso' | 'addresses' | 'rules'>,
  readMap: ReadMap,
  readOwners: ReadOwners,
): Policy {
  return {
    identities: identities.map((source) => sourceOf(source, readMap)),
    requireSso: require_sso,
    addresses,
    rules: rules.map((rule) => ruleOf(rule, readOwners)),
  };
}

function sourceOf(source: ConfigFile['identities'][number], readMap: ReadMap): IdentitySource {
  if ('map' in source) return { kind: 'map', users: source.map };
  if ('map_file' in source) return { kind: 'map', users: readMap(source.map_file) };
  if ('trait' in source) return { kind: 'trait', trait: source.trait };
  return { kind: 'username-is-email' };
}

function ruleOf(rule: RuleConfig, readOwners: ReadOwners): Rule {
  const { on_call: onCall, require, notify, approvers } = rule;
  const escalate = notify === undefined ? rule.escalate : { ...NOTHING_SAID_OF_PAGES, ...notify };
  return {
    name: rule.name,
    roles: rule.roles,
    when: whenOf(rule.when),
    onCall: {
      ...targetsOf(onCall),
      ...(onCall.owner === undefined ? {} : { owner: ownerSourceOf(onCall.owner, readOwners) }),
    },
    responders: rule.responders,
    ...(rule.local_users === undefined ? {} : { localUsers: rule.local_users }),
    require: {
      reason: require.reason || rule.break_glass,
      openIncident: incidentOf(require.open_incident),
      maxDurationMs: require.max_duration ?? null,
    },
    otherwise: rule.otherwise,
    escalate:
      escalate === undefined
        ? null
        : {
            ...desksIn(escalate.service),
            fromAnnotation: escalate.from_annotation ?? null,
            urgency: escalate.urgency,
            decideWithinMs: escalate.decide_within,
            remindAfterMs: escalate.remind_after === 0 ? null : escalate.remind_after,
            moveUpAfterMs: escalate.move_up_after ?? null,
            ifResolved: escalate.if_resolved,
            mostOpenPages: escalate.most_open_pages,
            ...(escalate.owner ? { toOwner: true as const } : {}),
            ...(escalate.owner_field === undefined ? {} : { ownerField: escalate.owner_field }),
          },
    approvers: {
      onCall: approvers.on_call === undefined ? null : targetsOf(approvers.on_call),
      // Whose shift would count for nobody's request counts for no answer either.
      answerBy: notify !== undefined && approvers.on_call === undefined ? ['teleport'] : approvers.answer_by,
    },
    accessEnd: { ...accessEndOf(rule.access_ends), warnBeforeMs: rule.warn_before ?? null },
    mode: rule.mode,
    breakGlass: rule.break_glass,
    ...(notify === undefined ? {} : { notifies: true }),
  };
}

/** What is not said stays absent, as in earlier versions. */
function desksIn(named: string | readonly string[] | undefined): Pick<Escalation, 'service' | 'instead'> {
  const [service = null, ...instead] = [named ?? []].flat();
  return { service, ...(instead.length === 0 ? {} : { instead }) };
}

/** With one of shift and incident `first` and `last` are the same; `after` bounds either. */
function accessEndOf(accessEnds: RuleConfig['access_ends']): Omit<AccessEnd, 'warnBeforeMs'> {
  if (typeof accessEnds === 'string') return { withShift: accessEnds === 'with_shift' };
  const { with_shift: withShift, with_incident: grace, after, whichever } = accessEnds;
  return {
    withShift,
    ...(grace === undefined ? {} : { afterIncidentMs: grace }),
    ...(withShift && grace !== undefined && whichever === 'last' ? { withLast: true } : {}),
    ...(after === undefined ? {} : { afterMs: after }),
  };
}

/** Whose on-call is meant, by a rule or a claim. */
export function targetsOf(onCall: Omit<RuleConfig['on_call'], 'owner'>): OnCallTargets {
  return {
    services: onCall.services,
    escalationPolicies: onCall.escalation_policies,
    schedules: onCall.schedules,
    ...(onCall.teams.length === 0
      ? {}
      : // Whoever writes the configuration has looked at the teams that it names.
        { teams: { names: onCall.teams, settled: { ms: onCall.teams_settled, orFirst: true } } }),
    fromAnnotation: onCall.from_annotation ?? null,
    maxLevel: onCall.max_level,
    permanent: onCall.permanent,
    minShiftAgeMs: onCall.min_shift_age,
    ageUnder: 'target',
    graceAfterShiftMs: onCall.grace_after_shift,
  };
}

function ownerSourceOf(
  {
    label,
    team_label: teamLabel,
    field,
    field_of: of,
    map,
    map_file: file,
    of_role: ofRole,
    unowned,
    settled: settledMs,
  }: NonNullable<RuleConfig['on_call']['owner']>,
  readOwners: ReadOwners,
): OwnerSource {
  const entries = map ?? (file === undefined ? [] : readOwners(file));
  return {
    ...(label === undefined ? {} : { label }),
    ...(teamLabel === undefined ? {} : { teamLabel }),
    ...(field === undefined || of === undefined ? {} : { field: { name: field, ...of } }),
    map: entries.map(({ services, ...resources }) => ({ scope: scopeOf(resources), services })),
    ofRole,
    unowned,
    settledMs,
  };
}

function whenOf({ requester_roles, requester_traits, resources, hours }: RuleConfig['when']): When {
  return {
    requesterRoles: requester_roles ?? null,
    requesterTraits: requester_traits ?? null,
    resources: resources === undefined ? null : scopeOf(resources),
    hours: hours === undefined ? null : { timeZone: hours.time_zone, spans: hours.spans },
  };
}

/** What is not said stays absent: so the policy of a configuration without it is the same as in earlier versions. */
export function scopeOf(resources: NonNullable<RuleConfig['when']['resources']>): ResourceScope {
  const { clusters, kinds, names, sub_resources, logins, role_arns, labels } = resources;
  return {
    ...(clusters === undefined ? {} : { clusters }),
    kinds,
    names,
    ...(sub_resources === undefined ? {} : { subResources: sub_resources }),
    ...(logins === undefined ? {} : { logins }),
    ...(role_arns === undefined ? {} : { roleArns: role_arns }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** Who is paged at night by an alert need not wait; what a colleague opened as a favour should have been noticed by others. */
const UNLESS_TOLD = { byPeople: 5 * MINUTE, byMonitoring: 0 };

function incidentOf(wanted: RuleConfig['require']['open_incident']): IncidentRequirement | null {
  if (wanted === false) return null;
  if (wanted === true) return { urgency: null, involvement: 'any', minAgeMs: UNLESS_TOLD };
  const told = wanted.min_age;
  return {
    urgency: wanted.urgency ?? null,
    involvement: wanted.requester,
    minAgeMs: told === undefined ? UNLESS_TOLD : { byPeople: told, byMonitoring: told },
  };
}
