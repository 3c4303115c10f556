import { pinKeyOf, whyNotMeant } from '../core/roster/pin.ts';
import type { Reference } from '../core/on-call.ts';
import type { Target, TargetKind } from '../core/rule.ts';
import { epochMsOf, MINUTE } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Pins } from '../ports/pins.ts';
import { PagerDutyError, type OnCallDirectory } from '../ports/pagerduty.ts';

/** A name leads elsewhere than it first did, or it is not known where it did. */
export class TakenNameError extends PagerDutyError {
  /** The id that it first led to; null where that is not known. */
  readonly first: string | null;
  /** The id that it leads to now. */
  readonly now: string;

  constructor(message: string, { first, now }: { readonly first: string | null; readonly now: string }) {
    super('ambiguous', message);
    this.first = first;
    this.now = now;
  }
}

export interface PinnedDirectoryOptions {
  readonly pins: Pins;
  readonly clock: Clock;
  /** Told of a name that is not believed, again every ten minutes while it is asked for. */
  readonly onTaken?: ((name: Target, cause: string) => void) | undefined;
}

const TELL_AGAIN_MS = 10 * MINUTE;

/**
 * The directory where a name stands for the id that it first led to and for no other: throws TakenNameError where somebody gave it to
 * another one, and LedgerUnavailableError where that cannot be known.
 */
export function pinnedDirectory(
  directory: OnCallDirectory,
  { pins, clock, onTaken }: PinnedDirectoryOptions,
): OnCallDirectory {
  const toldMs = new Map<string, number>();

  async function faultOf(target: Target, { id }: Reference): Promise<TakenNameError | null> {
    const first = await pins.first(target, id, clock.now());
    const cause = whyNotMeant(target, { id, first });
    if (cause === null) return null;
    const nowMs = epochMsOf(clock.now());
    if (nowMs - (toldMs.get(pinKeyOf(target)) ?? -Infinity) >= TELL_AGAIN_MS) {
      toldMs.set(pinKeyOf(target), nowMs);
      onTaken?.(target, cause.message);
    }
    return new TakenNameError(cause.message, { first, now: id });
  }

  async function meant<T extends Reference>(kind: TargetKind, asked: string, answer: Promise<T>): Promise<T> {
    const found = await answer;
    const fault = await faultOf({ kind, asked }, found);
    if (fault !== null) throw fault;
    return found;
  }

  return {
    ...directory,
    service: (asked, ask) => meant('service', asked, directory.service(asked, ask)),
    escalationPolicy: (asked, ask) =>
      meant('escalation policy', asked, directory.escalationPolicy(asked, ask)),
    schedule: (asked, ask) => meant('schedule', asked, directory.schedule(asked, ask)),
    async services(names, mostPages, ask) {
      const listed = await directory.services(names, mostPages, ask);
      if (listed === null) return null;
      const asked = [...listed].map(async ([name, found]) => {
        const fault = await faultOf({ kind: 'service', asked: name }, found);
        return fault === null ? [[name, found] as const] : [];
      });
      return new Map((await Promise.all(asked)).flat());
    },
  };
}
