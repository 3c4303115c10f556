import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Asked, BenchWorld } from './world.ts';

/** Calls to PagerDuty from one moment on. */
export interface Calls {
  readonly reads: number;
  readonly writes: number;
  /** Answered with 429. */
  readonly refused: number;
}

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

/** Decisions in the ledger so far, counted by a connection of the observer's own. */
export function decisionsIn(file: string): number {
  if (!existsSync(file)) return 0;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare("SELECT count(*) AS decisions FROM entry WHERE kind = 'decided'").get();
    return Number(row?.['decisions'] ?? 0);
  } catch {
    // Not set up yet.
    return 0;
  } finally {
    database.close();
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
