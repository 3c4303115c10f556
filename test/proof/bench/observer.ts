import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Asked, BenchWorld } from './world.ts';

/** Calls to PagerDuty from one moment on. */
export interface Calls {
  readonly reads: number;
  readonly writes: number;
  /** Answered with 429. */
  readonly refused: number;
}

const REQUEST_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/u;

/** Sees from outside when requests are made and reviewed, by the events that Teleport itself sends. */
export class Observer {
  readonly #world: BenchWorld;
  readonly #askedAt = new Map<string, number>();
  readonly #reviewedAt = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();
  readonly #unsubscribe: () => void;

  constructor(world: BenchWorld) {
    this.#world = world;
    const { cluster } = world.teleport;
    const kinds = [
      { Kind: 'access_request', Name: '', SubKind: '', LoadSecrets: false, Filter: {}, Version: '' },
    ];
    const subscription = cluster.watches.subscribe('observer', kinds, {
      write: (event) => {
        const request = event['AccessRequest'] as { Metadata: { Name: string } } | undefined;
        if (request !== undefined) this.#see(request.Metadata.Name);
        return true;
      },
      end: () => undefined,
      fail: () => undefined,
    });
    this.#unsubscribe = () => subscription.close();
  }

  ask(options: Parameters<BenchWorld['ask']>[0] = {}): Asked {
    const at = performance.now();
    const asked = this.#world.ask(options);
    this.#askedAt.set(asked.id, at);
    return asked;
  }

  /** Resolves when Teleport has the review. */
  reviewed(id: string): Promise<void> {
    if (this.#reviewedAt.has(id)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Milliseconds from the request to its review, of all that were reviewed. */
  latencies(): readonly number[] {
    return [...this.#reviewedAt].map(([id, at]) => at - (this.#askedAt.get(id) ?? at));
  }

  /** By the clock of `performance.now()`. */
  askedAt(id: string): number {
    return this.#askedAt.get(id) ?? NaN;
  }

  get approvals(): number {
    return this.#reviewedAt.size;
  }

  close(): void {
    this.#unsubscribe();
  }

  #see(id: string): void {
    if (this.#reviewedAt.has(id) || this.#world.teleport.cluster.findRequest(id)?.state === 'PENDING') return;
    this.#reviewedAt.set(id, performance.now());
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}

/** Counts in a ledger that somebody else writes: only what came since the last look is read, so that looking costs little. */
export class LedgerCount implements Disposable {
  readonly #file: string;
  #database: DatabaseSync | null = null;
  #newer: StatementSync | null = null;
  #through = 0;
  #decided = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Decisions so far. */
  decided(): number {
    const { through, decided } = this.#news() ?? {};
    // Null where there is nothing new.
    this.#through = Number(through ?? this.#through);
    this.#decided += Number(decided ?? 0);
    return this.#decided;
  }

  [Symbol.dispose](): void {
    this.#database?.close();
  }

  #news(): Record<string, unknown> | undefined {
    if (this.#database === null && !existsSync(this.#file)) return undefined;
    try {
      this.#database ??= new DatabaseSync(this.#file, { readOnly: true });
      this.#newer ??= this.#database.prepare(
        "SELECT max(seq) AS through, sum(kind = 'decided') AS decided FROM entry WHERE seq > ?",
      );
      return this.#newer.get(this.#through);
    } catch {
      // Not set up yet.
      return undefined;
    }
  }
}

/** Looks until the condition holds; false when it does not within the deadline. */
export async function until(condition: () => boolean, deadlineMs: number, everyMs = 10): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await delay(everyMs);
  }
  return true;
}

/** Calls from the `first`-th on, of paths that begin so. */
export function callsSince({ pagerDuty }: BenchWorld, first: number, pathPrefix = '/'): Calls {
  const calls = pagerDuty.calls
    .all()
    .slice(first)
    .filter(({ path }) => path.startsWith(pathPrefix));
  const refused = calls.filter(({ status }) => status === 429).length;
  const reads = calls.filter(({ method }) => method === 'GET').length;
  return { reads, writes: calls.length - reads, refused };
}

/** Milliseconds from each request to the call that opened its page. */
export function pageDelays(world: BenchWorld, askedAt: (id: string) => number): readonly number[] {
  return pagesOf(world).map(({ id, at }) => at.getTime() - performance.timeOrigin - askedAt(id));
}

/** How many pages were opened for these requests; for all unless told. */
export function pagesFor(world: BenchWorld, ids: ReadonlySet<string> | null = null): number {
  return pagesOf(world).filter(({ id }) => ids?.has(id) !== false).length;
}

function pagesOf({ pagerDuty }: BenchWorld): readonly { readonly id: string; readonly at: Date }[] {
  return pagerDuty.calls.matching('POST', '/incidents').flatMap(({ path, body, at, status }) => {
    if (path !== '/incidents' || status !== 201) return [];
    // The page names its request in its text or in its key.
    const [id] = REQUEST_ID.exec(JSON.stringify(body)) ?? [];
    return id === undefined ? [] : [{ id, at }];
  });
}
