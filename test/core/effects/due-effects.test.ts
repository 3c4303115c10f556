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
  expectDue,
  failed,
  intended,
  PAGE,
  SETTING,
  sole,
  story,
  succeeded,
  type Tale,
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
  const noted = () => [...granted(), ...done(look(), { incidentId: LIVE }), ...done(note())];
  it('is told on the live incident, once, where it is to be told', () => {
    const used = aRecordedUse({ tells: true });
    const [told, ...more] = due([...noted(), aRecordedUse(), used]);
    expect(told).toMatchObject({ kind: 'note', key: 'use-note', incident: { id: LIVE } });
    expect(told).toHaveProperty('content', expect.stringContaining(useNote(approved(), used, SETTING)));
    expect(more).toEqual([]);
    expect(due([...noted(), used, ...done(sole([told].flatMap((each) => each ?? []))), used])).toEqual([]);
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
    expect(due([...noted(), aRecordedUse()])).toEqual([]);
    expect(dueKeys([...granted(), ...done(look()), aRecordedUse({ tells: true })])).not.toContain('use-note');
  });
});

const LOOK = 'find-live-incident';
const NOT_OURS = { ours: false };
const found = () => done(look(), { incidentId: LIVE });
const tried = () => [approved(), intended(review()), failed(review())];
const unclear = () => [...tried(), ended()];
const second = () => aRecordedDecision({ number: 2, decisionId: 'OA-SECOND' });
const third = () => aRecordedDecision({ number: 3, decisionId: 'OA-THIRD' });
const secondReview = () => reviewOf(second(), 'review 2');
const bothBegun = () => [approved(), intended(review()), second(), intended(secondReview()), ended()];
const paged = () => [escalated(), ...done(sole(due([escalated()])), { incidentId: PAGE })];
const refused = someFacts({ reviewRefused: aCause({ message: 'Teleport refuses the review' }) });
const denying = { policy: aPolicy({ rules: [aRule({ otherwise: 'deny' })] }) };
const denied = () => aRecordedDecision({ facts: offCall, ...denying });
const denial = () => reviewOf(denied(), 'review', 'denied');
const unproven = () => aRecordedDecision({ decision: { ...approved().decision, proofs: [] } });
const halfMet = () =>
  aRecordedDecision({ decision: { ...denied().decision, proofs: approved().decision.proofs } });
const deniedBySomebody = () => ended({ state: 'denied', by: 'sre-3', reason: '' });

describe('what is due', () => {
  it.each<Tale>([
    ['before a decision nothing', () => [], ''],
    ['before a decision nothing, even if the request has ended', () => [ended()], ''],
    ['before a decision nothing, whatever was done', () => [...done(review()), ended()], ''],
    ['after an approval the review', () => [approved()], 'review'],
    ['the review that has failed', tried, 'review'],
    ['nothing else until the review has let them in', () => [approved(), ...done(review())], ''],
    ['next the look for the live incident', granted, LOOK],
    ['the look that was begun', () => [...granted(), intended(look())], LOOK],
    ['last the note on it', () => [...granted(), ...found()], 'live-note'],
    ['nothing after the note', () => [...granted(), ...found(), ...done(note())], ''],
    ['no note where there is no live incident', () => [...granted(), ...done(look())], ''],
    ['no note when it was denied anyhow', () => [approved(), ...done(review()), deniedBySomebody()], ''],
    ['no note when somebody else was first', () => [approved(), ...done(review(), NOT_OURS)], ''],
    ['nor at the end', () => [approved(), ...done(review(), NOT_OURS), ended()], ''],
    ['nothing where somebody else ended it before the review was intended', () => [approved(), ended()], ''],
    ['a review that may have ended the request, to be looked into', unclear, 'review'],
    ['the note of one that has', () => [...unclear(), succeeded(review())], LOOK],
    ['nothing of one that has not', () => [...unclear(), succeeded(review(), NOT_OURS)], ''],
    ['no look without a row that proves it', () => [unproven(), ...done(review()), ended()], ''],
    ['after a denial the review', () => [denied()], 'review', denying],
    ['and no note', () => [denied(), ...done(denial())], '', denying],
    ['nor if one of the rules was met', () => [halfMet(), ...done(denial()), ended()], '', denying],
    ['after an abstention nothing', () => [abstained()], ''],
    ['after an abstention nothing at the end', () => [abstained(), ended()], ''],
    ['a review of its own of a decision that replaces another', () => [...tried(), second()], 'review 2'],
    ['and of the next', () => [...tried(), second(), intended(secondReview()), third()], 'review 3'],
    ['the first review where the old one’s was not begun', () => [approved(), second()], 'review'],
    ['each begun review, to be looked into at the end', bothBegun, 'review, review 2'],
    [
      'the note where the second has let them in',
      () => [...bothBegun(), succeeded(review(), NOT_OURS), succeeded(secondReview())],
      LOOK,
    ],
    ['the note where the old one has', () => [...tried(), second(), ended(), succeeded(review())], LOOK],
    ['a review after a page, which is no review', () => [...paged(), second()], 'review'],
    [
      'a page where Teleport refused, and no review any more',
      () => [...tried(), aRecordedDecision({ number: 2, decisionId: 'OA-SECOND', facts: refused })],
      'page',
    ],
  ])('%s', expectDue);

  it('is what the decision says', () => {
    expect(due([approved()])).toEqual([review()]);
    expect(due(granted())).toEqual([look()]);
    expect(due([...granted(), ...found()])).toEqual([note()]);
    expect(due([denied()], denying)).toEqual([denial()]);
    expect(due([...tried(), second()])).toEqual([secondReview()]);
    expect(due([approved(), second()])).toEqual([reviewOf(second())]);
  });

  it('is looked for on the one service that was asked about, whatever else uses its policy', () => {
    const services = [{ id: 'PSERVC2', summary: 'Access requests' }, PAYMENTS_API];
    const onCall = onCallWith(anOnCallRow({ escalation_policy: { ...PAYMENTS, services } }));
    const decided = aRecordedDecision({ facts: someFacts({ onCall }) });

    expect(due([decided, ...done(reviewOf(decided)), ended()])).toEqual([look()]);
  });

  const services = [PAYMENTS_API, { id: 'PSERVC2', summary: 'Access requests' }];
  it.each([
    ['all services of the policy', { ...PAYMENTS, services }, services],
    ['none where they are not known', { ...PAYMENTS, services: null }, []],
    ['none without a policy', null, []],
  ])(
    'is looked for, where the rule goes by policy or schedule, on %s',
    (_which, escalation_policy, where) => {
      const byPolicy = someTargets({
        services: [],
        escalationPolicies: ['Payments'],
        schedules: ['Primary'],
      });
      const policy = aPolicy({ rules: [aRule({ onCall: byPolicy })] });
      const targets = [
        aTargetFact({ kind: 'escalation policy', asked: 'Payments', id: 'PPOLCY1' }),
        aTargetFact({ kind: 'schedule', asked: 'Primary', id: 'PSCHED1' }),
      ];
      const facts = someFacts({ targets, onCall: onCallWith(anOnCallRow({ escalation_policy })) });
      const decided = aRecordedDecision({ facts, policy });

      expect(due([decided, ...done(reviewOf(decided)), ended()], { policy })).toEqual([
        { ...look(), services: where },
      ]);
    },
  );
});

describe('a request is settled', () => {
  const over = () => [...granted(), ...done(look())];

  it.each([
    ['not while something is due', () => [approved()], false],
    ['not before it has ended', () => [approved(), ...done(review())], false],
    ['once it has ended and nothing is due', over, true],
    ['not while something is due after its end', granted, false],
    ['at once when it is not ours', () => [abstained()], true],
    ['when not ours, but paged, at the end', () => [escalated(), intended(review()), abstained()], false],
    ['when nothing was decided', () => [], true],
  ] satisfies [string, () => readonly LedgerEvent[], boolean][])('%s', (_when, events, settled) => {
    expect(isSettled(story(events()), due(events()), false)).toBe(settled);
  });

  it.each<[string, () => readonly LedgerEvent[], readonly Effect[], boolean]>([
    ['something is due, whatever the verdict', () => [abstained(), ended()], [look()], false],
    ['something is due, whatever was decided', () => [], [look()], false],
    ['its access is watched', over, [], true],
    ['access is watched that was not ours', () => [abstained()], [], true],
    ['it is pending, and ours', () => [approved()], [], false],
  ])('never while %s', (_what, events, effects, watched) => {
    expect(isSettled(story(events()), effects, watched)).toBe(false);
  });
});
