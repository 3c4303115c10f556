import { describe, expect, it } from 'vitest';
import {
  askingPages,
  lastOfEach,
  listeningPagesOf,
  pageIdOf,
} from '../../../src/core/effects/asking-pages.ts';
import { whyNobodyIsAsked } from '../../../src/core/effects/on-silence.ts';
import { promisedTeams, rulesOnFirstPage, teamsOf } from '../../../src/core/effects/teams.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Rule } from '../../../src/core/rule.ts';
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
  done,
  due,
  dueKeys,
  ended,
  failed,
  intended,
  keyOf,
  PAGE,
  requestId,
  resolved,
  story,
} from '../telling.ts';
import { aPage } from '../../support/told.ts';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';

const ruleAt = (name: string, service: string | null): Rule =>
  aRule({ name, escalate: service === null ? null : anEscalation({ service }) });
const RULES = [
  ruleAt('a', 'Payments desk'),
  ruleAt('b', 'Database desk'),
  ruleAt('c', 'Database desk'),
  ruleAt('d', null),
  ruleAt('e', 'Payments desk'),
  aRule({ name: 'f', escalate: anEscalation({ service: null }) }),
];
const policy = aPolicy({ rules: RULES });
const THEIRS = 'Q3PAGE';

function decided(rules: readonly Rule[] = RULES, reason = aRequest().reason): RecordedDecision {
  const under = aPolicy({ rules });
  const facts = someFacts({ onCall: onCallWith() });
  const plain = { ...aRecordedDecision({ policy: under, facts, request: aRequest({ reason }) }) };
  const [first] = rules;
  const pagesBy = first?.escalate ? { name: first.name, escalate: first.escalate } : null;
  const teams = promisedTeams({ ...plain, pagesBy }, under);
  return { ...plain, pagesBy, ...(teams.length === 0 ? {} : { alsoPagesBy: teams }) };
}

const first = () => due([decided()], { policy })[0];
const begun = (...events: readonly LedgerEvent[]) => {
  const page = first();
  return [decided(), ...(page === undefined ? [] : done(page, { incidentId: PAGE })), ...events];
};
const theirs = () => due(begun(), { policy })[0];
const paged = (...events: readonly LedgerEvent[]) => {
  const page = theirs();
  return begun(...(page === undefined ? [] : done(page, { incidentId: THEIRS })), ...events);
};

describe('the teams that are asked', () => {
  it('are those whose desk is another than that of the first page, by the first rule of each', () => {
    expect(promisedTeams(decided(), policy).map(({ name }) => name)).toEqual(['b']);
    const backwards = aPolicy({ rules: RULES.toReversed() });
    expect(promisedTeams(decided(), backwards).map(({ name }) => name)).toEqual(['b']);
    expect(promisedTeams({ ...decided(), pagesBy: null }, policy)).toEqual([]);
  });

  it('are asked for the rules of their desk, all others by the first page', () => {
    expect(teamsOf(decided(), policy)).toMatchObject([{ name: null }, { name: 'b', rules: ['b', 'c'] }]);
    expect(rulesOnFirstPage(decided(), policy)).toEqual(['a', 'd', 'e', 'f']);
  });

  it('are none by decisions of earlier versions', () => {
    const { alsoPagesBy, ...before } = decided();

    expect(alsoPagesBy).toHaveLength(1);
    expect(teamsOf(before, policy)).toHaveLength(1);
  });
});

describe('the page of a team', () => {
  it('is opened beside the first, and each says whom it asks', () => {
    expect(dueKeys([decided()], { policy })).toEqual(['page', 'page of b']);
    expect(first()).toMatchObject({
      details: expect.stringContaining(
        'You are asked for rules a, d, e and f. Approvers of rules a, d, e, f, b and c must all approve, each their own; one denial ends it.',
      ) as string,
    });
    expect(theirs()).toMatchObject({
      kind: 'page',
      key: 'page of b',
      service: 'Database desk',
      incidentKey: keyOf(`oncall-approver/${requestId}/team/MAC-b/1`),
      details: expect.stringContaining(
        'You are asked for rules b and c. Approvers of rules b, c, a, d, e and f',
      ) as string,
    });
  });

  it('goes to the next service of their rule where its own reaches nobody', () => {
    const next = anEscalation({ service: 'Database desk', instead: ['SRE'] });
    const [payments] = RULES;
    const asked = decided([payments, aRule({ name: 'b', escalate: next })].flatMap((rule) => rule ?? []));
    const [page] = due([asked]);

    expect(due([asked, ...(page === undefined ? [] : done(page, { incidentId: PAGE }))])).toMatchObject([
      { service: 'Database desk', instead: ['SRE'] },
    ]);
  });

  it('is opened though the first cannot be, and answers on it get their words', () => {
    const page = first();
    const begun = [decided(), ...(page === undefined ? [] : [intended(page), failed(page)])];
    const [second] = due(begun, { policy });
    const asked = [...begun, ...(second === undefined ? [] : done(second, { incidentId: THEIRS }))];
    const onTheirs = anAnswer({ incidentId: THEIRS });
    const talk = { ...anAnswered({ answer: onTheirs }), counted: false };

    expect(dueKeys(begun, { policy })).toEqual(['page of b', 'page']);
    expect(dueKeys([...asked, talk], { policy })).toEqual([`reply ${talk.answer.id}`, 'page']);
    expect(dueKeys([...asked, anAnswered({ answer: onTheirs })], { policy })[0]).toMatch(/^vote /u);
    const [, ...others] = RULES;
    const nowhere = [aRule({ name: 'a', escalate: anEscalation({ service: null }) }), ...others];
    expect(dueKeys([decided(nowhere)], { policy: aPolicy({ rules: nowhere }) })).toEqual([
      'page of b',
      'page of e',
    ]);
  });

  it('is opened once, and heard on once it is open', () => {
    const page = theirs();

    expect(dueKeys(paged(), { policy })).toEqual([]);
    expect(dueKeys(begun(...(page === undefined ? [] : [intended(page)])), { policy })).toEqual([
      'page of b',
    ]);
    expect(askingPages(story(begun(...(page === undefined ? [] : [intended(page)]))), 'b')).toEqual([]);
    expect(askingPages(story(paged()), 'b')).toMatchObject([
      { incident: { id: THEIRS }, id: `${requestId}/1/b`, team: 'b', openedAt: NOW },
    ]);
  });

  it('is not opened where they have answered on the first', () => {
    const answered = { ...anAnswered(), rules: ['b', 'c'] };

    expect(dueKeys(begun(answered), { policy })).not.toContain('page of b');
    expect(dueKeys(begun({ ...answered, rules: ['b'] }), { policy })).toContain('page of b');
  });

  it('is opened where the first is that of another request, or shared, but not where its desk is not known any more', () => {
    const page = first();
    const own = page?.kind === 'page' ? page : null;
    const joins = { page: 'r/1', incidentId: PAGE, text: '' };
    const shared =
      own === null
        ? []
        : [
            { ...own, collective: true as const },
            { ...own, joins },
          ];
    expect(
      shared.map((each) => dueKeys([decided(), ...done(each, { incidentId: PAGE })], { policy })),
    ).toEqual([['page of b'], ['page of b']]);

    const [team] = decided().alsoPagesBy ?? [];
    const nowhere = team === undefined ? [] : [{ ...team, escalate: anEscalation({ service: null }) }];
    expect(dueKeys([{ ...decided(), alsoPagesBy: nowhere }, ...begun().slice(1)], { policy })).toEqual([]);
  });

  it('is the one of those of its team by which others know of the request; what asks none is by itself', () => {
    const pages = listeningPagesOf(story(paged()));
    expect(pages.map(({ incident }) => incident.id)).toEqual([PAGE, THEIRS]);
    const [glass, next] = [0, 2].flatMap((number) => pages.slice(0, 1).map((page) => ({ ...page, number })));
    const all = [glass, ...pages, next].flatMap((page) => page ?? []);
    expect(lastOfEach(all)).toEqual([glass, pages[1], next]);
    expect(lastOfEach([...pages, ...all.slice(0, 1)])).toHaveLength(3);
  });

  it('has a name by which no other page of a team is meant', () => {
    const ids = ['b', 'b c', 'b%20c'].map((rule) =>
      pageIdOf({ ...aPage(), key: `page 2 of ${rule}` }, requestId),
    );
    expect(ids).toEqual(['2/b', '2/b%20c', '2/b%2520c'].map((name) => `${requestId}/${name}`));
  });

  it('is opened anew for what was changed, five times at most', () => {
    const changed = { ...decided(RULES, 'another reason'), number: 2, decisionId: 'OA-2' };
    expect(dueKeys([...paged(), changed], { policy })).toContain('page 2 of b');
    const again = (number: number) => ({
      ...decided(RULES, `reason ${number}`),
      number,
      decisionId: `OA-${number}`,
    });
    let events: readonly LedgerEvent[] = paged();
    for (let number = 2; number <= 7; number += 1) {
      events = [...events, again(number)];
      const page = due(events, { policy }).find(({ kind, key }) => kind === 'page' && key.endsWith(' of b'));
      if (page !== undefined) events = [...events, ...done(page, { incidentId: `Q${number}B` })];
    }
    const opened = events.flatMap((event) => (event.kind === 'effect-intended' ? [event.effect.key] : []));
    expect(opened.filter((key) => /^page.* of b$/u.test(key))).toHaveLength(5);
  });

  it('is told of the end and closed, be it open or not known to be', () => {
    const page = theirs();
    const end = (events: readonly LedgerEvent[]) =>
      due([...events, ended()], { policy }).filter(({ key }) => key.endsWith(' of b'));

    expect(end(paged())).toMatchObject([
      { kind: 'note', key: 'closing-note of b', incident: { id: THEIRS } },
      { kind: 'close-page', key: 'close-page of b', incident: { id: THEIRS } },
    ]);
    expect(end(begun(...(page === undefined ? [] : [intended(page)])))).toMatchObject([
      { incident: { incidentKey: keyOf(`oncall-approver/${requestId}/team/MAC-b/1`) } },
      { kind: 'close-page' },
    ]);
  });

  it('is closed too where an earlier version began the next one before it was known to be open', () => {
    const page = theirs();
    const before = page === undefined ? [] : [intended(page)];
    const next = page?.kind === 'page' ? done({ ...page, key: 'page 2 of b' }, { incidentId: 'Q2B' }) : [];
    const end = due([...begun(...before), ...next, ended()], { policy });

    expect(end.flatMap(({ kind, key }) => (kind === 'close-page' ? [key] : []))).toEqual([
      'close-page',
      'close-page of b',
      'close-page 2 of b',
    ]);
  });
});

describe('a team that does not answer', () => {
  const patient = { remindAfterMs: 15 * MINUTE, moveUpAfterMs: 40 * MINUTE, ifResolved: 'repage' } as const;
  const rules = [
    ruleAt('a', 'Payments desk'),
    aRule({ name: 'b', escalate: anEscalation({ service: 'Database desk', instead: ['SRE'], ...patient }) }),
  ];
  const under = aPolicy({ rules });
  const asked = (...events: readonly LedgerEvent[]) => {
    const opened = due([decided(rules)], { policy: under }).flatMap((page, index) =>
      done(page, { incidentId: index === 0 ? PAGE : THEIRS }),
    );
    return [decided(rules), ...opened, ...events];
  };
  const keys = (events: readonly LedgerEvent[], ms = 0) =>
    dueKeys(events, { policy: under, now: plusMs(NOW, ms) });
  const unheard = (number: number): LedgerEvent => ({
    ...{ kind: 'page-unheard', requestId, incidentId: THEIRS, number, why: 'their shift is over' },
  });

  it('is reminded by its own rule, and the next level is asked', () => {
    expect(keys(asked(), 16 * MINUTE)).toEqual(['reminder 1 of b']);
    expect(due(asked(), { policy: under, now: plusMs(NOW, HOUR) })).toMatchObject([
      { key: 'reminder 3 of b', incident: { id: THEIRS } },
      { key: 'move-up of b', incident: { id: THEIRS } },
    ]);
    expect(keys(asked({ ...anAnswered(), rules: ['b'] }), HOUR)).not.toContain('reminder 1 of b');
  });

  it('is reminded whoever is first on the page of another request where the first team is asked by now', () => {
    const repage = anEscalation({ service: 'Payments desk', ifResolved: 'repage' });
    const both = aPolicy({ rules: [aRule({ name: 'a', escalate: repage }), ...rules.slice(1)] });
    const page = due([...asked(), resolved()], { policy: both }).find(({ key }) => key === 'page 2');
    const joined =
      page?.kind === 'page' ? { ...page, joins: { page: 'r/1', incidentId: 'Q9', text: '' } } : null;
    const events = [...asked(), resolved(), ...(joined === null ? [] : done(joined, { incidentId: 'Q9' }))];

    expect(
      dueKeys(events, {
        policy: both,
        now: plusMs(NOW, 16 * MINUTE),
        firstSince: new Map([['Q9', plusMs(NOW, 10 * MINUTE)]]),
      }),
    ).toContain('reminder 1 of b');
  });

  it('is paged anew where its page is resolved, three times, and the request says so then', () => {
    let events = asked();
    for (const number of [2, 3, 4]) {
      const before = number === 2 ? THEIRS : `Q${number}B`;
      events = [...events, resolved(before)];
      const [page] = due(events, { policy: under });
      expect(page).toMatchObject({
        key: `page ${number} of b`,
        incidentKey: keyOf(`oncall-approver/${requestId}/team/MAC-b/${number}`),
      });
      if (page !== undefined) events = [...events, ...done(page, { incidentId: `Q${number + 1}B` })];
    }
    const left = [...events, resolved('Q5B')];

    expect(keys(left)).not.toContain('page 5 of b');
    expect(whyNobodyIsAsked(story(events), decided(rules), { policy: under })).toBeNull();
    expect(whyNobodyIsAsked(story(left), decided(rules), { policy: under })).toContain('resolved 4 times');
    // That of the others is left as it was.
    expect(keys([...asked(), resolved()])).toEqual([`unanswered ${PAGE}`]);
  });

  it('is asked through others where its page reaches nobody, and then on its next service', () => {
    expect(keys(asked(unheard(1)))).toEqual(['move-up 1 unheard 1 of b']);
    const deaf = asked(unheard(1), unheard(2), unheard(3), unheard(4));
    const moved = [...deaf, ...due(deaf, { policy: under }).flatMap((each) => done(each))];
    const pages = due(deaf, { policy: under }).filter(({ kind }) => kind === 'page');

    expect(pages).toMatchObject([{ key: 'page 2 of b', service: 'SRE' }]);
    const next = [...moved, ...pages.flatMap((page) => done(page, { incidentId: 'Q4B' }))];
    expect(keys(next)).toEqual([`replaced ${THEIRS}`, 'close-page replaced 1 of b']);
  });

  it('is told of the end on the page before, where the next was never confirmed', () => {
    const events = asked(resolved(THEIRS));
    const [page] = due(events, { policy: under });
    const end = [...events, ...(page === undefined ? [] : [intended(page)]), ended()];

    expect(keys(end).filter((key) => key.endsWith(' of b'))).toEqual([
      'closing-note on page 1 of b',
      'closing-note 2 of b',
      'close-page 2 of b',
    ]);
  });
});
