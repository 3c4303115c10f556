import { rulesAsking } from '../../src/core/answers/judge-answer.ts';
import { decide } from '../../src/core/decide.ts';
import { policyFor } from '../../src/core/ownership.ts';
import type { LabelsReading, LabelValues } from '../../src/core/resources/labels-reading.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import type { OwnerSource, Rule } from '../../src/core/rule.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import {
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aResource,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
} from '../support/builders.ts';

/** Since when each service was seen with its policy. */
type Ages = Readonly<Record<string, { readonly ms: number; readonly first?: true }>>;

export const SERVICES = ['A', 'B', 'C', 'D'];
export const OWNER: OwnerSource = {
  label: 'owner',
  map: [],
  ofRole: {},
  unowned: 'Access requests',
  settledMs: 0,
};

export function ruleFor(owner: Partial<OwnerSource>, overrides: Partial<Rule> = {}): Rule {
  return aRule({ onCall: someTargets({ services: [], owner: { ...OWNER, ...owner } }), ...overrides });
}

/** By the name of a database the sets of labels that its servers have. */
export function labelsAs(sets: Readonly<Record<string, readonly LabelValues[]>>): LabelsReading {
  const resources = Object.entries(sets).map(([name, labels]) => ({ kind: 'db', name, labels }));
  return { state: 'known', resources };
}

/** Sam is on call for these services. */
export function factsOf(services: readonly string[], labels: LabelsReading, ages?: Ages) {
  const policyOf = (id: string) => ({ id: `policy-${id}`, summary: `P ${id}` });
  const targets = SERVICES.map((asked) =>
    aTargetFact({ asked, id: asked, name: asked, policy: policyOf(asked) }),
  );
  const rows = services.map((id) =>
    anOnCallRow({ escalation_policy: { ...policyOf(id), services: [{ id, summary: id }] } }),
  );
  const seen = Object.entries(ages ?? {}).map(([service, { ms, ...first }]) => ({
    ...{ service, policy: policyOf(service).id, since: plusMs(NOW, -ms), ...first },
  }));
  const policies = ages === undefined ? {} : { policies: { at: NOW, seen } };
  return someFacts({ targets, onCall: onCallWith(...rows), labels, ...policies });
}

export const db = (name: string, overrides: Partial<ResourceId> = {}) =>
  aResource({ kind: 'db', name, ...overrides });

export function ask(
  resources: readonly ResourceId[],
  {
    onCallFor = ['A'],
    rule = ruleFor({}),
    labels = {},
    reading = labelsAs(labels),
    roles = ['prodaccess'],
    ages,
  }: {
    readonly onCallFor?: readonly string[];
    readonly rule?: Rule;
    readonly labels?: Readonly<Record<string, readonly LabelValues[]>>;
    readonly reading?: LabelsReading;
    readonly roles?: readonly string[];
    readonly ages?: Ages | undefined;
  },
) {
  const request = aRequest({ resources, roles });
  const facts = factsOf(onCallFor, reading, ages);
  const policy = aPolicy({ rules: [rule] });
  const decision = decide(request, facts, policy, NOW);
  return {
    decision,
    why: decision.reasons.map(({ text }) => text).join('; '),
    names: policyFor(policy, request, facts).rules.map(({ name }) => name),
    rules: policyFor(policy, request, facts).rules,
    asking: rulesAsking(aRecordedDecision({ request, facts, decision }), policy),
  };
}
