import { status } from '@grpc/grpc-js';
import { StatusError } from '../../../sim/teleport/errors.ts';
import type { Fault as TeleportFault } from '../../../sim/teleport/faults.ts';
import type { Arena } from '../arena.ts';
import type { Fault } from './fault.ts';
import { since } from '../truth-changes.ts';

/** Calls of both editions' ways to resolve a request: which of them hits depends on the set-up. */
const RESOLVING: readonly Omit<TeleportFault, 'method'>[] = [
  { kind: 'error', times: 3 },
  { kind: 'error-after', times: 3 },
  { kind: 'stall-before', times: 2 },
  { kind: 'stall-after', times: 2 },
  { kind: 'reset', times: 2 },
  { kind: 'reset-after', times: 2 },
  { kind: 'error-after', code: status.DEADLINE_EXCEEDED, times: 2 },
];

const CALLS: readonly TeleportFault[] = [
  { method: 'GetUser', kind: 'error', times: 4 },
  { method: 'GetUser', kind: 'stall-before', times: 2 },
  { method: 'ListAccessRequests', kind: 'error', times: 2 },
  { method: 'ListAccessRequests', kind: 'stall-before', times: 1 },
  { method: 'WatchEvents', kind: 'error', times: 2 },
  { method: 'WatchEvents', kind: 'stall-before', times: 1 },
  { method: 'Ping', kind: 'error', times: 2 },
  { method: '*', kind: 'latency', ms: 400, times: 40 },
];

/** What resolves a request in the edition of the set-up. */
export function resolvingMethod({ setting }: Pick<Arena, 'setting'>): string {
  return setting.edition === 'community' ? 'SetAccessRequestState' : 'SubmitAccessReview';
}

export const TELEPORT_FAULTS: readonly Fault[] = [
  cut('watch ends', ({ stage }) => stage.teleport.cluster.watches.cutAll()),
  cut('watch fails', ({ stage }) =>
    stage.teleport.cluster.watches.cutAll(new StatusError(status.UNAVAILABLE, 'going away')),
  ),
  cut('auth server restarts', ({ stage }) => stage.teleport.restart()),
  held('lagging reader is cut off, its events are lost', ({ stage }) => {
    const { watches } = stage.teleport.cluster;
    watches.dropHeldEvents();
    watches.cutAll(new StatusError(status.UNKNOWN, 'event fanout cursor exceeded grace period'));
  }),
  held('events come late', ({ stage }) => stage.teleport.cluster.watches.releaseEvents()),
  {
    name: 'events come twice',
    needsAProcess: true,
    strike: ({ arena }) => {
      const { watches } = arena.stage.teleport.cluster;
      watches.repeatEvents(2);
      return { mend: () => watches.repeatEvents(1), hits: requestsSince(arena) };
    },
  },
  ...RESOLVING.map((fault): Fault => {
    const code = fault.code === undefined ? '' : ` ${status[fault.code]}`;
    return {
      name: `Teleport: ${fault.times ?? 0} × resolving a request ${fault.kind}${code}`,
      strike: ({ arena }) => calls(arena, { ...fault, method: resolvingMethod(arena) }),
    };
  }),
  ...CALLS.map((fault): Fault => ({
    name: `Teleport: ${fault.times ?? 0} × ${fault.method} ${fault.kind}`,
    strike: ({ arena }) => calls(arena, fault),
  })),
];

function calls({ stage }: Arena, fault: TeleportFault) {
  const added = stage.teleport.faults.add(fault);
  return { mend: () => added.remove(), hits: () => added.hits };
}

/** Hits whoever watches at that moment. */
function cut(name: string, strike: (arena: Arena) => Promise<void> | void): Fault {
  return {
    name,
    needsAProcess: true,
    strike: async ({ arena }) => {
      const watchers = arena.stage.teleport.cluster.watches.watchers.length;
      await strike(arena);
      return { hits: () => watchers };
    },
  };
}

/** Events are held back until it is mended: it hits the requests that are made meanwhile. */
function held(name: string, release: (arena: Arena) => void): Fault {
  return {
    name,
    needsAProcess: true,
    darkens: true,
    strike: ({ arena }) => {
      arena.stage.teleport.cluster.watches.holdEvents();
      return { mend: () => release(arena), hits: requestsSince(arena) };
    },
  };
}

function requestsSince({ made }: Arena): () => number {
  return since(() => made.size);
}
