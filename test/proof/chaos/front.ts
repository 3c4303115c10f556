import type { Battlefield, Fault, Struck } from './faults/fault.ts';
import type { Losses } from './losses.ts';

/** A fault is mended within so many lives. */
const LONGEST_FAULT = 3;

interface Broken {
  readonly fault: Fault;
  readonly until: number;
  readonly struck: Struck;
}

/** What is broken at present, and until when. */
export class Front {
  readonly #field: Battlefield;
  #broken: readonly Broken[] = [];

  constructor(field: Battlefield) {
    this.#field = field;
  }

  get broken(): readonly Fault[] {
    return this.#broken.map(({ fault }) => fault);
  }

  get isDark(): boolean {
    return this.broken.some(({ darkens }) => darkens);
  }

  /** Strikes, unless the same is broken already. */
  async strike(fault: Fault, life: number): Promise<void> {
    if (this.broken.includes(fault)) return;
    const longer = 1 + Math.floor(this.#field.dice.next() * LONGEST_FAULT);
    const until = life + (fault.darkens === true ? 0 : longer);
    const struck = await fault.strike(this.#field);
    this.#broken = [...this.#broken, { fault, until, struck }];
  }

  /** Mends what is broken for long enough, and says what it has hit. */
  async mendDue(life: number, losses: Losses): Promise<void> {
    const due = this.#broken.filter(({ until }) => until <= life);
    this.#broken = this.#broken.filter(({ until }) => until > life);
    for (const { fault, struck } of due) {
      await struck.mend?.();
      losses.struck(fault.name, struck.hits());
    }
  }
}
