import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { setOverride } from '../sim/pagerduty/administration.ts';
import type { Fault as PagerDutyFault } from '../sim/pagerduty/faults.ts';
import { StatusError } from '../sim/teleport/errors.ts';
import type { Fault as TeleportFault } from '../sim/teleport/faults.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { ROTA_SCHEDULE, type Arena } from './arena.ts';
import type { ChaosProcess } from './chaos-process.ts';
import type { Dice } from './random.ts';

const SECOND = 1_000;

export interface Battlefield {
  readonly arena: Arena;
  readonly dice: Dice;
  readonly processes: () => readonly ChaosProcess[];
}

/** Something that goes wrong, and how it is mended; what mends itself gives nothing back. */
export interface Fault {
  readonly name: string;
  readonly strike: (field: Battlefield) => Promise<Mend | undefined>;
  /** It befalls a process that runs, or what one holds open. */
  readonly needsAProcess?: true;
  /** A start may rightly fail of it: only a person can mend it, and says so. */
  readonly mayEndAStart?: true;
}

export type Mend = () => Promise<void> | void;

/** Everything that can go wrong beside a process being killed. */
export function allFaults({ postgres }: { readonly postgres: boolean }): readonly Fault[] {
  return [
    ...WATCH.map(inMidLife),
    ...TELEPORT_CALLS.map(teleportCalls),
    ...PAGERDUTY.map(pagerDuty),
    ...CLOCKS,
    ...PLACES,
    inMidLife(SERVICE_CLOCK),
    ...(postgres ? [POSTGRES_RESTART] : [inMidLife(FULL_DISK)]),
  ];
}

const WATCH: readonly Fault[] = [
  now('watch ends', ({ arena }) => arena.stage.teleport.cluster.watches.cutAll()),
  now('watch fails', ({ arena }) =>
    arena.stage.teleport.cluster.watches.cutAll(new StatusError(status.UNAVAILABLE, 'going away')),
  ),
  {
    name: 'lagging reader is cut off, its events are lost',
    strike: ({ arena }) => {
      const { watches } = arena.stage.teleport.cluster;
      watches.holdEvents();
      return mendedBy(() => {
        watches.dropHeldEvents();
        watches.cutAll(new StatusError(status.UNKNOWN, 'event fanout cursor exceeded grace period'));
      });
    },
  },
  {
    name: 'events come late',
    strike: ({ arena }) => {
      arena.stage.teleport.cluster.watches.holdEvents();
      return mendedBy(() => arena.stage.teleport.cluster.watches.releaseEvents());
    },
  },
  {
    name: 'events come twice',
    strike: ({ arena }) => {
      arena.stage.teleport.cluster.watches.repeatEvents(2);
      return mendedBy(() => arena.stage.teleport.cluster.watches.repeatEvents(1));
    },
  },
  {
    name: 'auth server restarts',
    strike: async ({ arena }) => {
      await arena.stage.teleport.restart();
      return undefined;
    },
  },
];

const TELEPORT_CALLS: readonly TeleportFault[] = [
  { method: 'SubmitAccessReview', kind: 'error', times: 3 },
  { method: 'SubmitAccessReview', kind: 'error-after', times: 3 },
  { method: 'SubmitAccessReview', kind: 'stall-before', times: 2 },
  { method: 'SubmitAccessReview', kind: 'stall-after', times: 2 },
  { method: 'SubmitAccessReview', kind: 'reset', times: 2 },
  { method: 'SubmitAccessReview', kind: 'reset-after', times: 2 },
  { method: 'SubmitAccessReview', kind: 'error-after', code: status.DEADLINE_EXCEEDED, times: 2 },
  { method: 'GetUser', kind: 'error', times: 4 },
  { method: 'GetUser', kind: 'stall-before', times: 2 },
  { method: 'ListAccessRequests', kind: 'error', times: 2 },
  { method: 'ListAccessRequests', kind: 'stall-before', times: 1 },
  { method: 'GetAccessRequestsV2', kind: 'reset', times: 2 },
  { method: 'WatchEvents', kind: 'error', times: 2 },
  { method: 'WatchEvents', kind: 'stall-before', times: 1 },
  { method: 'Ping', kind: 'error', times: 2 },
  { method: '*', kind: 'latency', ms: 400, times: 40 },
];

function teleportCalls(fault: TeleportFault): Fault {
  const { method, kind, times = 0 } = fault;
  return now(`Teleport: ${times} × ${method} ${kind}`, ({ arena }) => arena.stage.teleport.faults.add(fault));
}

const READS = { method: 'GET' };
const ON_CALLS = { method: 'GET', pathPrefix: '/oncalls' };
const WRITES = { method: 'POST' };

const PAGERDUTY: readonly PagerDutyFault[] = [
  { kind: 'rate-limited', headers: true, resetSeconds: 2, times: 5 },
  { kind: 'rate-limited', headers: false, times: 5 },
  { kind: 'status', status: 500, match: READS },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 401, times: 6 },
  { kind: 'status', status: 403, match: ON_CALLS, times: 6 },
  { kind: 'status', status: 500, match: WRITES, after: true, times: 3 },
  { kind: 'html' },
  { kind: 'html', status: 200, match: ON_CALLS },
  { kind: 'empty', match: READS },
  { kind: 'empty', match: WRITES, after: true, times: 3 },
  { kind: 'null-body', match: READS },
  { kind: 'wrong-shape', match: ON_CALLS },
  { kind: 'wrong-shape', match: WRITES, after: true, times: 3 },
  { kind: 'half-page' },
  { kind: 'no-date', match: ON_CALLS },
  { kind: 'stall-headers', match: READS, times: 4 },
  { kind: 'stall-headers', match: WRITES, after: true, times: 2 },
  { kind: 'stall-body', match: ON_CALLS, times: 4 },
  { kind: 'reset', times: 6 },
  { kind: 'reset', match: WRITES, after: true, times: 3 },
  { kind: 'latency', ms: 700 },
];

function pagerDuty(fault: PagerDutyFault): Fault {
  const { kind, status: code, match, headers, after } = fault;
  const details = [
    code,
    headers === false ? 'bare' : undefined,
    match?.method,
    match?.pathPrefix,
    after === true ? 'after it is carried out' : undefined,
  ];
  const named = details.filter((each) => each !== undefined).join(' ');
  return {
    name: `PagerDuty: ${kind} ${named}`.trim(),
    strike: ({ arena }) => {
      const added = arena.stage.pagerDuty.faults.add(fault);
      return mendedBy(() => added.remove());
    },
  };
}

const CLOCKS: readonly Fault[] = [
  ...[-600, -45, 20, 300].map((seconds) => ({
    name: `PagerDuty's clock is moved by ${seconds} s`,
    strike: ({ arena: { stage, truth } }: Battlefield) => {
      const { clock } = stage.pagerDuty.account;
      truth.change(() => clock.setOffset(seconds * SECOND));
      return mendedBy(() => truth.change(() => clock.setOffset(0)));
    },
  })),
];

const SERVICE_CLOCK: Fault = {
  name: "the service's clock is moved",
  strike: ({ processes }) => {
    const moved = processes();
    for (const each of moved) each.stepClock();
    return mendedBy(() => {
      for (const each of moved) each.stepClock();
    });
  },
};

const PLACES: readonly Fault[] = [
  {
    name: 'identity is renewed',
    strike: async ({ arena }) => {
      await writeIdentity(arena);
      return undefined;
    },
  },
  {
    name: 'identity on disk is broken for a while',
    mayEndAStart: true,
    strike: async ({ arena }) => {
      await replaceFile(join(arena.stage.folder, 'identity'), 'not an identity\n');
      return () => writeIdentity(arena);
    },
  },
  {
    name: 'the rota turns',
    strike: ({ arena: { stage, truth }, dice }) => {
      turnRota(stage.pagerDuty.account, truth, dice);
      return Promise.resolve(undefined);
    },
  },
];

/** Seconds on call for one of the two: shifts begin and end while their requests are being handled. */
export function turnRota(
  account: Arena['stage']['pagerDuty']['account'],
  truth: Arena['truth'],
  dice: Dice,
): void {
  const start = account.clock.now();
  const end = new Date(start.getTime() + dice.between(2, 15) * SECOND);
  const userId = dice.pick(['PROTA01', 'PROTA02']);
  truth.change(() => void setOverride(account, { scheduleId: ROTA_SCHEDULE, userId, start, end }));
}

const FULL_DISK: Fault = {
  name: 'the ledger cannot be written',
  strike: async ({ processes }) => {
    const struck = processes();
    await Promise.all(struck.map((each) => each.refuseFileWrites(true)));
    return async () => {
      await Promise.all(struck.map((each) => each.refuseFileWrites(false)));
    };
  },
};

const POSTGRES_RESTART: Fault = {
  name: 'PostgreSQL restarts',
  mayEndAStart: true,
  strike: async ({ arena, dice }) => {
    await arena.postgres?.stop(dice.chance(0.5) ? 'SIGQUIT' : 'SIGINT');
    return async () => {
      await arena.postgres?.start();
    };
  },
};

function now(name: string, strike: (field: Battlefield) => void): Fault {
  return {
    name,
    strike: (field) => {
      strike(field);
      return Promise.resolve(undefined);
    },
  };
}

function inMidLife(fault: Fault): Fault {
  return { ...fault, needsAProcess: true };
}

function mendedBy(mend: Mend): Promise<Mend> {
  return Promise.resolve(mend);
}

function writeIdentity({ stage: { folder, teleport } }: Arena): Promise<void> {
  return replaceFile(join(folder, 'identity'), teleport.identityFileFor(BOT_USER));
}

/** As tbot writes: never half a file. */
async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
