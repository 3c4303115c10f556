import { describe, expect, it } from 'vitest';
import type { Facts, OpenIncident, TargetFact } from '../../../src/core/facts.ts';
import { askersOf, requesterWasAskedToHelp } from '../../../src/core/conditions/responder-condition.ts';
import {
  aCause,
  anOnCallRow,
  anOpenIncident,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  SAM,
  someFacts,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';

const KIM = { id: 'PKIM3RE', summary: 'Kim Three' };
/** Taylor Two, who is on call, asked Sam One to help. */
const asked = anOpenIncident({ responders: [{ user: SAM, state: 'pending', requester: TAYLOR }] });

function help(incidents: readonly OpenIncident[], facts: Partial<Facts> = {}) {
  return requesterWasAskedToHelp({
    rule: aRule({ responders: true, onCall: someTargets({ services: ['Payments API', 'Search API'] }) }),
    request: aRequest(),
    facts: someFacts({
      onCall: onCallWith(),
      incidents: { state: 'known', incidents },
      helped: onCallWith(anOnCallRow({ user: TAYLOR })),
      targets: [
        ...someFacts().targets,
        {
          kind: 'service',
          asked: 'Search API',
          state: 'known',
          id: 'PSERVC3',
          name: 'Search API',
          policy: null,
          disabled: false,
        },
      ],
      ...facts,
    }),
    now: NOW,
  });
}

describe('the colleague who was asked to help', () => {
  it('counts like who asked, whose row and incident prove it', () => {
    expect(help([asked])).toEqual({
      condition: {
        name: 'responder',
        answer: 'met',
        detail:
          'asked to help with incident payments are failing by Taylor Two, who is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z)',
        remedy: null,
        transient: false,
      },
      proof: {
        rule: 'prod-oncall',
        target: { kind: 'service', asked: 'Payments API', id: 'PSERVC1', name: 'Payments API' },
        row: anOnCallRow({ user: TAYLOR }),
        helpsWith: { id: 'Q1LIVE0INCIDENT', title: 'payments are failing' },
        age: { since: '2026-03-01T00:00:00.000Z', by: 'row' },
      },
    });
  });

  it('counts once one of those who asked is on call', () => {
    const responders = [
      { user: SAM, state: 'declined', requester: TAYLOR },
      { user: SAM, state: 'pending', requester: KIM },
      { user: SAM, state: 'joined', requester: TAYLOR },
    ];

    expect(help([anOpenIncident({ responders })]).condition.answer).toBe('met');
    expect(askersOf(anOpenIncident({ responders }), SAM.id)).toEqual([KIM, TAYLOR]);
  });

  it.each<[string, OpenIncident]>([
    ['nobody asked', anOpenIncident()],
    ['declined', anOpenIncident({ responders: [{ user: SAM, state: 'declined', requester: TAYLOR }] })],
    ['asked themselves', anOpenIncident({ responders: [{ user: SAM, state: 'joined', requester: SAM }] })],
    ['asked by somebody', anOpenIncident({ responders: [{ user: SAM, state: 'joined', requester: null }] })],
    ['asked others', anOpenIncident({ responders: [{ user: KIM, state: 'joined', requester: TAYLOR }] })],
    ['asked on a service of another rule', { ...asked, service: { id: 'PSERVC9', summary: 'Ledger' } }],
  ])('does not count who %s', (_what, incident) => {
    expect(help([incident])).toEqual({
      condition: {
        name: 'responder',
        answer: 'not-met',
        detail: 'nobody asked for their help with an open incident',
        remedy: 'added as responder to an open incident by who is on call up to level 1',
        transient: false,
      },
      proof: null,
    });
  });

  it('does not count who was asked by somebody who is not on call', () => {
    const off = onCallWith(anOnCallRow({ user: KIM }));

    expect(help([asked], { helped: off })).toEqual({
      condition: {
        name: 'responder',
        answer: 'not-met',
        detail: 'who asked for their help is not on call by this rule',
        remedy: 'added as responder to an open incident by who is on call up to level 1',
        transient: false,
      },
      proof: null,
    });
  });
});

describe('the requests for help in the log', () => {
  const taylor = { ...TAYLOR, type: 'user_reference' };
  const kim = { ...KIM, type: 'user_reference' };
  /** Sam is to help, by a request that says it is Taylor's; the log says whose it is. */
  const logged = (
    requests: readonly { by: OpenIncident['openedBy'] & object; asked: readonly string[] | null }[],
    overrides: Partial<OpenIncident> = {},
  ) => ({ ...asked, helpRequests: { state: 'known', requests } as const, ...overrides });

  it('tell whose they are', () => {
    const twice = logged([
      { by: taylor, asked: [SAM.id] },
      { by: taylor, asked: [KIM.id, SAM.id] },
    ]);

    const others = [{ user: KIM, state: 'declined', requester: TAYLOR }, ...asked.responders];

    for (const responders of [asked.responders, others, others.toReversed()]) {
      expect(help([{ ...twice, responders }]).condition.answer).toBe('met');
      expect(askersOf({ ...twice, responders }, SAM.id)).toEqual([TAYLOR]);
    }
  });

  it.each<[string, OpenIncident]>([
    ['themselves, in the name of another', logged([{ by: { ...SAM, type: 'user' }, asked: [SAM.id] }])],
    ['nobody', logged([])],
    ['a program', logged([{ by: { ...taylor, type: 'service_reference' }, asked: [SAM.id] }])],
    ['for somebody else', logged([{ by: taylor, asked: [KIM.id] }])],
    ['for their own', logged([{ by: taylor, asked: [SAM.id] }], { openedBy: { ...SAM, type: 'user' } })],
    ['unsaid, for their own', logged([{ by: taylor, asked: null }], { openedBy: { ...SAM, type: 'user' } })],
    [
      'and declined',
      logged([{ by: taylor, asked: [SAM.id] }], {
        responders: [{ user: SAM, state: 'declined', requester: null }],
      }),
    ],
  ])('do not count by %s', (_whom, incident) => {
    expect(help([incident]).condition.answer).toBe('not-met');
    expect(askersOf(incident, SAM.id)).toEqual([]);
  });

  it.each<[string, OpenIncident, string]>([
    [
      'cannot be read',
      logged([], { helpRequests: { state: 'unknown', cause: aCause() } }),
      'PagerDuty answers 503',
    ],
    [
      'do not say whom they ask',
      logged([
        { by: kim, asked: [KIM.id] },
        { by: taylor, asked: null },
      ]),
      'who asked for help with',
    ],
    [
      'are for an incident that nobody knows who opened',
      logged([{ by: taylor, asked: [SAM.id] }], { openedBy: null }),
      'who opened',
    ],
  ])('leave it unknown where they %s', (_what, incident, why) => {
    expect(help([incident]).condition).toMatchObject({
      answer: 'unknown',
      detail: expect.stringContaining(why) as string,
      transient: why.endsWith('503'),
    });
    expect(askersOf(incident, SAM.id)).toEqual([]);
  });

  it('are needed of those alone who are to help', () => {
    const cause = aCause();
    const responders = [{ user: KIM, state: 'joined', requester: null }];
    const others = logged([], { helpRequests: { state: 'unknown', cause }, responders });

    expect(help([others]).condition.answer).toBe('not-met');
    expect(
      help([
        logged([
          { by: taylor, asked: [SAM.id] },
          { by: kim, asked: null },
        ]),
      ]).condition.answer,
    ).toBe('met');
    expect(
      help([
        logged([
          { by: kim, asked: [SAM.id] },
          { by: kim, asked: null },
        ]),
      ]).condition.answer,
    ).toBe('not-met');
  });
});

describe('it is unknown whether the colleague was asked to help', () => {
  const unknown = { state: 'unknown', cause: aCause({ message: 'no answer' }) } as const;
  const search: TargetFact = { kind: 'service', asked: 'Search API', ...unknown };
  const [some, none] = [[asked], []];

  it.each<[string, readonly OpenIncident[], Partial<Facts>, string, boolean]>([
    ['the requester is not known', some, { requester: unknown }, 'no answer', true],
    [
      'nor ever will be',
      some,
      { requester: { state: 'unrecognised', why: 'no such user' } },
      'no such user',
      false,
    ],
    ['incidents cannot be read', none, { incidents: unknown }, 'no answer', true],
    [
      'were not asked for',
      none,
      { incidents: { state: 'not-asked' } },
      'incidents were not asked for',
      false,
    ],
    ['the rows of who asked cannot be had', some, { helped: unknown }, 'no answer', true],
    ['were not asked for', some, { helped: { state: 'not-asked' } }, 'who is on call was not asked', false],
    [
      'a service could not be looked up',
      none,
      { targets: [...someFacts().targets, search] },
      'no answer',
      true,
    ],
  ])('where %s', (_where, incidents, facts, detail, transient) => {
    expect(help(incidents, facts)).toMatchObject({
      condition: { name: 'responder', answer: 'unknown', detail, transient },
      proof: null,
    });
  });
});
