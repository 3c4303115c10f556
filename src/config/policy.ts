import type { IdentitySource } from '../core/identity.ts';
import type { Policy, Rule } from '../core/rule.ts';
import type { ConfigFile, RuleConfig } from './schema.ts';

/** The part of the configuration that decides, in the core's terms. */
export function policyOf({
  identities,
  require_sso,
  rules,
}: Pick<ConfigFile, 'identities' | 'require_sso' | 'rules'>): Policy {
  return { identities: identities.map(sourceOf), requireSso: require_sso, rules: rules.map(ruleOf) };
}

function sourceOf(source: ConfigFile['identities'][number]): IdentitySource {
  if ('map' in source) return { kind: 'map', users: source.map };
  if ('trait' in source) return { kind: 'trait', trait: source.trait };
  return { kind: 'username-is-email' };
}

function ruleOf(rule: RuleConfig): Rule {
  const { on_call: onCall, escalate } = rule;
  return {
    name: rule.name,
    roles: rule.roles,
    onCall: {
      services: onCall.services,
      escalationPolicies: onCall.escalation_policies,
      schedules: onCall.schedules,
      fromAnnotation: onCall.from_annotation ?? null,
      maxLevel: onCall.max_level,
      permanent: onCall.permanent,
    },
    require: rule.require,
    otherwise: rule.otherwise,
    escalate:
      escalate === undefined
        ? null
        : {
            service: escalate.service ?? null,
            fromAnnotation: escalate.from_annotation ?? null,
            urgency: escalate.urgency,
            decideWithinMs: escalate.decide_within,
          },
  };
}
