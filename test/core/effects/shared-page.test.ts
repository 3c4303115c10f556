import { describe, expect, it } from 'vitest';
import { askingPages, openPageOf, pageNumber } from '../../../src/core/effects/asking-pages.ts';
import {
  mostPages,
  pageAt,
  pageGroup,
  placeFor,
  type LivePage,
  type Page,
} from '../../../src/core/effects/shared-page.ts';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Policy } from '../../../src/core/rule.ts';
import { onceKeyOf, subjectOf } from '../../../src/core/record/ledger-entry.ts';
import {
  anAnswered,
  anAnswer,
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import { done, due, dueKeys, ended, intended, PAGE, requestId, SETTING, sole, story } from '../telling.ts';

const policy = aPolicy({
  rules: [
    aRule({
      escalate: anEscalation({ mostOpenPages: 3, remindAfterMs: 0, moveUpAfterMs: 0 }),
      approvers: { onCall: null, answerBy: ['note', 'acknowledge'] },
    }),
  ],
});
const HOST = 'host';

function decision(change: Partial<AccessRequest> = {}): RecordedDecision {
  return aRecordedDecision({ request: aRequest(change), facts: someFacts({ onCall: onCallWith() }), policy });
}

function ownPage(decided = decision()): Page {
  const page = sole(due([decided], { policy }));
  if (page.kind !== 'page') throw new RangeError('it is no page');
  return page;
}

function live(id: string, change: Partial<LivePage> = {}): LivePage {
  return {
    id,
    host: aRequest({ id, roles: [`role-${id}`] }),
    page: ownPage(),
    incidentId: `Q${id}`,
    ...change,
  };
}

const collective = live('4', { page: { ...ownPage(), collective: true } });

function about(decided = decision()) {
  return { story: story([decided]), decided, context: { policy, setting: SETTING, now: NOW } };
}

/** The page as it is intended on that of another request. */
function joined(decided = decision(), code = 'E1B44'): Page {
  const on = {
    ...live(HOST),
    incidentId: PAGE,
    page: { ...ownPage(), title: 'theirs', acknowledging: true } as const,
  };
  return pageAt({ kind: 'on', live: on }, ownPage(decided), code, about(decided));
}

const listed = (page = joined()): readonly LedgerEvent[] => [decision(), ...done(page, { incidentId: PAGE })];
const gone = (page = joined()): readonly LedgerEvent[] => [decision(), ...done(page, { ours: false })];
const resolvedBy = (byService?: true): LedgerEvent => ({
  ...{ kind: 'page-resolved', requestId, incidentId: PAGE },
  ...(byService === undefined ? {} : { byService }),
});

describe('a request is asked about', () => {
  it.each([
    ['on a page of its own, while there are few', ['1', '2'].map((id) => live(id)), 'own'],
    ['on one that all share, where there are many', ['1', '2', '3'].map((id) => live(id)), 'collective'],
    ['on that one, once it is open', [...['1', '2', '3'].map((id) => live(id)), collective], '4'],
    [
      'on that one once it is, if it is being opened',
      [...['1', '2', '3'].map((id) => live(id)), { ...collective, incidentId: null }],
      'not yet',
    ],
    ['on a page of its own again, when there are few', [live('1'), collective], 'own'],
    ['where the same was asked before', [live('1', { host: aRequest({ id: '1', reason: 'else' }) })], '1'],
    ['with the same, once open', [live('1', { host: aRequest({ id: '1' }), incidentId: null })], 'not yet'],
    ['on its own where the same is first on it', [{ ...collective, host: aRequest({ id: '4' }) }], 'own'],
  ])('%s', (_where, pages, expected) => {
    const place = placeFor(aRequest(), pages, 3);
    const named =
      place.kind === 'on'
        ? place.live.id
        : place.kind === 'own' && place.collective
          ? 'collective'
          : place.kind;
    expect(named).toBe(expected);
  });

  it.each([
    ['roles in another order', { roles: ['b', 'a', 'a'] }, '1'],
    ['other roles', { roles: ['a'] }, 'own'],
    ['other resources', { roles: ['a', 'b'], resources: [{ cluster: 'c', kind: 'node', name: 'n' }] }, 'own'],
    ['another person', { roles: ['a', 'b'], requester: 'sre-9' }, 'own'],
  ] as const)('beside what was asked for with %s', (_what, change, expected) => {
    const there = live('1', { host: aRequest({ id: '1', roles: ['a', 'b'] }) });
    const request = aRequest(change as unknown as Partial<AccessRequest>);
    const place = placeFor(request, [there], 3);
    expect(place.kind === 'on' ? place.live.id : place.kind).toBe(expected);
  });

  it('as many rules and services have pages of their own, and older decisions each their own', () => {
    const page = ownPage();

    const pagesBy = { name: 'prod-oncall', escalate: anEscalation() };
    expect(pageGroup({ ...decision(), pagesBy }, page)).toBe('["sre-1","prod-oncall","Access requests"]');
    expect(pageGroup(decision(), { ...page, service: 'Other' })).toBe('["sre-1",null,"Other"]');
    const most = (under: Policy, key = 'page') => mostPages(decision(), { key }, { policy: under });
    expect([most(policy), most(aPolicy()), most(aPolicy({ rules: [aRule({ escalate: null })] }))]).toEqual([
      ...[3, null, null],
    ]);
    // Of another team, by its rule; which an earlier version may have asked, that did not record it.
    expect(pageGroup({ ...decision(), pagesBy }, { ...page, key: 'page of b' })).toBe(
      '["sre-1","b","Access requests"]',
    );
    expect(most(policy, 'page of b')).toBeNull();
  });
});

describe('a page', () => {
  it('of its own says what it always said', () => {
    expect(pageAt({ kind: 'own', collective: false }, ownPage(), 'E1B44', about())).toEqual(ownPage());
    const silent = {
      kind: 'page',
      key: 'page',
      service: 's',
      incidentKey: 'k',
      title: 't',
      details: 'd',
      urgency: 'low',
    } as const;
    expect(pageAt({ kind: 'own', collective: false }, silent, 'E1B44', about())).toEqual(silent);
  });

  it('that all share says so, and that nobody approves by acknowledging it', () => {
    const page = pageAt({ kind: 'own', collective: true }, ownPage(), 'E1B44', about());

    expect(page.title).toBe('Access requests of sre-1, this and more: E1B44 prodaccess');
    expect(page.details).toMatch(/^sre-1 has several pages open already: further requests are listed here/u);
    expect(page.details).not.toContain('acknowledge it');
    expect(page).toMatchObject({ collective: true });
    expect(page).not.toHaveProperty('acknowledging');
    expect(openPageOf(story([decision(), ...done(page, { incidentId: PAGE })]))).toMatchObject({
      collective: true,
    });
  });

  it('of another request is added to, with a code of its own', () => {
    expect(joined()).toMatchObject({ title: 'theirs', joins: { page: HOST, incidentId: PAGE } });
    expect(joined()).not.toHaveProperty('code');
    expect(joined()).not.toHaveProperty('acknowledging');
    expect(joined().joins?.text).toContain('E1B44: sre-1 asks for role prodaccess');
    expect(joined().joins?.text).toContain('To decide this one: approve E1B44, or deny E1B44 and why');
    expect(joined(decision(), '7E1B44')).toMatchObject({ code: '7E1B44' });
    expect(askingPages(story(listed(joined(decision(), '7E1B44'))))).toMatchObject([
      { id: HOST, code: '7E1B44', joined: { page: HOST }, acknowledging: false },
    ]);
  });

  it('is told what is asked for there, and where it is answered', () => {
    const gap = decision({
      roles: ['prodaccess', 'root'],
      reason: '',
      resources: [
        { cluster: 'leaf', kind: 'node', name: 'web-1', subResource: null },
      ] as unknown as AccessRequest['resources'],
    });

    expect(joined(gap).joins?.text).toMatch(
      /, only for .*\nNot automatic: .*\n.*\nIn Teleport only: tsh request review --approve .*\nTheir reason: none given\n/u,
    );
  });
});

describe('a request on the page of another', () => {
  it('is reminded of and moved up with that one, and once it is over by the first of those who wait, for as long as it is', () => {
    const escalate = anEscalation({ remindAfterMs: MINUTE, moveUpAfterMs: 3 * MINUTE });
    const keys = (firstMs: number | null, events = listed(), ms = 10 * MINUTE) =>
      dueKeys(events, {
        policy: aPolicy({ rules: [aRule({ escalate })] }),
        now: plusMs(NOW, ms),
        ...(firstMs === null ? {} : { firstSince: new Map([[PAGE, plusMs(NOW, firstMs)]]) }),
      });

    expect(keys(null)).toEqual([]);
    expect(keys(10 * MINUTE)).toEqual([]);
    expect(keys(8 * MINUTE)).toEqual(['reminder 2']);
    expect(keys(-MINUTE)).toEqual(['reminder 3', 'move-up']);
    expect(keys(-MINUTE, listed(), 2 * MINUTE)).toEqual(['reminder 2']);
    expect(keys(-MINUTE, [...listed(), resolvedBy()])).toEqual([]);
    expect(keys(8 * MINUTE, [decision(), ...done(ownPage(), { incidentId: PAGE })])).toContain('move-up');
    expect(keys(8 * MINUTE, [decision()])).toEqual(['page']);
  });

  it.each([
    ['was resolved before it was listed', gone(), 'page 2'],
    ['was closed for others in that moment', [...listed(), resolvedBy(true)], 'page 2'],
  ])('is asked about anew where that %s', (_how, events, key) => {
    expect(dueKeys(events, { policy })).toEqual([key]);
  });

  it('is asked about once more each time that this happens', () => {
    const again: Page = { ...joined(), key: 'page 2' };
    const third: Page = { ...joined(), key: 'page 3' };
    const twice = [...gone(), ...done(again, { ours: false })];

    expect(dueKeys(twice, { policy })).toEqual(['page 3']);
    expect(dueKeys([...twice, ...done(third, { incidentId: PAGE }), resolvedBy(true)], { policy })).toEqual([
      'page 4',
    ]);
    expect(dueKeys([...listed(), resolvedBy(true), ...done(again, { ours: false })], { policy })).toEqual([
      'page 3',
    ]);
  });

  it('is counted for its own team, and a page of its own is not tried again', () => {
    const ofTeam = story([decision(), ...done({ ...joined(), key: 'page 2 of b' }, { ours: false })]);
    const next = (name: string | null) =>
      pageNumber(ofTeam, decision(), { name, escalation: anEscalation() });

    expect([null, 'b'].map(next)).toEqual([1, 3]);
    expect(dueKeys([decision(), ...done(ownPage())], { policy })).toEqual([]);
  });

  it.each([
    ['approved', { state: 'approved', by: 'sre-3', reason: '' }, ['closing-note', 'close-page']],
    ['denied', { state: 'denied', by: 'sre-3', reason: '' }, ['closing-note', 'close-page']],
    ['expired', { state: 'expired', by: null, reason: '' }, ['close-page']],
  ] as const)('lets that be closed by the last of them when it is %s', (_how, how, keys) => {
    const effects = due([...listed(), ended(how)], { policy });

    expect(effects.map(({ key }) => key)).toEqual(keys);
    expect(effects.at(-1)).toMatchObject({ incident: { id: PAGE }, page: HOST });
    expect(due([decision(), intended(joined()), ended(how)], { policy }).at(-1)).toEqual(effects.at(-1));
    expect(due([...gone(), ended(how)], { policy })).toEqual([]);
  });

  it('leaves that as it is when it was changed, or merged away', () => {
    const changed = { ...decision({ reason: 'another one' }), number: 2 };
    const next: Page = { ...ownPage(changed), key: 'page 2' };
    const events = [...listed(), changed, ...done(next, { incidentId: 'Q3PAGE' })];
    const merged: LedgerEvent = { ...resolvedBy(), mergedInto: 'Q9' } as LedgerEvent;

    const [word, ...others] = due(events, { policy });
    expect(word).toMatchObject({
      key: `replaced ${PAGE}`,
      content: expect.stringMatching(
        /Answers to it do not count here .* once nothing on it waits\./u,
      ) as string,
    });
    expect(others.map(({ key }) => key)).toEqual(['move-up 2']);
    expect(dueKeys([...listed(), merged], { policy })).toEqual(['page 2']);
  });
});

it('an author whose answers are not taken is told so three times on a page, and others are told too', () => {
  const refused = (id: string, by: string) =>
    anAnswered({
      counted: false,
      why: 'no',
      answer: anAnswer({ id, by: { id: by, name: by, isUser: true } }),
    });
  const events = [
    decision(),
    ...done(ownPage(), { incidentId: PAGE }),
    ...['1', '2', '3', '4'].map((id) => refused(id, 'PMANY')),
    refused('5', 'PFEW'),
    // Told often enough on this page, where another request was meant.
    { ...refused('6', 'POTHER'), untold: true as const },
  ];

  expect(dueKeys(events, { policy }).filter((key) => key.startsWith('reply'))).toEqual(
    ['1', '2', '3', '5'].map((id) => `reply ${id}`),
  );
});

describe('what is recorded of places', () => {
  it('is recorded once for each page of a group, and each code on a page, and is no part of a story', () => {
    const begun: LedgerEvent = { kind: 'page-begun', group: 'g', number: 2, page: 'r/1', host: 'r' };
    const asked: LedgerEvent = { kind: 'asked-on', page: 'r/1', code: 'E1B44', asked: 'r' };

    expect([begun, asked].map(onceKeyOf)).toEqual(['page-begun g 2', 'asked-on r/1 E1B44']);
    expect([begun, asked].map(subjectOf)).toEqual([null, null]);
    expect(story([begun, asked])).toBe(story([]));
  });

  it('is longer where it has to be', () => {
    expect(answerCode('0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44', 7)).toBe('A7E1B44');
  });
});
