import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { ChaosProcess, CLOCK_STEPS_MS } from './chaos-process.ts';
import { LED, throwFate } from './fate.ts';
import { allFaults } from './faults/all-faults.ts';
import type { Fault } from './faults/fault.ts';
import { Front } from './front.ts';
import { Losses } from './losses.ts';
import { peopleAtWork } from './people.ts';
import type { Way } from './points.ts';
import { Deck, type Dice } from './random.ts';
import { resolvingMethod } from './faults/teleport.ts';
import { TrapChoice } from './trap-choice.ts';
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

/** How long a process is given to come up at all, and to be alive where it is to die at any moment. */
const START_MS = 15_000;
const LIFE_MS = 1_500;
const SHORTEST_LIFE_MS = 100;
/** Longer than a claim lasts: meanwhile another replica takes over what the frozen one had begun. */
const FROZEN_MS = 9_000;
/** A frozen process that goes on does so where it was stopped: it has that long to do harm. */
const THAWED_MS = 500;
const SHORT_SHIFT_MS = 2_000;
/** So old may be what is known of who is on call, unless that is configured. */
const FRESHNESS_MS = 2_000;
/** What has piled up is worked off down to so many requests, or until no more come to an end for so long. */
const FEW = 10;
const STANDSTILL_MS = 45_000;
/** Requests to PagerDuty a minute, where points are tried for that were not met. */
const CHASE_LIMIT = 10_000;
/** How often a process is alone until it has run into its trap, where there are several replicas. */
const ALONE = 0.6;
/** The service is killed again and again, while requests come in, people answer pages, and one thing after another breaks. */
export class Campaign {
  readonly losses: Losses;
  readonly #options: CampaignOptions;
  readonly #slots: (ChaosProcess | null)[];
  readonly #front: Front;
  readonly #faults: Deck<Fault>;
  readonly #traps: TrapChoice;
  #next: Trap;
  #lives = 0;
  #isWorkedOff = false;

  constructor(options: CampaignOptions) {
    const { arena, dice, kills, replicas } = options;
    const traps = trapsIn(arena.setting, { replicas });
    const faults = allFaults(arena);
    this.#options = options;
    this.#slots = Array.from({ length: replicas }, () => null);
    this.#front = new Front({ arena, dice, processes: () => this.#slots.filter((each) => each !== null) });
    this.#faults = new Deck(faults, dice);
    this.losses = new Losses({ traps: traps.map(nameOfTrap), faults: faults.map(({ name }) => name) });
    const { losses } = this;
    const lockLiftedAt = () => arena.lockLiftedAt;
    this.#traps = new TrapChoice({ traps, losses, dice, kills, replicas, lockLiftedAt });
    this.#next = this.#traps.next();
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
      while (!this.#traps.isOver) {
        if (this.#traps.isChase && !this.#isWorkedOff)
          await losses.timed('working off', () => this.#workOff());
        const broken = this.#traps.isChase ? Infinity : this.#lives;
        await losses.timed('mending', () => this.#front.mendDue(broken, losses));
        const fault = !this.#traps.isChase && dice.chance(0.8) ? this.#faults.deal() : null;
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

  /**
   * What has piled up comes first: a process that has it before it gets to nothing that is asked for now. Nor does one that starts every few
   * seconds under PagerDuty's usual limit, which has been tried by then.
   */
  async #workOff(): Promise<void> {
    const { arena, onProgress } = this.#options;
    await this.#front.mendDue(Infinity, this.losses);
    const { pagerDuty, teleport } = arena.stage;
    pagerDuty.raiseLimit(CHASE_LIMIT);
    this.#startOthers();
    const { cluster } = teleport;
    const left = () => cluster.requests().filter(({ state }) => state === 'PENDING').length;
    let fewest = { left: Infinity, at: performance.now() };
    while (fewest.left > FEW && performance.now() - fewest.at < STANDSTILL_MS) {
      await delay(LIFE_MS);
      if (left() < fewest.left) fewest = { left: left(), at: performance.now() };
    }
    this.#isWorkedOff = true;
    onProgress(`all kills are done, and ${fewest.left} requests are pending`);
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
    if (!isDark) this.#next = this.#traps.next();
    // With others about, it is most often one of them that handles what was to lead by the point: they take over afterwards.
    const isAlone =
      this.#slots.length > 1 && trap.way !== null && (this.#traps.isChase || dice.chance(ALONE));
    if (isAlone) await this.#endOthers();
    // What a process is to run into is asked for now, and what the next one is to run into has time to come about.
    const isShift = trap.way?.requester === 'short-shift';
    if (!isShift) await this.#leadTo(trap.way);
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
    if (isShift) await this.#leadTo(trap.way);
    const lifeMs = trap.kind === 'moment' ? dice.between(SHORTEST_LIFE_MS, LIFE_MS) : LIFE_MS;
    for (let made = whileDown; made < requests; made += 1) {
      this.#ask(1);
      await Promise.race([process.exited(), delay(dice.between(0, lifeMs / (3 * requests)))]);
    }
    await this.#leadTo(this.#next.way);
    if (fault !== null && !isDark) await this.#strike(fault);
    await this.losses.timed(trap.kind === 'moment' ? 'lives' : 'lives with a trap', () =>
      this.#live(process, trap, lifeMs),
    );
    remove();
    calm();
    const isFrozen = trap.kind === 'ledger' && trap.freezes && process.isFrozen;
    if (process.diedAtItsPoint || isFrozen) isSprung = true;
    if (!isSprung) this.#traps.missed(trap);
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
    const untilMs = performance.now() + (trap.kind === 'moment' ? lifeMs : this.#traps.patience(trap));
    while (performance.now() < untilMs && process.isRunning && !process.isFrozen) {
      await Promise.race([process.exited(), delay(Math.min(100, lifeMs))]);
    }
  }

  /** Makes a request that leads by the point. */
  async #leadTo(way: Way | null): Promise<void> {
    if (way === null) return;
    const { arena, dice } = this.#options;
    const { setting } = arena;
    if (way.requester === 'short-shift') {
      putOnCall(arena, 'PROTA01', FRESHNESS_MS + SHORT_SHIFT_MS);
      // By what was read before the shift began nobody is on call.
      await delay(FRESHNESS_MS);
    }
    const requests = arena.stage.teleport.cluster.requests();
    const waiting = new Set(requests.flatMap(({ state, user }) => (state === 'PENDING' ? [user] : [])));
    const led = LED.filter(({ user }) => !waiting.has(user));
    arena.ask(throwFate(dice, { ...way, setting, led }));
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
