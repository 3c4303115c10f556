import type { Losses } from './losses.ts';
import { Deck, type Dice } from './random.ts';
import { nameOfTrap, type Trap } from './traps.ts';

/** From so many kills on a run comes by every point of its set-up, or says which it did not come by. */
export const EVERY_POINT_KILLS = 200;
/** How often a point is tried for once all kills are done; each time it is waited for longer, by half of the first time. */
const MOST_TRIES = 8;
const MORE_EACH_TIME = 0.5;
const MOST_PATIENCE = 4;

/** How long a process is given to run into its trap. */
const TRAPPED_MS = 2_500;
/** Until the end of a short shift was looked at, and the access locked. */
const SHIFT_TRAPPED_MS = 4_500;
/** Until PagerDuty's silence is proven to one process, and what follows from it has begun. */
const GLASS_TRAPPED_MS = 9_000;
/** The audit log is looked at every ten seconds, and then some behind. */
const READ_TRAPPED_MS = 17_000;
/** As long as the claims of a process that was killed last, and until another one looks for them. */
const LEASE_MS = 10_000;
/** A sweep at the full minute is waited for, where it comes about when the next process lives. */
const MINUTE_MS = 60_000;
const NEAR_MINUTE_MS = { least: 3_000, most: 12_000 };

export interface TrapChoiceOptions {
  readonly traps: readonly Trap[];
  readonly losses: Losses;
  readonly dice: Dice;
  readonly kills: number;
  readonly replicas: number;
  /** When somebody last took a lock away, as `Date.now` has it. */
  readonly lockLiftedAt: () => number;
}

/** What the next process is to run into, and how long it is given for it: a slow machine is waited for, up to a limit. */
export class TrapChoice {
  readonly #options: TrapChoiceOptions;
  readonly #deck: Deck<Trap>;
  /** Of each name how often a process did not come by it. */
  readonly #missed = new Map<string, number>();

  constructor(options: TrapChoiceOptions) {
    this.#options = options;
    this.#deck = new Deck(options.traps, options.dice);
  }

  /** All kills are done, and what is left is to come by the points that were not met. */
  get isChase(): boolean {
    return this.#options.losses.kills >= this.#options.kills;
  }

  get isOver(): boolean {
    return this.isChase && (this.#options.kills < EVERY_POINT_KILLS || this.#hopeful().length === 0);
  }

  missed(trap: Trap): void {
    if (this.isChase) this.#missed.set(nameOfTrap(trap), this.#misses(trap) + 1);
  }

  /** Nearly always one that no process has run into so far: many are seldom come by. */
  next(): Trap {
    const { dice, lockLiftedAt } = this.#options;
    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    const isNear =
      left > NEAR_MINUTE_MS.least && left < NEAR_MINUTE_MS.most && isOfThisMinute(lockLiftedAt());
    const unmet = this.#hopeful();
    const timely = unmet.filter(({ way }) => way?.fullMinute === true);
    if (isNear && timely.length > 0) return dice.pick(timely);
    const anyTime = unmet.filter(({ way }) => way?.fullMinute !== true);
    if (anyTime.length > 0 && (this.isChase || dice.chance(0.9))) return dice.pick(anyTime);
    if (this.isChase && timely.length > 0) return dice.pick(timely);
    for (;;) {
      const dealt = this.#deck.deal();
      if (dealt.way?.fullMinute !== true || isNear) return dealt;
    }
  }

  /** How long a process is given to come by it, in milliseconds. */
  patience(trap: Trap): number {
    const { way } = trap;
    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    if (way?.fullMinute === true && (this.isChase || left < NEAR_MINUTE_MS.most)) return left + TRAPPED_MS;
    const lease = this.isChase && this.#options.replicas > 1 ? LEASE_MS : 0;
    const usual =
      way?.requester === 'glass'
        ? GLASS_TRAPPED_MS
        : way?.read === true
          ? READ_TRAPPED_MS
          : way?.requester === 'short-shift'
            ? SHIFT_TRAPPED_MS
            : TRAPPED_MS;
    return lease + usual * Math.min(MOST_PATIENCE, 1 + MORE_EACH_TIME * this.#misses(trap));
  }

  /** What was not met, and is still tried for. */
  #hopeful(): readonly Trap[] {
    return this.#options.traps.filter(
      (each) => this.#options.losses.isUnmet(nameOfTrap(each)) && this.#misses(each) < MOST_TRIES,
    );
  }

  #misses(trap: Trap): number {
    return this.#missed.get(nameOfTrap(trap)) ?? 0;
  }
}

/** What happened since the last sweep is found by the next one. */
function isOfThisMinute(at: number): boolean {
  return Math.floor(at / MINUTE_MS) === Math.floor(Date.now() / MINUTE_MS);
}
