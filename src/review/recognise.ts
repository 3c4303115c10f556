import {
  isEmail,
  type Identity,
  type IdentitySource,
  type PagerDutyUser,
  type TeleportUser,
} from '../core/identity.ts';
import type { UserReading } from '../core/facts.ts';
import type { Policy } from '../core/rule.ts';
import { harmless, listed } from '../core/values/words.ts';
import type { Ask, OnCallDirectory } from '../ports/pagerduty.ts';
import { causeOfMissingFact } from './cause-of.ts';

export interface Sources {
  /** The user's record in Teleport, read where the policy asks for it. */
  readonly user: Promise<UserReading>;
  readonly directory: OnCallDirectory;
  readonly policy: Policy;
}

/**
 * Who a Teleport user is in PagerDuty: the first configured source that names a PagerDuty user wins. Several users behind one
 * source are never chosen between. Does not throw for what cannot be read.
 */
export async function recogniseUser(name: string, sources: Sources, ask: Ask): Promise<Identity> {
  try {
    return await recognise(name, sources, ask);
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

async function recognise(name: string, sources: Sources, ask: Ask): Promise<Identity> {
  const { policy } = sources;
  const reading = await sources.user;
  if (reading.state === 'unknown' && needsUser(policy)) return { state: 'unknown', cause: reading.cause };
  const user = reading.state === 'known' ? reading.user : null;
  if (policy.requireSso && user?.sso !== true) {
    return unrecognised(
      `${harmless(name, 100)} does not come from single sign-on, which \`require_sso\` asks for`,
    );
  }
  for (const source of policy.identities) {
    const identity = await bySource(source, name, user, sources.directory, ask);
    if (identity !== null) return identity;
  }
  const tried = listed(policy.identities.map(nameOf));
  return unrecognised(`no PagerDuty user is known for Teleport user ${harmless(name, 100)} by ${tried}`);
}

function needsUser({ requireSso, identities }: Policy): boolean {
  return requireSso || identities.some(({ kind }) => kind === 'trait');
}

async function bySource(
  source: IdentitySource,
  requester: string,
  user: TeleportUser | null,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<Identity | null> {
  switch (source.kind) {
    case 'map': {
      const id = Object.hasOwn(source.users, requester) ? source.users[requester] : undefined;
      return id === undefined
        ? null
        : { state: 'recognised', id, name: null, email: null, source: nameOf(source) };
    }
    case 'trait': {
      const traits = user?.traits ?? {};
      const emails = Object.hasOwn(traits, source.trait) ? (traits[source.trait] ?? []) : [];
      return byEmails(emails.filter(isEmail), nameOf(source), directory, ask);
    }
    case 'username-is-email':
      return byEmails(isEmail(requester) ? [requester] : [], nameOf(source), directory, ask);
  }
}

async function byEmails(
  emails: readonly string[],
  source: string,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<Identity | null> {
  const found = new Map<string, PagerDutyUser>();
  for (const email of emails) {
    for (const user of await directory.usersByEmail(email, ask)) found.set(user.id, user);
  }
  const [user, ...others] = found.values();
  if (user === undefined) return null;
  if (others.length === 0) return { state: 'recognised', ...user, source };
  const ids = listed([...found.keys()].sort());
  const message = `${source} leads to several PagerDuty users (${ids}): add the right one to \`identities.map\``;
  return { state: 'unknown', cause: { code: 'ambiguous', message, transient: false } };
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
