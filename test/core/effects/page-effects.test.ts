import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/record/effect.ts';
import { closingNote } from '../../../src/core/wording/notes.ts';
import { page } from '../../../src/core/wording/pages.ts';
import { openPageOf } from '../../../src/core/effects/asking-pages.ts';
import { escalationOf, promisedPaging } from '../../../src/core/effects/paging-rule.ts';
import {
  anAnswer,
  anAnswered,
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import {
  aNote,
  done,
  due,
  dueKeys,
  ended,
  ending,
  escalated,
  failed,
  INCIDENT_KEY,
  keyOf,
  requestId,
  intended,
  PAGE,
  paged,
  paging,
  resolved,
  SETTING,
  sole,
  story,
} from '../telling.ts';

const offCall = someFacts({ onCall: onCallWith() });
const byNote = { code: 'E1B44', onlyInTeleport: null, acknowledging: false, ifKnown: false };
const theirPage = (): Effect => ({
  kind: 'page',
  key: 'page',
  service: 'Access requests',
  urgency: 'high',
  incidentKey: INCIDENT_KEY,
  ...page(escalated(), SETTING, byNote),
});
const lastNote = () =>
  aNote(
    escalated(),
    'closing-note',
    { id: PAGE },
    closingNote(escalated(), ending, { where: SETTING, now: NOW }),
  );
const close: Effect = {
  ...{ kind: 'close-page', key: 'close-page', incident: { id: PAGE } },
  page: `${requestId}/1`,
};

describe('after an escalation', () => {
  it('the page says how it may be answered', () => {
    const policy = aPolicy({ rules: [aRule({ approvers: { onCall: null, answerBy: ['acknowledge'] } })] });
    const gap = aRecordedDecision({ request: aRequest({ roles: ['prodaccess', 'root'] }), facts: offCall });

    expect(due([escalated()], { policy })).toEqual([
      {
        ...theirPage(),
        acknowledging: true,
        ...page(escalated(), SETTING, { ...byNote, acknowledging: true }),
      },
    ]);
    expect(due([gap], { policy })).toEqual([expect.not.objectContaining({ acknowledging: true })]);
    expect(due([gap])).toEqual([
      { ...theirPage(), ...page(gap, SETTING, { ...byNote, onlyInTeleport: 'no rule covers role root' }) },
    ]);
  });

  it('the page goes where the annotation says, and as urgently as the rule says', () => {
    const policy = paging({ fromAnnotation: 'pagerduty_notify_service', urgency: 'low' });
    const request = aRequest({ annotations: { pagerduty_notify_service: ['Search API'] } });
    const decided = aRecordedDecision({ request, facts: offCall, policy });

    const asked = { service: 'Search API', instead: ['Access requests'], urgency: 'low' };
    expect(due([decided], { policy })).toEqual([{ ...theirPage(), ...asked }]);
  });

  it('the page says where it is answered, as far as it is known whose answers can count', () => {
    const facts = someFacts({
      onCall: onCallWith(),
      requester: { state: 'unrecognised', why: 'no such user' },
    });
    const decided = aRecordedDecision({ facts });
    const unmanaged = aPolicy({ addresses: 'unmanaged' });
    const nobody = 'it is not known here who sre-1 is in PagerDuty, nor who anybody there is in Teleport';

    expect(due([decided])).toMatchObject([page(decided, SETTING, { ...byNote, ifKnown: true })]);
    expect(due([decided], { policy: unmanaged })).toMatchObject([
      page(decided, SETTING, { ...byNote, onlyInTeleport: nobody }),
    ]);
  });

  it('nobody is paged where no rule says where', () => {
    const nowhere = paging({ service: null, fromAnnotation: 'pagerduty_notify_service' });

    expect(due([escalated()], { policy: nowhere })).toEqual([]);
    expect(due([escalated()], { policy: aPolicy({ rules: [aRule({ escalate: null })] }) })).toEqual([]);
    expect(due([escalated()], { policy: aPolicy({ rules: [] }) })).toEqual([]);
  });

  it('the page says the same when it is tried again, whatever has changed', () => {
    const events = [escalated(), intended(theirPage()), failed(theirPage())];

    expect(due(events, { policy: paging({ urgency: 'low' }) })).toEqual([theirPage()]);
    expect(due(events, { setting: { ...SETTING, proxyPublicAddr: '' } })).toEqual([theirPage()]);
  });

  it('the page is not forgotten when the rules change before it could be opened', () => {
    const events = [escalated(), intended(theirPage()), failed(theirPage())];

    expect(due(events, { policy: aPolicy({ rules: [aRule({ name: 'renamed' })] }) })).toEqual([theirPage()]);
  });
});

describe('the end of the request', () => {
  it('is noted on the page and closes it', () => {
    expect(due([...paged(), ended()])).toEqual([lastNote(), close]);
    expect(due([...paged(), ended(), ...done(lastNote())])).toEqual([close]);
    expect(dueKeys([...paged(), ended({ state: 'expired', by: null, reason: '' })])).toEqual([
      lastNote().key,
      close.key,
    ]);
    expect(due([...paged(), ended(), ...done(lastNote()), ...done(close)])).toEqual([]);
  });

  it('is noted by its key on a page that may have been opened, which is not opened any more', () => {
    const incident = { incidentKey: INCIDENT_KEY };

    expect(due([escalated(), intended(theirPage()), failed(theirPage()), ended()])).toEqual([
      aNote(
        escalated(),
        'closing-note',
        incident,
        closingNote(escalated(), ending, { where: SETTING, now: NOW }),
      ),
      { ...close, incident },
    ]);
  });

  it('is noted as the doing of the approver whose answer it was, not of the service that gave it', () => {
    const answered = anAnswered({ answer: anAnswer({ spelt: 'aprove' }) });
    const vote = sole(due([...paged(), answered]));
    const end = (reason: string) =>
      due([...paged(), answered, ...done(vote), ended({ state: 'approved', by: 'oncall-approver', reason })]);
    const first = (effects: readonly Effect[]) =>
      effects.flatMap((each) => ('content' in each ? each.content : []))[0];
    const reason = 'reason' in vote ? vote.reason : '';

    expect(reason).toContain('Approved by Taylor Two');
    expect(first(end(reason))).toMatch(
      /^The access request was approved by Taylor Two, answering the page: sre-1, role/u,
    );
    expect(first(end(reason))).toContain('“aprove” was read as `approve`');
    expect(first(end('go ahead'))).toMatch(
      /^The access request was approved by oncall-approver: sre-1, role/u,
    );
  });
});

describe('the end of a request whose second page was begun, and may never have been opened', () => {
  const policy = paging({ ifResolved: 'repage' });
  const begun = () => {
    const events = [escalated(), ...done(theirPage(), { incidentId: PAGE }), resolved()];
    const [second] = due(events, { policy });
    if (second?.key !== 'page 2') throw new RangeError('there is no second page');
    return [...events, intended(second), failed(second), ended()];
  };

  it('is told on the first page too, which people know', () => {
    const second = { incidentKey: keyOf(`oncall-approver/${requestId}/2`) };

    expect(due(begun(), { policy })).toEqual([
      aNote(
        escalated(),
        'closing-note on page 1',
        { id: PAGE },
        closingNote(escalated(), ending, { where: SETTING, now: NOW }),
      ),
      aNote(
        escalated(),
        'closing-note',
        second,
        closingNote(escalated(), ending, { where: SETTING, now: NOW }),
      ),
      { ...close, incident: second, page: `${requestId}/2` },
    ]);
  });
});

describe('an approval of which Teleport asks for more than one', () => {
  const approved = () => aRecordedDecision();
  const waiting = () => [approved(), ...done(sole(due([approved()])), { stillPending: true })];

  it('has people asked for the others', () => {
    const words = page(approved(), SETTING, byNote);

    expect(due(waiting())).toEqual([{ ...theirPage(), ...words }]);
    expect(words.details).toContain(
      '\nApproved automatically, but Teleport asks for more than one approval: ',
    );
  });

  it('asks nobody any more once it was decided otherwise', () => {
    const denied = aRecordedDecision({
      facts: offCall,
      policy: aPolicy({ rules: [aRule({ otherwise: 'deny' })] }),
    });
    const leftAlone = aRecordedDecision({ policy: aPolicy({ rules: [] }) });

    expect(dueKeys([...waiting(), { ...denied, number: 2, decisionId: `${denied.decisionId}2` }])).toEqual([
      'review 2',
    ]);
    expect(due([...waiting(), leftAlone])).toEqual([]);
  });

  it('has that page closed at the end', () => {
    const events = [...waiting(), ...done(theirPage(), { incidentId: PAGE })];

    expect(due(events)).toEqual([]);
    expect(dueKeys([...events, ended()])).toEqual(['closing-note', 'close-page', 'find-live-incident']);
  });
});

describe('where to page', () => {
  const first = aRule({ name: 'a', escalate: null });
  const second = aRule({ name: 'b', escalate: anEscalation({ service: 'B' }) });
  const third = aRule({ name: 'c', escalate: anEscalation({ service: 'C' }) });
  const elsewhere = aRule({ name: '0', roles: ['billing'], escalate: anEscalation({ service: '0' }) });
  const shadow = aRule({ name: '1', mode: 'shadow', escalate: anEscalation({ service: '1' }) });
  const glass = aRule({ name: '2', breakGlass: true, escalate: anEscalation({ service: '2' }) });

  it('is what the first covering rule in force by name says that says it, in whatever order they stand', () => {
    const rules = [third, elsewhere, shadow, glass, first, second];
    for (const inOrder of [rules, rules.toReversed()]) {
      const policy = aPolicy({ rules: inOrder });

      expect(escalationOf(aRecordedDecision({ facts: offCall, policy }), policy)).toEqual(second.escalate);
      expect(policy.rules).toEqual(inOrder);
    }
  });

  it('is what a break-glass rule says where no other does', () => {
    const policy = aPolicy({ rules: [first, glass] });

    expect(escalationOf(aRecordedDecision({ facts: offCall, policy }), policy)).toEqual(glass.escalate);
  });

  it('is what the rule that paged says now, or said where it is gone or in shadow by now', () => {
    const policy = aPolicy({ rules: [first, second, third] });
    const plain = aRecordedDecision({ facts: offCall, policy });
    const decided = { ...plain, pagesBy: promisedPaging(plain.decision, policy) };
    const slower = aRule({ ...second, escalate: anEscalation({ service: 'B', remindAfterMs: 1 }) });
    const tried = aRule({ ...slower, mode: 'shadow' });

    expect(decided.pagesBy).toEqual({ name: 'b', escalate: second.escalate });
    expect(escalationOf(decided, aPolicy({ rules: [slower, third] }))).toEqual(slower.escalate);
    for (const rules of [[], [third], [tried, third], [aRule({ name: 'b', escalate: null })]]) {
      expect(escalationOf(decided, aPolicy({ rules }))).toEqual(second.escalate);
    }
  });

  it('is what a rule says by now where none did, and what ledgers of earlier versions leave to the rules', () => {
    const plain = aRecordedDecision({ facts: offCall, policy: aPolicy({ rules: [second] }) });

    for (const decided of [plain, { ...plain, pagesBy: null }]) {
      expect(escalationOf(decided, aPolicy({ rules: [second] }))).toEqual(second.escalate);
      expect(escalationOf(decided, aPolicy({ rules: [third] }))).toBeNull();
    }
  });

  it('is nowhere when no covering rule in force says it', () => {
    const policy = aPolicy({ rules: [first, elsewhere, shadow] });

    expect(escalationOf(aRecordedDecision({ facts: offCall, policy }), policy)).toBeNull();
  });
});

describe('the page on which an answer is waited for', () => {
  it('is the one that is open', () => {
    const { title, details } = theirPage() as Effect & { kind: 'page' };

    expect(openPageOf(story(paged()))).toEqual({
      number: 1,
      team: null,
      incident: { id: PAGE },
      openedAt: NOW,
      intendedAt: NOW,
      text: { title, details },
      acknowledging: false,
      shown: escalated().request,
      ...{ id: `${requestId}/1`, code: 'E1B44', joined: null, collective: false },
      ...{ desk: 'Access requests', reaches: null },
    });
    const acknowledging = { ...theirPage(), acknowledging: true } as const;
    expect(openPageOf(story([escalated(), ...done(acknowledging, { incidentId: PAGE })]))).toMatchObject({
      acknowledging: true,
    });
  });

  it('is none before that', () => {
    expect(openPageOf(story([escalated()]))).toBeNull();
    expect(openPageOf(story([escalated(), intended(theirPage())]))).toBeNull();
    expect(openPageOf(story([escalated(), ...done(theirPage())]))).toBeNull();
  });
});
