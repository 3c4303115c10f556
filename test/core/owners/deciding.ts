import { expect } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import {
  fieldKey,
  type FieldFact,
  type OwnershipReading,
  type TeamFact,
} from '../../../src/core/owners/reading.ts';
import { concerning, policyFor } from '../../../src/core/ownership.ts';
import type { LabelValues } from '../../../src/core/resources/labels-reading.ts';
import type { PolicySeen } from '../../../src/core/roster/policies-seen.ts';
import type { OwnerField, Rule } from '../../../src/core/rule.ts';
import { DAY, HOUR, plusMs } from '../../../src/core/values/instant.ts';
import {
  anOnCallRow,
  aPolicy,
  aRequest,
  aTargetFact,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import { db, labelsAs, ruleFor, SERVICES } from '../owning.ts';

export const FIELD: OwnerField = { name: 'selector', services: SERVICES, teams: [] };
export const BY_FIELD = { label: 'owner', field: FIELD, settledMs: DAY };
export const TEAMS = ['T', 'U'];

/** How long ago it began, and where it is gone, ended. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs?: number;
  readonly first?: true;
}
export const seen = (id: string, { fromMs, untilMs, ...first }: Span): PolicySeen => ({
  ...{ id, since: plusMs(NOW, -fromMs), ...first },
  ...(untilMs === undefined ? {} : { gone: plusMs(NOW, -untilMs) }),
});
export const LONG: Span = { fromMs: 3 * DAY };
export const LATELY: Span = { fromMs: DAY - 1 };
export const GONE: Span = { fromMs: 3 * DAY, untilMs: HOUR };
export const PAST: Span = { fromMs: 3 * DAY, untilMs: DAY };
export const BRIEF: Span = { fromMs: 3 * HOUR, untilMs: HOUR };

export function fieldFact(service: string, ...values: readonly PolicySeen[]): FieldFact {
  return {
    service: { id: service, summary: `Service ${service}` },
    field: 'selector',
    state: 'known',
    at: NOW,
    values,
  };
}
export function teamFact(
  asked: string,
  policies: readonly PolicySeen[],
  desks: readonly string[] = [],
): TeamFact {
  return { asked, state: 'known', at: NOW, id: asked, name: asked, policies, desks };
}
export function reading(
  fields: readonly FieldFact[] = [],
  teams: readonly TeamFact[] = [],
): OwnershipReading {
  return { teams, fields, asked: [fieldKey(FIELD)] };
}
export function unreadField(service: string, field = 'selector'): FieldFact {
  return { service: { id: service, summary: `Service ${service}` }, field, ...UNKNOWN };
}
export const UNKNOWN = { state: 'unknown', cause: { message: 'is away', transient: true } } as const;

/** Sam is on call for these, by each one's own escalation policy. */
export function decided(
  names: readonly string[],
  {
    rule = ruleFor(BY_FIELD),
    labels = {},
    ownership,
    onCallFor = ['A'],
    watched = { fromMs: 30 * DAY },
  }: {
    readonly rule?: Rule;
    readonly labels?: Readonly<Record<string, readonly LabelValues[]>>;
    readonly ownership?: OwnershipReading | undefined;
    readonly onCallFor?: readonly string[];
    /** Since when each service was seen with its policy. */
    readonly watched?: Span;
  },
) {
  const policyOf = (id: string) => ({ id: `policy-${id}`, summary: `P ${id}` });
  const facts = someFacts({
    labels: labelsAs(labels),
    targets: SERVICES.flatMap((id) => [
      aTargetFact({ asked: id, id, name: id, policy: policyOf(id) }),
      aTargetFact({
        kind: 'escalation policy',
        asked: `policy-${id}`,
        id: `policy-${id}`,
        name: `P ${id}`,
        policy: null,
      }),
    ]),
    onCall: onCallWith(
      ...onCallFor.map((id) =>
        anOnCallRow({ escalation_policy: { ...policyOf(id), services: [{ id, summary: id }] } }),
      ),
    ),
    policies: {
      at: NOW,
      seen: SERVICES.map((service) => {
        const { id: policy, ...sighting } = seen(`policy-${service}`, watched);
        return { service, policy, ...sighting };
      }),
    },
    ...(ownership === undefined ? {} : { ownership }),
  });
  const policy = aPolicy({ rules: [rule] });
  const request = aRequest({ resources: names.map((name) => db(name)) });
  const decision = decide(request, facts, policy, NOW);
  const { rules } = policyFor(policy, request, facts);
  // What is written down is enough to decide the same again.
  const kept =
    ownership === undefined
      ? facts
      : { ...facts, ownership: concerning(ownership, request, facts, policy.rules) };
  expect(decide(request, kept, policy, NOW)).toEqual(decision);
  return { decision, rules, kept, why: decision.reasons.map(({ text }) => text).join('; ') };
}
