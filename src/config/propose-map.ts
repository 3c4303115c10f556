import { stringify } from 'yaml';
import { isMapped } from '../core/forecast/accounts.ts';
import { mappedTo } from '../core/answers/two-people.ts';
import { canonicalEmail, isEmail, type PagerDutyUser, type TeleportUser } from '../core/identity.ts';
import type { Policy } from '../core/rule.ts';
import { sanitise, listed } from '../core/values/words.ts';

/** A map file for a person to look through, with how many it binds and how many of Teleport's users it does not. */
export interface ProposedMap {
  readonly text: string;
  readonly bound: number;
  readonly open: number;
}

interface Match {
  readonly user: TeleportUser;
  readonly found: readonly PagerDutyUser[];
}

const HEAD = [
  '# Teleport user: PagerDuty user id, proposed by equal e-mail addresses. Look through it before it is used: in PagerDuty everybody may',
  '# change their own address. Lines behind # bind nobody.',
];

/**
 * A map for all whom no map binds yet: each Teleport user whose name, or address in one of the traits of `identities` (`email` where
 * there is none), is the address of one PagerDuty user, who is no other Teleport user's. All others are comments.
 */
export function proposeMap(
  teleport: readonly TeleportUser[],
  pagerDuty: readonly PagerDutyUser[],
  policy: Pick<Policy, 'identities'>,
): ProposedMap {
  const traits = policy.identities.flatMap((source) => (source.kind === 'trait' ? [source.trait] : []));
  const free = pagerDuty.filter(({ id }) => mappedTo(id, policy).length === 0);
  const matches = teleport
    .filter(({ name }) => !isMapped(name, policy))
    .map((user) => ({ user, found: matching(user, traits.length === 0 ? ['email'] : traits, free) }))
    .sort((one, other) => (one.user.name < other.user.name ? -1 : 1));
  const takers = (id: string) => matches.filter(({ found }) => found.some((each) => each.id === id)).length;
  const isClear = ({ found }: Match) => found.length === 1 && found.every(({ id }) => takers(id) === 1);
  const clear = matches.filter(isClear);
  const unclear = matches.filter((match) => match.found.length > 0 && !isClear(match));
  const alone = matches.filter(({ found }) => found.length === 0);
  const lines = [
    ...HEAD,
    ...clear.flatMap(({ user, found }) => found.map((one) => `${entry(user.name, one.id)} # ${person(one)}`)),
    ...section('Not certain, to be chosen by hand', unclear, ({ user, found }) => {
      const choice = found.map((one) => `${one.id} (${person(one)})`);
      return `${sanitise(user.name, 200)}: ${listed(choice, 'or')}`;
    }),
    ...section('In Teleport alone', alone, ({ user }) => sanitise(user.name, 200)),
    ...section(
      'In PagerDuty alone',
      free.filter(({ id }) => takers(id) === 0),
      (one) => `${one.id} (${person(one)})`,
    ),
  ];
  return { text: `${lines.join('\n')}\n`, bound: clear.length, open: unclear.length + alone.length };
}

function matching(
  { name, traits }: TeleportUser,
  asked: readonly string[],
  users: readonly PagerDutyUser[],
): readonly PagerDutyUser[] {
  const values = asked.flatMap((trait) => (Object.hasOwn(traits, trait) ? (traits[trait] ?? []) : []));
  const addresses = new Set([name, ...values].filter((each) => isEmail(each.trim())).map(canonicalEmail));
  return users.filter(({ email }) => addresses.has(canonicalEmail(email)));
}

/** YAML knows best what must be quoted; a name stays on its line whatever is in it. */
function entry(name: string, id: string): string {
  return stringify(new Map([[name, id]]), { lineWidth: 0, blockQuote: false }).trimEnd();
}

function person({ name, email }: PagerDutyUser): string {
  return `${sanitise(name, 100)}, ${sanitise(email, 200)}`;
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): readonly string[] {
  return items.length === 0 ? [] : ['', `# ${title}:`, ...items.map((item) => `#   ${line(item)}`)];
}
