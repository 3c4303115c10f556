import type { Arena } from './arena.ts';
import type { ChaosProcess } from './chaos-process.ts';
import { CALL_POINTS, LEDGER_POINTS } from './points.ts';

/** How a process is to die. */
export type Trap =
  /** By itself, right before or right after a commit to the ledger. */
  | { readonly kind: 'ledger'; readonly point: string }
  /** While a call is held back, or once it is carried out and not yet answered. */
  | { readonly kind: 'call'; readonly point: (typeof CALL_POINTS)[number]; readonly after: boolean }
  /** At any moment. */
  | { readonly kind: 'moment' };

const MOMENTS = 12;

/** Every named point once, and a dozen arbitrary moments. */
export const TRAPS: readonly Trap[] = [
  ...LEDGER_POINTS.flatMap((name): Trap[] => [
    { kind: 'ledger', point: `before ${name}` },
    { kind: 'ledger', point: `after ${name}` },
  ]),
  ...CALL_POINTS.flatMap((point): Trap[] => [
    { kind: 'call', point, after: false },
    { kind: 'call', point, after: true },
  ]),
  ...Array.from({ length: MOMENTS }, (): Trap => ({ kind: 'moment' })),
];

export function nameOfTrap(trap: Trap): string {
  switch (trap.kind) {
    case 'ledger':
      return trap.point;
    case 'call':
      return `${trap.after ? 'after' : 'before'} the call for a ${trap.point.name}`;
    case 'moment':
      return 'any moment';
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
  if ('teleport' in point) {
    let armed = true;
    const method = point.teleport;
    teleport.faults.add({ method, kind: after ? 'stall-after' : 'stall-before', times: 1 });
    void teleport.calls.arrived(method, teleport.calls.of(method).length + 1).then(() => {
      // The call is carried out within the turn that hears of it; then there is nobody left to answer.
      if (armed) setImmediate(spring);
    });
    return () => {
      armed = false;
    };
  }
  const { method, pathPrefix, path } = point.pagerDuty;
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
