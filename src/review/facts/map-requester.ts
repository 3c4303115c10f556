import {
  isEmail,
  sameEmail,
  type Identity,
  type IdentitySource,
  type PagerDutyUser,
} from '../../core/identity.ts';
import type { UserReading } from '../../core/facts.ts';
import { silenceOf, valuesOf } from '../../core/holdings.ts';
import { hasManagedAddresses } from '../../core/answers/two-people.ts';
import { isNamedLocal, needsSso, sourceNeedsUser, type Policy } from '../../core/rule.ts';
import type { Cause } from '../../core/values/cause.ts';
import { sanitise, listed } from '../../core/values/words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FirstAddresses } from '../../ports/pins.ts';
import type { Sheet } from '../../core/roster/sheet.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import type { Roster } from '../../ports/roster.ts';
import { causeOfMissingFact } from '../cause-of.ts';

export interface Sources {
  /** The user's record in Teleport, read where the policy asks for it. */
  readonly user: Promise<UserReading>;
  readonly roster: Pick<Roster, 'usersByEmail'>;
  /** Who is on call for what the rules ask about. */
  readonly sheet: Promise<Sheet>;
  readonly addresses: FirstAddresses;
  readonly clock: Clock;
  readonly policy: Policy;
}

/**
 * Who a Teleport user is in PagerDuty: the first configured source that names a PagerDuty user wins. Several users behind one
 * source are never chosen between. Does not throw for what cannot be read.
 */
export async function mapRequester(name: string, sources: Sources, ask: Ask): Promise<Identity> {
  try {
    return await mapBySources(name, sources, ask);
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

async function mapBySources(name: string, sources: Sources, ask: Ask): Promise<Identity> {
  const { policy } = sources;
  const reading = await sources.user;
  const user = reading.state === 'known' ? reading.user : null;
  const isLocal = policy.requireSso && user?.sso !== true;
  const isNamed = user?.sso === false && isNamedLocal(policy, name);
  for (const source of policy.identities) {
    if (reading.state === 'unknown' && sourceNeedsUser(source, policy)) {
      return { state: 'unknown', cause: reading.cause };
    }
    // A map names the user itself; an address is whatever somebody gave a local user.
    if (isLocal && !isNamed && source.kind !== 'map') continue;
    const identity = await bySource(source, name, reading, sources, ask);
    if (identity?.state === 'recognised' && isLocal && source.kind !== 'map')
      return { ...identity, local: true };
    if (identity !== null) return identity;
  }
  if (isLocal && !isNamed && needsSso(policy)) {
    const whose = user === null ? 'is no user of Teleport any more' : 'does not come from single sign-on';
    return unrecognised(
      `${sanitise(name, 100)} ${whose}, which \`require_sso\` asks for: \`identities.map\` can name them, or \`local_users\` of a rule`,
    );
  }
  const tried = listed(policy.identities.map(nameOf));
  return unrecognised(`no PagerDuty user is known for Teleport user ${sanitise(name, 100)} by ${tried}`);
}

async function bySource(
  source: IdentitySource,
  requester: string,
  user: UserReading,
  sources: Sources,
  ask: Ask,
): Promise<Identity | null> {
  switch (source.kind) {
    case 'map': {
      const id = Object.hasOwn(source.users, requester) ? source.users[requester] : undefined;
      return id === undefined
        ? null
        : { state: 'recognised', id, name: null, email: null, source: nameOf(source), binding: 'id' };
    }
    case 'trait': {
      const silence = silenceOf(user);
      if (silence !== null) return { state: 'unknown', cause: silence };
      const emails = emailsIn(user, source.trait);
      return emails === null
        ? { state: 'unknown', cause: differing(source) }
        : byEmails(emails, nameOf(source), sources, ask);
    }
    case 'username-is-email':
      return byEmails(isEmail(requester) ? [requester] : [], nameOf(source), sources, ask);
  }
}

/**
 * The addresses that are in force and stand in the user record, which the identity provider or an administrator writes: one that an
 * Access List grants says nothing of who somebody is, since whoever keeps the list wrote it. Null where the two have none in common.
 */
function emailsIn(reading: UserReading, trait: string): readonly string[] | null {
  if (reading.state !== 'known') return [];
  const own = addressesIn(valuesOf(reading.user, trait));
  if (reading.login?.state !== 'known') return own;
  const effective = addressesIn(valuesOf(reading.login.effective, trait));
  const agreed = effective.filter((email) => own.some((other) => sameEmail(email, other)));
  return agreed.length === 0 && own.length + effective.length > 0 ? null : agreed;
}

/** Identity providers leave blanks and line breaks around addresses. */
function addressesIn(values: readonly string[]): readonly string[] {
  return values.map((value) => value.trim()).filter(isEmail);
}

function differing(source: IdentitySource): Cause {
  const message =
    `${nameOf(source)} has no address that both the user record in Teleport and the login state have: ` +
    'after a new login they agree, unless only an Access List grants it, which says nothing of who somebody is';
  return { code: 'ambiguous', message, transient: false };
}

async function byEmails(
  emails: readonly string[],
  source: string,
  { roster, sheet, addresses, clock, policy }: Sources,
  ask: Ask,
): Promise<Identity | null> {
  const found = new Map<string, PagerDutyUser>();
  for (const email of emails) {
    for (const user of await roster.usersByEmail(email, sheet, ask)) found.set(user.id, user);
  }
  const [user, ...others] = found.values();
  if (user === undefined) return null;
  if (others.length === 0) {
    const binding = await addresses.compare(user, clock.now());
    return byAddress({ state: 'recognised', ...user, source, binding }, policy);
  }
  const ids = listed([...found.keys()].sort());
  const message = `${source} leads to several PagerDuty users (${ids}): add the right one to \`identities.map\``;
  return { state: 'unknown', cause: { code: 'ambiguous', message, transient: false } };
}

/**
 * Whoever took another address may have taken somebody's: only where the identity provider keeps addresses does that say nothing.
 */
function byAddress(found: Identity & { readonly state: 'recognised' }, policy: Policy): Identity {
  const { binding, source, id } = found;
  if (hasManagedAddresses(policy)) return found;
  const remedy = 'add who it is to `identities.map`';
  if (binding === 'changed-address') {
    return unrecognised(
      `${source} leads to PagerDuty user ${id}, whose address was another one when it was first seen: ${remedy}`,
    );
  }
  if (binding !== 'unknown-address') return found;
  const message = `${source} leads to PagerDuty user ${id}, and the record of the address that was first seen there cannot be believed: ${remedy}`;
  return { state: 'unknown', cause: { code: 'malformed', message, transient: false } };
}

function nameOf(source: IdentitySource): string {
  switch (source.kind) {
    case 'map':
      return 'the map';
    case 'trait':
      return `trait \`${source.trait}\``;
    case 'username-is-email':
      return 'the user name as e-mail address';
  }
}

function unrecognised(why: string): Identity {
  return { state: 'unrecognised', why };
}
