import type { AnswerFacts } from '../../core/answers/answer.ts';
import { mappedTo } from '../../core/answers/two-people.ts';
import { valuesOf } from '../../core/holdings.ts';
import { sameEmail, type PagerDutyUser, type TeleportUser } from '../../core/identity.ts';
import { SECOND } from '../../core/values/instant.ts';
import type { Policy } from '../../core/rule.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FirstAddresses } from '../../ports/pins.ts';
import type { Ask, OnCallDirectory } from '../../ports/pagerduty.ts';
import { TeleportError, type TeleportUsers } from '../../ports/teleport.ts';
import { within } from '../deadline.ts';

interface Sources {
  readonly directory: OnCallDirectory;
  readonly addresses: FirstAddresses;
  readonly users: TeleportUsers;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** A Teleport user, and by what it is told; null both where nothing tells. */
type Found = Required<Pick<AnswerFacts, 'teleportUser' | 'binding'>>;

/** How long Teleport's users are looked through; an answer does not wait for more. */
const SEARCH_MS = 5 * SECOND;

/**
 * The Teleport user behind a PagerDuty user, by the identity sources read backwards: a map that names them once; or their address,
 * where user names are e-mail addresses, or one user has it in the trait and the service may list Teleport's users. Their address is
 * remembered either way. Throws PagerDutyError, TeleportError or LedgerUnavailableError.
 */
export async function teleportUserOf(userId: string, sources: Sources, ask: Ask): Promise<Found> {
  const { policy } = sources;
  const [mapped, ...others] = mappedTo(userId, policy);
  if (mapped !== undefined && others.length === 0) return { teleportUser: mapped, binding: 'id' };
  if (policy.identities.every(({ kind }) => kind === 'map')) return { teleportUser: null, binding: null };
  const user = await sources.directory.user(userId, ask);
  if (user === null) return { teleportUser: null, binding: null };
  const binding = await sources.addresses.compare(user, sources.clock.now());
  const teleportUser = await byAddress(user, sources, ask);
  return { teleportUser, binding: teleportUser === null ? null : binding };
}

async function byAddress({ email }: PagerDutyUser, sources: Sources, ask: Ask): Promise<string | null> {
  for (const source of sources.policy.identities) {
    if (source.kind === 'username-is-email' && (await exists(email, sources, ask))) return email;
    const found = source.kind === 'trait' ? await byTrait(source.trait, email, sources, ask) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Several users are never chosen between; what cannot be looked through in time tells nothing. */
async function byTrait(
  trait: string,
  email: string,
  { users, policy }: Sources,
  ask: Ask,
): Promise<string | null> {
  const has = (user: TeleportUser): boolean =>
    (user.sso || !policy.requireSso) && valuesOf(user, trait).some((value) => sameEmail(value, email));
  return within(SEARCH_MS, ask.signal, async (signal) => {
    try {
      const [user, ...others] = await users.search(has, signal);
      return user !== undefined && others.length === 0 ? user.name : null;
    } catch (error) {
      ask.signal.throwIfAborted();
      if (error instanceof TeleportError || signal.aborted) return null;
      throw error;
    }
  });
}

async function exists(name: string, { users, policy }: Sources, ask: Ask): Promise<boolean> {
  try {
    return (await users.user(name, ask.signal)).sso || !policy.requireSso;
  } catch (error) {
    if (error instanceof TeleportError && (error.kind === 'not-found' || error.kind === 'denied'))
      return false;
    throw error;
  }
}
