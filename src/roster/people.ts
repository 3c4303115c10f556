import { canonicalEmail, sameEmail, type PagerDutyUser } from '../core/identity.ts';
import { MINUTE } from '../core/values/instant.ts';
import { remember } from '../core/values/remember.ts';
import type { Ask, OnCallDirectory } from '../ports/pagerduty.ts';
import { SharedReading } from './shared-reading.ts';

/**
 * Whose address it is is told by the rows that give access, each time. This is for all others: whether somebody else has the same
 * address, and who has one that is on call for nothing.
 */
export const PEOPLE_KEPT_MS = 10 * MINUTE;
/** An account of more users is asked for each address by itself. */
const MOST_PAGES = 50;
/** So many addresses are remembered beside the list. */
const MOST_ADDRESSES = 1_000;

type Users = readonly PagerDutyUser[];

/** The users of the account by their addresses: by a list of all of them, made ahead of need, or asked for one by one. */
export class People {
  readonly #directory: OnCallDirectory;
  readonly #stop: AbortSignal;
  readonly #list: SharedReading<ReadonlyMap<string, Users> | null>;
  #listing: Promise<unknown> | null = null;
  readonly #single = new Map<string, SharedReading<Users>>();

  constructor(directory: OnCallDirectory, stop: AbortSignal) {
    this.#directory = directory;
    this.#stop = stop;
    this.#list = new SharedReading(async (ask) => {
      const users = await directory.users(MOST_PAGES, ask);
      return users === null ? null : Map.groupBy(users, ({ email }) => canonicalEmail(email));
    }, stop);
  }

  /** When all were listed, by `performance.now()`; null before the first time. */
  get listedMs(): number | null {
    return this.#list.last?.askedMs ?? null;
  }

  /** Reads the list of all. Throws PagerDutyError. */
  async renew(ask: Ask): Promise<void> {
    const listing = this.#list.take(0, ask);
    this.#listing = listing.catch(() => null);
    await listing.finally(() => (this.#listing = null));
  }

  /** Who had the address in the last minutes; null where that is not known. */
  known(email: string): Users | null {
    const since = performance.now() - PEOPLE_KEPT_MS;
    const address = canonicalEmail(email);
    const single = this.#single.get(address)?.last ?? null;
    const list = this.#list.last;
    if (single !== null && single.askedMs >= since && single.askedMs >= (list?.askedMs ?? 0))
      return single.value;
    return list?.value && list.askedMs >= since ? (list.value.get(address) ?? []) : null;
  }

  /** Who has it, asked for no longer ago than `maxAgeMs`. Throws PagerDutyError. */
  async lookUp(email: string, maxAgeMs: number, ask: Ask): Promise<Users> {
    // The first list of all is worth waiting for: it tells of everybody who asks at the start.
    if (this.#list.last === null && this.#listing !== null) {
      await this.#listing;
      const listed = this.known(email);
      if (listed !== null) return listed;
    }
    const address = canonicalEmail(email);
    const reading =
      this.#single.get(address) ??
      new SharedReading((each) => this.#directory.usersByEmail(address, each), this.#stop);
    remember(this.#single, address, reading, MOST_ADDRESSES);
    return await reading.take(maxAgeMs, ask);
  }
}

/** Those with this address among people of whom some are known better: what is fresher about somebody counts. */
export function withAddress(email: string, older: Users, fresher: ReadonlyMap<string, PagerDutyUser>): Users {
  const unchanged = older.filter((user) => !fresher.has(user.id) && sameEmail(user.email, email));
  return [...(addressesOf(fresher).get(canonicalEmail(email)) ?? []), ...unchanged];
}

/**
 * Whoever has this address, by people who are known now, of whom the last ones are known best, where nobody else has it by what is known
 * from before; null where that is nobody, or not one.
 */
export function oneToldBy(
  fresher: readonly ReadonlyMap<string, PagerDutyUser>[],
  email: string,
  older: Users,
): Users | null {
  const found = fresher.reduce((users, people) => withAddress(email, users, people), older);
  const [one] = found;
  const isOne = one !== undefined && found.length === 1;
  return isOne && fresher.some((people) => people.has(one.id)) ? found : null;
}

/** Many requests are decided by one answer of PagerDuty's: its people are sorted once. */
const sorted = new WeakMap<ReadonlyMap<string, PagerDutyUser>, ReadonlyMap<string, Users>>();

function addressesOf(people: ReadonlyMap<string, PagerDutyUser>): ReadonlyMap<string, Users> {
  const before = sorted.get(people);
  if (before !== undefined) return before;
  const byAddress = Map.groupBy(people.values(), ({ email }) => canonicalEmail(email));
  sorted.set(people, byAddress);
  return byAddress;
}
