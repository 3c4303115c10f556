import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { IdentitySource } from '../../src/core/identity.ts';
import {
  asApprovers,
  desksOf,
  hasTargets,
  needsSso,
  needsUserRecord,
  rolesUnder,
  targetsOf,
  type OnCallTargets,
} from '../../src/core/rule.ts';
import { anEscalation, aPolicy, aRequest, aRule, someTargets } from '../support/builders.ts';

/** An own property that carries the name of one that every object has. */
const ODDLY_ANNOTATED = JSON.parse('{"__proto__": ["Odd"], "constructor": ["Odder"]}') as Record<
  string,
  string[]
>;

const NOT_KNOWN = { message: 'PagerDuty is silent', transient: true };

describe('the targets of a rule', () => {
  it('are its services, policies and schedules, as configured', () => {
    const onCall = someTargets({
      services: ['Payments API', 'Search API'],
      escalationPolicies: ['Payments'],
      schedules: ['Payments primary'],
    });

    expect(targetsOf(aRule({ onCall }), aRequest())).toEqual([
      { kind: 'service', asked: 'Payments API' },
      { kind: 'service', asked: 'Search API' },
      { kind: 'escalation policy', asked: 'Payments' },
      { kind: 'schedule', asked: 'Payments primary' },
    ]);
  });

  it('include the services that the annotation names, each once', () => {
    const onCall = someTargets({ fromAnnotation: 'pagerduty_services' });
    const annotations = { pagerduty_services: ['Search API', 'Payments API'], others: ['Ledger'] };

    expect(targetsOf(aRule({ onCall }), aRequest({ annotations }))).toEqual([
      { kind: 'service', asked: 'Payments API' },
      { kind: 'service', asked: 'Search API' },
    ]);
  });

  it('do not include an annotation that the rule does not go by', () => {
    const annotations = { pagerduty_services: ['Search API'], null: ['Search API'] };

    expect(targetsOf(aRule(), aRequest({ annotations }))).toEqual([
      { kind: 'service', asked: 'Payments API' },
    ]);
  });

  it.each<[boolean, string, Partial<OnCallTargets>]>([
    [true, 'by a service', { services: ['A'] }],
    [true, 'by a policy', { escalationPolicies: ['A'] }],
    [true, 'by a schedule', { schedules: ['A'] }],
    [true, 'by a service and a policy', { services: ['A'], escalationPolicies: ['A'] }],
    [true, 'by policies and a schedule', { escalationPolicies: ['A'], schedules: ['A'] }],
    [true, 'by owners', { owner: { map: [], ofRole: {}, unowned: 'A', settledMs: 0 } }],
    [true, 'where no owner is known', { noOwner: NOT_KNOWN }],
    [true, 'by teams', { teams: { names: ['A'], settled: { ms: 0, orFirst: false } } }],
    [true, 'where they cannot be read', { unread: NOT_KNOWN }],
    [true, 'by an annotation that is there', { fromAnnotation: 'services' }],
    [false, 'by one that is not', { fromAnnotation: 'others' }],
    [false, 'by one that is empty', { fromAnnotation: 'none' }],
    [false, 'by none', {}],
  ])('are there (%s) %s', (are, _how, targets) => {
    const request = aRequest({ annotations: { services: ['A'], none: [], null: ['A'] } });

    expect(hasTargets(aRule({ onCall: someTargets({ services: [], ...targets }) }), request)).toBe(are);
  });

  it.each(['__proto__', 'constructor'])(
    'take `%s` for an annotation only where the request has it',
    (name) => {
      const onCall = someTargets({ services: [], fromAnnotation: name });

      expect(targetsOf(aRule({ onCall }), aRequest())).toEqual([]);
      expect(targetsOf(aRule({ onCall }), aRequest({ annotations: ODDLY_ANNOTATED }))).toEqual([
        { kind: 'service', asked: name === '__proto__' ? 'Odd' : 'Odder' },
      ]);
    },
  );

  it('do not trip over an annotation without a value', () => {
    const onCall = someTargets({ fromAnnotation: 'pagerduty_services' });
    const annotations = { pagerduty_services: undefined } as unknown as AccessRequest['annotations'];

    expect(targetsOf(aRule({ onCall }), aRequest({ annotations }))).toEqual([
      { kind: 'service', asked: 'Payments API' },
    ]);
  });
});

describe('the services to page', () => {
  const request = aRequest({
    annotations: { pagerduty_notify_service: ['', 'Search API', ' Gone ', 'Access requests'], null: ['Odd'] },
  });
  const own = { service: 'Access requests', instead: ['Duty manager'] };

  it.each([
    [
      'are all that the annotation names, and the rule’s own after those, each once',
      { ...own, fromAnnotation: 'pagerduty_notify_service' },
      ['Search API', 'Gone', 'Access requests', 'Duty manager'],
    ],
    ['are its own without one', { ...own, fromAnnotation: 'other' }, ['Access requests', 'Duty manager']],
    ['are not of an unasked one', { service: 'Access requests', fromAnnotation: null }, ['Access requests']],
    ['may be none', { service: null, fromAnnotation: 'other' }, []],
  ])('%s', (_what, escalation, expected) => {
    expect(desksOf(anEscalation(escalation), request)).toEqual(expected);
  });

  it('are no more than ten of an annotation', () => {
    const many = aRequest({ annotations: { desks: Array.from({ length: 20 }, (_, index) => `S${index}`) } });

    expect(desksOf(anEscalation({ fromAnnotation: 'desks' }), many)).toHaveLength(11);
  });
});

it('the roles under a rule are those of the request that one of its patterns names, in the order of the request', () => {
  const request = aRequest({ roles: ['root', 'prodaccess', 'dbadmin'] });

  expect(rolesUnder(aRule({ roles: ['dbadmin', '*access'] }), request)).toEqual(['prodaccess', 'dbadmin']);
  expect(rolesUnder(aRule({ roles: ['billing'] }), request)).toEqual([]);
});

describe('those whose answer counts', () => {
  it('are on call for the rule’s approvers', () => {
    const onCall = someTargets({ services: [], escalationPolicies: ['Payments'], minShiftAgeMs: 1 });

    expect(asApprovers(aRule({ approvers: { onCall, answerBy: ['note'] } })).onCall).toBe(onCall);
  });

  it('are on call for the rule itself where it names none, as long as it asks of who is let in', () => {
    const onCall = someTargets({ minShiftAgeMs: 60_000, graceAfterShiftMs: 1_000, maxLevel: 2 });

    expect(asApprovers(aRule({ onCall })).onCall).toEqual(onCall);
  });
});

describe('the identity sources', () => {
  const [map, trait, name] = [
    { kind: 'map' as const, users: {} },
    { kind: 'trait' as const, trait: 'email' },
    { kind: 'username-is-email' as const },
  ];

  it.each<[string, boolean, readonly IdentitySource[], boolean, boolean]>([
    ['a map', true, [map], false, false],
    ['a trait', true, [map, trait], true, true],
    ['a trait of whomever', false, [trait], true, false],
    ['a name', true, [name], true, true],
    ['a name of whomever', false, [map, name], false, false],
  ])('need the record in Teleport, and single sign-on: %s', (_, requireSso, identities, record, sso) => {
    const policy = aPolicy({ requireSso, identities });

    expect([needsUserRecord(policy), needsSso(policy)]).toEqual([record, sso]);
  });
});
