import { describe, expect, it } from 'vitest';
import type { Facts, OpenIncident, TargetFact } from '../../../src/core/facts.ts';
import { incidentIsOpen } from '../../../src/core/conditions/open-incident-condition.ts';
import type { IncidentRequirement } from '../../../src/core/rule.ts';
import { MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import {
  aCause,
  anOpenIncident,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  SAM,
  someFacts,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';

const HELP = 'that they were asked to help with';
const LEDGER = { id: 'PSERVC4', summary: 'Ledger' };
const lookedUp = [aTargetFact(), aTargetFact({ asked: 'Search API', id: 'PSERVC3', name: 'Search API' })];
const lost: TargetFact = { kind: 'service', asked: 'Search API', state: 'unknown', cause: aCause() };
const rule = aRule({
  onCall: someTargets({ services: ['Payments API', 'Search API'], schedules: ['PSCHED1'] }),
});

function open(
  incidents: readonly OpenIncident[],
  wanted: Partial<IncidentRequirement> = {},
  facts: Partial<Facts> = {},
) {
  return incidentIsOpen(
    {
      rule,
      request: aRequest(),
      facts: someFacts({ targets: lookedUp, incidents: { state: 'known', incidents }, ...facts }),
      now: NOW,
    },
    { urgency: null, involvement: 'any', ...wanted },
  );
}

describe('an incident is open', () => {
  it('on one of the rule’s services', () => {
    expect(open([anOpenIncident({ title: 'pay\nments' })])).toEqual({
      name: 'open-incident',
      answer: 'met',
      detail: 'incident pay ments is open on Payments API',
      remedy: null,
      transient: false,
    });
  });

  it('as urgent as asked, or however urgent where nothing is asked', () => {
    const low = anOpenIncident({ urgency: 'low' });

    expect(open([low], { urgency: 'low' }).answer).toBe('met');
    expect(open([low]).answer).toBe('met');
    expect(open([low], { urgency: 'high' })).toEqual({
      name: 'open-incident',
      answer: 'not-met',
      detail: "there is no open incident of high urgency on the rule's services",
      remedy: "an open incident of high urgency on the rule's services",
      transient: false,
    });
  });

  it('though another service of the rule could not be looked up', () => {
    expect(open([anOpenIncident()], {}, { targets: [lost, aTargetFact()] }).answer).toBe('met');
  });

  it.each<[IncidentRequirement['involvement'], Partial<OpenIncident>]>([
    ['assigned', { assignees: [TAYLOR, SAM] }],
    ['acknowledged', { assignees: [], acknowledgers: [TAYLOR, SAM] }],
    ['responder', { assignees: [], responders: [{ user: SAM, state: 'joined', requester: TAYLOR }] }],
  ])('with the requester %s', (involvement, incident) => {
    expect(open([anOpenIncident(), anOpenIncident(incident)], { involvement }).answer).toBe('met');
  });
});

describe('no incident is open', () => {
  const none = "there is no open incident on the rule's services";

  it('where there is none, or none on the rule’s services', () => {
    expect(open([])).toMatchObject({ answer: 'not-met', detail: none, transient: false });
    expect(open([anOpenIncident({ service: LEDGER })]).detail).toBe(none);
  });

  it('with nobody involved, where the requester must be', () => {
    const nobody = anOpenIncident({ assignees: [], acknowledgers: [], responders: [] });

    for (const involvement of ['assigned', 'acknowledged', 'responder'] as const) {
      expect(open([nobody], { involvement }).answer).toBe('not-met');
    }
  });

  it('for a schedule or an unknown service of the same id or name', () => {
    const schedule = aTargetFact({ kind: 'schedule', asked: 'PSCHED1', id: 'PSERVC4' });
    const namesake = aTargetFact({ kind: 'schedule', asked: 'Payments API', id: 'PSERVC4' });
    const incidents = [anOpenIncident({ service: LEDGER })];

    expect(open(incidents, {}, { targets: [...lookedUp, schedule] }).answer).toBe('not-met');
    expect(open(incidents, {}, { targets: [namesake, ...lookedUp] }).answer).toBe('not-met');
  });

  it('for a service that only another rule names, or that is no service', () => {
    const others = [
      aTargetFact({ asked: 'Ledger', id: 'PSERVC4' }),
      aTargetFact({ asked: 'PSCHED1', id: 'PSERVC4' }),
      aTargetFact({ kind: 'schedule', asked: 'PSCHED1', id: 'PSERVC4' }),
    ];
    const incidents = [anOpenIncident({ service: LEDGER })];

    expect(open(incidents, {}, { targets: [...lookedUp, ...others] }).answer).toBe('not-met');
  });

  it.each<[IncidentRequirement['involvement'], string, Partial<OpenIncident>]>([
    ['assigned', 'that is assigned to them', { assignees: [TAYLOR] }],
    ['acknowledged', 'that they acknowledged', { acknowledgers: [TAYLOR] }],
    ['responder', HELP, { responders: [{ user: SAM, state: 'pending', requester: TAYLOR }] }],
    ['responder', HELP, { responders: [{ user: TAYLOR, state: 'joined', requester: SAM }] }],
  ])('with the requester %s', (involvement, words, incident) => {
    expect(open([anOpenIncident(incident)], { involvement })).toMatchObject({
      answer: 'not-met',
      detail: `${none} ${words}`,
      remedy: `an open incident on the rule's services ${words}`,
    });
  });
});

describe('an incident that somebody opened', () => {
  const minAgeMs = { byPeople: 5 * MINUTE, byMonitoring: 0 };
  const young = { createdAt: plusMs(NOW, -5 * MINUTE + 1) };
  const monitoring = { ...LEDGER, type: 'service_reference' };
  const taylor = { ...TAYLOR, type: 'user' };
  const sam = { ...SAM, type: 'user_reference' };
  const outage = { id: 'Q9', title: 'major\nincident', openedBy: monitoring };

  it.each<[string, Partial<OpenIncident>, Partial<IncidentRequirement>]>([
    ['a colleague, a while ago', { openedBy: taylor, createdAt: plusMs(NOW, -5 * MINUTE) }, { minAgeMs }],
    ['monitoring, just now', { createdAt: NOW }, { minAgeMs }],
    ['an integration', { openedBy: { ...LEDGER, type: 'inbound_integration_reference' } }, { minAgeMs }],
    ['a colleague, just now, as earlier versions had it', { ...young, openedBy: taylor }, {}],
  ])('counts where it was %s', (_who, incident, wanted) => {
    expect(open([anOpenIncident(incident)], wanted).answer).toBe('met');
  });

  it('counts in ledgers of earlier versions, which do not tell who it was', () => {
    const before = anOpenIncident(young);
    delete (before as { openedBy?: unknown }).openedBy;

    expect(open([before], { minAgeMs }).answer).toBe('met');
  });

  it('counts as the one that it was merged into', () => {
    expect(open([anOpenIncident({ mergedInto: outage })]).detail).toBe(
      'incident payments are failing of Payments API goes on as major incident',
    );
  });

  it.each<[string, Partial<OpenIncident>, string]>([
    ['the requester', { openedBy: sam }, 'was opened by themselves'],
    ['reopened by the requester', { openedBy: taylor, reopenedBy: sam }, 'was opened again by themselves'],
    ['the requester, merged into', { mergedInto: { ...outage, openedBy: sam } }, 'was opened by themselves'],
    ['the requester, and merged', { openedBy: sam, mergedInto: outage }, 'was opened by themselves'],
    [
      'a colleague, just now',
      { ...young, openedBy: taylor },
      'is open only since 2026-03-03T02:09:07.001Z, the rule asks for 5 min',
    ],
    ['nobody knows whom, just now', { ...young, openedBy: null }, 'is open only since'],
  ])('does not where it was %s', (_who, incident, why) => {
    const found = open([anOpenIncident({ title: 'pay\nments', ...incident })], { minAgeMs });

    expect(found.answer).toBe('not-met');
    expect(found.detail).toContain(
      `there is no open incident on the rule's services (incident pay ments ${why}`,
    );
  });

  it('does not where all were, of which three are told', () => {
    const titles = ['one', 'two', 'three', 'four'];
    const own = titles.map((title) => anOpenIncident({ title, openedBy: sam }));

    expect(open(own).detail).toBe(
      "there is no open incident on the rule's services (incident one was opened by themselves, incident two was opened by themselves and incident three was opened by themselves)",
    );
  });

  it.each<[string, Partial<OpenIncident>, Partial<Facts>, string]>([
    [
      'it is not told by whom',
      { openedBy: null },
      {},
      'PagerDuty does not say who opened incident payments are failing',
    ],
    ['it is by a new kind', { openedBy: { ...LEDGER, type: 'agent_reference' } }, {}, 'does not say who'],
    ['of the other it is not told', { mergedInto: { ...outage, openedBy: null } }, {}, 'does not say who'],
    [
      'it was a person, and the requester is not known',
      { openedBy: taylor },
      { requester: { state: 'unknown', cause: aCause() } },
      'PagerDuty answers 503',
    ],
    [
      'it was a person, and the requester is nobody',
      { openedBy: taylor },
      { requester: { state: 'unrecognised', why: 'no such user' } },
      'no such user',
    ],
  ])('is unknown where %s', (_what, incident, facts, why) => {
    const found = open([anOpenIncident(incident)], {}, facts);

    expect(found.answer).toBe('unknown');
    expect(found.detail).toContain(why);
  });
});

describe('it is unknown whether an incident is open', () => {
  const cause = aCause();
  const namesake = aTargetFact({ kind: 'schedule', asked: 'Search API' });
  const assigned = { involvement: 'assigned' } as const;
  const unknown = { state: 'unknown', cause } as const;
  const unrecognised = { state: 'unrecognised', why: 'no such user' } as const;
  const lasting = { state: 'unknown', cause: aCause({ transient: false }) } as const;
  const [some, none] = [[anOpenIncident()], []];

  it.each<[string, readonly OpenIncident[], Partial<Facts>, string, boolean]>([
    ['when incidents cannot be read', none, { incidents: unknown }, cause.message, true],
    ['for good, when they never can', none, { incidents: lasting }, cause.message, false],
    [
      'when nobody asked for them',
      none,
      { incidents: { state: 'not-asked' } },
      'incidents were not asked for',
      false,
    ],
    [
      'while a service that may be it could not be looked up',
      none,
      { targets: [aTargetFact(), lost] },
      cause.message,
      true,
    ],
    [
      'while a service was not even looked up',
      ...([
        none,
        { targets: [aTargetFact(), namesake] },
        'service Search API was not looked up',
        true,
      ] as const),
    ],
    ['while nobody knows who may be involved', some, { requester: unknown }, cause.message, true],
    ['for good where nobody ever will', some, { requester: unrecognised }, 'no such user', false],
  ])('%s', (_when, incidents, facts, detail, transient) => {
    expect(open(incidents, assigned, facts)).toMatchObject({
      ...{ name: 'open-incident', answer: 'unknown', detail, transient },
    });
  });

  it('but not because of another target or another rule’s service', () => {
    const others: TargetFact[] = [
      { kind: 'schedule', asked: 'PSCHED1', ...unknown },
      { kind: 'schedule', asked: 'Search API', ...unknown },
      { kind: 'service', asked: 'Ledger', ...unknown },
    ];

    expect(open([], {}, { targets: [...others, ...lookedUp] }).answer).toBe('not-met');
    expect(open(some, {}, { targets: [aTargetFact()] }).answer).toBe('met');
  });

  it('but not who the requester is where there is none, or nobody need be involved', () => {
    expect(open([], assigned, { requester: unknown }).answer).toBe('not-met');
    expect(open([], assigned, { requester: unrecognised }).answer).toBe('not-met');
    expect(open(some, {}, { requester: unrecognised }).answer).toBe('met');
  });
});
