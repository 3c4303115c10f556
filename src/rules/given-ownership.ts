import { fieldKey, type FieldFact, type TeamFact } from '../core/owners/reading.ts';
import type { PolicySeen } from '../core/roster/policies-seen.ts';
import { DAY, plusMs } from '../core/values/instant.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import type { Ownership } from '../ports/ownership.ts';
import type { Moment } from './case-schema.ts';
import { sameName, type GivenWorld } from './given-world.ts';

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
