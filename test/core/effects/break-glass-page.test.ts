import { describe, expect, it } from 'vitest';
import { allPages, glassPages } from '../../../src/core/effects/asking-pages.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { closingNote } from '../../../src/core/wording/notes.ts';
import { breakGlassPage } from '../../../src/core/wording/pages.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import {
  aCause,
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRule,
  NOW,
  onCallWith,
  someFacts,
  SILENT,
} from '../../support/builders.ts';
import {
  aNote,
  done,
  due,
  dueKeys,
  ended,
  ending,
  failed,
  INCIDENT_KEY,
  keyOf,
  requestId,
  intended,
  PAGE,
  SETTING,
  sole,
  story,
  succeeded,
} from '../telling.ts';

const GLASS_PAGE = 'Q9GLASS';
const glass = aRule({
  name: 'a-glass',
  breakGlass: true,
  escalate: anEscalation({ service: 'Security', fromAnnotation: null, urgency: 'low' }),
});
const policy = aPolicy({ rules: [glass, aRule()] });
const silent = someFacts({ onCall: { state: 'unknown', cause: aCause() }, silence: SILENT });
const denied = { state: 'denied', by: 'sre-3', reason: '' } as const;

function broken(overrides: Partial<RecordedDecision> = {}): RecordedDecision {
  return aRecordedDecision({ facts: silent, policy, ...overrides });
}
function reviewOf(decided: RecordedDecision): Effect {
  return sole(due([decided], { policy }));
}
/** Broken glass that let somebody in. */
function given(decided = broken()): readonly LedgerEvent[] {
  return [decided, ...done(reviewOf(decided))];
}
/** Nobody is asked on it, and what is said there is heard once its access may be ended. */
it('is a page of its own, once it is open', () => {
  expect(glassPages(story(given()))).toEqual([]);
  const opened = story([...given(), ...done(pageOf(), { incidentId: GLASS_PAGE })]);
  expect(allPages(opened)).toEqual([]);
  expect(glassPages(opened)).toMatchObject([
    { number: 0, incident: { id: GLASS_PAGE }, id: `${requestId}/break-glass page`, code: 'E1B44' },
  ]);
});

function pageOf(decided = broken(), stillPending = false): Effect {
  return {
    kind: 'page',
    key: 'break-glass page',
    service: 'Security',
    urgency: 'low',
    incidentKey: keyOf(`oncall-approver/${requestId}/break-glass`),
    ...breakGlassPage(decided, SETTING, stillPending),
  };
}
function keys(events: readonly LedgerEvent[], inForce = policy): readonly string[] {
  return dueKeys(events, { policy: inForce });
}

describe('the page about broken glass', () => {
  it('is opened once somebody was let in, where its rule says', () => {
    expect(keys([broken()])).toEqual(['review']);
    expect(due(given(), { policy })).toEqual([pageOf()]);
    const escalate = anEscalation({ service: 'Security', instead: ['SRE'], fromAnnotation: null });
    expect(due(given(), { policy: aPolicy({ rules: [{ ...glass, escalate }, aRule()] }) })).toMatchObject([
      { service: 'Security', instead: ['SRE'] },
    ]);
    expect(keys([...given(), ended()])).toEqual(['break-glass page']);
  });

  it('is not opened where nobody was let in', () => {
    const review = reviewOf(broken());
    const late = [broken(), intended(review), succeeded(review, { ours: false })];

    expect(keys(late)).toEqual([]);
    expect(keys([...late, ended()])).toEqual([]);
    expect(keys([...given(), ended(denied)])).toEqual([]);
    expect(keys([broken(), ended(denied)])).toEqual([]);
  });

  it('is opened as it was begun, though the rules have changed since', () => {
    const begun = [...given(), intended(pageOf()), failed(pageOf())];
    const changed = aPolicy({ rules: [{ ...glass, escalate: anEscalation({ service: 'Elsewhere' }) }] });

    expect(due(begun, { policy: changed })).toEqual([pageOf()]);
    expect(due([...begun, ended()], { policy: changed })).toEqual([pageOf()]);
  });

  it('is not opened where no rule says where', () => {
    const nowhere = anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' });

    expect(keys(given(), aPolicy({ rules: [{ ...glass, escalate: nowhere }] }))).toEqual([]);
    expect(keys(given(), aPolicy({ rules: [{ ...glass, escalate: null }] }))).toEqual([]);
  });

  it('is closed where somebody else ended the request otherwise', () => {
    const opened = [...given(), ...done(pageOf(), { incidentId: GLASS_PAGE }), ended(denied)];
    const incident = { id: GLASS_PAGE };

    expect(due(opened, { policy })).toEqual([
      aNote(
        broken(),
        'closing-note break-glass',
        incident,
        closingNote(broken(), denied, { where: SETTING, now: NOW }),
      ),
      { kind: 'close-page', key: 'close-page break-glass', incident },
    ]);
    expect(due([...given(), intended(pageOf()), ended(denied)], { policy }).at(-1)).toMatchObject({
      incident: { incidentKey: keyOf(`oncall-approver/${requestId}/break-glass`) },
    });
  });

  it('asks for the other approvals as well, where Teleport wants more than one', () => {
    const review = reviewOf(broken());
    const waiting = [broken(), ...done(review, { stillPending: true })];

    expect(due(waiting, { policy })).toEqual([pageOf(broken(), true)]);
    expect(due([...waiting, ended()], { policy })).toEqual([pageOf()]);
  });
});

describe('broken glass after the request was escalated', () => {
  const offCall = someFacts({ onCall: onCallWith() });
  const escalated = () => aRecordedDecision({ facts: offCall, policy });
  const page = () => sole(due([escalated()], { policy }));
  const paged = () => [escalated(), ...done(page(), { incidentId: PAGE })];
  const second = () => broken({ number: 2, decisionId: 'OA-SECOND' });
  const letIn = () => [...paged(), ...given(second())];

  it('has the ordinary page closed at the end, and its own left open', () => {
    const events = [...letIn(), ...done(pageOf(second()), { incidentId: GLASS_PAGE }), ended()];
    const incident = { id: PAGE };

    expect(due(events, { policy })).toEqual([
      aNote(second(), 'closing-note', incident, closingNote(second(), ending, { where: SETTING, now: NOW })),
      { kind: 'close-page', key: 'close-page', incident, page: `${requestId}/1` },
    ]);
  });

  it('has both pages closed where somebody else ended the request otherwise', () => {
    const events = [...letIn(), ...done(pageOf(second()), { incidentId: GLASS_PAGE }), ended(denied)];

    expect(keys(events)).toEqual([
      'closing-note',
      'close-page',
      'closing-note break-glass',
      'close-page break-glass',
    ]);
  });

  it('does not open the ordinary page any more, if that was not open yet', () => {
    const begun = [escalated(), intended(page()), failed(page())];

    expect(keys([...begun, ...given(second())])).toEqual(['break-glass page']);
    expect(due([...begun, ...given(second()), ended()], { policy }).at(-1)).toEqual({
      kind: 'close-page',
      key: 'close-page',
      page: `${requestId}/1`,
      incident: { incidentKey: INCIDENT_KEY },
    });
  });
});

describe('broken glass under a decision that was replaced before it was known that it let somebody in', () => {
  const first = () => broken();
  const later = () =>
    aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }), policy, number: 2, decisionId: 'OA-2' });
  const begun = () => [first(), intended(reviewOf(first())), failed(reviewOf(first())), later()];

  it('is found out at the end, and paged', () => {
    expect(keys([...begun(), ended()])).toEqual(['review']);
    expect(due([...begun(), ended(), succeeded(reviewOf(first()))], { policy })).toEqual([pageOf(first())]);
  });

  it('has people asked by it, beside the page that there is', () => {
    expect(keys([...given(), ...done(pageOf(), { incidentId: GLASS_PAGE }), later()])).toContain('page');
  });

  it('is paged once, and its page is left open, whatever decision is in force', () => {
    const paged = done(pageOf(first()), { incidentId: GLASS_PAGE });

    expect(keys([...begun(), ended(), succeeded(reviewOf(first())), ...paged])).toEqual([]);
  });

  it('is told from another review of ours by the reason that Teleport gives', () => {
    const ordinary = aRecordedDecision({ policy, number: 2, decisionId: 'OA-2' });
    const [review, other] = [reviewOf(first()), { ...reviewOf(ordinary), key: 'review 2' } as Effect];
    const both = [first(), intended(review), ordinary, ...done(other), succeeded(review)];
    const reasonOf = (effect: Effect) => ('reason' in effect ? effect.reason : '');
    const by = (reason: string) => ended({ state: 'approved', by: 'oncall-approver', reason });

    const begunPage = [...given(), intended(pageOf()), ordinary, ...done(other), by(reasonOf(other))];
    expect(keys([...both, by(reasonOf(review))])).toContain('break-glass page');
    // What was begun is finished, though another review has settled the request.
    expect(keys(begunPage)).toContain('break-glass page');
    expect(keys([...both, by(reasonOf(other))])).not.toContain('break-glass page');
    expect(keys([...both, by('somebody else’s words')])).not.toContain('break-glass page');
  });
});

describe('a ledger of an earlier version, in which the page about broken glass has the key of the ordinary one', () => {
  const old = (): Effect => ({ ...pageOf(), key: 'page', incidentKey: INCIDENT_KEY }) as Effect;

  it('is not paged a second time', () => {
    const opened = [...given(), ...done(old(), { incidentId: GLASS_PAGE })];

    expect(keys(opened)).toEqual([]);
    expect(keys([...opened, ended()])).toEqual([]);
  });

  it('has the page finished that was begun', () => {
    expect(due([...given(), intended(old()), failed(old())], { policy })).toEqual([old()]);
  });

  it('has it closed under the keys of that time', () => {
    const opened = [...given(), ...done(old(), { incidentId: GLASS_PAGE }), ended(denied)];

    expect(keys(opened)).toEqual(['closing-note', 'close-page']);
  });
});
