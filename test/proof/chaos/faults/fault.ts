import type { Arena } from '../arena.ts';
import type { ChaosProcess } from '../chaos-process.ts';
import type { Dice } from '../random.ts';

export interface Battlefield {
  readonly arena: Arena;
  readonly dice: Dice;
  readonly processes: () => readonly ChaosProcess[];
}

/** What a fault left behind: how to mend it, unless it mends itself, and how often it has hit anything so far. */
export interface Struck {
  readonly mend?: () => Promise<void> | void;
  readonly hits: () => number;
}

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  readonly strike: (field: Battlefield) => Promise<Struck> | Struck;
  /** It befalls a process that runs, or what one holds open. */
  readonly needsAProcess?: true;
  /** A start may rightly fail of it: only a person can mend it, and says so. */
  readonly mayEndAStart?: true;
  /** Next to nothing can be done while it lasts, and no process comes by a point: it is mended after one life. */
  readonly darkens?: true;
}
