import { accountsOf, type TeleportPeople } from '../../core/forecast/accounts.ts';
import type { Ahead } from '../../core/forecast/forecast.ts';
import type { Stretch } from '../../core/forecast/stretch.ts';
import { mappedTo } from '../../core/answers/two-people.ts';
import type { KnownLogin, TargetFact } from '../../core/facts.ts';
import { heldBy } from '../../core/holdings.ts';
import type { PagerDutyUser, TeleportUser } from '../../core/identity.ts';
import { byPolicies } from '../../core/owners/by-team.ts';
import type { OnCallRow } from '../../core/on-call.ts';
import type { Policy } from '../../core/rule.ts';
import { plusMs } from '../../core/values/instant.ts';
import type { PagerDutyLookAhead, TeleportLookAhead } from '../../ports/look-ahead.ts';
import type { Ownership } from '../../ports/ownership.ts';
import { PagerDutyError, type Ask, type OnCallDirectory } from '../../ports/pagerduty.ts';
import type { Roster } from '../../ports/roster.ts';
import { unless, type TeleportErrorKind, type TeleportUsers } from '../../ports/teleport.ts';
import { lookBackOf, targetsIn } from './read-on-call.ts';

/** What a look ahead needs. */
export interface Foresight {
  readonly policy: Policy;
  readonly directory: Pick<OnCallDirectory, 'user'>;
  readonly roster: Pick<Roster, 'during'>;
  readonly ownership: Ownership;
  readonly users: Pick<TeleportUsers, 'user' | 'loginState' | 'search'>;
  readonly pagerDuty: PagerDutyLookAhead;
  readonly teleport: TeleportLookAhead;
}

/**
 * Everything that a forecast for the window goes by. What Teleport does not let the service read is left out, and said so; throws
 * PagerDutyError where the rotas cannot be had in full, and TeleportError where Teleport does not answer.
 */
export async function readAhead(foresight: Foresight, window: Stretch, signal: AbortSignal): Promise<Ahead> {
  const { directory, roster, ownership, pagerDuty } = foresight;
  // Teams are foretold as the policies that count now.
  const teams = ownership.reading(foresight.policy.rules);
  const rules = foresight.policy.rules.map((rule) => byPolicies(rule, teams));
  const policy = { ...foresight.policy, rules };
  const ask: Ask = { signal, priority: 'background' };
  const span = { from: plusMs(window.from, -lookBackOf(policy)), until: window.until };
  const sheet = await roster.during(targetsIn(policy), span, ask);
  const { targets, rows, sightings, broken, people: told } = sheet;
  const [unread] = [...targets.flatMap((fact) => failureOf(fact) ?? []), ...broken.map(({ why }) => why)];
  if (unread !== undefined)
    throw new PagerDutyError('malformed', `the rotas could not be read in full: ${unread}`, {
      transient: true,
    });
  const services = targets.filter((fact) => fact.state === 'known' && fact.kind === 'service');
  const maintenance = await pagerDuty.maintenance(
    [...new Set(services.flatMap((fact) => (fact.state === 'known' ? fact.id : [])))],
    ask,
  );
  const people = [...told.values(), ...(await usersBehind(rows, told, directory, ask))];
  return {
    rota: { window, targets, rows, sightings },
    people: { policy, pagerDuty: people, teleport: await readPeople(people, foresight, signal) },
    maintenance,
  };
}

/** Why a target's rows could not be had; that its name is gone, or many have it, is told of the rule. */
function failureOf(fact: TargetFact): string | null {
  if (fact.state === 'known' || !fact.cause.transient) return null;
  return fact.cause.message;
}

/** The shifts of a schedule that no policy uses come without addresses. */
async function usersBehind(
  rows: readonly OnCallRow[],
  told: ReadonlyMap<string, PagerDutyUser>,
  directory: Foresight['directory'],
  ask: Ask,
): Promise<readonly PagerDutyUser[]> {
  const untold = rows.filter(({ user }) => !told.has(user.id));
  const ids = [...new Set(untold.map(({ user }) => user.id))];
  const found = await Promise.all(ids.map((id) => directory.user(id, ask)));
  return found.filter((user) => user !== null);
}

/** Who of Teleport they may be, with what those may ask for. */
async function readPeople(
  pagerDuty: readonly PagerDutyUser[],
  { policy, users, teleport }: Foresight,
  signal: AbortSignal,
): Promise<TeleportPeople> {
  // Names under which somebody may be found where users, or login states, cannot be listed.
  const names = pagerDuty.flatMap(({ id, email }) => [
    ...mappedTo(id, policy),
    ...(policy.identities.some(({ kind }) => kind === 'username-is-email') ? [email] : []),
  ]);
  const [listed, states, locks] = await Promise.all([
    ifAllowed(users.search(() => true, signal)),
    ifAllowed(teleport.loginStates(signal)),
    ifAllowed(teleport.locks(signal)),
  ]);
  const records = listed ?? (await one<TeleportUser>(names, (name) => users.user(name, signal)));
  const single =
    states === null
      ? await one(names, async (name) => ({ name, login: await users.loginState(name, signal) }))
      : [];
  const logins = new Map<string, KnownLogin>();
  for (const [name, state] of states ?? []) logins.set(name, { state: 'known', ...state });
  for (const { name, login } of single ?? [])
    if (login !== null) logins.set(name, { state: 'known', ...login });
  const byTrait = policy.identities.some(({ kind }) => kind === 'trait');
  const found = { users: records ?? [], logins, unread: null, rights: new Map(), locks: locks ?? [] };
  const accounts = pagerDuty.flatMap((person) =>
    accountsOf(person, { teleport: found, policy, everybody: [] }),
  );
  const roles = [...new Set(accounts.flatMap(({ user }) => heldBy(user).possible.roles))];
  const rights = await Promise.all(
    roles.map(
      async (role) => [role, await ifAllowed(teleport.requestRights(role, signal), 'not-found')] as const,
    ),
  );
  return { ...found, unread: lackOf({ byTrait, listed, records, states, single }), rights: new Map(rights) };
}

/** Why somebody may be there who was not found; null where everybody was looked at under every name that they may have. */
function lackOf(read: {
  readonly byTrait: boolean;
  readonly listed: unknown;
  readonly records: unknown;
  readonly states: unknown;
  readonly single: unknown;
}): string | null {
  const needs = read.byTrait ? 'list and read' : 'read';
  const noRecords = read.records === null || (read.byTrait && read.listed === null);
  const noStates = read.single === null || (read.byTrait && read.states === null);
  const lacking = [...(noRecords ? ['user'] : []), ...(noStates ? ['user_login_state'] : [])];
  return lacking.length === 0 ? null : `the service may not ${needs} ${lacking.join(' and ')} in Teleport`;
}

/** One by one; those that are not there are left out. Null where they may not be read. */
async function one<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<readonly T[] | null> {
  const unique = [...new Set(names)];
  const all = await ifAllowed(Promise.all(unique.map((name) => unless(read(name), 'not-found'))));
  return all?.filter((each) => each !== null) ?? null;
}

/** Null where Teleport refuses, or does not know how. */
function ifAllowed<T>(answer: Promise<T>, ...more: readonly TeleportErrorKind[]): Promise<T | null> {
  return unless(answer, 'denied', 'unsupported', ...more);
}
