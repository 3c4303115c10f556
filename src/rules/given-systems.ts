import type { Agent } from '../core/facts.ts';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import type { Reference } from '../core/on-call.ts';
import { HOUR, plusMs, DAY } from '../core/values/instant.ts';
import { PagerDutyError, type Incident, type Incidents } from '../ports/pagerduty.ts';
import { TeleportError, type NodeNames, type TeleportUsers } from '../ports/teleport.ts';
import type { IncidentGiven, Moment } from './case-schema.ts';
import { CaseError, sameName, type GivenWorld } from './given-world.ts';
import { fieldKey, type FieldFact, type TeamFact } from '../core/owners/reading.ts';
import type { PolicySeen } from '../core/roster/policies-seen.ts';
import type { Ownership } from '../ports/ownership.ts';

/** Teleport's users as a case has them. */
export function givenUsers({ given }: GivenWorld): TeleportUsers {
  return {
    async user(name) {
      mustTeleportAnswer(given);
      const user = Object.hasOwn(given.teleport_users, name) ? given.teleport_users[name] : undefined;
      if (user === undefined) {
        throw new TeleportError('not-found', `Teleport has no user \`${name}\``);
      }
      return await Promise.resolve({ name, ...user });
    },
    // What a case gives its users counts, whoever granted it.
    loginState: () => Promise.resolve(null),
    // Cases are about requesters: nobody answers a page in them.
    search: () => Promise.resolve([]),
  };
}

/** Teleport's nodes as a case has them. */
export function givenNodes({ given }: GivenWorld): NodeNames {
  return {
    async labels({ kind, resources, names }) {
      mustTeleportAnswer(given);
      return await Promise.resolve(
        new Map(
          resources.flatMap((name) => {
            const labels = given.labels[`${kind}/${name}`];
            if (labels === undefined) return [];
            const named = names.flatMap((each) =>
              Object.hasOwn(labels, each) ? [[each, labels[each] ?? '']] : [],
            );
            return [[name, [Object.fromEntries(named) as LabelValues]] as const];
          }),
        ),
      );
    },
    async hostNames(ids) {
      mustTeleportAnswer(given);
      const names = new Map(Object.entries(given.host_names));
      return await Promise.resolve(
        new Map(ids.flatMap((id) => (names.has(id) ? [[id, names.get(id) ?? '']] : []))),
      );
    },
  };
}

function mustTeleportAnswer({ teleport_fails }: GivenWorld['given']): void {
  if (teleport_fails !== true) return;
  throw new TeleportError('unavailable', 'Teleport does not answer', { transient: true });
}

/** The open incidents of a case. */
export function givenIncidents(
  world: GivenWorld,
): Pick<Incidents, 'openOn' | 'mergedOn' | 'helpRequests' | 'resolutions'> {
  const given = world.given.incidents ?? [];
  const incidents = given.map((incident, index) => incidentOf(incident, index, world));
  return {
    async openOn(serviceIds) {
      world.mustAnswer('incidents');
      return await Promise.resolve(incidents.filter(({ service }) => serviceIds.includes(service.id)));
    },
    // Cases have incidents that are open where they were opened.
    mergedOn: () => Promise.resolve([]),
    resolutions: () => Promise.resolve([]),
    async helpRequests(id) {
      const asked = given[incidents.findIndex((incident) => incident.id === id)]?.responders ?? [];
      return await Promise.resolve(
        asked.map((one) => ({ by: agent(world.person(one.asked_by)), asked: [world.person(one.user).id] })),
      );
    },
  };
}

function agent(person: Reference): Agent {
  return { ...person, type: 'user_reference' };
}

function incidentOf(incident: IncidentGiven, index: number, world: GivenWorld): Incident {
  const { given, person, time } = world;
  const { title, service, urgency, assigned, acknowledged, responders } = incident;
  const policy = Object.hasOwn(given.services, service)
    ? given.services[service]?.escalation_policy
    : undefined;
  if (policy === undefined)
    throw new CaseError(`\`services\` has no \`${service}\`, on which an incident is open`);
  return {
    id: `incident-${index + 1}`,
    incidentKey: null,
    title,
    status: acknowledged.length > 0 ? 'acknowledged' : 'triggered',
    urgency,
    service: { id: service, summary: service },
    escalationPolicy: { id: policy, summary: policy },
    assignees: assigned.map(person),
    isDirect: false,
    acknowledgements: acknowledged.map((name) => ({
      at: time,
      by: agent(person(name)),
    })),
    responders: responders.map(({ user, asked_by, state }) => ({
      user: person(user),
      state,
      requester: person(asked_by),
    })),
    createdAt: incident.opened === undefined ? plusMs(time, -HOUR) : world.instantOf(incident.opened),
    openedBy:
      incident.opened_by === undefined
        ? { id: service, summary: service, type: 'service_reference' }
        : agent(person(incident.opened_by)),
    lastChangeAt: null,
    lastChangeBy: null,
    mergedInto: null,
    htmlUrl: null,
  };
}

const FOR_EVER_MS = 365 * DAY;

/** Teams and fields as a case has them: there for as long as it says, and for ever unless it does. */
export function givenOwnership({ given, time: at, instantOf, mustAnswer }: GivenWorld): Ownership {
  const seen = (ids: readonly string[], since: Moment | undefined): readonly PolicySeen[] =>
    ids.map((id) => ({ id, since: since === undefined ? plusMs(at, -FOR_EVER_MS) : instantOf(since) }));
  const services = Object.entries(given.services);
  const of = (policies: readonly string[]) =>
    services.flatMap(([id, { escalation_policy: policy }]) => (policies.includes(policy) ? [id] : []));
  const teams = Object.entries(given.teams).map(([name, team]): TeamFact => {
    const { escalation_policies: policies } = team;
    const known = { id: name, name, policies: seen(policies, team.seen), desks: of(policies) };
    return { asked: name, state: 'known', at, ...known };
  });
  const inTeam = (name: string): readonly string[] =>
    of(Object.entries(given.teams).find(([each]) => sameName(each, name))?.[1].escalation_policies ?? []);

  function fieldOf(id: string, field: string): FieldFact {
    const service = services.find(([name]) => sameName(name, id));
    const text = service?.[1].custom_fields[field];
    const values = seen(text === undefined ? [] : [text], service?.[1].fields_seen);
    return { service: { id, summary: id }, field, state: 'known', at, values };
  }

  return {
    reading(rules) {
      const sources = rules.flatMap(({ onCall }) => onCall.owner?.field ?? []);
      const desks = rules.flatMap(({ escalate }) => escalate?.ownerField ?? []);
      try {
        mustAnswer('services');
      } catch (error) {
        if (!(error instanceof PagerDutyError)) throw error;
        return undefined;
      }
      const fields = [
        ...sources.flatMap(({ name, services: named, teams: ofTeams }) =>
          [...named, ...ofTeams.flatMap(inTeam)].map((id) => fieldOf(id, name)),
        ),
        ...desks.flatMap((name) => services.map(([id]) => fieldOf(id, name))),
      ];
      return { teams, fields, asked: sources.map(fieldKey) };
    },
  };
}
