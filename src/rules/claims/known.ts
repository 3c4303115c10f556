import type { ResourceScope } from '../../core/resources/resource-scope.ts';
import type {
  IncidentRequirement,
  OnCallTargets,
  OwnerSource,
  Policy,
  Requirements,
  Rule,
  When,
} from '../../core/rule.ts';
import { Undecided } from './patterns.ts';

/** Whether the prover understands each part. The compiler asks for new ones; `false` makes rules with it undecided. */
type Known<Part> = { readonly [Key in keyof Required<Part>]: boolean };

const POLICY: Known<Policy> = { identities: true, requireSso: true, addresses: true, rules: true };
const RULE: Known<Rule> = {
  name: true,
  roles: true,
  when: true,
  onCall: true,
  responders: true,
  require: true,
  otherwise: true,
  escalate: true,
  approvers: true,
  accessEnd: true,
  mode: true,
  breakGlass: true,
  notifies: true,
  localUsers: true,
  owned: false,
};
const WHEN: Known<When> = { requesterRoles: true, requesterTraits: true, resources: true, hours: true };
const ON_CALL: Known<OnCallTargets> = {
  services: true,
  escalationPolicies: true,
  schedules: true,
  fromAnnotation: true,
  maxLevel: true,
  permanent: true,
  minShiftAgeMs: true,
  ageUnder: true,
  graceAfterShiftMs: true,
  owner: true,
  teams: true,
  unread: false,
  settled: false,
  noOwner: false,
};
const OWNER: Known<OwnerSource> = {
  label: true,
  teamLabel: true,
  field: true,
  map: true,
  ofRole: true,
  unowned: true,
  settledMs: true,
};
const REQUIRE: Known<Requirements> = { reason: true, openIncident: true, maxDurationMs: true };
const INCIDENT: Known<IncidentRequirement> = { urgency: true, involvement: true, minAgeMs: true };
const SCOPE: Known<ResourceScope> = {
  clusters: true,
  kinds: true,
  names: true,
  subResources: true,
  logins: true,
  roleArns: true,
  labels: true,
};

/** Throws Undecided for a policy that says something of which the prover does not know what it means; what its rules say is not looked at. */
export function policyMustBeKnown(policy: Policy): void {
  mustKnow('the configuration', [[policy, POLICY]]);
}

/** Throws Undecided for a rule that asks for something of which the prover does not know what it means. */
export function mustBeKnown(rule: Rule): void {
  mustKnow(`rule ${rule.name}`, [
    [rule, RULE],
    [rule.when, WHEN],
    [rule.onCall, ON_CALL],
    [rule.onCall.owner ?? null, OWNER],
    [rule.require, REQUIRE],
    [rule.require.openIncident, INCIDENT],
    [rule.when.resources, SCOPE],
  ]);
}

function mustKnow(what: string, parts: readonly (readonly [object | null, object])[]): void {
  for (const [part, known] of parts) {
    const strange = Object.entries(part ?? {}).find(
      ([key, value]) =>
        value !== null &&
        value !== undefined &&
        (!Object.hasOwn(known, key) || Reflect.get(known, key) !== true),
    );
    if (strange !== undefined) {
      throw new Undecided(`${what} has \`${strange[0]}\`, of which proofs do not know what it means`);
    }
  }
}
