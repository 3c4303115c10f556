import type { RequestId } from '../core/access-request.ts';
import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import type { Instant } from '../core/values/instant.ts';

interface Course {
  seq: number;
  hasEnded: boolean;
  /** When access runs out by itself; null where that is not known. */
  expires: Instant | null;
  readonly undone: Set<string>;
}

/** Whoever ended in so many entries may have to be told of it still. */
const RECENT = 5_000;

/**
 * Which requests may not be over, by entries that come in order: those that have not ended, whose access goes on, with effects that
 * are not done; and the latest. As many are kept as that, however long the ledger is.
 */
export class Unfinished {
  readonly #courses = new Map<RequestId, Course>();
  #seen = 0;

  take(seq: number, event: LedgerEvent, now: Instant): void {
    this.#seen += 1;
    if (this.#seen % RECENT === 0) this.#forget(seq - RECENT, now);
    if (!('requestId' in event)) return;
    const course = this.#at(event.requestId, seq);
    if (event.kind === 'decided') course.expires = event.request.accessExpires;
    if (event.kind === 'effect-intended') course.undone.add(event.effect.key);
    if (event.kind === 'effect-done') course.undone.delete(event.key);
    if (event.kind === 'ended') course.hasEnded = true;
  }

  /** Somebody else wrote to it: its own entries say whether it is over. */
  suspect(id: RequestId, seq: number): void {
    this.#at(id, seq).hasEnded = false;
  }

  ids(): readonly RequestId[] {
    return [...this.#courses.keys()];
  }

  isOver(id: RequestId): void {
    if (this.#courses.get(id)?.hasEnded === true) this.#courses.delete(id);
  }

  #at(id: RequestId, seq: number): Course {
    const known = this.#courses.get(id);
    const course = known ?? { seq, hasEnded: false, expires: null, undone: new Set<string>() };
    course.seq = seq;
    if (known === undefined) this.#courses.set(id, course);
    return course;
  }

  #forget(before: number, now: Instant): void {
    for (const [id, { seq, hasEnded, expires, undone }] of this.#courses) {
      const isOver = hasEnded && undone.size === 0 && expires !== null && expires <= now;
      if (isOver && seq < before) this.#courses.delete(id);
    }
  }
}
