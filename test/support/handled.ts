import type { AccessRequest } from '../../src/core/access-request.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { OnCallRow } from '../../src/core/on-call.ts';
import type { Told } from '../../src/core/record/story.ts';
import type { Sheet } from '../../src/core/roster/sheet.ts';
import type { Policy } from '../../src/core/rule.ts';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import type { Incident } from '../../src/ports/pagerduty.ts';
import type { Dependencies } from '../../src/review/dependencies.ts';
import { createRequestHandler } from '../../src/review/handle-request.ts';
import type { Handled, StagedRequest } from '../../src/review/stage.ts';
import {
  aCause,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aTargetFact,
  aTeleportUser,
  NOW,
  TAYLOR,
} from './builders.ts';
import { anIncident } from './carried.ts';

const pending = aRequest();
const ID = pending.id;

export interface There {
  readonly story?: readonly Told[];
  /** What Teleport has now. */
  readonly found?: Partial<AccessRequest> | null;
  readonly onCall?: 'on call' | 'off call' | 'unknown';
  readonly policy?: Policy;
  /** What fails of what is asked of the systems. */
  readonly failing?: Readonly<Record<string, Error>>;
  /** Other answers of the systems than usual. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Whom a page reaches. */
  readonly reached?: Incident['assignees'];
  /** The service stops while PagerDuty is asked who is on call. */
  readonly isStopping?: true;
  /** How long PagerDuty takes to say who is on call; milliseconds. */
  readonly onCallAfterMs?: number;
}

/** What the roster gives of service Payments API: these rows, or null where PagerDuty does not say. */
export function aSheet(rows: readonly OnCallRow[] | null): Sheet {
  const unknown = { kind: 'service', asked: 'Payments API', state: 'unknown', cause: aCause() } as const;
  return {
    ...{ at: rows === null ? null : NOW, rows: rows ?? [], broken: [], people: new Map(), sightings: [] },
    targets: [rows === null ? unknown : aTargetFact()],
  };
}

export const SAM_IN_TELEPORT = {
  user: () => Promise.resolve(aTeleportUser()),
  loginState: () => Promise.resolve(null),
};

export function samByEmail() {
  return Promise.resolve([{ id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' }]);
}

/** Handles a request once, between systems that answer at once; what was recorded, asked and reported, and how it goes on. */
export async function handle(observed: Partial<StagedRequest>, there: There = {}) {
  const { story = [], found = {}, onCall = 'on call', policy = aPolicy() } = there;
  const ledger = new SqliteLedger(':memory:');
  for (const { event, at } of story) await ledger.append([event], at);
  const stopping = new AbortController();
  const asked: string[] = [];
  const reported: string[] = [];
  const say = <T>(words: string, answer: T): Promise<T> => {
    asked.push(words);
    const failure = there.failing?.[words];
    if (failure !== undefined && there.isStopping) stopping.abort(new Error('the service stops'));
    const given = (there.answers?.[words] ?? answer) as T;
    return failure === undefined ? Promise.resolve(given) : Promise.reject(failure);
  };
  let now = NOW;
  const sheet = aSheet({ 'on call': [anOnCallRow()], 'off call': [], unknown: null }[onCall]);
  const dependencies = {
    ...{
      ledger,
      clock: { now: () => now },
      random: () => 0.5,
      digest: sha256,
      nodes: null,
      rootCluster: null,
    },
    ...{
      webhookCameSince: () => false,
      ownUser: 'oncall-approver',
      policyInForce: () => ({ policy, policyDigest: aRecordedDecision().policyDigest }),
    },
    reporter: new Proxy({}, { get: (_target, name) => () => void reported.push(String(name)) }),
    setting: { proxyPublicAddr: '', resolveWith: 'review', keyMac: () => 'mac' },
    resolving: { now: () => 'review', askAnew: () => Promise.resolve('review') },
    pulse: { feel: () => Promise.resolve({ state: 'answered' }) },
    users: SAM_IN_TELEPORT,
    ownership: { reading: () => undefined },
    addresses: { compare: () => Promise.resolve('unchanged-address') },
    locks: { exists: () => say('locked?', true), lockRequest: () => say('lock', undefined) },
    requests: {
      find: () => say('find', found === null ? null : { ...pending, ...found }),
      review: () => say('review', { ...pending, state: 'approved' }),
    },
    roster: {
      usersByEmail: samByEmail,
      onCall() {
        now = plusMs(now, there.onCallAfterMs ?? 0);
        if (there.isStopping) stopping.abort(new Error('the service stops'));
        return Promise.resolve(sheet);
      },
      service: (name: string) => Promise.resolve({ id: name, summary: name, status: 'active' }),
    },
    incidents: {
      open: () => say('open', anIncident('Q1', { assignees: there.reached ?? [TAYLOR] })),
      allWithKey: () => say('with its key?', []),
      openOn: () => Promise.resolve([]),
      timeline: () =>
        say('timeline', {
          isResolved: false,
          notes: [],
          acknowledgements: [],
          heldBy: [],
          notesAreKept: true,
        }),
      resolve: (id: string) => say('resolve', { incident: anIncident(id), before: false }),
      addNote: () => say('note', undefined),
      notes: () => say('notes', []),
    },
  } as unknown as Dependencies;
  const handler = createRequestHandler(dependencies);
  const once = (each: Partial<StagedRequest>) =>
    handler({ id: ID, request: pending, ...each }, stopping.signal);
  const before = story.length;
  const next = inWords(await once(observed));
  const recorded = (await ledger.entriesOf(ID)).slice(before).map(({ event }) => nameOf(event));
  return {
    next,
    recorded: recorded.join(', '),
    asked: asked.join(', '),
    reported,
    once,
    open: () => ledger.open(),
    events: () => ledger.entriesOf(ID),
  };
}

export function inWords(next: Handled): string {
  const called = next.called === undefined ? '' : `, calls ${next.called.join()}`;
  if (next.is === 'done') return `done${called}`;
  if (next.is === 'at-once') return `${next.item}${called}`;
  return `${next.inMs / SECOND} s${next.item === 'decision' ? '' : ` ${next.item}`}${next.isPostponed ? ', postponed' : ''}${called}`;
}

export function nameOf(event: LedgerEvent): string {
  if (event.kind === 'decided') return `${event.decision.verdict} ${event.number}`;
  if (event.kind === 'effect-intended') return `${event.effect.key}…`;
  if (event.kind === 'effect-done') return event.key;
  return event.kind === 'effect-failed' ? `${event.key} failed` : event.kind;
}
