import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import { fault, type Finding } from './finding.ts';
import { Recent } from './recent.ts';

/** Requests of one generation: more than are ever open at once. */
const GENERATION = 20_000;

interface Course {
  decisions: number;
  /** A handful of keys: lists take less room than sets, and there are many requests. */
  readonly intended: string[];
  readonly done: string[];
  ended: boolean;
}

/**
 * Checks that the entries of each request come in an order in which the service can have written them: decided before anything
 * is done, intended before done, nothing twice. The requests of the longest ago are forgotten, so that memory stays bounded.
 */
export function createOrderCheck({
  beginsLater,
}: {
  /** Entries were removed behind a checkpoint: a request may have begun before what is left. */
  readonly beginsLater: boolean;
}): (event: LedgerEvent, seq: number) => readonly Finding[] {
  const courses = new Recent<string, Course>(GENERATION);

  return function check(event, seq) {
    if (!('requestId' in event)) return [];
    const { requestId } = event;
    const known = courses.get(requestId);
    const begins = event.kind === 'decided' && event.number === 1;
    if (!begins && known === undefined && (beginsLater || courses.hasForgotten)) return [];
    const course = known ?? { decisions: 0, intended: [], done: [], ended: false };
    courses.set(requestId, course);
    const wrong = wrongIn(event, course);
    if (wrong === null) return [];
    return [fault('order', seq, `entry ${seq} of request ${requestId} is out of order: ${wrong}`)];
  };
}

/** What is wrong with the next event of a request; null when nothing is. The course is carried on in any case. */
function wrongIn(event: LedgerEvent, course: Course): string | null {
  switch (event.kind) {
    case 'decided': {
      const expected = course.decisions + 1;
      course.decisions = event.number;
      if (course.ended) return 'it decides on a request that has ended';
      return event.number === expected
        ? null
        : `it is decision ${event.number}, and ${expected} would be the next`;
    }
    case 'postponed':
      return course.decisions > 0 ? 'it is put off after it was decided' : null;
    case 'effect-intended': {
      const { key } = event.effect;
      const twice = course.intended.includes(key);
      course.intended.push(key);
      if (course.decisions === 0) return `${key} is intended before anything was decided`;
      return twice ? `${key} is intended a second time` : null;
    }
    case 'effect-done': {
      const twice = course.done.includes(event.key);
      course.done.push(event.key);
      if (!course.intended.includes(event.key)) return `${event.key} is done without having been intended`;
      return twice ? `${event.key} is done a second time` : null;
    }
    case 'effect-failed':
      if (course.done.includes(event.key)) return `${event.key} fails after it was done`;
      return course.intended.includes(event.key) ? null : `${event.key} fails without having been intended`;
    case 'ended': {
      if (event.after !== undefined) return course.ended ? null : 'its end is overturned before it ended';
      const twice = course.ended;
      course.ended = true;
      return twice ? 'it ends a second time' : null;
    }
    case 'answered':
    case 'page-resolved':
    case 'page-unheard':
    case 'access-checked':
    case 'unlocked':
    case 'used':
      return course.decisions === 0 ? 'nothing was decided before' : null;
    case 'policy':
    case 'checkpoint':
    case 'sealed-from':
    case 'cut-off':
    case 'page-begun':
    case 'asked-on':
    case 'watched':
      return null;
  }
}
