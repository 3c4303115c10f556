import type { Arena } from '../arena.ts';
import { credentialFaults } from './credentials.ts';
import type { Fault } from './fault.ts';
import { PAGERDUTY_FAULTS } from './pagerduty.ts';
import { placeFaults } from './places.ts';
import { TELEPORT_FAULTS } from './teleport.ts';
import { WEBHOOK_FAULTS } from './webhooks.ts';

/** Everything that can go wrong in this set-up beside a process being killed. */
export function allFaults(arena: Arena): readonly Fault[] {
  return [
    ...TELEPORT_FAULTS,
    ...PAGERDUTY_FAULTS,
    ...credentialFaults(arena),
    ...placeFaults({ postgres: arena.postgres !== null }),
    ...(arena.webhooks === null ? [] : WEBHOOK_FAULTS),
  ];
}
