import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { SECOND } from '../../core/values/instant.ts';
import { Places } from '../../core/values/places.ts';
import { PagerDutyError, type Ask, type PagerDutyBudget, type Priority } from '../../ports/pagerduty.ts';
import { Budget, type RateLimitHeaders, type Ticket } from './budget.ts';
import { GivenUpError, leftAlone, RateLimitedError, tooMany, type Operation } from './errors.ts';

/** Connections by priority: slow notes cannot take up those that decisions go over. PagerDuty asks for few per key. */
const CONNECTIONS: Readonly<Record<Priority, number>> = {
  decision: 4,
  person: 2,
  page: 2,
  'follow-up': 2,
  background: 1,
};
/** Together, for both keys. */
export const MOST_CONNECTIONS = 2 * Object.values(CONNECTIONS).reduce((sum, each) => sum + each, 0);
const MOST_WAITING = 10_000;
/** Failed attempts in a row after which PagerDuty is left alone; three make up one read. */
const FAILURES = 10;
const LEFT_ALONE = { initialDelay: SECOND, maxDelay: 15 * SECOND, generator: noJitterGenerator };

/** What an answer told of the rate limit. */
interface Told {
  readonly rateLimit: RateLimitHeaders | null;
}

type Pass = <T extends Told>(operation: Operation, ask: Ask, send: () => Promise<T>) => Promise<T>;

export interface Gate {
  /** Sends when it may. Throws what `send` throws, or a PagerDutyError when the request was not sent. */
  readonly pass: Pass;
  /** The same past bulkhead and circuit breaker: only the rate limit is kept to. */
  readonly passAside: Pass;
  state(): PagerDutyBudget;
  /** The key's limit, and that of one operation by itself. */
  limits(operation: Pick<Operation, 'doing' | 'scope'>): {
    readonly key: number;
    readonly own: number | null;
  };
}

/**
 * What stands before every request with one key: a bulkhead by priority, in which those for whom it is asked take turns, the budget,
 * and a circuit breaker by scope.
 */
export function createGate(): Gate {
  const budget = new Budget();
  const breakers = new Map<string, CircuitBreakerPolicy>();
  const compartments = new Map<Priority, Places<() => void>>();

  function compartment(priority: Priority): Places<() => void> {
    const known =
      compartments.get(priority) ?? new Places<() => void>(CONNECTIONS[priority], CONNECTIONS[priority]);
    compartments.set(priority, known);
    return known;
  }

  /** By scope, since PagerDuty fails in parts: incidents that cannot be opened must not keep us from asking who is on call. */
  function breaker(scope: string): CircuitBreakerPolicy {
    const known =
      breakers.get(scope) ??
      circuitBreaker(handleWhen(speaksAgainstPagerDuty), {
        breaker: new ConsecutiveBreaker(FAILURES),
        halfOpenAfter: new ExponentialBackoff(LEFT_ALONE),
      });
    breakers.set(scope, known);
    return known;
  }

  async function sendWithTicket<T extends Told>(
    operation: Operation,
    ask: Ask,
    attempt: (once: () => Promise<T>) => Promise<T>,
    send: () => Promise<T>,
  ): Promise<T> {
    const ticket = await budget.admit(operation, ask.priority ?? 'decision', ask.signal);
    let sent = false;
    try {
      const reply = await attempt(async () => {
        sent = true;
        return await send();
      });
      ticket.done(reply.rateLimit);
      return reply;
    } catch (error) {
      close(ticket, sent, error);
      throw error instanceof BrokenCircuitError ? leftAlone(operation) : error;
    }
  }

  return {
    async pass(operation, ask, send) {
      const begun = performance.now();
      const givenUp = (): GivenUpError => new GivenUpError(operation, performance.now() - begun);
      const places = compartment(ask.priority ?? 'decision');
      if (places.waiting >= MOST_WAITING) throw tooMany(operation);
      const { for: owner = '' } = ask;
      if (!(await entered(places, owner, ask.signal))) throw givenUp();
      try {
        if (ask.signal.aborted) throw givenUp();
        return await sendWithTicket(operation, ask, (once) => breaker(operation.scope).execute(once), send);
      } finally {
        places.leave(owner);
        letIn(places);
      }
    },
    passAside: (operation, ask, send) => sendWithTicket(operation, ask, (once) => once(), send),
    limits: (operation) => ({ key: budget.keyLimit, own: budget.ownLimitOf(operation) }),
    state: () => ({
      ...budget.state(),
      breakerOpen: [...breakers.values()].some(({ state }) => state === CircuitState.Open),
    }),
  };
}

function close(ticket: Ticket, sent: boolean, error: unknown): void {
  if (!sent) ticket.unused();
  else if (error instanceof RateLimitedError) ticket.refused(error);
  else ticket.done(null);
}

/** No answer, or one that its servers could not give. */
function speaksAgainstPagerDuty(error: unknown): boolean {
  if (!(error instanceof PagerDutyError) || error instanceof GivenUpError) return false;
  return error.transient && (error.kind === 'unavailable' || error.kind === 'timeout');
}

/** Whether a place was had before the signal aborted. */
async function entered(places: Places<() => void>, owner: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const enter = (): void => {
    places.enter(owner);
    resolve(true);
  };
  const giveUp = (): void => {
    if (places.delete(enter)) resolve(false);
  };
  places.add(owner, enter);
  letIn(places);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function letIn(places: Places<() => void>): void {
  for (let enter = places.next(); enter !== undefined; enter = places.next()) enter();
}
