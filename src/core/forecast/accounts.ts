import { locksOn, type LockFact } from '../locks.ts';
import { mappedTo } from '../answers/two-people.ts';
import { coversRequester } from '../coverage.ts';
import type { ConditionAnswer } from '../decision.ts';
import type { KnownLogin, UserReading } from '../facts.ts';
import { heldBy, valuesOf } from '../holdings.ts';
import { isEmail, sameEmail, type PagerDutyUser, type TeleportUser } from '../identity.ts';
import type { Policy, Rule } from '../rule.ts';
import { matchesAny, matchesPattern } from '../values/pattern.ts';
import { within, type Stretch } from './stretch.ts';
import type { Reference } from '../on-call.ts';

/** What a role lets its holders ask for, by names, globs or `^regex$`. */
export interface RequestRights {
  readonly roles: readonly string[];
  readonly denied: readonly string[];
  /** Further roles by claims of the identity provider; which ones is not looked at. */
  readonly byClaims: boolean;
}

/** Teleport's people, as far as they could be read. */
export interface TeleportPeople {
  readonly users: readonly TeleportUser[];
  readonly logins: ReadonlyMap<string, KnownLogin>;
  /** Why there may be user records or login states that were not read; null where all were. */
  readonly unread: string | null;
  /** By role; null for one that cannot be read, absent for one that was not asked for. */
  readonly rights: ReadonlyMap<string, RequestRights | null>;
  /** Those in force; none where they cannot be read. */
  readonly locks: readonly LockFact[];
}

/** A Teleport user that a PagerDuty user may be. */
export interface Account {
  readonly name: string;
  readonly user: UserReading & { readonly state: 'known'; readonly login?: KnownLogin };
  /** Other PagerDuty users to whom its addresses lead as well. */
  readonly alsoLeadsTo: readonly PagerDutyUser[];
  /** By an address, while `require_sso` lets no local user be recognised by one. */
  readonly isLocal: boolean;
}

/** Who somebody is in Teleport, by the identity sources read backwards: every user record, and every login state without one. */
export function accountsOf(
  person: PagerDutyUser,
  {
    teleport,
    policy,
    everybody,
  }: {
    readonly teleport: TeleportPeople;
    readonly policy: Policy;
    readonly everybody: readonly PagerDutyUser[];
  },
): readonly Account[] {
  const mapped = mappedTo(person.id, policy);
  return usersOf(teleport).flatMap((user): readonly Account[] => {
    const { name, sso } = user.user;
    if (mapped.includes(name)) return [{ name, user, alsoLeadsTo: [], isLocal: false }];
    if (isMapped(name, policy) || !leadsTo(user.user, person, policy)) return [];
    const others = everybody.filter(({ id }) => id !== person.id);
    return [
      {
        name,
        user,
        alsoLeadsTo: others.filter((other) => leadsTo(user.user, other, policy)),
        isLocal: policy.requireSso && !sso,
      },
    ];
  });
}

/** A record of single sign-on ends with the session: the next login writes one like the last login state. */
function usersOf({ users, logins }: TeleportPeople): readonly Account['user'][] {
  const recorded = users
    .filter(({ bot }) => bot !== true)
    .map((user): Account['user'] => {
      const login = logins.get(user.name);
      return { state: 'known', user, ...(login === undefined ? {} : { login }) };
    });
  const gone = [...logins].filter(([name]) => !users.some((user) => user.name === name));
  return [
    ...recorded,
    ...gone.map(([name, login]): Account['user'] => ({
      state: 'known',
      user: { name, sso: true, ...login.effective },
      login,
    })),
  ];
}

export function isMapped(name: string, { identities }: Pick<Policy, 'identities'>): boolean {
  return identities.some((source) => source.kind === 'map' && Object.hasOwn(source.users, name));
}

function leadsTo(user: TeleportUser, { email }: PagerDutyUser, { identities }: Policy): boolean {
  const isTheirs = (address: string): boolean => isEmail(email) && sameEmail(address, email);
  return identities.some((source) => {
    switch (source.kind) {
      case 'map':
        return false;
      case 'trait':
        return valuesOf(user, source.trait).some(isTheirs);
      case 'username-is-email':
        return isTheirs(user.name);
    }
  });
}

/** Whether the rule is for holders of what the account has. */
export function isCovered({ user }: Account, rule: Rule): ConditionAnswer {
  return coversRequester(rule, user);
}

/**
 * Whether Teleport lets the account ask for a role of the rule: `not-met` only for certain. Without a login state the next login may
 * bring roles of Access Lists; what is told of a pattern by another one is told generously.
 */
export function mayRequest({ user }: Account, rule: Rule, { rights }: TeleportPeople): ConditionAnswer {
  const { roles } = heldBy(user).possible;
  const known = roles.map((role) => rights.get(role) ?? null);
  const readable = known.filter((each) => each !== null);
  const denied = readable.flatMap((each) => each.denied);
  const wanted = rule.roles.filter((role) => !matchesAny(denied, role));
  if (wanted.length === 0) return 'not-met';
  const allowed = readable.flatMap((each) => each.roles);
  if (wanted.some((role) => allowed.some((pattern) => mayBeOne(pattern, role)))) return 'met';
  const isSure = user.login !== undefined && readable.length === known.length;
  return isSure && !readable.some(({ byClaims }) => byClaims) ? 'not-met' : 'unknown';
}

function mayBeOne(pattern: string, role: string): boolean {
  if (pattern.startsWith('^') || (pattern.includes('*') && role.includes('*'))) return true;
  return matchesPattern(pattern, role) || matchesPattern(role, pattern);
}

/** When the account is locked, as far as locks that are in force now tell. */
function lockedStretches(
  { name, user }: Account,
  { locks }: TeleportPeople,
  window: Stretch,
): readonly Stretch[] {
  const { roles } = heldBy(user).sure;
  return locksOn(name, roles, locks).map(({ expires }) => ({
    from: window.from,
    until: expires ?? window.until,
  }));
}

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
