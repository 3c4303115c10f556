import { randomUUID } from 'node:crypto';
import { badParameter, notFound } from './errors.ts';
import type { Lock, LockTarget } from './model.ts';

export interface LockProposal {
  readonly name: string;
  readonly target: LockTarget;
  readonly message: string;
  readonly expires: Date | null;
  readonly removedAt: Date | null;
}

interface LockEvents {
  readonly put: (lock: Lock) => void;
  readonly deleted: (name: string) => void;
}

/** Locks: while one is in force, Teleport refuses and ends the access of its target. */
export class LockStore {
  readonly #locks = new Map<string, Lock>();
  readonly #now: () => Date;
  readonly #events: LockEvents;

  constructor(options: { now: () => Date; events: LockEvents }) {
    this.#now = options.now;
    this.#events = options.events;
  }

  /** Creates or replaces the lock of that name. Teleport: the server says who created it and when. */
  upsert(proposal: LockProposal, createdBy: string): void {
    if (proposal.name === '') throw badParameter('missing parameter Name');
    if (Object.values(proposal.target).every((value) => value === '')) {
      throw badParameter('lock target must not be empty');
    }
    const lock = { ...proposal, revision: randomUUID(), createdAt: this.#now(), createdBy };
    this.#locks.set(lock.name, lock);
    this.#events.put(lock);
  }

  get(name: string): Lock {
    this.removeExpired();
    const lock = this.#locks.get(name);
    if (lock === undefined) throw notFound(`lock "${name}" not found`);
    return lock;
  }

  /** The locks which hit one of `targets` (all locks when there are none), in order of name. */
  list(options: { readonly targets: readonly LockTarget[]; readonly inForceOnly: boolean }): readonly Lock[] {
    const { targets, inForceOnly } = options;
    this.removeExpired();
    return [...this.#locks.values()]
      .filter((lock) => targets.length === 0 || targets.some((target) => hits(lock, target)))
      .filter((lock) => !inForceOnly || this.isInForce(lock))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  delete(name: string): void {
    this.get(name);
    this.#locks.delete(name);
    this.#events.deleted(name);
  }

  /** Teleport: the backend drops what is past its `Metadata.Expires`, and tells watchers. */
  removeExpired(): void {
    const now = this.#now();
    for (const { name, removedAt } of this.#locks.values()) {
      if (removedAt === null || removedAt > now) continue;
      this.#locks.delete(name);
      this.#events.deleted(name);
    }
  }

  isInForce({ expires }: Lock): boolean {
    return expires === null || expires > this.#now();
  }
}

/** Teleport: each field of a target is tried alone, so a lock with two fields is hit by either. */
function hits({ target: mine }: Lock, theirs: LockTarget): boolean {
  return (['user', 'role', 'accessRequest'] as const).some(
    (key) => mine[key] !== '' && mine[key] === theirs[key],
  );
}
