import type { Arena } from './arena.ts';
import type { ChaosProcess } from './chaos-process.ts';
import { CALL_POINTS, LEDGER_POINTS, type CallPoint, type Way } from './points.ts';
import type { Setting } from './setting.ts';

/** How a process is to die, or to be stopped for a while. */
export type Trap =
  /** By itself, right before or right after a commit to the ledger. */
  | { readonly kind: 'ledger'; readonly point: string; readonly way: Way; readonly freezes: boolean }
  /** While a call is held back, or once it is carried out and not yet answered. */
  | { readonly kind: 'call'; readonly point: CallPoint; readonly way: Way; readonly after: boolean }
  /** At any moment, or in order: `SIGTERM`, as a rolling update ends it. */
  | { readonly kind: 'moment'; readonly way: null; readonly signal: 'SIGKILL' | 'SIGTERM' };

export const ANY_MOMENT: Trap = { kind: 'moment', way: null, signal: 'SIGKILL' };
const MOMENTS = 12;
const SHUTDOWNS = 8;
/** Where a process is frozen that is about to do, or has just done, what must not be done twice. */
const FREEZING_POINTS = [
  'after effect-intended live-note',
  'after effect-intended page',
  'after effect-intended closing-note',
  'after effect-intended break-glass',
  'before effect-done live-note',
  'before effect-done review',
  'after effect-intended vote',
];

/** Every named point of the set-up once, a dozen arbitrary moments, and some ends in order. */
export function trapsIn(setting: Setting, { replicas }: { readonly replicas: number }): readonly Trap[] {
  const isThere = ({ way }: Pick<Trap, 'way'>): boolean => way?.where?.(setting) ?? true;
  const points = Object.entries(LEDGER_POINTS).flatMap(([name, way]): (Trap & { kind: 'ledger' })[] => [
    { kind: 'ledger', point: `before ${name}`, way, freezes: false },
    { kind: 'ledger', point: `after ${name}`, way, freezes: false },
  ]);
  return [
    ...points,
    ...points
      .filter(({ point }) => replicas > 1 && FREEZING_POINTS.includes(point))
      .map((trap): Trap => ({ ...trap, freezes: true })),
    ...CALL_POINTS.flatMap((point): Trap[] => [
      { kind: 'call', point, way: point.way, after: false },
      { kind: 'call', point, way: point.way, after: true },
    ]),
    ...Array.from({ length: MOMENTS }, () => ANY_MOMENT),
    ...Array.from({ length: SHUTDOWNS }, (): Trap => ({ kind: 'moment', way: null, signal: 'SIGTERM' })),
  ].filter(isThere);
}

export function nameOfTrap(trap: Trap): string {
  switch (trap.kind) {
    case 'ledger':
      return trap.freezes ? `frozen ${trap.point}` : trap.point;
    case 'call':
      return `${trap.after ? 'after' : 'before'} the call for a ${trap.point.name}`;
    case 'moment':
      return trap.signal === 'SIGTERM' ? 'in order (SIGTERM)' : 'any moment';
  }
}

/** Holds the next such call back and kills the process once it has come; gives what takes the trap away. */
export function layCallTrap(
  { point, after }: Trap & { kind: 'call' },
  { stage: { teleport, pagerDuty } }: Arena,
  victim: ChaosProcess,
  onSprung: () => void,
): () => void {
  const spring = () => {
    if (!victim.isRunning) return;
    onSprung();
    void victim.kill();
  };
  if ('teleport' in point.call) {
    const kind = after ? 'stall-after' : 'stall-before';
    // The call is carried out within the turn that hears of it; then there is nobody left to answer.
    const added = teleport.faults.add({ method: point.call.teleport, kind, times: 1 }, () =>
      setImmediate(spring),
    );
    return () => added.remove();
  }
  const { method, pathPrefix, path } = point.call.pagerDuty;
  const added = pagerDuty.faults.add({
    kind: 'stall-headers',
    match: { method, pathPrefix },
    times: 1,
    after,
  });
  let seen = pagerDuty.calls.all().length;
  const ignore = pagerDuty.calls.onChange(() => {
    const calls = pagerDuty.calls.all().slice(seen);
    if (!calls.some((call) => call.method === method && path.test(call.path))) {
      seen += after ? 0 : calls.length;
      return;
    }
    ignore();
    setImmediate(spring);
  });
  return () => {
    ignore();
    added.remove();
  };
}
