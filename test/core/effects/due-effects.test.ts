import { describe, expect, it } from 'vitest';
import { isSettled } from '../../../src/core/effects/due-effects.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { liveNote } from '../../../src/core/wording/notes.ts';
import { useNote } from '../../../src/core/wording/usage.ts';
import { noteMarker } from '../../../src/core/wording/phrases.ts';
import { reviewReason } from '../../../src/core/wording/reviews.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import {
  aCause,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRecordedUse,
  aRule,
  aTargetFact,
  onCallWith,
  PAYMENTS,
  PAYMENTS_API,
  someFacts,
  someTargets,
} from '../../support/builders.ts';
import {
  done,
  due,
  dueKeys,
  ended,
  failed,
  intended,
  PAGE,
  SETTING,
  sole,
  story,
  succeeded,
} from '../telling.ts';

const LIVE = 'Q1LIVE0INCIDENT';

const approved = () => aRecordedDecision();
const offCall = someFacts({ onCall: onCallWith() });
const escalated = () => aRecordedDecision({ facts: offCall });

const review = () => reviewOf(approved());
const look = (): Effect => ({
  kind: 'find-live-incident',
  key: 'find-live-incident',
  services: [PAYMENTS_API],
  assignee: 'PSAM1RE',
});
const note = (): Effect => ({
  kind: 'note',
  key: 'live-note',
  incident: { id: LIVE },
  content: `${liveNote(approved())}\n${noteMarker(approved(), 'live-note')}`,
  marker: noteMarker(approved(), 'live-note'),
});
const granted = () => [approved(), ...done(review()), ended()];

function reviewOf(
  decided: RecordedDecision,
  key = 'review',
  propose: 'approved' | 'denied' = 'approved',
): Effect {
  const { decisionId } = decided;
  return { kind: 'review', key, decisionId, propose, reason: reviewReason(decided) };
}

function abstained(): RecordedDecision {
  return aRecordedDecision({ policy: aPolicy({ rules: [] }) });
}

describe('what the access was used for', () => {
  const found = () => [...granted(), ...done(look(), { incidentId: LIVE }), ...done(note())];
  it('is told on the live incident, once, where it is to be told', () => {
    const used = aRecordedUse({ tells: true });
    const [told, ...more] = due([...found(), aRecordedUse(), used]);
    expect(told).toMatchObject({ kind: 'note', key: 'use-note', incident: { id: LIVE } });
    expect(told).toHaveProperty('content', expect.stringContaining(useNote(approved(), used, SETTING)));
    expect(more).toEqual([]);
    expect(due([...found(), used, ...done(sole([told].flatMap((each) => each ?? []))), used])).toEqual([]);
  });

  it('is told to those who review it, where it shows something, once', () => {
    const used = aRecordedUse({ stage: 'final', review: 'Access reviews' });
    const [page, ...more] = due([...granted(), ...done(look(), { incidentId: null }), used]);
    expect(page).toMatchObject({
      ...{ kind: 'finding', key: 'finding never-used', service: 'Access reviews' },
      incidentKey: expect.stringMatching(/\/finding\/never-used\//u) as string,
    });
    expect(more.map(({ key }) => key)).not.toContain('finding never-used');
    const once = done(sole([page].flatMap((each) => each ?? [])));
    expect(
      dueKeys([...granted(), used, ...once, aRecordedUse({ stage: 'correction', number: 3, review: 'x' })]),
    ).not.toContain('finding never-used');
    expect(dueKeys([...granted(), aRecordedUse({ stage: 'final' })])).not.toContain('finding never-used');
  });

  it('is not told where it is not to be, or there is none', () => {
    expect(due([...found(), aRecordedUse()])).toEqual([]);
    expect(dueKeys([...granted(), ...done(look()), aRecordedUse({ tells: true })])).not.toContain('use-note');
  });
});

describe('before a decision', () => {
  it('nothing is due, even if the request has ended', () => {
    expect(due([])).toEqual([]);
    expect(due([ended()])).toEqual([]);
    expect(due([...done(review()), ended()])).toEqual([]);
  });
});

describe('after an approval', () => {
  it('the review is due, and nothing else until it has let them in', () => {
    expect(due([approved()])).toEqual([review()]);
    expect(due([approved(), intended(review()), failed(review())])).toEqual([review()]);
    expect(due([approved(), ...done(review())])).toEqual([]);
  });

  it('the live incident is looked for next, and its note comes last', () => {
    expect(due(granted())).toEqual([look()]);
    expect(due([...granted(), intended(look())])).toEqual([look()]);
    expect(due([...granted(), ...done(look(), { incidentId: LIVE })])).toEqual([note()]);
    expect(due([...granted(), ...done(look(), { incidentId: LIVE }), ...done(note())])).toEqual([]);
  });

  it('there is no note where there is no live incident', () => {
    expect(due([...granted(), ...done(look())])).toEqual([]);
  });

  it('there is no note when the request was denied all the same', () => {
    expect(due([approved(), ...done(review()), ended({ state: 'denied', by: 'sre-3', reason: '' })])).toEqual(
      [],
    );
  });

  it('the live incident is looked for on the one service that was asked about, whatever else uses its policy', () => {
    const services = [{ id: 'PSERVC2', summary: 'Access requests' }, PAYMENTS_API];
    const onCall = onCallWith(anOnCallRow({ escalation_policy: { ...PAYMENTS, services } }));
    const decided = aRecordedDecision({ facts: someFacts({ onCall }) });

    expect(due([decided, ...done(reviewOf(decided)), ended()])).toEqual([look()]);
  });

  it('the live incident is looked for on all services of the policy, where the rule goes by policy or schedule', () => {
    const byPolicy = someTargets({ services: [], escalationPolicies: ['Payments'], schedules: ['Primary'] });
    const policy = aPolicy({ rules: [aRule({ onCall: byPolicy })] });
    const services = [PAYMENTS_API, { id: 'PSERVC2', summary: 'Access requests' }];
    const expectedFor = [
      [{ ...PAYMENTS, services }, services],
      [{ ...PAYMENTS, services: null }, []],
      [null, []],
    ] as const;

    for (const [escalation_policy, expected] of expectedFor) {
      const onCall = onCallWith(anOnCallRow({ escalation_policy }));
      const targets = [
        aTargetFact({ kind: 'escalation policy', asked: 'Payments', id: 'PPOLCY1' }),
        aTargetFact({ kind: 'schedule', asked: 'Primary', id: 'PSCHED1' }),
      ];
      const decided = aRecordedDecision({ facts: someFacts({ targets, onCall }), policy });

      expect(due([decided, ...done(reviewOf(decided)), ended()], { policy })).toEqual([
        { ...look(), services: expected },
      ]);
    }
  });

  it('there is no note when somebody else was first', () => {
    expect(due([approved(), ...done(review(), { ours: false })])).toEqual([]);
    expect(due([approved(), ...done(review(), { ours: false }), ended()])).toEqual([]);
  });

  it('nothing is due when somebody else ended the request before the review was even intended', () => {
    expect(due([approved(), ended()])).toEqual([]);
  });

  it('a review that may have ended the request is looked into, and its note follows if it has', () => {
    const unclear = [approved(), intended(review()), failed(review()), ended()];

    expect(due(unclear)).toEqual([review()]);
    expect(due([...unclear, succeeded(review())])).toEqual([look()]);
    expect(due([...unclear, succeeded(review(), { ours: false })])).toEqual([]);
  });

  it('without a row that proves it there is nothing to look for', () => {
    const unproven = aRecordedDecision({ decision: { ...approved().decision, proofs: [] } });

    expect(due([unproven, ...done(review()), ended()])).toEqual([]);
  });
});

describe('after a denial', () => {
  const policy = aPolicy({ rules: [aRule({ otherwise: 'deny' })] });
  const denied = () => aRecordedDecision({ facts: offCall, policy });
  const denial = () => reviewOf(denied(), 'review', 'denied');

  it('the review is due, and no note, even if one of the rules was met', () => {
    const halfMet = aRecordedDecision({
      decision: { ...denied().decision, proofs: approved().decision.proofs },
    });

    expect(due([denied()], { policy })).toEqual([denial()]);
    expect(due([denied(), ...done(denial())], { policy })).toEqual([]);
    expect(due([halfMet, ...done(denial()), ended()], { policy })).toEqual([]);
  });
});

describe('a decision that takes another one’s place', () => {
  const second = () => aRecordedDecision({ number: 2, decisionId: 'OA-SECOND' });
  const third = () => aRecordedDecision({ number: 3, decisionId: 'OA-THIRD' });
  const secondReview = () => reviewOf(second(), 'review 2');

  it('has a review of its own, and that of the old one is not tried any more', () => {
    const events = [approved(), intended(review()), failed(review()), second()];

    expect(due(events)).toEqual([secondReview()]);
    expect(due([...events, intended(secondReview()), third()])).toEqual([reviewOf(third(), 'review 3')]);
  });

  it('has the first review where the old one’s was not begun', () => {
    expect(due([approved(), second()])).toEqual([reviewOf(second())]);
  });

  it('leaves each begun review to be looked into once the request has ended', () => {
    const events = [approved(), intended(review()), second(), intended(secondReview()), ended()];

    expect(due(events)).toEqual([review(), secondReview()]);
    expect(dueKeys([...events, succeeded(review(), { ours: false }), succeeded(secondReview())])).toEqual([
      'find-live-incident',
    ]);
  });

  it('is reviewed also after a page, which is no review', () => {
    const page = sole(due([escalated()]));

    expect(due([escalated(), ...done(page, { incidentId: PAGE }), second()])).toEqual([reviewOf(second())]);
  });

  it('does not hide that the old one’s review let them in: the live incident is told', () => {
    const events = [approved(), intended(review()), failed(review()), second(), ended(), succeeded(review())];

    expect(due(events)).toEqual([look()]);
  });
});

describe('an approval that Teleport refused', () => {
  it('is followed by a page, and the review is not tried any more', () => {
    const refused = someFacts({ reviewRefused: aCause({ message: 'Teleport refuses the review' }) });
    const second = () => aRecordedDecision({ number: 2, decisionId: 'OA-SECOND', facts: refused });

    expect(dueKeys([approved(), intended(review()), failed(review()), second()])).toEqual(['page']);
  });
});

describe('after an abstention', () => {
  it('nothing is due, before the end of the request and after it', () => {
    expect(due([abstained()])).toEqual([]);
    expect(due([abstained(), ended()])).toEqual([]);
  });
});

describe('a request is settled', () => {
  const looked = () => done(look());

  it.each([
    ['not while something is due', () => [approved()], false],
    ['not before it has ended', () => [approved(), ...done(review())], false],
    ['once it has ended and nothing is due', () => [...granted(), ...looked()], true],
    ['not while something is due after its end', granted, false],
    ['at once when it is not ours', () => [abstained()], true],
    [
      'when it is not ours but a page may be open, only once it has ended',
      () => [escalated(), intended(review()), abstained()],
      false,
    ],
    ['when nothing was decided', () => [], true],
  ] satisfies [string, () => readonly LedgerEvent[], boolean][])('%s', (_when, events, settled) => {
    expect(isSettled(story(events()), due(events()), false)).toBe(settled);
  });

  it('never while something is due, whatever the verdict', () => {
    expect(isSettled(story([abstained(), ended()]), [look()], false)).toBe(false);
    expect(isSettled(story([]), [look()], false)).toBe(false);
  });

  it('never while its access is watched', () => {
    expect(isSettled(story([...granted(), ...looked()]), [], true)).toBe(false);
    expect(isSettled(story([abstained()]), [], true)).toBe(false);
  });
});
