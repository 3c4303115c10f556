/** How often a class of fault was brought about, and how often it hit anything. */
export interface FaultCount {
  readonly struck: number;
  readonly hits: number;
}

/** What happened to the processes, for the report. */
export class Losses {
  /** How often each way to die was met; those that never were stand there with 0. */
  readonly deaths: Map<string, number>;
  readonly faults: Map<string, FaultCount>;
  /** Ends that nobody brought about, with the last words: of starts that could not succeed, and all others. */
  readonly failedStarts: string[] = [];
  readonly ownEnds: string[] = [];
  /** Of processes that were ended in order. */
  readonly exitCodes: (number | null)[] = [];
  /** What the time of the run went into, in milliseconds. */
  readonly spentMs = new Map<string, number>();
  /** By SIGKILL, or frozen and then killed. */
  kills = 0;

  constructor({ traps, faults }: { readonly traps: readonly string[]; readonly faults: readonly string[] }) {
    this.deaths = new Map(traps.map((name) => [name, 0]));
    this.faults = new Map(faults.map((name) => [name, { struck: 0, hits: 0 }]));
  }

  isUnmet(trap: string): boolean {
    return this.deaths.get(trap) === 0;
  }

  /** Does it, and counts the time that it took. */
  async timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.spentMs.set(what, (this.spentMs.get(what) ?? 0) + performance.now() - began);
    }
  }

  killed(cause: string): void {
    this.kills += 1;
    this.#count(cause);
  }

  shutDown(exitCode: number | null, cause: string): void {
    this.exitCodes.push(exitCode);
    this.#count(cause);
  }

  endedByItself(text: string, { isFailedStart }: { readonly isFailedStart: boolean }): void {
    (isFailedStart ? this.failedStarts : this.ownEnds).push(text);
  }

  struck(name: string, hits: number): void {
    const { struck, hits: before } = this.faults.get(name) ?? { struck: 0, hits: 0 };
    this.faults.set(name, { struck: struck + 1, hits: before + hits });
  }

  #count(cause: string): void {
    this.deaths.set(cause, (this.deaths.get(cause) ?? 0) + 1);
  }
}
