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

  async service(asked: string, ask: Ask): Promise<Service> {
    return (await this.#name({ kind: 'service', asked }, ask).reading.take(NAMES_KEPT_MS, ask)) as Service;
  }

  /** Has all of these at hand that are older than `maxAgeMs`, at no more reads than they are many. Throws nothing of PagerDuty's. */
  async renew(targets: readonly Target[], ask: Ask, maxAgeMs: number): Promise<void> {
    const old = targets.filter((target) => (this.last(target)?.ageMs ?? Infinity) > maxAgeMs);
    const services = old.filter(({ kind }) => kind === 'service');
    if (services.length > FEW) await this.#learnServices(services, ask);
    const left = old.filter((target) => (this.last(target)?.ageMs ?? Infinity) > maxAgeMs);
    const asked = await Promise.allSettled(left.map((target) => this.resolve(target, ask, maxAgeMs)));
    for (const each of asked)
      if (each.status === 'rejected' && !(each.reason instanceof PagerDutyError)) throw each.reason;
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

export function keyOf({ kind, asked }: Target): string {
  return `${kind} ${asked}`;
}
