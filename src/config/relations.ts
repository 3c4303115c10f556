import { matchesPattern } from '../core/values/pattern.ts';
import type { Problem } from './problem.ts';
import type { ConfigFile, RuleConfig } from './schema.ts';

/** Names so unlike each other that a pattern which matches them all matches everything. */
const PROBES = ['access', 'zzz-9', '0', 'Q_x.y'];

/** The sections of a configuration that are right in themselves; null for the others. */
export interface SoundParts {
  readonly teleport: ConfigFile['teleport'] | null;
  readonly pagerduty: ConfigFile['pagerduty'] | null;
  readonly rules: readonly (RuleConfig | null)[];
}

/** What no single key shows: keys that exclude or need each other, and rules that cannot do what they seem to. */
export function checkRelations({ teleport, pagerduty, rules }: SoundParts): readonly Problem[] {
  return [
    ...(teleport === null ? [] : checkTeleport(teleport)),
    ...(pagerduty === null ? [] : checkPagerDuty(pagerduty)),
    ...checkNames(rules),
    ...rules.flatMap((rule, index) => (rule === null ? [] : checkRule(rule, index))),
  ];
}

function checkTeleport(teleport: ConfigFile['teleport']): Problem[] {
  const pair = [teleport.client_crt, teleport.client_key, teleport.root_cas];
  const parts = pair.filter((part) => part !== undefined).length;
  if (teleport.identity !== undefined && parts > 0) {
    return [
      problem(
        ['teleport', 'identity'],
        'excludes client_crt, client_key and root_cas: keep one of the two forms',
      ),
    ];
  }
  if (teleport.identity === undefined && parts === 0) {
    return [
      problem(
        ['teleport', 'identity'],
        'is missing: name the identity file made by `tbot` or `tctl auth sign`',
      ),
    ];
  }
  return parts === 1 || parts === 2
    ? [problem(['teleport'], 'needs all three of client_crt, client_key and root_cas')]
    : [];
}

function checkPagerDuty(pagerduty: ConfigFile['pagerduty']): Problem[] {
  const problems: Problem[] = [];
  if (pagerduty.oauth !== undefined) {
    const keys = ['api_key_file', 'api_key', 'write_key_file', 'write_key'] as const;
    return keys
      .filter((key) => pagerduty[key] !== undefined)
      .map((key) => problem(['pagerduty', key], 'has no effect beside oauth: keep one of the two'));
  }
  if (pagerduty.api_key_file === undefined && pagerduty.api_key === undefined) {
    problems.push(
      problem(
        ['pagerduty', 'api_key_file'],
        'is missing: name the file that holds the PagerDuty API key, or set `api_key: ${NAME}`',
      ),
    );
  }
  if (pagerduty.api_key_file !== undefined && pagerduty.api_key !== undefined) {
    problems.push(problem(['pagerduty', 'api_key'], 'excludes api_key_file: keep one of the two'));
  }
  if (pagerduty.write_key_file !== undefined && pagerduty.write_key !== undefined) {
    problems.push(problem(['pagerduty', 'write_key'], 'excludes write_key_file: keep one of the two'));
  }
  if (pagerduty.api_url !== undefined && pagerduty.region === 'eu') {
    problems.push(problem(['pagerduty', 'region'], 'has no effect beside api_url: remove one of the two'));
  }
  return problems;
}

function checkNames(rules: SoundParts['rules']): Problem[] {
  const first = new Map<string, number>();
  return rules.flatMap((rule, index) => {
    if (rule === null) return [];
    const { name } = rule;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    return earlier === undefined
      ? []
      : [
          problem(
            ['rules', index, 'name'],
            `\`${name}\` is the name of rules[${earlier}] too: each rule needs its own`,
          ),
        ];
  });
}

/** What a rule that pages for every request says beside, and cannot mean. */
function checkNotify(rule: RuleConfig, index: number): Problem[] {
  const { notify, on_call: onCall } = rule;
  if (notify === undefined) return [];
  const targets = [...onCall.services, ...onCall.escalation_policies, ...onCall.schedules];
  const beside = [
    ...(targets.length > 0 || onCall.from_annotation !== undefined || onCall.owner !== undefined
      ? ['on_call']
      : []),
    ...(rule.escalate === undefined ? [] : ['escalate']),
    ...(rule.otherwise === 'escalate' ? [] : ['otherwise']),
    ...(rule.responders ? ['responders'] : []),
    ...(rule.require.open_incident === false ? [] : ['require.open_incident']),
    ...(rule.access_ends === 'by_itself' ? [] : ['access_ends']),
    ...(rule.break_glass ? ['break_glass'] : []),
  ];
  const clash = `pages for every request and approves none: it does not go with ${beside.map((key) => `\`${key}\``).join(', ')}; take that away, or say \`escalate\` in place of \`notify\``;
  const nobody = notify.service === undefined && notify.from_annotation === undefined;
  return [
    ...(beside.length === 0 ? [] : [problem(['rules', index, 'notify'], clash)]),
    ...(nobody ? [problem(['rules', index, 'notify'], 'names nobody: add service or from_annotation')] : []),
  ];
}

function checkRule(rule: RuleConfig, index: number): Problem[] {
  const { on_call: onCall, escalate } = rule;
  const problems = rule.roles.flatMap((pattern, at) =>
    PROBES.every((probe) => matchesPattern(pattern, probe))
      ? [
          problem(
            ['rules', index, 'roles', at],
            `\`${pattern}\` covers every role there is, also those that are added later: name the roles, or a prefix`,
          ),
        ]
      : [],
  );
  if (rule.notify !== undefined) return [...problems, ...checkNotify(rule, index)];
  const targets = [...onCall.services, ...onCall.escalation_policies, ...onCall.schedules];
  const services =
    onCall.services.length > 0 || onCall.from_annotation !== undefined || onCall.owner !== undefined;
  problems.push(...checkOwner(rule, index, targets.length > 0 || onCall.from_annotation !== undefined));
  const asksIncident = rule.require.open_incident !== false;
  if ((asksIncident || rule.responders) && !services && !rule.break_glass) {
    problems.push(
      problem(
        ['rules', index, 'on_call'],
        `names no service, and ${asksIncident ? '`require.open_incident`' : '`responders`'} looks for incidents on the rule's services: add \`services\` or \`from_annotation\``,
      ),
    );
  }
  const { access_ends: ends } = rule;
  if (typeof ends !== 'string' && ends.with_incident !== undefined && !asksIncident) {
    problems.push(
      problem(
        ['rules', index, 'access_ends'],
        'ends access with the incident that justified it, and the rule asks for none: add `require.open_incident`, or take `with_incident` away',
      ),
    );
  }
  if (rule.break_glass && (asksIncident || rule.responders)) {
    problems.push(
      problem(
        ['rules', index, 'break_glass'],
        'is for when PagerDuty cannot answer: it goes neither with `require.open_incident` nor with `responders`',
      ),
    );
  }
  if (rule.break_glass && escalate === undefined) {
    problems.push(
      problem(
        ['rules', index, 'escalate'],
        'is missing: who broke the glass must be looked at by somebody; name the service to page',
      ),
    );
  }
  if (
    targets.length === 0 &&
    onCall.from_annotation === undefined &&
    onCall.owner === undefined &&
    !rule.break_glass
  ) {
    problems.push(
      problem(
        ['rules', index, 'on_call'],
        'names nothing to be on call for: the rule can never match; add services, escalation_policies, schedules, from_annotation or owner',
      ),
    );
  }
  if (escalate === undefined && rule.otherwise !== 'leave' && !rule.break_glass) {
    problems.push(
      problem(
        ['rules', index, 'escalate'],
        `is missing: \`otherwise: ${rule.otherwise}\` needs a service to page when facts are missing; or say \`otherwise: leave\``,
      ),
    );
  }
  if (
    escalate !== undefined &&
    escalate.service === undefined &&
    escalate.from_annotation === undefined &&
    !escalate.owner
  ) {
    problems.push(problem(['rules', index, 'escalate'], 'names nobody: add service or from_annotation'));
  } else if (rule.break_glass && escalate !== undefined && escalate.service === undefined) {
    problems.push(
      problem(
        ['rules', index, 'escalate'],
        'names a service by annotation only, which a request may lack: who broke the glass must be looked at by somebody; add `service`',
      ),
    );
  }
  return problems;
}

/** What owners exclude: beside them, whoever is on call for something else would be let into their things. */
function checkOwner(rule: RuleConfig, index: number, hasOthers: boolean): Problem[] {
  const { on_call: onCall, escalate, approvers } = rule;
  const at = (...path: string[]): Problem['path'] => ['rules', index, ...path];
  if (onCall.owner === undefined) {
    return [
      ...(escalate?.owner === true ? [problem(at('escalate', 'owner'), 'needs `on_call.owner`')] : []),
      ...(approvers.owner ? [problem(at('approvers', 'owner'), 'needs `on_call.owner`')] : []),
    ];
  }
  const others = 'lets in whoever is on call for the owning service, and goes with no other';
  return [
    ...(hasOthers
      ? [
          problem(
            at('on_call', 'owner'),
            `${others}: take \`services\`, \`escalation_policies\`, \`schedules\` and \`from_annotation\` away, or write a rule of their own`,
          ),
        ]
      : []),
    ...(rule.break_glass
      ? [problem(at('on_call', 'owner'), 'has no effect in a rule with `break_glass`: take it away')]
      : []),
    ...(escalate?.owner === true && (escalate.service !== undefined || escalate.from_annotation !== undefined)
      ? [problem(at('escalate', 'owner'), 'excludes `service` and `from_annotation`: keep one of them')]
      : []),
    ...(approvers.owner && approvers.on_call !== undefined
      ? [problem(at('approvers', 'owner'), 'excludes `on_call`: keep one of the two')]
      : []),
  ];
}

function problem(path: Problem['path'], message: string): Problem {
  return { path, message };
}
