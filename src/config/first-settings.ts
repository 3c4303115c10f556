import { ConfigError } from './config-error.ts';
import { mustBeSound } from './load.ts';

/** What the first settings are made of. */
export interface FirstAnswers {
  /** Teleport's address, `teleport.example.com:443`. */
  readonly teleport: string;
  /** E-mail address of the PagerDuty user that incidents and notes are written as. */
  readonly from: string;
  /** Teleport role that is asked for. */
  readonly role: string;
  /** PagerDuty service whose on-call engineer gets it. */
  readonly service: string;
  /** PagerDuty service that pages those who may approve everybody else. */
  readonly page: string;
}

/** A file of the first settings, by its name. */
export type FirstFiles = Readonly<
  Record<'oncall-approver.yaml' | 'teleport-roles.yaml' | 'rules-test.yaml', string>
>;

/** JSON is YAML: whatever was typed stays a text. */
const quoted = (text: string): string => JSON.stringify(text);

/** Roles that the service and those who may ask are given. */
const OUR_ROLES = ['oncall-approver', 'oncall-approver-requester'];

/** Settings that decide nothing yet, roles for Teleport under names of their own, and cases of the rule. Throws ConfigError for answers that are none. */
export function firstFiles(said: FirstAnswers): FirstFiles {
  const trimmed = Object.entries(said).map(([name, text]) => [name, (text as string).trim()]);
  const answers = Object.fromEntries(trimmed) as unknown as FirstAnswers;
  const settings = settingsOf(answers);
  mustBeSound(settings, 'what was answered');
  if (OUR_ROLES.includes(answers.role))
    throw new ConfigError(
      `\`${answers.role}\` is the name of a role that is made for this service: whoever was given it would have what is asked for; name another role`,
    );
  if (isTeleportRegex(answers.role))
    throw new ConfigError(
      `\`${answers.role}\` is a regular expression to Teleport, and to a rule a name: name the role, or a pattern with \`*\``,
    );
  return {
    'oncall-approver.yaml': settings,
    'teleport-roles.yaml': rolesOf(answers),
    'rules-test.yaml': casesOf(answers),
  };
}

/** Teleport takes what begins with `^` and ends with `$` for a regular expression (lib/utils/replace.go). */
export function isTeleportRegex(role: string): boolean {
  return /^\^.*\$$/su.test(role);
}

function settingsOf({ teleport, from, role, service, page }: FirstAnswers): string {
  return `# Names of files are relative to this one. All there is: config/oncall-approver.example.yaml
teleport:
  addr: ${quoted(teleport)}
  identity: identity
pagerduty:
  api_key_file: pagerduty-key
  from: ${quoted(from)}
identities:
  - trait: email
rules:
  - name: on-call
    roles: [${quoted(role)}]
    on_call: { services: [${quoted(service)}] }
    require: { reason: true }
    otherwise: escalate
    escalate: { service: ${quoted(page)} }
    # Decides and records, and touches nothing: take it out once the record reads as you would have decided.
    mode: shadow
ledger:
  sqlite: /var/lib/oncall-approver/ledger.sqlite
http:
  # On a machine of its own rather 127.0.0.1:8080; in a container nobody reaches that.
  listen: 0.0.0.0:8080
`;
}

function rolesOf({ role }: FirstAnswers): string {
  return `# \`tctl create\` without -f: it says so where a role of this name is there, and overwrites none.

# The service's own. config/teleport-roles.yaml has what more a rule may need; \`check\` names it.
kind: role
version: v7
metadata:
  name: oncall-approver
spec:
  allow:
    review_requests:
      roles: [${quoted(role)}]
    rules:
      - resources: [access_request]
        verbs: [list, read]
      - resources: [user]
        verbs: [read]
      - resources: [user_login_state]
        verbs: [read]
      - resources: [lock]
        verbs: [list, read]
      # For \`check\`: which requests Teleport approves or denies by rules of its own.
      - resources: [access_monitoring_rule]
        verbs: [list, read]
---
# For those who may ask, beside the roles that they have.
kind: role
version: v7
metadata:
  name: oncall-approver-requester
spec:
  allow:
    request:
      roles: [${quoted(role)}]
`;
}

function casesOf({ role, service, page }: FirstAnswers): string {
  const services = [...new Set([service, page])].map(
    (name) => `${quoted(name)}: { escalation_policy: ${quoted(name)} }`,
  );
  return `# oncall-approver rules test rules-test.yaml --config oncall-approver.yaml
given:
  time: '2026-03-03T10:14:07Z'
  request: { user: alice, roles: [${quoted(role)}], reason: checkout fails }
  teleport_users:
    alice: { traits: { email: [alice@example.com] } }
    bob: { traits: { email: [bob@example.com] } }
  pagerduty_users:
    PALICE1: { name: Alice, email: alice@example.com }
    PBOB001: { name: Bob, email: bob@example.com }
  services: { ${services.join(', ')} }
  schedules: [Primary]
  on_call:
    - { user: Alice, escalation_policy: ${quoted(service)}, schedule: Primary, start: -2d, end: +5d }

cases:
  # Without \`mode: shadow\` the verdict itself is what stands under \`shadow\`.
  - name: who is on call would be approved
    expect: { verdict: abstain, shadow: approve }
  - name: who is not goes to the approver
    given: { request: { user: bob } }
    expect: { verdict: abstain, shadow: escalate }
  - name: who gives no reason goes to the approver, too
    given: { request: { reason: '' } }
    expect: { verdict: abstain, shadow: escalate }
`;
}
