import type { TeleportUser } from '../core/identity.ts';
import { needsSso, type Policy, type Rule } from '../core/rule.ts';
import {
  unless,
  type AccessRequestArchive,
  type TeleportUsers,
  type RolePermissions,
} from '../ports/teleport.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { matchesAny } from '../core/values/pattern.ts';

const SUBJECT = 'teleport requesters';
/** So many are read one by one; they stand for the rest. */
const MOST_REQUESTERS = 100;

interface Requesters {
  readonly archive: AccessRequestArchive;
  readonly users: Pick<TeleportUsers, 'user' | 'search'>;
  readonly ownUser: string;
  readonly policy: Policy;
}

/**
 * Whether those who ask can be recognised at all: with `require_sso` a local user is, by `map` alone. Who asks is told by the
 * requests that Teleport still has; where nobody asked yet, by its users, if they may be listed. Throws a TeleportError.
 */
export async function checkRequesters(
  { archive, users, ownUser, policy }: Requesters,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!needsSso(policy)) return [];
  const isBound = (name: string): boolean =>
    policy.identities.some((source) => source.kind === 'map' && Object.hasOwn(source.users, name));
  const asked = await archive.listAll(signal, () => undefined);
  const names = [...new Set(asked.map(({ requester }) => requester))].filter((name) => !isBound(name));
  const read = await Promise.all(
    names.slice(0, MOST_REQUESTERS).map((name) => unless(users.user(name, signal), 'not-found')),
  );
  const known = read.filter((user) => user !== null);
  if (known.length > 0) return [judged(known, 'of those who asked', failed)];
  const people = await unless(
    users.search(({ name }) => !isBotOf(name, ownUser) && !isBound(name), signal),
    'denied',
    'unsupported',
  );
  if (people === null || people.length === 0) return [];
  // Records of single sign-on users end with their sessions: only where there is none at all is it certain.
  return [judged(people, 'of the users', people.some(({ sso }) => sso) ? warning : failed)];
}

function judged(users: readonly TeleportUser[], of: string, complaint: typeof failed): Finding {
  const local = users.filter(({ sso }) => !sso).length;
  const text = `${local} of ${users.length} ${of} are local users`;
  if (local * 2 <= users.length) return ok(SUBJECT, text);
  return complaint(
    SUBJECT,
    `${text}, whom \`require_sso\` lets nobody recognise by an address: give their PagerDuty ids in \`identities: [{ map: … }]\`, ` +
      'name them in `local_users` of the rules that may believe them, or set `require_sso: false` if whoever may make local users is trusted with whom they are named like',
  );
}

/** Teleport names the user of a bot `bot-NAME`. */
function isBotOf(name: string, ownUser: string): boolean {
  return name === ownUser || name.startsWith('bot-');
}

/** A warning where rules go by host names and the service may hardly see the nodes: such rules then approve nothing. */
export function checkHostNames(
  user: string,
  roles: readonly RolePermissions[],
  { rules }: Policy,
): readonly Finding[] {
  const byName = rules.filter(goesByHostNames);
  if (byName.length === 0 || roles.some(({ mayPreview = [] }) => mayPreview.length > 0)) return [];
  const wanted = [...new Set(byName.flatMap((rule) => rule.roles))].sort().join(', ');
  const text = `rules go by host names of nodes (${byName.map(({ name }) => name).join(', ')}), and user ${user} sees nodes only by the labels of its own roles; of others the name is unknown, and a person is asked: add to its role \`review_requests: {preview_as_roles: [${wanted}]}\`, by the full names of roles`;
  return [warning('teleport host names', text)];
}

function goesByHostNames({ when: { resources } }: Rule): boolean {
  return resources !== null && matchesAny(resources.kinds, 'node') && !resources.names.includes('*');
}
