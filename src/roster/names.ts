import type { Reference } from '../core/on-call.ts';
import type { TargetFact } from '../core/facts.ts';
import type { Target } from '../core/rule.ts';
import { MINUTE } from '../core/values/instant.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type Schedule,
  type Service,
} from '../ports/pagerduty.ts';
import { TakenNameError } from './pinned-directory.ts';
import { SharedReading } from './shared-reading.ts';

/** PagerDuty's webhooks tell of no change of names. */
export const NAMES_KEPT_MS = 2 * MINUTE;
/** More services than these are looked up by the list of all of them. */
const FEW = 3;
/** Names that nobody asked for in so long are forgotten: annotations name some once. */
const FORGOTTEN_AFTER_MS = 60 * MINUTE;

/** Where a target's rows are read: with those of its policy, of a schedule, or by the final schedule that no policy uses. */
export type Source =
  | { readonly kind: 'policy'; readonly id: string }
  | { readonly kind: 'schedule'; readonly id: string }
  | {
      readonly kind: 'shifts';
      /** One that was upgraded keeps its id, and is read elsewhere. */
      readonly id: string;
      readonly schedule: Schedule;
    };

export interface Resolved {
  readonly fact: TargetFact & { readonly state: 'known' };
  readonly source: Source;
}

type Found = Service | Schedule | Reference;

interface Name {
  readonly target: Target;
  readonly reading: SharedReading<Found>;
  askedForMs: number;
  /** When it was looked up ahead of need the last time, whatever came of it. */
  triedMs: number;
  /** Why it could not be looked up the last time; null where it could. */
  problem: string | null;
}

/** What the names in rules and annotations stand for, each looked up once for all who ask, and remembered for two minutes. */
export class Names {
  readonly #directory: OnCallDirectory;
  readonly #stop: AbortSignal;
  readonly #known = new Map<string, Name>();
  /** How long the list of all services is not tried, because it is longer reading than to ask for each. */
  #tooManyUntilMs = 0;

  constructor(directory: OnCallDirectory, stop: AbortSignal) {
    this.#directory = directory;
    this.#stop = stop;
  }

  /** Throws PagerDutyError. */
  async resolve(target: Target, ask: Ask, maxAgeMs = NAMES_KEPT_MS): Promise<Resolved> {
    return resolvedAs(target, await this.#name(target, ask).reading.take(maxAgeMs, ask));
  }

  /**
   * Where somebody is paged. A name that was given to another service leads to the one that was meant, while that can page: whoever took
   * the name neither hears of requests nor keeps others from them. Throws PagerDutyError.
   */
  async service(asked: string, ask: Ask): Promise<Service> {
    try {
      return await this.#service(asked, ask);
    } catch (error) {
      if (!(error instanceof TakenNameError)) throw error;
      const { first, now } = error;
      const meant = first === null ? null : await nullIfGone(this.#service(first, ask));
      return meant === null || meant.status === 'disabled' ? await this.#service(now, ask) : meant;
    }
  }

  async #service(asked: string, ask: Ask): Promise<Service> {
    return (await this.#name({ kind: 'service', asked }, ask).reading.take(NAMES_KEPT_MS, ask)) as Service;
  }

  /** Has all of these at hand that are older than `maxAgeMs`, at no more reads than they are many. Throws nothing of PagerDuty's. */
  async renew(targets: readonly Target[], ask: Ask, maxAgeMs: number): Promise<void> {
    const isOld = (target: Target): boolean => (this.last(target)?.ageMs ?? Infinity) > maxAgeMs;
    const since = performance.now() - maxAgeMs;
    // A name that leads nowhere is not looked up more often than one that does.
    const old = targets.filter((target) => isOld(target) && this.#name(target, ask).triedMs < since);
    for (const target of old) this.#name(target, ask).triedMs = performance.now();
    const services = old.filter(({ kind }) => kind === 'service');
    if (services.length > FEW) await this.#learnServices(services, ask);
    const left = old.filter(isOld);
    await Promise.all(left.map((target) => this.#tried(target, ask, maxAgeMs)));
  }

  /** Why it could not be renewed the last time; null where it could, or was not tried. */
  problem(target: Target): string | null {
    return this.#known.get(keyOf(target))?.problem ?? null;
  }

  async #tried(target: Target, ask: Ask, maxAgeMs: number): Promise<void> {
    const name = this.#name(target, ask);
    try {
      await name.reading.take(maxAgeMs, ask);
      name.problem = null;
    } catch (error) {
      if (!(error instanceof PagerDutyError)) throw error;
      name.problem = error.message;
    }
  }

  async #learnServices(targets: readonly Target[], ask: Ask): Promise<void> {
    const askedMs = performance.now();
    if (askedMs < this.#tooManyUntilMs) return;
    try {
      const names = targets.map(({ asked }) => asked);
      const found = await this.#directory.services(names, Math.ceil(targets.length / FEW), ask);
      if (found === null) this.#tooManyUntilMs = askedMs + FORGOTTEN_AFTER_MS;
      for (const target of targets) {
        const value = found?.get(target.asked);
        if (value !== undefined) this.#name(target, ask).reading.learn({ value, askedMs });
      }
    } catch (error) {
      if (!(error instanceof PagerDutyError)) throw error;
    }
  }

  /** What was found last, however long ago; null for what was not. */
  last(target: Target): { readonly resolved: Resolved; readonly ageMs: number } | null {
    const last = this.#known.get(keyOf(target))?.reading.last ?? null;
    if (last === null) return null;
    return { resolved: resolvedAs(target, last.value), ageMs: performance.now() - last.askedMs };
  }

  /** What all names were found to stand for, however long ago. */
  known(): readonly Resolved[] {
    return [...this.#known.values()].flatMap(({ target, reading }) =>
      reading.last === null ? [] : [resolvedAs(target, reading.last.value)],
    );
  }

  /** All that were asked for lately, and these, which are kept. */
  asked(kept: readonly Target[]): readonly Target[] {
    const since = performance.now() - FORGOTTEN_AFTER_MS;
    const keys = new Set(kept.map(keyOf));
    for (const [key, { askedForMs }] of this.#known)
      if (askedForMs < since && !keys.has(key)) this.#known.delete(key);
    const others = [...this.#known].flatMap(([key, { target }]) => (keys.has(key) ? [] : [target]));
    return [...kept, ...others];
  }

  /** As written: `PXYZ789` is an id before it is a name, `pxyz789` can only be a name, so they are two questions. */
  #name(target: Target, { priority }: Ask): Name {
    const key = keyOf(target);
    const read = (ask: Ask): Promise<Found> => this.#lookUp(target, ask);
    const name = this.#known.get(key) ?? {
      target,
      reading: new SharedReading(read, this.#stop),
      askedForMs: performance.now(),
      triedMs: -Infinity,
      problem: null,
    };
    // What is renewed ahead of need was not asked for.
    if (priority !== 'background') name.askedForMs = performance.now();
    this.#known.set(key, name);
    return name;
  }

  #lookUp({ kind, asked }: Target, ask: Ask): Promise<Found> {
    switch (kind) {
      case 'service':
        return this.#directory.service(asked, ask);
      case 'escalation policy':
        return this.#directory.escalationPolicy(asked, ask);
      case 'schedule':
        return this.#directory.schedule(asked, ask);
    }
  }
}

function resolvedAs(target: Target, found: Found): Resolved {
  const { id, summary: name } = found;
  const fact = { ...target, state: 'known', id, name, policy: null, disabled: false } as const;
  if ('escalationPolicy' in found) {
    const { escalationPolicy: policy, status } = found;
    return {
      fact: { ...fact, policy, disabled: status === 'disabled' },
      source: { kind: 'policy', id: policy.id },
    };
  }
  if (!('attached' in found)) return { fact, source: { kind: 'policy', id } };
  return {
    fact,
    source: found.attached
      ? { kind: 'schedule', id }
      : { kind: 'shifts', id: `${found.kind}/${id}`, schedule: found },
  };
}

async function nullIfGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PagerDutyError && !error.transient) return null;
    throw error;
  }
}

export function keyOf({ kind, asked }: Target): string {
  return `${kind} ${asked}`;
}
