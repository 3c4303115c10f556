import { setOverride } from '../../sim/pagerduty/administration.ts';
import type { Arena } from './arena.ts';
import type { Dice } from './random.ts';
import { ROTA_SCHEDULE } from './world.ts';

const SECOND = 1_000;

/** Seconds on call for one of the two: shifts begin and end while their requests are being handled. */
export function turnRota(arena: Arena, dice: Dice): void {
  putOnCall(arena, dice.pick(['PROTA01', 'PROTA02']), dice.between(2, 15) * SECOND);
}

/** A shift of the rota that begins now. */
export function putOnCall({ stage, truth }: Arena, userId: string, forMs: number): void {
  const { account } = stage.pagerDuty;
  const start = account.clock.now();
  const end = new Date(start.getTime() + forMs);
  truth.change(() => void setOverride(account, { scheduleId: ROTA_SCHEDULE, userId, start, end }));
}

export function moveClock({ stage, truth }: Arena, seconds: number): void {
  truth.change(() => stage.pagerDuty.account.clock.setOffset(seconds * SECOND));
}

/** How much a count has grown since now. */
export function since(count: () => number): () => number {
  const before = count();
  return () => count() - before;
}
