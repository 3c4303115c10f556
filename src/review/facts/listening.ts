import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../../core/access-request.ts';
import type { Facts, ReachReading } from '../../core/facts.ts';
import {
  lastingOf,
  longer,
  type Look,
  type Silence,
  type SilenceReading,
  type Streak,
} from '../../core/silence.ts';
import type { Cause } from '../../core/values/cause.ts';
import { SECOND, type Instant } from '../../core/values/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Pulse } from '../../ports/pagerduty.ts';

/** While look-ups take longer than this, and so often from then on, PagerDuty is asked whether it answers at all. */
const LISTEN_EVERY_MS = 2 * SECOND;
/** What was not asked for longer was not silent. */
const LONGEST_GAP_MS = { reads: 30 * SECOND, others: 90 * SECOND };

/** Some hours of silence. */
const MOST_LOOKS = 5_000;

/** What is known of one request. Nothing of it outlives the process: after a restart all begins anew. */
interface Heard {
  /** When it was first looked at, by a clock that never goes back. */
  readonly firstMs: number;
  pages: { readonly streak: Streak; readonly cause: Cause } | 'answered' | null;
  nobody: Streak | null;
}

/** Listens for PagerDuty's silence: how long it lasts is evidence for an emergency, which one failure is not. */
export interface Listening {
  /**
   * Awaits the facts, and asks PagerDuty meanwhile, and for want of facts, whether it answers. Gives the facts with what was heard
   * about this request so far.
   */
  during(requestId: RequestId, facts: Promise<Facts>, signal: AbortSignal): Promise<Facts>;
  /** What came of opening the page: `silence` null for an answer, be it a refusal. */
  pageTried(requestId: RequestId, look: Look, silence: Cause | null): void;
  forget(requestId: RequestId): void;
}

export function createListening({
  pulse,
  clock,
}: {
  readonly pulse: Pulse;
  readonly clock: Clock;
}): Listening {
  const requests = new Map<RequestId, Heard>();
  /** The cheap reads in a row that had no answer, whoever they were made for. */
  let unanswered: readonly (Look & { readonly at: Instant; readonly cause: Cause })[] = [];
  let answeredMs = -Infinity;

  function heardOf(requestId: RequestId): Heard {
    const known = requests.get(requestId) ?? { firstMs: performance.now(), pages: null, nobody: null };
    requests.set(requestId, known);
    return known;
  }

  async function listen(signal: AbortSignal): Promise<void> {
    const at = clock.now();
    const felt = await pulse.feel(signal);
    if (felt.state === 'not-asked') return;
    if (felt.state === 'answered') {
      unanswered = [];
      answeredMs = performance.now();
      return;
    }
    const last = unanswered.at(-1);
    if (last?.begunMs === felt.begunMs) return;
    const goesOn = last !== undefined && felt.begunMs - last.endedMs <= LONGEST_GAP_MS.reads;
    unanswered = [...(goesOn ? unanswered.slice(-MOST_LOOKS) : []), { ...felt, at }];
  }

  function reads({ firstMs }: Heard): SilenceReading {
    const [first, ...more] = unanswered.filter(({ begunMs }) => begunMs >= firstMs);
    if (first === undefined) return { state: answeredMs >= firstMs ? 'answered' : 'not-asked' };
    const last = more.at(-1) ?? first;
    if (isOver(last, LONGEST_GAP_MS.reads)) return { state: 'not-asked' };
    const streak = { ...first, since: first.at, endedMs: last.endedMs, times: more.length + 1 };
    return { state: 'silent', ...lastingOf(streak), cause: last.cause };
  }

  function pages({ pages: tried }: Heard): SilenceReading {
    if (tried === null) return { state: 'not-asked' };
    if (tried === 'answered') return { state: 'answered' };
    if (isOver(tried.streak, LONGEST_GAP_MS.others)) return { state: 'not-asked' };
    return { state: 'silent', ...lastingOf(tried.streak), cause: tried.cause };
  }

  function reach(heard: Heard, approvers: ReachReading, look: Look): ReachReading {
    const nobody = approvers.state === 'known' && !approvers.reachable;
    heard.nobody = nobody ? longer(heard.nobody, look, clock.now(), LONGEST_GAP_MS.others) : null;
    return heard.nobody === null
      ? approvers
      : ({ ...approvers, lasting: lastingOf(heard.nobody) } as ReachReading);
  }

  return {
    async during(requestId, facts, signal) {
      const heard = heardOf(requestId);
      const begunMs = performance.now();
      const done = new AbortController();
      const listening = repeatedly(() => listen(signal), AbortSignal.any([signal, done.signal]));
      // Told where it is waited for; else nobody needs it.
      listening.catch(() => undefined);
      try {
        const gathered = await facts;
        const endedMs = performance.now();
        done.abort();
        if (lacksAnswers(gathered)) {
          await listening;
          await listen(signal);
        }
        const silence: Silence = { reads: reads(heard), pages: pages(heard) };
        return { ...gathered, silence, approvers: reach(heard, gathered.approvers, { begunMs, endedMs }) };
      } finally {
        done.abort();
      }
    },
    pageTried(requestId, look, silence) {
      const heard = heardOf(requestId);
      const before = heard.pages === null || heard.pages === 'answered' ? null : heard.pages.streak;
      heard.pages =
        silence === null
          ? 'answered'
          : { streak: longer(before, look, clock.now(), LONGEST_GAP_MS.others), cause: silence };
    },
    forget: (requestId) => void requests.delete(requestId),
  };
}

/** Whether it is too long ago to say anything of now: it could not be asked since, for a reason of ours. */
function isOver({ endedMs }: Pick<Look, 'endedMs'>, longestGapMs: number): boolean {
  return performance.now() - endedMs > longestGapMs;
}

/** Whether PagerDuty did not tell something that was asked. */
function lacksAnswers({ requester, targets, onCall, incidents, helped, approvers }: Facts): boolean {
  return [requester, ...targets, onCall, incidents, helped, approvers].some(
    ({ state }) => state === 'unknown',
  );
}

async function repeatedly(work: () => Promise<void>, until: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(LISTEN_EVERY_MS, undefined, { signal: until, ref: false });
      await work();
    }
  } catch (error) {
    if (!until.aborted) throw error;
  }
}
