import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { ChaosProcess, CLOCK_STEPS_MS } from './chaos-process.ts';
import { throwFate } from './fate.ts';
import { allFaults } from './faults/all-faults.ts';
import type { Fault } from './faults/fault.ts';
import { Front } from './front.ts';
import { Losses } from './losses.ts';
import { peopleAtWork } from './people.ts';
import type { Way } from './points.ts';
import { Deck, type Dice } from './random.ts';
import { resolvingMethod } from './faults/teleport.ts';
import { ANY_MOMENT, layCallTrap, nameOfTrap, trapsIn, type Trap } from './traps.ts';
import { putOnCall, turnRota } from './truth-changes.ts';

export interface CampaignOptions {
  readonly arena: Arena;
  readonly dice: Dice;
  readonly requests: number;
  readonly kills: number;
  readonly replicas: number;
  readonly onLine: (line: string) => void;
  readonly onProgress: (text: string) => void;
}

/** How long a process is given to come up at all, to run into its trap, and to be alive where it is to die at any moment. */
const START_MS = 15_000;
const TRAPPED_MS = 2_500;
const LIFE_MS = 1_500;
const SHORTEST_LIFE_MS = 100;
/** As long as the claims of a process that was killed last, and until another one looks for them. */
const LEASE_MS = 10_000;
/** Longer than a claim lasts: meanwhile another replica takes over what the frozen one had begun. */
const FROZEN_MS = 9_000;
/** A frozen process that goes on does so where it was stopped: it has that long to do harm. */
const THAWED_MS = 500;
const SHORT_SHIFT_MS = 2_000;
/** Until the end of such a shift was looked at, and the access locked. */
const SHIFT_TRAPPED_MS = 4_500;
/** Until PagerDuty's silence is proven to one process, and what follows from it has begun. */
const GLASS_TRAPPED_MS = 9_000;
/** The audit log is looked at every ten seconds, and then some behind. */
const READ_TRAPPED_MS = 17_000;
/** So many lives a kill at most, for the sake of points that are not met. */
const CHASE = 1.6;
/** How often a process is alone until it has run into its trap, where there are several replicas. */
const ALONE = 0.6;
/** A sweep at the full minute is waited for, where it comes about when the next process lives. */
const MINUTE_MS = 60_000;
const NEAR_MINUTE_MS = { least: 3_000, most: 12_000 };

/** The service is killed again and again, while requests come in, people answer pages, and one thing after another breaks. */
export class Campaign {
  readonly losses: Losses;
  readonly #options: CampaignOptions;
  readonly #slots: (ChaosProcess | null)[];
  readonly #front: Front;
  readonly #faults: Deck<Fault>;
  readonly #traps: Deck<Trap>;
  #next: Trap;
  #lives = 0;

  constructor(options: CampaignOptions) {
    const { arena, dice, replicas } = options;
    const traps = trapsIn(arena.setting, { replicas });
    const faults = allFaults(arena);
    this.#options = options;
    this.#slots = Array.from({ length: replicas }, () => null);
    this.#front = new Front({ arena, dice, processes: () => this.#slots.filter((each) => each !== null) });
    this.#faults = new Deck(faults, dice);
    this.#traps = new Deck(traps, dice);
    this.losses = new Losses({ traps: traps.map(nameOfTrap), faults: faults.map(({ name }) => name) });
    this.#next = this.#traps.deal();
  }

  /**
   * All requests are made, and all kills done, when it returns; everything is mended, and nothing runs. For points that are
   * not met by then it goes on for some lives more, with nothing else broken.
   */
  async run(): Promise<void> {
    const { arena, requests, kills, dice, onProgress } = this.#options;
    const { losses } = this;
    const stopPeople = peopleAtWork(arena);
    try {
      while (losses.kills < kills || (losses.hasUnmet && this.#lives < CHASE * kills)) {
        const broken = this.#isChase ? Infinity : this.#lives;
        await losses.timed('mending', () => this.#front.mendDue(broken, losses));
        const fault = !this.#isChase && dice.chance(0.8) ? this.#faults.deal() : null;
        const isEarly =
          fault !== null && fault.needsAProcess !== true && (fault.darkens === true || dice.chance(0.5));
        if (isEarly) await this.#strike(fault);
        if (dice.chance(0.3)) turnRota(arena, dice);
        const due = Math.min(requests, Math.round((requests * (losses.kills + 1)) / kills)) - arena.made.size;
        await this.#oneLife(this.#lives % this.#slots.length, due, isEarly ? null : fault);
        if (this.#lives % 10 === 0) onProgress(`${losses.kills} kills, ${arena.made.size} requests`);
      }
    } finally {
      await this.#front.mendDue(Infinity, losses);
      await Promise.all(this.#slots.filter((each) => each !== null).map((each) => each.kill()));
      stopPeople();
    }
  }

  /** All kills are done, and what is left is to come by the points that were not met. */
  get #isChase(): boolean {
    return this.losses.kills >= this.#options.kills;
  }

  /** The next process of a slot: started with a trap, it lives until it runs into it or its time is over. */
  async #oneLife(slot: number, requests: number, fault: Fault | null): Promise<void> {
    const { arena, dice, onLine } = this.#options;
    const before = this.#slots[slot] ?? null;
    if (before !== null) await this.#end(before, 'any moment');
    this.#slots[slot] = null;
    this.#lives += 1;
    // Nobody comes by a point then: what was to be laid is laid next time.
    const isDark = this.#front.isDark || fault?.darkens === true;
    const trap = isDark ? ANY_MOMENT : this.#next;
    if (!isDark) this.#next = this.#nextTrap();
    // With others about, it is most often one of them that handles what was to lead by the point: they take over afterwards.
    const isAlone = this.#slots.length > 1 && trap.way !== null && (this.#isChase || dice.chance(ALONE));
    if (isAlone) await this.#endOthers();
    // What a process is to run into is asked for now, and what the next one is to run into has time to come about.
    const isShift = trap.way?.requester === 'short-shift';
    if (!isShift) this.#leadTo(trap.way);
    const calm = this.#breakOnTheWay(trap.way);
    const process = this.#start(slot, trap);
    this.#slots[slot] = process;
    if (!isAlone) this.#startOthers();
    const whileDown = Math.floor(requests * dice.next());
    this.#ask(whileDown);
    await this.losses.timed('starts', () =>
      Promise.race([process.watching(), process.exited(), delay(START_MS)]),
    );

    let isSprung = trap.kind === 'moment';
    const remove =
      trap.kind === 'call' ? layCallTrap(trap, arena, process, () => (isSprung = true)) : () => undefined;
    // In the dark nothing is to be come by, so that it may as well begin at once and hit what is asked for.
    if (fault !== null && isDark) await this.#strike(fault);
    // A shift of two seconds must not be over before anybody looks.
    if (isShift) this.#leadTo(trap.way);
    const lifeMs = trap.kind === 'moment' ? dice.between(SHORTEST_LIFE_MS, LIFE_MS) : LIFE_MS;
    for (let made = whileDown; made < requests; made += 1) {
      this.#ask(1);
      await Promise.race([process.exited(), delay(dice.between(0, lifeMs / (3 * requests)))]);
    }
    this.#leadTo(this.#next.way);
    if (fault !== null && !isDark) await this.#strike(fault);
    await this.losses.timed(trap.kind === 'moment' ? 'lives' : 'lives with a trap', () =>
      this.#live(process, trap, lifeMs),
    );
    remove();
    calm();
    const isFrozen = trap.kind === 'ledger' && trap.freezes && process.isFrozen;
    if (process.diedAtItsPoint || isFrozen) isSprung = true;
    const broken = this.#front.broken.map(({ name }) => name);
    onLine(
      JSON.stringify({ msg: 'chaos: a life is over', trap: nameOfTrap(trap), sprung: isSprung, broken }),
    );
    this.#startOthers();
    if (isFrozen) {
      await this.losses.timed('frozen at a point', () => delay(FROZEN_MS));
      process.thaw();
      await Promise.race([process.exited(), delay(THAWED_MS)]);
    }
    const isInOrder = trap.kind === 'moment' && trap.signal === 'SIGTERM';
    await this.#end(process, isSprung ? nameOfTrap(trap) : 'any moment', isInOrder ? 'SIGTERM' : 'SIGKILL');
    this.#slots[slot] = null;
  }

  /** Unless it befalls a process, and there is none any more: then it is for another life. */
  async #strike(fault: Fault): Promise<void> {
    const isMissing = !this.#slots.some((each) => each?.isRunning === true && each.hasWatched);
    if (fault.needsAProcess === true && isMissing) {
      this.#faults.putBack(fault);
      return;
    }
    await this.losses.timed('breaking', () => this.#front.strike(fault, this.#lives));
  }

  /** In every slot without one. */
  #startOthers(): void {
    for (const [slot, each] of this.#slots.entries()) {
      if (each === null) this.#slots[slot] = this.#start(slot, null);
    }
  }

  async #endOthers(): Promise<void> {
    for (const [slot, each] of this.#slots.entries()) {
      if (each !== null) await this.#end(each, 'any moment');
      this.#slots[slot] = null;
    }
  }

  async #live(process: ChaosProcess, trap: Trap, lifeMs: number): Promise<void> {
    const untilMs = performance.now() + (trap.kind === 'moment' ? lifeMs : this.#patience(trap));
    while (performance.now() < untilMs && process.isRunning && !process.isFrozen) {
      await Promise.race([process.exited(), delay(Math.min(100, lifeMs))]);
    }
  }

  #patience({ way }: Trap): number {
    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    if (way?.fullMinute === true && (this.#isChase || left < NEAR_MINUTE_MS.most)) return left + TRAPPED_MS;
    const lease = this.#isChase && this.#slots.length > 1 ? LEASE_MS : 0;
    if (way?.requester === 'glass') return lease + GLASS_TRAPPED_MS;
    if (way?.read === true) return lease + READ_TRAPPED_MS;
    return lease + (way?.requester === 'short-shift' ? SHIFT_TRAPPED_MS : TRAPPED_MS);
  }

  /** Makes a request that leads by the point. */
  #leadTo(way: Way | null): void {
    if (way === null) return;
    const { arena, dice } = this.#options;
    const { requester, answer } = way;
    const { setting } = arena;
    if (requester === 'short-shift') putOnCall(arena, 'PROTA01', SHORT_SHIFT_MS);
    arena.ask(throwFate(dice, { setting, requester, ...(answer === undefined ? {} : { answer }) }));
  }

  /** What has to fail for the point fails for this life. */
  #breakOnTheWay(way: Way | null): () => void {
    const { arena } = this.#options;
    const { teleport, pagerDuty } = arena.stage;
    if (way?.teleport !== undefined) {
      const method = way.teleport === 'review' ? resolvingMethod(arena) : way.teleport;
      const added = teleport.faults.add({ method, kind: 'error', times: 3 });
      return () => added.remove();
    }
    if (way?.pagerDuty === undefined) return () => undefined;
    const added = [way.pagerDuty].flat().map((fault) => pagerDuty.faults.add(fault));
    return () => {
      for (const each of added) each.remove();
    };
  }

  #ask(count: number): void {
    const { arena, dice } = this.#options;
    for (let made = 0; made < count; made += 1) arena.ask(throwFate(dice, { setting: arena.setting }));
  }

  /** Nearly always one that no process has run into so far: many are seldom come by. */
  #nextTrap(): Trap {
    const { arena, dice } = this.#options;
    const left = MINUTE_MS - (Date.now() % MINUTE_MS);
    const isNear =
      left > NEAR_MINUTE_MS.least && left < NEAR_MINUTE_MS.most && isOfThisMinute(arena.lockLiftedAt);
    const unmet = this.#traps.cards.filter((each) => this.losses.isUnmet(nameOfTrap(each)));
    const timely = unmet.filter(({ way }) => way?.fullMinute === true);
    if (isNear && timely.length > 0) return dice.pick(timely);
    const anyTime = unmet.filter(({ way }) => way?.fullMinute !== true);
    if (anyTime.length > 0 && (this.#isChase || dice.chance(0.9))) return dice.pick(anyTime);
    if (this.#isChase && timely.length > 0) return dice.pick(timely);
    for (;;) {
      const dealt = this.#traps.deal();
      if (dealt.way?.fullMinute !== true || isNear) return dealt;
    }
  }

  #start(slot: number, trap: Trap | null): ChaosProcess {
    const { arena, dice, onLine } = this.#options;
    const laid = trap?.kind === 'ledger' ? trap : null;
    return new ChaosProcess({
      configFile: arena.configFileOf(slot),
      killPoint: laid?.point ?? null,
      freezes: laid?.freezes ?? false,
      clockStepMs: dice.pick(CLOCK_STEPS_MS),
      onLine: (line) => {
        arena.journal.hear(line);
        onLine(line);
      },
    });
  }

  async #end(process: ChaosProcess, cause: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGTERM' && process.isRunning && process.hasWatched) {
      this.losses.shutDown(await this.losses.timed('ends in order', () => process.end()), cause);
      return;
    }
    await process.kill();
    const lastWords = process.lastWords();
    if (lastWords === null) {
      this.losses.killed(signal === 'SIGTERM' ? 'any moment' : cause);
      return;
    }
    const around = this.#front.broken.map(({ name }) => name).join('; ');
    const text = `while ${around === '' ? 'all was well' : around}: ${lastWords}`;
    const mayEnd = !process.hasWatched && this.#front.broken.some(({ mayEndAStart }) => mayEndAStart);
    this.losses.endedByItself(text, { isFailedStart: mayEnd });
  }
}

/** What happened since the last sweep is found by the next one. */
function isOfThisMinute(at: number): boolean {
  return Math.floor(at / MINUTE_MS) === Math.floor(Date.now() / MINUTE_MS);
}
