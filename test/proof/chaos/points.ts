import type { Effect } from '../../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import type { Fault as PagerDutyFault } from '../../sim/pagerduty/faults.ts';
import type { Answer, Requester } from './fate.ts';
import type { Setting } from './setting.ts';

/** How a process comes by a point: who asks, what people answer, and what has to go wrong for it. */
export interface Way {
  readonly requester: Requester;
  readonly answer?: Answer;
  /** A method of Teleport's that fails a few times; `review` is the one that resolves requests. */
  readonly teleport?: 'review' | 'UpsertLock';
  readonly pagerDuty?: PagerDutyFault | readonly PagerDutyFault[];
  /** Only these set-ups have it. */
  readonly where?: (setting: Setting) => boolean;
  /** Only the sweep of the full minute finds it. */
  readonly fullMinute?: true;
  /** Only a look at the audit log finds it. */
  readonly read?: true;
  /** Whether somebody takes the lock away that ends the access with the shift; else as it comes. */
  readonly liftsLock?: boolean;
}

const ON_CALL: Way = { requester: 'on-call' };
const PAGED: Way = { requester: 'off-call', answer: 'deny-in-teleport' };
const BY_NOTE: Way = { requester: 'off-call', answer: 'approve-by-note' };
const RESOLVED: Way = { requester: 'off-call', answer: 'page-resolved' };
const SILENT: Way = { requester: 'off-call', answer: 'late', where: ({ impatient }) => impatient };
const SHIFT: Way = { requester: 'short-shift', where: ({ withShift }) => withShift };
/** A lock ends the access, unless somebody takes it away, and by it the audit log tells the service so. */
const USED: Way = {
  ...SHIFT,
  read: true,
  liftsLock: false,
  where: ({ withShift, usage }) => withShift && usage,
};
const TWO: Way = { requester: 'two-needed', answer: 'approve-by-note', where: ({ ownNames }) => ownNames };

const isBreakable = ({ breakGlass }: Setting): boolean => breakGlass;

const NOTES_FAIL: PagerDutyFault = {
  kind: 'status',
  status: 500,
  match: { method: 'POST', pathPrefix: '/incidents/' },
};
const PAGES_FAIL: PagerDutyFault = { ...NOTES_FAIL, match: { method: 'POST', pathPrefix: '/incidents' } };
const CLOSING_FAILS: PagerDutyFault = { ...NOTES_FAIL, match: { method: 'PUT', pathPrefix: '/incidents' } };
const LOOKING_FAILS: PagerDutyFault = { ...NOTES_FAIL, match: { method: 'GET', pathPrefix: '/incidents' } };
const NOBODY_KNOWS: PagerDutyFault = { ...NOTES_FAIL, match: { method: 'GET', pathPrefix: '/oncalls' } };
const NOTHING_ANSWERS: PagerDutyFault = { ...NOTES_FAIL, match: { method: 'GET', pathPrefix: '/abilities' } };
const NOTHING_WORKS: PagerDutyFault = { ...NOTES_FAIL, match: {} };
/** PagerDuty is silent where it is listened to, and tells nobody who is on call; pages can be opened all the same. */
const GLASS: Way = { requester: 'glass', pagerDuty: [NOBODY_KNOWS, NOTHING_ANSWERS], where: isBreakable };

/**
 * The entries that the story of a request consists of; a process can be killed right before and right after each is committed.
 * An entry that a run leaves in the ledger and that is not named here fails the run: a new effect wants its point.
 */
export const LEDGER_POINTS: Readonly<Record<string, Way>> = {
  'decided approve': ON_CALL,
  'decided escalate': PAGED,
  'decided deny': { requester: 'denied' },
  'decided abstain': { requester: 'not-ours' },
  postponed: { ...ON_CALL, pagerDuty: NOBODY_KNOWS },
  ended: ON_CALL,
  answered: BY_NOTE,
  'page-resolved': RESOLVED,
  'page-unheard': { requester: 'off-call', answer: 'acknowledged-by-requester' },
  'access-checked': SHIFT,
  unlocked: { ...SHIFT, liftsLock: true, fullMinute: true },
  used: USED,
  ...effect('review', ON_CALL, { teleport: 'review' }),
  ...effect('find-live-incident', ON_CALL, { pagerDuty: LOOKING_FAILS }),
  ...effect('live-note', ON_CALL, { pagerDuty: NOTES_FAIL }),
  ...effect('page', PAGED, { pagerDuty: PAGES_FAIL }),
  ...effect('break-glass', GLASS, { pagerDuty: NOTHING_WORKS }),
  ...effect('vote', BY_NOTE, { teleport: 'review' }),
  ...effect('reply', { requester: 'off-call', answer: 'false-answers-first' }, { pagerDuty: NOTES_FAIL }),
  ...effect('progress', TWO, { pagerDuty: NOTES_FAIL }),
  ...effect('unanswered', RESOLVED, { pagerDuty: NOTES_FAIL }),
  ...effect('reminder', SILENT, { pagerDuty: NOTES_FAIL }),
  ...effect('move-up', SILENT, { pagerDuty: CLOSING_FAILS }),
  ...effect('closing-note', PAGED, { pagerDuty: NOTES_FAIL }),
  ...effect('close-page', PAGED, { pagerDuty: CLOSING_FAILS }),
  ...effect('shift-end', SHIFT, { pagerDuty: NOTES_FAIL }),
  ...effect('use-note', USED, { pagerDuty: NOTES_FAIL }),
  ...effect('lock', SHIFT, { teleport: 'UpsertLock' }),
};

function effect(key: string, way: Way, failing: Partial<Way>): Readonly<Record<string, Way>> {
  return {
    [`effect-intended ${key}`]: way,
    [`effect-done ${key}`]: way,
    [`effect-failed ${key}`]: { ...way, ...failing },
  };
}

/**
 * Calls that change something outside, and the one that renews the roster: a process can be killed while one is held back, and once it
 * is carried out but unanswered.
 */
export interface CallPoint {
  readonly name: string;
  readonly way: Way;
  readonly call:
    | { readonly teleport: string }
    | { readonly pagerDuty: { readonly method: string; readonly path: RegExp; readonly pathPrefix: string } };
}

const isCommunity = ({ edition }: Setting): boolean => edition === 'community';

export const CALL_POINTS: readonly CallPoint[] = [
  {
    name: 'review',
    way: { ...ON_CALL, where: (setting) => !isCommunity(setting) },
    call: { teleport: 'SubmitAccessReview' },
  },
  { name: 'state', way: { ...ON_CALL, where: isCommunity }, call: { teleport: 'SetAccessRequestState' } },
  { name: 'lock', way: SHIFT, call: { teleport: 'UpsertLock' } },
  {
    name: 'renewal of the roster',
    way: ON_CALL,
    call: { pagerDuty: { method: 'GET', path: /^\/oncalls$/u, pathPrefix: '/oncalls' } },
  },
  {
    name: 'page',
    way: PAGED,
    call: { pagerDuty: { method: 'POST', path: /^\/incidents$/u, pathPrefix: '/incidents' } },
  },
  {
    name: 'note',
    way: PAGED,
    call: { pagerDuty: { method: 'POST', path: /\/notes$/u, pathPrefix: '/incidents/' } },
  },
  {
    name: 'close-page',
    way: PAGED,
    call: { pagerDuty: { method: 'PUT', path: /^\/incidents/u, pathPrefix: '/incidents' } },
  },
];

/** Every kind of entry has its points, or none because it is not about a request. The compiler asks for a new one here. */
export const POINTS_OF_KIND: Readonly<Record<LedgerEvent['kind'], boolean>> = {
  policy: false,
  checkpoint: false,
  'sealed-from': false,
  'cut-off': false,
  'page-begun': false,
  'asked-on': false,
  watched: false,
  postponed: true,
  decided: true,
  'effect-intended': true,
  'effect-done': true,
  'effect-failed': true,
  answered: true,
  'page-resolved': true,
  'page-unheard': true,
  'access-checked': true,
  unlocked: true,
  used: true,
  ended: true,
};

/** The effects of each kind, by the first word of their keys. The compiler asks for a new one here. */
export const KEYS_OF_KIND: Readonly<Record<Effect['kind'], readonly string[]>> = {
  review: ['review'],
  vote: ['vote'],
  page: ['page', 'break-glass'],
  finding: [],
  'find-live-incident': ['find-live-incident'],
  note: ['live-note', 'reply', 'progress', 'unanswered', 'reminder', 'closing-note', 'shift-end', 'use-note'],
  'move-up': ['move-up'],
  'close-page': ['close-page'],
  lock: ['lock'],
  unlock: [],
};

/**
 * They come about in some runs, too seldom for a trap at them to be met: a shift that goes on after its access was locked, an account a day
 * old. Their names.
 */
const BY_CHANCE: ReadonlySet<string> = new Set(['unlock', 'given-back', 'finding']);

export function isByChance(name: string): boolean {
  return BY_CHANCE.has(name.split(' ')[1] ?? '');
}

/** The name of an entry by its stored text, such as `effect-done review`; keys that are numbered or name somebody go by their first word. */
export function nameOfEvent(text: string): string {
  if (!text.startsWith('{"kind":')) return '';
  return nameOf(JSON.parse(text) as LedgerEvent);
}

export function nameOf(event: LedgerEvent): string {
  switch (event.kind) {
    case 'decided':
      return `decided ${event.decision.verdict}`;
    case 'effect-intended':
      return `effect-intended ${firstWord(event.effect.key)}`;
    case 'effect-done':
    case 'effect-failed':
      return `${event.kind} ${firstWord(event.key)}`;
    case 'policy':
    case 'checkpoint':
    case 'sealed-from':
    case 'cut-off':
    case 'page-begun':
    case 'asked-on':
    case 'watched':
    case 'postponed':
    case 'answered':
    case 'page-resolved':
    case 'page-unheard':
    case 'access-checked':
    case 'unlocked':
    case 'used':
    case 'ended':
      return event.kind;
  }
}

function firstWord(key: string): string {
  return key.split(' ')[0] ?? key;
}
