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
    ...rules.flatMap((rule, index) => (rule === null ? [] : [...checkRule(rule, index)])),
  ];
}

function* checkTeleport(teleport: ConfigFile['teleport']): Iterable<Problem> {
  const pair = [teleport.client_crt, teleport.client_key, teleport.root_cas];
  const parts = pair.filter((part) => part !== undefined).length;
  const identity = ['teleport', 'identity'];
  if (teleport.identity !== undefined && parts > 0)
    yield problem(identity, 'excludes client_crt, client_key and root_cas: keep one of the two forms');
  else if (teleport.identity === undefined && parts === 0)
    yield problem(identity, 'is missing: name the identity file made by `tbot` or `tctl auth sign`');
  else if (parts === 1 || parts === 2)
    yield problem(['teleport'], 'needs all three of client_crt, client_key and root_cas');
}

function* checkPagerDuty(pagerduty: ConfigFile['pagerduty']): Iterable<Problem> {
  const wrong = (key: string, message: string) => problem(['pagerduty', key], message);
  const isSaid = (key: keyof ConfigFile['pagerduty']) => pagerduty[key] !== undefined;
  if (isSaid('oauth')) {
    for (const key of ['api_key_file', 'api_key', 'write_key_file', 'write_key'] as const)
      if (isSaid(key)) yield wrong(key, 'has no effect beside oauth: keep one of the two');
    return;
  }
  if (!isSaid('api_key_file') && !isSaid('api_key')) {
    const remedy = 'name the file that holds the PagerDuty API key, or set `api_key: ${NAME}`';
    yield wrong('api_key_file', `is missing: ${remedy}`);
  }
  if (isSaid('api_key_file') && isSaid('api_key'))
    yield wrong('api_key', 'excludes api_key_file: keep one of the two');
  if (isSaid('write_key_file') && isSaid('write_key'))
    yield wrong('write_key', 'excludes write_key_file: keep one of the two');
  if (isSaid('api_url') && pagerduty.region === 'eu')
    yield wrong('region', 'has no effect beside api_url: remove one of the two');
}

function* checkNames(rules: SoundParts['rules']): Iterable<Problem> {
  const first = new Map<string, number>();
  for (const [index, rule] of rules.entries()) {
    if (rule === null) continue;
    const earlier = first.get(rule.name);
    if (earlier === undefined) first.set(rule.name, index);
    else {
      const text = `\`${rule.name}\` is the name of rules[${earlier}] too: each rule needs its own`;
      yield problem(['rules', index, 'name'], text);
    }
  }
}

/** What a rule that pages for every request says beside, and cannot mean. */
function checkNotify(rule: RuleConfig, index: number): Problem[] {
  const { notify, on_call: onCall } = rule;
  if (notify === undefined) return [];
  const targets = [...onCall.services, ...onCall.escalation_policies, ...onCall.schedules, ...onCall.teams];
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

function* checkRule(rule: RuleConfig, index: number): Iterable<Problem> {
  const { on_call: onCall, escalate, access_ends: ends, break_glass: breaksGlass } = rule;
  const wrong = (key: string, message: string) => problem(['rules', index, key], message);
  for (const [at, pattern] of rule.roles.entries()) {
    if (!PROBES.every((probe) => matchesPattern(pattern, probe))) continue;
    const text = `\`${pattern}\` covers every role there is, also those that are added later: name the roles, or a prefix`;
    yield problem(['rules', index, 'roles', at], text);
  }
  if (rule.notify !== undefined) {
    yield* checkNotify(rule, index);
    return;
  }
  const targets = [...onCall.services, ...onCall.escalation_policies, ...onCall.schedules, ...onCall.teams];
  const isAnnotated = onCall.from_annotation !== undefined;
  const hasOwner = onCall.owner !== undefined;
  const asksIncident = rule.require.open_incident !== false;
  yield* checkOwner(rule, index, targets.length > 0 || isAnnotated);
  const namesService = onCall.services.length > 0 || isAnnotated || hasOwner;
  if ((asksIncident || rule.responders) && !namesService && !breaksGlass) {
    const what = asksIncident ? '`require.open_incident`' : '`responders`';
    const text = `names no service, and ${what} looks for incidents on the rule's services: add \`services\` or \`from_annotation\``;
    yield wrong('on_call', text);
  }
  if (typeof ends !== 'string' && ends.with_incident !== undefined && !asksIncident) {
    const text =
      'ends access with the incident that justified it, and the rule asks for none: add `require.open_incident`, or take `with_incident` away';
    yield wrong('access_ends', text);
  }
  if (breaksGlass && (asksIncident || rule.responders)) {
    const text =
      'is for when PagerDuty cannot answer: it goes neither with `require.open_incident` nor with `responders`';
    yield wrong('break_glass', text);
  }
  const mustLook = 'who broke the glass must be looked at by somebody';
  if (breaksGlass && escalate === undefined)
    yield wrong('escalate', `is missing: ${mustLook}; name the service to page`);
  if (targets.length === 0 && !isAnnotated && !hasOwner && !breaksGlass) {
    const text =
      'names nothing to be on call for: the rule can never match; add services, escalation_policies, schedules, teams, from_annotation or owner';
    yield wrong('on_call', text);
  }
  if (escalate === undefined) {
    const text = `is missing: \`otherwise: ${rule.otherwise}\` needs a service to page when facts are missing; or say \`otherwise: leave\``;
    if (rule.otherwise !== 'leave' && !breaksGlass) yield wrong('escalate', text);
  } else if (escalate.service === undefined && escalate.from_annotation === undefined && !escalate.owner) {
    yield wrong('escalate', 'names nobody: add service or from_annotation');
  } else if (breaksGlass && escalate.service === undefined) {
    const text = `names a service by annotation only, which a request may lack: ${mustLook}; add \`service\``;
    yield wrong('escalate', text);
  }
}

/** What owners exclude: beside them, whoever is on call for something else would be let into their things. */
function checkOwner(rule: RuleConfig, index: number, hasOthers: boolean): Problem[] {
  const { on_call: onCall, escalate, approvers } = rule;
  const at = (...path: string[]): Problem['path'] => ['rules', index, ...path];
  if (onCall.owner === undefined) {
    return [
      ...(escalate?.owner === true ? [problem(at('escalate', 'owner'), 'needs `on_call.owner`')] : []),
      ...(escalate?.owner_field === undefined
        ? []
        : [problem(at('escalate', 'owner_field'), 'needs `on_call.owner` and `escalate.owner: true`')]),
      ...(approvers.owner ? [problem(at('approvers', 'owner'), 'needs `on_call.owner`')] : []),
    ];
  }
  const others = 'lets in whoever is on call for the owning service, and goes with no other';
  return [
    ...(hasOthers
      ? [
          problem(
            at('on_call', 'owner'),
            `${others}: take \`services\`, \`escalation_policies\`, \`schedules\`, \`teams\` and \`from_annotation\` away, or write a rule of their own`,
          ),
        ]
      : []),
    ...(rule.break_glass
      ? [problem(at('on_call', 'owner'), 'has no effect in a rule with `break_glass`: take it away')]
      : []),
    ...(escalate?.owner_field !== undefined && !escalate.owner
      ? [problem(at('escalate', 'owner_field'), 'needs `escalate.owner: true`')]
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
