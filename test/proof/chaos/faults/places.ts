import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** What befalls the processes themselves, their clocks and their ledger. */
export function placeFaults({ postgres }: { readonly postgres: boolean }): readonly Fault[] {
  return [SERVICE_CLOCK, FROZEN, postgres ? POSTGRES_RESTART : FULL_DISK];
}

const SERVICE_CLOCK: Fault = {
  name: "the service's clock is moved",
  needsAProcess: true,
  strike: ({ processes }) => {
    const moved = processes().filter((each) => each.stepClock());
    return {
      mend: () => {
        for (const each of moved) each.stepClock();
      },
      hits: () => moved.length,
    };
  },
};

/** For longer than calls may take, and with several replicas longer than a claim lasts, which is seven seconds. */
const FROZEN_MS = { least: 500, alone: 4_500, most: 9_000 };

const FROZEN: Fault = {
  name: 'a process is frozen for a while',
  needsAProcess: true,
  strike: async ({ arena, dice, processes }) => {
    const running = processes().filter(({ isRunning }) => isRunning);
    if (running.length === 0) return { hits: () => 0 };
    const frozen = dice.pick(running);
    frozen.freeze();
    const longest = arena.postgres === null ? FROZEN_MS.alone : FROZEN_MS.most;
    await delay(dice.between(FROZEN_MS.least, longest));
    frozen.thaw();
    return { hits: () => 1 };
  },
};

const FULL_DISK: Fault = {
  name: 'the ledger cannot be written',
  needsAProcess: true,
  darkens: true,
  strike: async ({ arena, processes }) => {
    const struck = processes();
    const before = arena.journal.count('ledger');
    await Promise.all(struck.map((each) => each.refuseFileWrites(true)));
    return {
      mend: async () => {
        await Promise.all(struck.map((each) => each.refuseFileWrites(false)));
      },
      hits: () => arena.journal.count('ledger') - before,
    };
  },
};

const POSTGRES_RESTART: Fault = {
  name: 'PostgreSQL restarts',
  mayEndAStart: true,
  darkens: true,
  strike: async ({ arena, dice, processes }) => {
    const hit = processes().filter(({ isRunning }) => isRunning).length;
    const before = arena.journal.count('ledger');
    await arena.postgres?.stop(dice.chance(0.5) ? 'SIGQUIT' : 'SIGINT');
    return {
      mend: async () => {
        await arena.postgres?.start();
      },
      hits: () => hit + arena.journal.count('ledger') - before,
    };
  },
};
