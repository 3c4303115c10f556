import type { ConditionAnswer, Condition, Judgement, RuleOutcome } from '../core/decision.ts';
import type { Identity } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import { sanitise, listed } from '../core/values/words.ts';
import { resourcesInWords } from '../core/wording/resources.ts';
import type { Explanation } from '../review/explain-request.ts';

const MARKS: Readonly<Record<ConditionAnswer, string>> = {
  met: 'yes    ',
  'not-met': 'NO     ',
  unknown: 'unknown',
};
const MEANING = {
  approve: 'would be approved',
  escalate: 'would go to people, and stay pending until they answer',
  deny: 'would be denied',
  abstain: 'would be left alone',
} as const;

/** An explanation for people: the verdict, then every rule with its conditions and what would have to be true. */
export function explanationLines(
  { request, facts, decision, standingBy, decidedAt }: Explanation,
  { at }: { readonly at: Instant | null },
): readonly string[] {
  const roles = request.roles.map((role) => sanitise(role, 100));
  return [
    `${decision.verdict}: ${sanitise(request.requester, 100)}'s request for ${listed(roles)} ${MEANING[decision.verdict]}`,
    ...(request.resources.length === 0 ? [] : [`only for ${resourcesInWords(request.resources, facts)}`]),
    ...(decision.breakGlass
      ? ['BREAK GLASS: the approvers are paged all the same, and must look at it afterwards']
      : []),
    ...reasonLines(decision),
    '',
    `requester  ${requesterInWords(facts.requester)}`,
    `judged at  ${facts.onCall.state === 'known' ? facts.onCall.at : decidedAt}, by ${facts.reads} ${facts.reads === 1 ? 'read' : 'reads'} from PagerDuty`,
    ...(at === null
      ? []
      : ['           on-call rows are of that moment; incidents, names and identities of now']),
    ...(decision.provisional
      ? ['           facts are missing that may be had later: the service would ask again']
      : []),
    ...decision.outcomes.flatMap(outcomeLines),
    ...(decision.shadow === null
      ? []
      : [
          '',
          `if the rules in shadow were in force: ${decision.shadow.verdict}`,
          ...reasonLines(decision.shadow),
        ]),
    ...(decision.outcomes.some(isOpenEnded)
      ? ['', 'how long the access would last is not said: give it by --duration']
      : []),
    ...(standingBy.length === 0 ? [] : ['', 'rules that do not cover the request:']),
    ...standingBy.map(({ rule, why }) => `  ${rule}: ${why}`),
  ];
}

/** Only a request that was made up says nothing of its end. */
function isOpenEnded({ conditions }: RuleOutcome): boolean {
  return conditions.some(({ name, answer }) => name === 'max-duration' && answer === 'unknown');
}

function reasonLines({ reasons, rules }: Judgement): readonly string[] {
  const by = rules.length === 0 ? '' : ` (${listed(rules)})`;
  return reasons.map(({ code, text }) => `  ${code}: ${sanitise(text, 500)}${by}`);
}

/** One rule and its conditions, after an empty line. */
export function outcomeLines({
  rule,
  mode,
  breakGlass,
  roles,
  verdict,
  conditions,
}: RuleOutcome): readonly string[] {
  const marks = [...(mode === 'shadow' ? ['in shadow'] : []), ...(breakGlass ? ['break glass'] : [])];
  const kind = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  return [
    '',
    `rule ${rule}${kind}, for ${listed(roles.map((role) => sanitise(role, 100)))}: ${verdict}`,
    ...conditions.flatMap(conditionLines),
  ];
}

function conditionLines({ name, answer, detail, remedy }: Condition): readonly string[] {
  return [
    `  ${MARKS[answer]} ${name.padEnd(13)} ${sanitise(detail, 500)}`,
    ...(remedy === null ? [] : [`${' '.repeat(24)}needed: ${sanitise(remedy, 500)}`]),
  ];
}

function requesterInWords(requester: Identity): string {
  switch (requester.state) {
    case 'recognised': {
      const { id, name, source } = requester;
      return `${sanitise(name ?? id, 100)} (${id}), recognised by ${source}`;
    }
    case 'unrecognised':
      return `not recognised: ${requester.why}`;
    case 'unknown':
      return `unknown: ${sanitise(requester.cause.message, 500)}`;
  }
}
