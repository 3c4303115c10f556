import { describe, expect, it } from 'vitest';
import { onceKeyOf, subjectOf, type LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { aCause, anAnswered, aPolicy, aRecordedDecision, aRecordedUse } from '../../support/builders.ts';
import { checked, leftAlone, resolved } from '../telling.ts';

const decided = aRecordedDecision({ number: 2, decision: leftAlone });
const { requestId, decidedAt } = decided;
const policy: LedgerEvent = { kind: 'policy', digest: '41c7be', policy: aPolicy() };
const checkpoint: LedgerEvent = {
  kind: 'checkpoint',
  origin: '0a',
  through: { seq: 41, at: decidedAt, hash: '1b' },
  removed: { from: 1, entries: 41, decisions: 7 },
  before: decidedAt,
  policies: [],
};
const mark: LedgerEvent = { kind: 'sealed-from', ledger: 'one of many', through: null };
const cutOff: LedgerEvent = {
  kind: 'cut-off',
  known: { seq: 9, hash: '2c' },
  found: { seq: 7, hash: '3d' },
};
const intended: LedgerEvent = {
  kind: 'effect-intended',
  requestId,
  effect: {
    kind: 'review',
    key: 'review',
    decisionId: decided.decisionId,
    propose: 'approved',
    reason: 'on call',
  },
};
const done: LedgerEvent = {
  kind: 'effect-done',
  requestId,
  key: 'review',
  outcome: { summary: 'the request is approved', ours: true, incidentId: null, url: null },
};
const failed: LedgerEvent = { kind: 'effect-failed', requestId, key: 'review', cause: aCause() };
const unheard: LedgerEvent = {
  ...{ kind: 'page-unheard', requestId, incidentId: 'Q2PAGE' },
  ...{ number: 2, why: 'their shift is over' },
};
const watched: LedgerEvent = {
  kind: 'watched',
  target: { kind: 'service', id: 'PSERVC1' },
  until: decidedAt,
};
const unlocked: LedgerEvent = { kind: 'unlocked', requestId };
const overturned: LedgerEvent = {
  kind: 'ended',
  requestId,
  ending: { state: 'denied', by: null, reason: '' },
  after: 'approved',
};
const postponed: LedgerEvent = { kind: 'postponed', requestId, since: decidedAt, why: 'PagerDuty is down' };
const ended: LedgerEvent = {
  kind: 'ended',
  requestId,
  ending: { state: 'approved', by: 'sre-3', reason: '' },
};

describe('a ledger event', () => {
  it.each([
    postponed,
    decided,
    intended,
    done,
    failed,
    anAnswered(),
    resolved(),
    checked(true),
    unlocked,
    ended,
  ])('of kind $kind belongs to its request', (event) => {
    expect(subjectOf(event)).toBe(requestId);
  });

  it.each([policy, checkpoint, mark, cutOff])('of kind $kind belongs to no request', (event) => {
    expect(subjectOf(event)).toBeNull();
  });

  it.each([
    ['one policy by its digest', policy, 'policy 41c7be'],
    ['one checkpoint for the entries it stands for', checkpoint, 'checkpoint 41'],
    ['the mark of a ledger', mark, 'sealed-from'],
    ['each account of a use by its number', aRecordedUse({ requestId, number: 2 }), `used ${requestId} 2`],
    ['that a request waits for facts', postponed, `postponed ${requestId}`],
    ['each decision by its number', decided, `decided ${requestId} 2`],
    ['the intention of an effect', intended, `intended ${requestId} review`],
    ['the doing of an effect', done, `done ${requestId} review`],
    ['the ending of a request', ended, `ended ${requestId}`],
    ['the denial that overturned it', overturned, `ended ${requestId} after approved`],
    ['an answer by its id', anAnswered(), `answered ${requestId} PNOTE01`],
    ['a page that was resolved without one', resolved('Q2PAGE'), `page-resolved ${requestId} Q2PAGE`],
    ['each time that a page was unheard', unheard, `page-unheard ${requestId} Q2PAGE 2`],
    ['that a target was watched until a time', watched, `watched service PSERVC1 ${decidedAt}`],
    ['the end of the access', checked(true), `access-ends ${requestId}`],
    ['the lock that was taken away', unlocked, `unlocked ${requestId}`],
    ['the next end of access', { ...checked(true), number: 2 }, `access-ends ${requestId} 2`],
    ['another one', { ...unlocked, lock: 'lock revoked P1' }, `unlocked ${requestId} lock revoked P1`],
    ['but a look at the access that goes on as often as it happens', checked(false), null],
    ['but an end that was cut off as often as it happens', cutOff, null],
    ['but a failure as often as it happens', failed, null],
  ])('is written once: %s', (_what, event, key) => {
    expect(onceKeyOf(event)).toBe(key);
  });
});
