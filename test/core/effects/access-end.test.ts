import { describe, expect, it } from 'vitest';
import { awaitsShiftEnd, knownEnd, lockNameOf, watchesLock } from '../../../src/core/effects/access-end.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { shiftEndNote } from '../../../src/core/wording/notes.ts';
import { lockMessage } from '../../../src/core/wording/reviews.ts';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import type { OnCallRow } from '../../../src/core/on-call.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { emptyStory } from '../../../src/core/record/story.ts';
import {
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  aTargetFact,
  at,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
} from '../../support/builders.ts';
import {
  aNote,
  checked,
  done,
  due,
  dueKeys,
  ended,
  intended,
  requestId,
  story,
  succeeded,
} from '../telling.ts';

const withShift = { withShift: true, warnBeforeMs: null };
const rule = aRule({ accessEnd: withShift });
const policy = aPolicy({ rules: [rule] });
const approved = () => aRecordedDecision({ policy });
const END = at('2026-03-08T00:00:00Z');
const LIVE = 'Q1LIVE0INCIDENT';

function given(decided = approved()): readonly LedgerEvent[] {
  const review = {
    kind: 'review',
    key: 'review',
    decisionId: decided.decisionId,
    propose: 'approved',
    reason: '',
  } as const;
  return [decided, ...done(review), ended()];
}

const look: Effect = {
  kind: 'find-live-incident',
  key: 'find-live-incident',
  services: [],
  assignee: 'PSAM1RE',
};

describe('the access is watched', () => {
  const watched = (events: readonly LedgerEvent[], { now = NOW, inForce = policy } = {}) =>
    awaitsShiftEnd(story(events), { policy: inForce, now });

  it('once our review gave it, until the shift or the access itself is over', () => {
    const until = plusMs(NOW, 8 * HOUR);

    expect(watched(given())).toBe(true);
    expect(watched([...given(), checked(false)])).toBe(true);
    expect(watched([...given(), checked(true)])).toBe(false);
    expect(watched(given(), { now: plusMs(until, -1) })).toBe(true);
    expect(watched(given(), { now: until })).toBe(false);
  });

  it.each<[string, () => readonly LedgerEvent[]]>([
    ['before a decision', () => [ended()]],
    ['while the request is pending', () => given().slice(0, -1)],
    ['where it is denied', () => [...given().slice(0, -1), ended({ state: 'denied', by: null, reason: '' })]],
    ['where somebody else gave it', () => [approved(), ended()]],
    [
      'where our review came too late',
      () => [...given().slice(0, -2), succeeded({ key: 'review' }, { ours: false }), ended()],
    ],
  ])('not %s', (_when, events) => {
    expect(watched(events())).toBe(false);
  });

  it('not where the rule does not end it with the shift', () => {
    expect(watched(given(), { inForce: aPolicy() })).toBe(false);
  });

  it('also where that later decision is no approval', () => {
    const offCall = someFacts({ onCall: onCallWith() });
    const second = aRecordedDecision({ policy, facts: offCall, number: 2, decisionId: 'OA-SECOND' });
    const [decided, review, stands, end] = given();
    if (decided === undefined || review === undefined || stands === undefined || end === undefined) return;
    const told = [decided, review, second, end, stands];
    const lookedFor = { ...look, services: [{ id: 'PSERVC1', summary: 'Payments API' }] };

    expect(watched(told)).toBe(true);
    expect(due(told, { policy })).toEqual([lookedFor]);
    expect(due([...told, ...done(lookedFor), checked(true)], { policy })).toMatchObject([
      { kind: 'lock', message: lockMessage(approved(), 'with the shift: Sam One is not on call') },
    ]);
  });
});

describe('the end of the access, as far as is known', () => {
  const known = (rows: readonly OnCallRow[], rules: readonly Rule[] = [rule]) =>
    knownEnd(
      emptyStory,
      aRecordedDecision({ facts: someFacts({ onCall: onCallWith(...rows) }), policy: aPolicy({ rules }) }),
      rules,
    );

  it('is that of the shift, and of the longest grace', () => {
    const grace = (name: string, graceAfterShiftMs: number) =>
      aRule({ name, accessEnd: withShift, onCall: someTargets({ graceAfterShiftMs }) });

    expect(known([anOnCallRow()])).toBe(END);
    expect(known([anOnCallRow()], [grace('a', MINUTE), grace('b', 15 * MINUTE), grace('c', 0)])).toBe(
      plusMs(END, 15 * MINUTE),
    );
  });

  it('is not known for a shift without end', () => {
    expect(known([anOnCallRow({ end: null })])).toBeNull();
  });

  it('is that of the last of several shifts, and none where one of them has none', () => {
    const shifts = [
      { policy: 'PPOLCY1', end: '2026-03-04T00:00:00Z' },
      { policy: 'PPOLCY2', end: '2026-03-06T00:00:00Z' },
      { policy: 'PPOLCY3', end: '2026-03-05T00:00:00Z' },
    ];
    const rules = shifts.map(({ policy: id }) =>
      aRule({
        name: id,
        onCall: someTargets({ services: [], escalationPolicies: [id] }),
        accessEnd: withShift,
      }),
    );
    const ends = (overrides: readonly (string | null)[]) => {
      const rows = shifts.map(({ policy: id }, index) =>
        anOnCallRow({ escalation_policy: { id, summary: id, services: [] }, end: overrides[index] ?? null }),
      );
      const targets = shifts.map(({ policy: id }) =>
        aTargetFact({ kind: 'escalation policy', asked: id, id }),
      );
      const facts = someFacts({ targets, onCall: onCallWith(...rows) });
      return knownEnd(emptyStory, aRecordedDecision({ facts, policy: aPolicy({ rules }) }), rules);
    };

    expect(ends(shifts.map(({ end }) => end))).toBe('2026-03-06T00:00:00.000Z');
    expect(ends(shifts.map(({ end }) => end).toReversed())).toBe('2026-03-06T00:00:00.000Z');
    expect(ends([null, '2026-03-06T00:00:00Z', '2026-03-05T00:00:00Z'])).toBeNull();
    expect(ends(['2026-03-06T00:00:00Z', '2026-03-05T00:00:00Z', null])).toBeNull();
    expect(ends(['2026-03-06T00:00:00Z', null, '2026-03-05T00:00:00Z'])).toBeNull();
  });

  it('is not known without a row, or by one that cannot be read', () => {
    const { decision } = approved();
    const by = (proofs: typeof decision.proofs) =>
      knownEnd(emptyStory, aRecordedDecision({ decision: { ...decision, proofs } }), [rule]);

    expect(by([])).toBeNull();
    expect(by(decision.proofs.map((proof) => ({ ...proof, row: anOnCallRow({ end: 'soon' }) })))).toBeNull();
  });

  it('is what the last look has found', () => {
    const until = plusMs(NOW, HOUR);

    expect(knownEnd(story([checked(false, until)]), approved(), [rule])).toBe(until);
    expect(knownEnd(story([checked(false, null)]), approved(), [rule])).toBeNull();
  });
});

describe('the lock', () => {
  const lock = (): Effect => ({
    kind: 'lock',
    key: 'lock',
    message: lockMessage(approved(), 'with the shift: Sam One is not on call'),
    expires: approved().request.accessExpires,
  });
  const events = () => [...given(), ...done(look)];

  it('is due once a look has shown that the shift is over, for as long as the access would have lasted', () => {
    expect(due([...events(), checked(true)], { policy })).toEqual([lock()]);
    expect(due([...events(), checked(false)], { policy })).toEqual([]);
    expect(due([...events(), checked(true), ...done(lock())], { policy })).toEqual([]);
  });

  it('is due whatever the rules say by then, and never by the time alone', () => {
    expect(due([...events(), checked(true)], { policy: aPolicy({ rules: [] }) })).toEqual([lock()]);
    expect(due(events(), { policy, now: plusMs(END, HOUR) })).toEqual([]);
  });

  it('is watched as long as it stands and matters', () => {
    const locked = [...events(), checked(true), ...done(lock())];
    const until = plusMs(NOW, 8 * HOUR);
    const endless = aRecordedDecision({ policy, request: aRequest({ accessExpires: null }) });

    expect(watchesLock(story(locked), NOW)).toBe(true);
    // Teleport takes it away itself at the end, by its own clock: that is nobody's doing.
    expect(watchesLock(story(locked), plusMs(until, -MINUTE - 1))).toBe(true);
    expect(watchesLock(story(locked), plusMs(until, -MINUTE))).toBe(false);
    expect(watchesLock(story([...given(endless), checked(true), ...done(lock())]), until)).toBe(true);
    expect(watchesLock(story([...locked, { kind: 'unlocked', requestId }]), NOW)).toBe(false);
    expect(watchesLock(story([...events(), checked(true), intended(lock())]), NOW)).toBe(false);
    expect(watchesLock(story(done(lock())), until)).toBe(true);
    expect(watchesLock(emptyStory, NOW)).toBe(false);
  });

  it('has a name by its request', () => {
    expect(lockNameOf('0194f8a2')).toBe('oncall-approver-0194f8a2');
  });
});

describe('the word ahead of the end', () => {
  const warning = aPolicy({ rules: [aRule({ accessEnd: { withShift: true, warnBeforeMs: 15 * MINUTE } })] });
  const endless = () => aRecordedDecision({ policy: warning, request: aRequest({ accessExpires: null }) });
  const events = () => [
    ...given(endless()),
    ...done(look, { incidentId: LIVE }),
    ...done(aNote(endless(), 'live-note', { id: LIVE }, '')),
  ];
  const word = () => aNote(endless(), `shift-end ${END}`, { id: LIVE }, shiftEndNote(endless(), END));

  it('is said on the live incident from as long before as the rule says', () => {
    expect(due(events(), { policy: warning, now: plusMs(END, -15 * MINUTE - 1) })).toEqual([]);
    expect(due(events(), { policy: warning, now: plusMs(END, -15 * MINUTE) })).toEqual([word()]);
    expect(due(events(), { policy: warning, now: plusMs(END, MINUTE) })).toEqual([word()]);
    expect(due([...events(), ...done(word())], { policy: warning, now: END })).toEqual([]);
  });

  it('is said by the earliest of several rules, also at the end itself', () => {
    const warn = (name: string, warnBeforeMs: number | null) =>
      aRule({ name, accessEnd: { withShift: true, warnBeforeMs } });
    const rules = aPolicy({ rules: [warn('prod-oncall', MINUTE), warn('b', null)] });
    const atEnd = aPolicy({ rules: [warn('prod-oncall', 0)] });

    expect(dueKeys(events(), { policy: rules, now: plusMs(END, -MINUTE) })).toEqual([word().key]);
    expect(dueKeys(events(), { policy: atEnd, now: plusMs(END, -1) })).toEqual([]);
    expect(dueKeys(events(), { policy: atEnd, now: END })).toEqual([word().key]);
  });

  it('is said by the earliest of those that promised the end, whatever they say now', () => {
    const promised = [HOUR, null, MINUTE].map((warnBeforeMs, index) =>
      aRule({ name: `rule-${index}`, accessEnd: { withShift: true, warnBeforeMs } }),
    );
    const decided = { ...endless(), endsAccess: promised };
    const told = [...given(decided), ...events().slice(3)];

    expect(dueKeys(told, { policy: aPolicy(), now: plusMs(END, -HOUR - 1) })).toEqual([]);
    expect(dueKeys(told, { policy: aPolicy(), now: plusMs(END, -HOUR) })).toEqual([word().key]);
  });

  it('is not said any more once the access is over by itself', () => {
    const told = [...given(aRecordedDecision({ policy: warning })), ...events().slice(3)];

    expect(dueKeys(told, { policy: warning, now: END })).toEqual([]);
  });

  it('tells of the incident where that may end it too', () => {
    const withIncident = aRule({ name: 'b', accessEnd: { ...withShift, afterIncidentMs: 0 } });
    const rules = [aRule({ accessEnd: { withShift: true, warnBeforeMs: 0 } }), withIncident];
    const told = [...given({ ...endless(), endsAccess: rules }), ...events().slice(4), checked(false, END)];
    const [said] = due(told, { now: END });

    expect(said).toHaveProperty('content', expect.stringContaining(shiftEndNote(endless(), END, true)));
  });

  it('is said once the look for the live incident has found one', () => {
    expect(due([...given(endless()), intended(look)], { policy: warning, now: END })).toEqual([look]);
  });

  it('is said again for another end', () => {
    const until = plusMs(END, HOUR);
    const extended = [...events(), ...done(word()), checked(false, until)];

    expect(dueKeys(extended, { policy: warning, now: END })).toEqual([]);
    expect(dueKeys(extended, { policy: warning, now: until })).toEqual([`shift-end ${until}`]);
  });

  it.each<[string, () => readonly LedgerEvent[], Rule['accessEnd'] | null]>([
    ['no live incident', () => [...given(endless()), ...done(look)], null],
    ['no wish for it', events, withShift],
    ['no known end', () => [...events(), checked(false, null)], null],
    ['access that does not end with the shift', events, { withShift: false, warnBeforeMs: MINUTE }],
  ])('is not said where there is %s', (_what, told, accessEnd) => {
    const inForce = accessEnd === null ? warning : aPolicy({ rules: [aRule({ accessEnd })] });

    expect(due(told(), { policy: inForce, now: plusMs(END, 1) })).toEqual([]);
  });
});
