import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Answer, AnswerFacts } from '../../src/core/answers/answer.ts';
import type { Cause } from '../../src/core/values/cause.ts';
import { decide } from '../../src/core/decide.ts';
import type { Facts, OpenIncident, TargetFact } from '../../src/core/facts.ts';
import { HOUR, MINUTE, parseInstant, plusMs, type Instant } from '../../src/core/values/instant.ts';
import type { Identity, TeleportUser } from '../../src/core/identity.ts';
import type { RecordedAnswer, RecordedDecision, RecordedUse } from '../../src/core/record/ledger-entry.ts';
import type { Evidence } from '../../src/core/usage/evidence.ts';
import { accountOf } from '../../src/core/usage/account.ts';
import { NOT_LISTENED, type Lasting, type Silence, type SilenceReading } from '../../src/core/silence.ts';
import type { OnCallReading, OnCallRow } from '../../src/core/on-call.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import type { Escalation, OnCallTargets, Policy, Requirements, Rule, When } from '../../src/core/rule.ts';

/*
 * Plain defaults that together make the README's first story: Sam One (`sre-1`), on call at level 1 of policy Payments by
 * schedule Payments primary, asks for `prodaccess` with a reason, and is approved. A test names only what it changes.
 */

/** The instant written as `text`. Throws when it is not a time: a test that misspells one must not pass for it. */
export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === null) throw new RangeError(`\`${text}\` is not a time`);
  return instant;
}

/** The second at which the story is told. */
export const NOW = at('2026-03-03T02:14:07.000Z');

export const ROOT_CLUSTER = 'teleport.example.com';

export const SAM = { id: 'PSAM1RE', summary: 'Sam One' };
/** Her colleague (`sre-2`), off call unless a test says otherwise. */
export const TAYLOR = { id: 'PTAY2RE', summary: 'Taylor Two' };
export const PAYMENTS_API = { id: 'PSERVC1', summary: 'Payments API' };
export const PAYMENTS = { id: 'PPOLCY1', summary: 'Payments' };
export const PAYMENTS_PRIMARY = { id: 'PSCHED1', summary: 'Payments primary' };

export function aRequest(overrides: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id: '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44',
    revision: '5d0b1c52-51f5-4c2b-8a29-4a1d6f5e8c10',
    requester: 'sre-1',
    roles: ['prodaccess'],
    resources: [],
    state: 'pending',
    kind: 'short-term',
    dryRun: false,
    reason: 'payments are failing, need to look at the database',
    created: plusMs(NOW, -1_000),
    accessExpires: plusMs(NOW, 8 * HOUR),
    requestExpires: plusMs(NOW, HOUR),
    startsAt: null,
    annotations: {},
    suggestedReviewers: [],
    thresholds: [{ name: 'default', filter: '', approve: 1, deny: 1 }],
    reviews: [],
    resolveReason: '',
    ...overrides,
  };
}

/** Database payments-main of the root cluster. */
export function aResource(overrides: Partial<ResourceId> = {}): ResourceId {
  return { cluster: ROOT_CLUSTER, kind: 'db', name: 'payments-main', subResource: '', ...overrides };
}

/** The on-call part of a rule: being on call for service Payments API at level 1. */
export function someTargets(overrides: Partial<OnCallTargets> = {}): OnCallTargets {
  return {
    services: ['Payments API'],
    escalationPolicies: [],
    schedules: [],
    fromAnnotation: null,
    maxLevel: 1,
    permanent: false,
    minShiftAgeMs: 10 * MINUTE,
    ageUnder: 'target',
    graceAfterShiftMs: 0,
    ...overrides,
  };
}

export function anEscalation(overrides: Partial<Escalation> = {}): Escalation {
  return {
    service: 'Access requests',
    fromAnnotation: null,
    urgency: 'high',
    decideWithinMs: 120_000,
    remindAfterMs: null,
    moveUpAfterMs: null,
    ifResolved: 'leave',
    ...overrides,
  };
}

/** Every request, whoever asks and whenever. */
export function aWhen(overrides: Partial<When> = {}): When {
  return { requesterRoles: null, requesterTraits: null, resources: null, hours: null, ...overrides };
}

/** A reason, and nothing else. */
export function someRequirements(overrides: Partial<Requirements> = {}): Requirements {
  return { reason: true, openIncident: null, maxDurationMs: null, ...overrides };
}

export function aRule(overrides: Partial<Rule> = {}): Rule {
  return {
    name: 'prod-oncall',
    roles: ['prodaccess'],
    when: aWhen(),
    onCall: someTargets(),
    responders: false,
    require: someRequirements(),
    otherwise: 'escalate',
    escalate: anEscalation(),
    approvers: { onCall: null, answerBy: ['note'] },
    accessEnd: { withShift: false, warnBeforeMs: null },
    mode: 'enforce',
    breakGlass: false,
    ...overrides,
  };
}

export function aPolicy(overrides: Partial<Policy> = {}): Policy {
  return {
    identities: [{ kind: 'trait', trait: 'email' }, { kind: 'username-is-email' }],
    requireSso: true,
    addresses: 'managed',
    rules: [aRule()],
    ...overrides,
  };
}

export function anOnCallRow(overrides: Partial<OnCallRow> = {}): OnCallRow {
  return {
    user: SAM,
    escalation_policy: { ...PAYMENTS, services: [PAYMENTS_API] },
    escalation_level: 1,
    schedule: PAYMENTS_PRIMARY,
    start: '2026-03-01T00:00:00Z',
    end: '2026-03-08T00:00:00Z',
    ...overrides,
  };
}

/** PagerDuty's answer at `NOW` with these rows. */
export function onCallWith(...rows: readonly OnCallRow[]): OnCallReading {
  return { state: 'known', at: NOW, rows };
}

export function aCause(overrides: Partial<Cause> = {}): Cause {
  return { code: 'unavailable', message: 'PagerDuty answers 503', transient: true, ...overrides };
}

export function recognised(
  overrides: Partial<Identity & { state: 'recognised' }> = {},
): Identity & { state: 'recognised' } {
  return {
    state: 'recognised',
    id: SAM.id,
    name: SAM.summary,
    email: 'sre-1@example.com',
    source: 'trait `email`',
    binding: 'unchanged-address',
    ...overrides,
  };
}

/** What the name in the rule turned out to be: service Payments API of policy Payments. */
export function aTargetFact(
  overrides: Partial<TargetFact & { state: 'known' }> = {},
): TargetFact & { state: 'known' } {
  return {
    kind: 'service',
    asked: 'Payments API',
    state: 'known',
    id: PAYMENTS_API.id,
    name: PAYMENTS_API.summary,
    policy: PAYMENTS,
    disabled: false,
    ...overrides,
  };
}

/** Sam One's record in Teleport. */
export function aTeleportUser(overrides: Partial<TeleportUser> = {}): TeleportUser {
  return {
    name: 'sre-1',
    roles: ['sres'],
    traits: { email: ['sre-1@example.com'] },
    sso: true,
    ...overrides,
  };
}

/** An incident on service Payments API that is Sam One's, without responders. */
export function anOpenIncident(overrides: Partial<OpenIncident> = {}): OpenIncident {
  return {
    id: 'Q1LIVE0INCIDENT',
    title: 'payments are failing',
    urgency: 'high',
    service: PAYMENTS_API,
    assignees: [SAM],
    acknowledgers: [],
    responders: [],
    createdAt: plusMs(NOW, -HOUR),
    openedBy: { ...PAYMENTS_API, type: 'service_reference' },
    ...overrides,
  };
}

/** It has lasted for the two minutes of the story's rule, no more. */
export function aLasting(overrides: Partial<Lasting> = {}): Lasting {
  return { since: plusMs(NOW, -120_000), forMs: 120_000, times: 9, ...overrides };
}

export function aSilence(overrides: Partial<Lasting> = {}): SilenceReading {
  return { state: 'silent', cause: aCause(), ...aLasting(overrides) };
}

/** PagerDuty gave no answer to the cheap read for that long. */
export const SILENT: Silence = { ...NOT_LISTENED, reads: aSilence() };

export function someFacts(overrides: Partial<Facts> = {}): Facts {
  return {
    requester: recognised(),
    user: { state: 'not-asked' },
    targets: [aTargetFact()],
    onCall: onCallWith(anOnCallRow()),
    incidents: { state: 'not-asked' },
    helped: { state: 'not-asked' },
    approvers: { state: 'not-asked' },
    silence: NOT_LISTENED,
    rootCluster: ROOT_CLUSTER,
    hostNames: { state: 'not-asked' },
    reviewRefused: null,
    reads: 3,
    ...overrides,
  };
}

/** A decision as `decide` makes it of the request, the facts and the policy given, unless a decision is given as well. */
export function aRecordedDecision({
  policy = aPolicy(),
  ...overrides
}: Partial<RecordedDecision> & { readonly policy?: Policy } = {}): RecordedDecision {
  const request = overrides.request ?? aRequest();
  const facts = overrides.facts ?? someFacts();
  const decidedAt = overrides.decidedAt ?? NOW;
  return {
    kind: 'decided',
    requestId: request.id,
    number: 1,
    decisionId: '0194f8a2-7e90-7c11-8f3d-2b6d9a4c0e57',
    digest: '9f2b6c1d40e7a85361f0c3d2b4a59687e1d0c2f3a4b5968778695a4b3c2d1e0f',
    decidedAt,
    request,
    facts,
    decision: overrides.decision ?? decide(request, facts, policy, decidedAt),
    policyDigest: '41c7be0a95d3f2e8671b0c4d5a69788f0e1d2c3b4a5968778695a4b3c2d1e0f9',
    ...overrides,
  };
}

/** Taylor Two's approval of the story's request by a note on its page. */
export function anAnswer(overrides: Partial<Answer> = {}): Answer {
  return {
    id: 'PNOTE01',
    how: 'note',
    propose: 'approved',
    reason: 'go ahead',
    by: { id: TAYLOR.id, name: TAYLOR.summary, isUser: true },
    at: plusMs(NOW, 60_000),
    edited: false,
    codeIsRight: true,
    incidentId: 'Q2PAGE',
    ...overrides,
  };
}

/** Taylor Two is on call for what the story's rule asks, and known in Teleport. */
export function someAnswerFacts(overrides: Partial<AnswerFacts> = {}): AnswerFacts {
  return {
    onCall: { state: 'known', at: plusMs(NOW, 60_000), rows: [anOnCallRow({ user: TAYLOR })] },
    targets: [aTargetFact()],
    teleportUser: 'sre-2',
    binding: 'unchanged-address',
    ...overrides,
  };
}

export function anAnswered(overrides: Partial<RecordedAnswer> = {}): RecordedAnswer {
  return {
    kind: 'answered',
    requestId: aRequest().id,
    answer: anAnswer(),
    counted: true,
    why: 'Taylor Two was on call for the approvers of prod-oncall',
    facts: someAnswerFacts(),
    ...overrides,
  };
}

/** The story's access, which was given for eight hours and of which nothing was seen in the audit log. */
export function someEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    cluster: ROOT_CLUSTER,
    from: NOW,
    until: plusMs(NOW, 8 * HOUR),
    readThrough: plusMs(NOW, 9 * HOUR),
    types: ['session.start'],
    gaps: [],
    events: [],
    tallies: [],
    beyond: 0,
    ...overrides,
  };
}

/** An account as `accountOf` makes it of its evidence. */
export function aRecordedUse({
  evidence = someEvidence(),
  ...overrides
}: Partial<RecordedUse> = {}): RecordedUse {
  const { outcome, totals } = accountOf(evidence);
  const requestId = aRequest().id;
  return {
    kind: 'used',
    requestId,
    number: 1,
    stage: 'provisional',
    evidence,
    outcome,
    totals,
    ...overrides,
  };
}
