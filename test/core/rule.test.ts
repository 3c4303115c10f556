import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import { coverageOf, escalationService, matchesRole, targetsOf } from '../../src/core/rule.ts';
import { anEscalation, aRequest, aRule, someTargets } from '../builders.ts';
import { fuzzing } from './arbitrary-text.ts';

/** An own property that carries the name of one that every object has. */
const ODDLY_ANNOTATED = JSON.parse('{"__proto__": ["Odd"], "constructor": ["Odder"]}') as Record<
  string,
  string[]
>;

describe('a role pattern', () => {
  it.each([
    ['prodaccess', 'prodaccess'],
    ['*', 'prodaccess'],
    ['*', ''],
    ['prod*', 'prod'],
    ['prod*', 'prodaccess'],
    ['*access', 'prodaccess'],
    ['prod*access', 'prodaccess'],
    ['p*d*c*s', 'prodaccess'],
    ['p**s', 'prodaccess'],
    ['*od*', 'prodaccess'],
    ['a*b*ab', 'aXbYab'],
    ['*aab*', 'aaab'],
    ['prod.access', 'prod.access'],
    ['', ''],
  ])('`%s` names `%s`', (pattern, role) => {
    expect(matchesRole(pattern, role)).toBe(true);
  });

  it.each([
    ['prodaccess', 'prodaccess2'],
    ['prodaccess', 'Prodaccess'],
    ['prod*', 'preprod'],
    ['*access', 'accessory'],
    ['prod*access', 'prodacces'],
    ['prod*prod', 'prod'],
    ['aba*aba', 'ababa'],
    ['a*b*c', 'acb'],
    ['a*b*b', 'ab'],
    ['a*bc*c', 'abc'],
    ['*ab*b', 'ab'],
    ['*x*', 'prodaccess'],
    ['x*a*a*', 'xa'],
    ['prod.access', 'prodXaccess'],
    ['prod?ccess', 'prodaccess'],
    ['[a-z]*', 'prodaccess'],
    ['', 'prodaccess'],
  ])('`%s` does not name `%s`', (pattern, role) => {
    expect(matchesRole(pattern, role)).toBe(false);
  });

  it('means what the regular expression with `.*` for `*` means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const role = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(letters, role, (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);

        expect(matchesRole(pattern, name)).toBe(expression.test(name));
      }),
      fuzzing,
    );
  });
});

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
    expect(targetsOf(aRule(), aRequest({ annotations: { pagerduty_services: ['Search API'] } }))).toEqual([
      { kind: 'service', asked: 'Payments API' },
    ]);
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

describe('the rules that cover a request', () => {
  it('are told with the roles that each covers, and the roles that none does', () => {
    const prod = aRule({ name: 'prod', roles: ['prod*'] });
    const any = aRule({ name: 'any', roles: ['dbadmin', '*access'] });
    const other = aRule({ name: 'other', roles: ['billing'] });
    const request = aRequest({ roles: ['prodaccess', 'dbadmin', 'root'] });

    expect(coverageOf(request, [prod, any, other])).toEqual({
      covering: [
        { rule: prod, roles: ['prodaccess'] },
        { rule: any, roles: ['prodaccess', 'dbadmin'] },
      ],
      uncovered: ['root'],
    });
  });

  it('leave out a rule that goes by an annotation alone where the request has none', () => {
    const rule = aRule({ onCall: someTargets({ services: [], fromAnnotation: 'pagerduty_services' }) });
    const annotated = aRequest({ annotations: { pagerduty_services: ['Payments API'] } });

    expect(coverageOf(aRequest(), [rule])).toEqual({ covering: [], uncovered: ['prodaccess'] });
    expect(coverageOf(annotated, [rule]).covering).toEqual([{ rule, roles: ['prodaccess'] }]);
  });
});

describe('the service to page', () => {
  const annotated = aRequest({ annotations: { pagerduty_notify_service: ['Search API', 'Payments API'] } });

  it.each([
    ['is the configured one', 'Access requests', null, annotated, 'Access requests'],
    [
      'is the first that the annotation names',
      'Access requests',
      'pagerduty_notify_service',
      annotated,
      'Search API',
    ],
    [
      'is the configured one where the annotation is missing',
      'Access requests',
      'pagerduty_notify_service',
      aRequest(),
      'Access requests',
    ],
    [
      'is not taken from an annotation that nobody asked for',
      'Access requests',
      null,
      aRequest({ annotations: { null: ['Search API'] } }),
      'Access requests',
    ],
    ['may be nobody’s', null, 'pagerduty_notify_service', aRequest(), null],
  ])('%s', (_what, service, fromAnnotation, request, expected) => {
    expect(escalationService(anEscalation({ service, fromAnnotation }), request)).toBe(expected);
  });
});
