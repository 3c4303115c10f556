import type { RuleAhead } from './forecast.ts';
import type { Foreseen, ForeseenCode } from './foreseen.ts';
import type { Instant } from '../values/instant.ts';
import type { Reference } from '../on-call.ts';
import { lengthOf, type Stretch } from './stretch.ts';

/** How long nobody could be approved, only by shifts that are too young, or a page would bring no answer. */
export type GapKind = 'approval' | 'young' | 'page';

const GAP_KINDS: Readonly<Partial<Record<ForeseenCode, GapKind>>> = {
  'nobody-on-call': 'approval',
  'all-refused': 'approval',
  'too-young': 'young',
  'page-reaches-nobody': 'page',
  'page-reaches-requester': 'page',
  'nobody-may-answer': 'page',
  'service-disabled': 'page',
  'in-maintenance': 'page',
};
const UNMAPPED: readonly ForeseenCode[] = ['no-account', 'local-account', 'ambiguous-account'];

/** What will go wrong under rules in force. What cannot be foretold counts for nothing. */
export function problemsIn(rules: readonly RuleAhead[]): readonly Foreseen[] {
  return inForce(rules).filter(({ code }) => code !== 'not-known');
}

/** Milliseconds for each rule in force and each kind, 0 where there is none. */
export function gapsIn(
  rules: readonly RuleAhead[],
): readonly { readonly rule: string; readonly kind: GapKind; readonly ms: number }[] {
  return rules
    .filter(({ mode }) => mode === 'enforce')
    .flatMap(({ rule, foreseen }) =>
      (['approval', 'young', 'page'] as const).map((kind) => {
        const ofKind = foreseen.filter(({ code }) => GAP_KINDS[code] === kind);
        return { rule, kind, ms: lengthOf(ofKind.flatMap(({ stretches }) => stretches)) };
      }),
    );
}

/** Ids of those who are on call under a rule in force and whom nobody would recognise in Teleport. */
export function unmappedIn(rules: readonly RuleAhead[]): readonly string[] {
  const unmapped = inForce(rules).filter(({ code }) => UNMAPPED.includes(code));
  return [...new Set(unmapped.flatMap(({ people }) => people.map(({ id }) => id)))];
}

/** Who is on call under the rule at that time, until when, and whether they could be approved then. */
export function onDutyAt(
  { present, approvable }: RuleAhead,
  at: Instant,
): readonly { readonly user: Reference; readonly until: Instant; readonly approvable: boolean }[] {
  const isAt = ({ from, until }: Stretch): boolean => from <= at && at < until;
  const mayPass = approvable.filter(({ stretches }) => stretches.some(isAt)).map(({ user }) => user.id);
  return present.flatMap(({ user, stretches }) =>
    stretches.filter(isAt).map(({ until }) => ({ user, until, approvable: mayPass.includes(user.id) })),
  );
}

function inForce(rules: readonly RuleAhead[]): readonly Foreseen[] {
  return rules.filter(({ mode }) => mode === 'enforce').flatMap(({ foreseen }) => foreseen);
}
