import type { PagerDutyUser } from '../identity.ts';
import type { Reference } from '../on-call.ts';
import type { Policy, Rule } from '../rule.ts';
import {
  accountsOf,
  isCovered,
  lockedStretches,
  mayRequest,
  type Account,
  type TeleportPeople,
} from './accounts.ts';
import { within, type Stretch } from './stretch.ts';

/** Who the people on the rotas are. */
export interface People {
  readonly policy: Policy;
  readonly window: Stretch;
  /** PagerDuty's users on the rotas; one without an address is left out. */
  readonly pagerDuty: readonly PagerDutyUser[];
  readonly teleport: TeleportPeople;
}

/** What stands against somebody who is on call, whatever their shift. */
export interface Objection {
  readonly code:
    'no-account' | 'local-account' | 'ambiguous-account' | 'may-not-request' | 'not-covered' | 'locked';
  /** The Teleport user it is about; the address, or the id, where there is none. */
  readonly about: string;
  readonly stretches: readonly Stretch[];
}

export interface Standing {
  readonly accounts: readonly Account[];
  readonly objections: readonly Objection[];
  /** When none of their Teleport users would be approved. */
  readonly refused: readonly Stretch[];
  /** Whether they may be the one that asks. */
  readonly mayAsk: boolean;
  /** Why it is not known who they are in Teleport; null where it is. */
  readonly doubt: string | null;
}

/** What would become of a request of theirs under the rule, but for their shift. */
export function standingOf(user: Reference, rule: Rule, people: People): Standing {
  const { policy, window, pagerDuty, teleport } = people;
  const known = pagerDuty.find(({ id }) => id === user.id);
  const person = known ?? { id: user.id, name: user.summary, email: '' };
  const all = accountsOf(person, { teleport, policy, everybody: pagerDuty }).map((account) =>
    rule.localUsers?.includes(account.name) === true ? { ...account, isLocal: false } : account,
  );
  const recognised = all.filter(({ isLocal }) => !isLocal);
  const accounts = recognised.length > 0 ? recognised : all;
  if (accounts.length > 0) {
    const against = accounts.map((account) => objectionsTo(account, rule, people));
    const refused = against
      .map((each) => each.flatMap(({ stretches }) => stretches))
      .reduce<readonly Stretch[]>((all, each) => within(all, each), [window]);
    const mayAsk = accounts.some((account) => mayRequest(account, rule, teleport) !== 'not-met');
    return { accounts, objections: against.flat(), refused, mayAsk, doubt: null };
  }
  const doubt = known === undefined ? 'PagerDuty does not tell their address' : teleport.unread;
  if (doubt !== null) return { accounts, objections: [], refused: [], mayAsk: true, doubt };
  const nowhere = { code: 'no-account', about: person.email, stretches: [window] } as const;
  return { accounts, objections: [nowhere], refused: [window], mayAsk: false, doubt };
}

function objectionsTo(account: Account, rule: Rule, { window, teleport }: People): readonly Objection[] {
  const whole: readonly (readonly [Objection['code'], boolean])[] = [
    ['local-account', account.isLocal],
    ['ambiguous-account', account.alsoLeadsTo.length > 0],
    ['not-covered', isCovered(account, rule) === 'not-met'],
    ['may-not-request', mayRequest(account, rule, teleport) === 'not-met'],
  ];
  const locked = lockedStretches(account, teleport, window);
  return [
    ...whole
      .filter(([, holds]) => holds)
      .map(([code]) => ({ code, about: account.name, stretches: [window] })),
    ...(locked.length === 0 ? [] : [{ code: 'locked' as const, about: account.name, stretches: locked }]),
  ];
}
