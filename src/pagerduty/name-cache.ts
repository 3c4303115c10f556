import { canonicalEmail } from '../core/identity.ts';
import { MINUTE, SECOND } from '../core/values/instant.ts';
import { PagerDutyError, type Ask, type OnCallDirectory } from '../ports/pagerduty.ts';

const TTL_MS = 2 * MINUTE;
/** A look-up that nobody waits for. */
const REFRESH_DEADLINE_MS = 10 * SECOND;
const MOST_ENTRIES = 1_000;

export interface NameCacheOptions {
  /** Milliseconds, from any epoch. */
  readonly now: () => number;
  /** How long an answer is given again; 2 min unless told: PagerDuty's webhooks tell of no change of names. */
  readonly ttlMs?: number;
}

/**
 * A directory that remembers for a short while what names mean: users by e-mail (where there is exactly one),
 * services, escalation policies and schedules. Who is on call is asked anew every time. Failures are never
 * remembered. The same question asked twice at a time goes out once. An answer past half its time is given once more
 * while it is asked for again, so that names in use are always at hand.
 */
export function cacheNames(directory: OnCallDirectory, options: NameCacheOptions): OnCallDirectory {
  const users = createAnswers(
    options,
    async (email, ask) => await directory.usersByEmail(email, ask),
    (found) => found.length === 1,
  );
  const services = createAnswers(options, async (name, ask) => await directory.service(name, ask));
  const policies = createAnswers(options, async (name, ask) => await directory.escalationPolicy(name, ask));
  const schedules = createAnswers(options, async (name, ask) => await directory.schedule(name, ask));
  return {
    usersByEmail: (email, ask) => users(canonicalEmail(email), ask),
    user: (id, ask) => directory.user(id, ask),
    onCallsOf: (userId, span, ask) => directory.onCallsOf(userId, span, ask),
    onCallsUnder: (policyId, ask) => directory.onCallsUnder(policyId, ask),
    shiftsOf: (schedule, span, ask) => directory.shiftsOf(schedule, span, ask),
    // As written: `PXYZ789` is an id before it is a name, `pxyz789` can only be a name, so they are two questions.
    service: (idOrName, ask) => services(idOrName, ask),
    escalationPolicy: (idOrName, ask) => policies(idOrName, ask),
    schedule: (idOrName, ask) => schedules(idOrName, ask),
  };
}

type Answers<T> = (question: string, ask: Ask) => Promise<T>;

function createAnswers<T>(
  { now, ttlMs = TTL_MS }: NameCacheOptions,
  load: (question: string, ask: Ask) => Promise<T>,
  worthKeeping: (answer: T) => boolean = () => true,
): Answers<T> {
  const kept = new Map<string, { readonly answer: T; readonly since: number }>();
  const inFlight = new Map<string, { readonly answer: Promise<T>; readonly signal: AbortSignal }>();

  function keep(question: string, answer: T, since: number): void {
    kept.delete(question);
    const [eldest] = kept.keys();
    if (kept.size >= MOST_ENTRIES && eldest !== undefined) kept.delete(eldest);
    kept.set(question, { answer, since });
  }

  async function loadAndKeep(question: string, ask: Ask): Promise<T> {
    // Aged from before the question, since the answer may be as old as that.
    const since = now();
    try {
      const answer = await load(question, ask);
      if (worthKeeping(answer)) keep(question, answer, since);
      return answer;
    } finally {
      inFlight.delete(question);
    }
  }

  function start(question: string, ask: Ask): Promise<T> {
    const answer = loadAndKeep(question, ask);
    inFlight.set(question, { answer, signal: ask.signal });
    return answer;
  }

  /** A failure is left to the next asker: until then the answer at hand is still good. */
  function refresh(question: string): void {
    start(question, { signal: AbortSignal.timeout(REFRESH_DEADLINE_MS), priority: 'background' }).catch(
      () => undefined,
    );
  }

  return async (question, ask) => {
    for (;;) {
      const known = kept.get(question);
      // A clock set back makes the age negative: then nothing is known about it.
      const age = known === undefined ? -1 : now() - known.since;
      const asked = inFlight.get(question);
      if (known !== undefined && age >= 0 && age < ttlMs) {
        if (age >= ttlMs / 2 && asked === undefined) refresh(question);
        return known.answer;
      }
      if (asked === undefined) return await start(question, ask);
      try {
        return await unlessAborted(asked.answer, ask.signal);
      } catch (error) {
        // When the first asker's time ended, not ours, the question is asked again in our name.
        if (!asked.signal.aborted || ask.signal.aborted) throw error;
      }
    }
  };
}

async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    const problem =
      "could not look up a name in PagerDuty: the asker's time was over before the answer was there";
    aborted.reject(new PagerDutyError('timeout', problem, { transient: true }));
  };
  signal.addEventListener('abort', onAbort);
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([answer, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
