import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { ChaosProcess } from './chaos-process.ts';
import { throwFate } from './fate.ts';
import { allFaults, turnRota, type Fault, type Mend } from './faults.ts';
import { peopleAtWork } from './people.ts';
import { Deck, type Dice } from './random.ts';
import { layCallTrap, nameOfTrap, TRAPS, type Trap } from './traps.ts';

export interface CampaignOptions {
  readonly arena: Arena;
  readonly dice: Dice;
  readonly requests: number;
  readonly kills: number;
  readonly replicas: number;
  readonly onLine: (line: string) => void;
  readonly onProgress: (text: string) => void;
}

/** What happened, for the report. */
export interface Losses {
  readonly kills: number;
  /** How often each way to die was met. */
  readonly deaths: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  /** Ends that nobody brought about, with the last words: of starts that could not succeed, and all others. */
  readonly failedStarts: readonly string[];
  readonly ownEnds: readonly string[];
}

/** How long a process is given to run into its trap, and to come up at all. */
const LIFE_MS = 1_500;
const START_MS = 15_000;
const SHORTEST_LIFE_MS = 100;
/** A fault is mended within so many lives. */
const LONGEST_FAULT = 3;

/** The service is killed again and again, while requests come in, people answer pages, and one thing after another breaks. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #slots: (ChaosProcess | null)[];
  readonly #faults: Deck<Fault>;
  readonly #traps: Deck<Trap>;
  readonly #deaths = new Map<string, number>();
  readonly #struck = new Map<string, number>();
  readonly #failedStarts: string[] = [];
  readonly #ownEnds: string[] = [];
  #broken: { readonly fault: Fault; readonly until: number; readonly mend: Mend }[] = [];
  readonly #unmet = new Set<Trap>(TRAPS);
  #kills = 0;
  #lives = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    const { postgres } = options.arena;
    this.#slots = Array.from({ length: options.replicas }, () => null);
    this.#faults = new Deck(allFaults({ postgres: postgres !== null }), options.dice);
    this.#traps = new Deck(TRAPS, options.dice);
  }

  get losses(): Losses {
    return {
      kills: this.#kills,
      deaths: this.#deaths,
      faults: this.#struck,
      failedStarts: this.#failedStarts,
      ownEnds: this.#ownEnds,
    };
  }

  /** All requests are made, and all kills done, when it returns; everything is mended, and nothing runs. */
  async run(): Promise<void> {
    const { arena, requests, kills, dice, onProgress } = this.#options;
    const stopPeople = peopleAtWork(arena);
    try {
      while (this.#kills < kills) {
        await this.#mendDue(this.#lives);
        const fault = dice.chance(0.8) ? this.#faults.deal() : null;
        const isEarly = fault !== null && fault.needsAProcess !== true && dice.chance(0.5);
        if (isEarly) await this.#strike(fault);
        if (dice.chance(0.3)) turnRota(arena.stage.pagerDuty.account, arena.truth, dice);
        const due = Math.round((requests * (this.#kills + 1)) / kills) - arena.made.size;
        await this.#oneLife(this.#kills % this.#slots.length, due, isEarly ? null : fault);
        if (this.#lives % 10 === 0) onProgress(`${this.#kills} kills, ${arena.made.size} requests`);
      }
    } finally {
      await this.#mendDue(Infinity);
      await Promise.all(this.#slots.filter((each) => each !== null).map((each) => each.kill()));
      stopPeople();
    }
  }

  /** The next process of a slot: started with a trap, it lives until it runs into it or its time is over. */
  async #oneLife(slot: number, requests: number, fault: Fault | null): Promise<void> {
    const { arena, dice } = this.#options;
    const before = this.#slots[slot] ?? null;
    if (before !== null) await this.#kill(before, 'any moment');
    this.#lives += 1;
    const trap = this.#nextTrap();
    const process = this.#start(trap.kind === 'ledger' ? trap.point : null);
    this.#slots[slot] = process;
    for (const other of this.#slots.keys()) this.#slots[other] ??= this.#start(null);
    const whileDown = Math.floor(requests * dice.next());
    for (let made = 0; made < whileDown; made += 1) arena.ask(throwFate(dice));
    await Promise.race([process.watching(), process.exited(), delay(START_MS)]);

    let isSprung = trap.kind === 'moment';
    const remove =
      trap.kind === 'call' ? layCallTrap(trap, arena, process, () => (isSprung = true)) : () => undefined;
    const lifeMs = trap.kind === 'moment' ? dice.between(SHORTEST_LIFE_MS, LIFE_MS) : LIFE_MS;
    for (let made = whileDown; made < requests; made += 1) {
      arena.ask(throwFate(dice));
      await Promise.race([process.exited(), delay(dice.between(0, lifeMs / (3 * requests)))]);
    }
    if (fault !== null) await this.#strike(fault);
    await Promise.race([process.exited(), delay(lifeMs)]);
    remove();
    if (process.diedAtItsPoint) isSprung = true;
    if (isSprung) this.#unmet.delete(trap);
    await this.#kill(process, isSprung ? nameOfTrap(trap) : 'any moment');
    this.#slots[slot] = null;
  }

  /** Half of the time one that no process has run into so far: many are seldom come by. */
  #nextTrap(): Trap {
    const { dice } = this.#options;
    const unmet = [...this.#unmet];
    return unmet.length > 0 && dice.chance(0.5) ? dice.pick(unmet) : this.#traps.deal();
  }

  #start(killPoint: string | null): ChaosProcess {
    const { arena, dice, onLine } = this.#options;
    return new ChaosProcess({
      configFile: arena.stage.configFile,
      killPoint,
      clockStepMs: dice.pick([-300_000, -30_000, 30_000, 300_000]),
      onLine,
    });
  }

  async #kill(process: ChaosProcess, cause: string): Promise<void> {
    await process.kill();
    const lastWords = process.lastWords();
    if (lastWords === null) {
      this.#kills += 1;
      count(this.#deaths, cause);
    } else {
      const around = this.#broken.map(({ fault }) => fault.name).join('; ');
      const mayEnd = !process.hasWatched && this.#broken.some(({ fault }) => fault.mayEndAStart);
      (mayEnd ? this.#failedStarts : this.#ownEnds).push(
        `while ${around === '' ? 'all was well' : around}: ${lastWords}`,
      );
    }
  }

  async #strike(fault: Fault): Promise<void> {
    if (this.#broken.some((each) => each.fault === fault)) return;
    const { arena, dice } = this.#options;
    count(this.#struck, fault.name);
    const processes = () => this.#slots.filter((each) => each !== null);
    const mend = await fault.strike({ arena, dice, processes });
    if (mend === undefined) return;
    const until = this.#lives + 1 + Math.floor(dice.next() * LONGEST_FAULT);
    this.#broken.push({ fault, until, mend });
  }

  async #mendDue(lives: number): Promise<void> {
    const due = this.#broken.filter(({ until }) => until <= lives);
    this.#broken = this.#broken.filter(({ until }) => until > lives);
    for (const { mend } of due) await mend();
    if (lives === Infinity) this.#options.arena.stage.teleport.faults.clear();
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
