import { describe, expect, it } from 'vitest';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import { checkPagerDuty, checkScopes } from '../../src/doctor/check-pagerduty.ts';
import type { OnCallRow } from '../../src/core/on-call.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import {
  PagerDutyError,
  type OnCallDirectory,
  type PagerDutyAdmin,
  type PagerDutyCredentials,
  type Service,
} from '../../src/ports/pagerduty.ts';
import {
  anEscalation,
  anOnCallRow,
  aPolicy,
  aRule,
  NOW,
  PAYMENTS,
  PAYMENTS_PRIMARY,
  someTargets,
} from '../support/builders.ts';
import { expectApproved } from './approved.ts';

const FROM = 'oncall-approver@example.com';
const signal = new AbortController().signal;

function aService(name: string, overrides: Partial<Service> = {}): Service {
  return { id: 'PSERVC1', summary: name, escalationPolicy: PAYMENTS, status: 'active', ...overrides };
}

function notFound(what: string): PagerDutyError {
  return new PagerDutyError('not-found', `${what} does not exist in PagerDuty: check the name`, {
    transient: false,
  });
}

/** An account that has everything that the policy names, and a key that may do everything. */
function anAccount(): { admin: PagerDutyAdmin; directory: OnCallDirectory } {
  const admin: Partial<PagerDutyAdmin> = {
    reachable: () => Promise.resolve({ at: NOW }),
    mayWrite: () => Promise.resolve(),
    readKeyMayWrite: () => Promise.resolve(null),
    fromUser: () => Promise.resolve({ id: 'PBOTUSR', name: 'Approver', email: FROM }),
    namesOf: () => Promise.resolve([]),
  };
  const directory: Partial<OnCallDirectory> = {
    service: (asked) => Promise.resolve(aService(asked)),
    escalationPolicy: () => Promise.resolve(PAYMENTS),
    onCallsUnder: () => Promise.resolve({ at: NOW, rows: [anOnCallRow()], broken: [], people: new Map() }),
    schedule: () => Promise.resolve({ ...PAYMENTS_PRIMARY, kind: 'layers', attached: true }),
  };
  return { admin: admin as PagerDutyAdmin, directory: directory as OnCallDirectory };
}

interface World {
  readonly admin?: Partial<PagerDutyAdmin>;
  readonly directory?: Partial<OnCallDirectory>;
  readonly policy?: ReturnType<typeof aPolicy>;
  readonly review?: string;
}

function findingsOf({ admin, directory, policy = aPolicy(), review }: World = {}): Promise<
  readonly Finding[]
> {
  const account = anAccount();
  return checkPagerDuty(
    {
      admin: { ...account.admin, ...admin },
      directory: { ...account.directory, ...directory },
      from: FROM,
      now: () => NOW,
      policy,
      review,
    },
    signal,
  );
}

const failing = (kind: 'unauthorised' | 'forbidden', text: string) => () =>
  Promise.reject(new PagerDutyError(kind, text, { transient: false }));
const ahead = (seconds: number): World => ({
  admin: { reachable: () => Promise.resolve({ at: plusMs(NOW, seconds * SECOND) }) },
});
const inState = (status: string): World => ({
  directory: { service: (asked) => Promise.resolve(aService(asked, { status })) },
});
const onCallNow = (...rows: readonly Partial<OnCallRow>[]): World => ({
  directory: {
    onCallsUnder: () =>
      Promise.resolve({ at: NOW, rows: rows.map((row) => anOnCallRow(row)), broken: [], people: new Map() }),
  },
});
const under = (...rules: readonly Parameters<typeof aRule>[0][]) =>
  aPolicy({ rules: rules.map((rule) => aRule(rule)) });
const readKey = (may: boolean | null): World => ({ admin: { readKeyMayWrite: () => Promise.resolve(may) } });
const noneOf: Partial<OnCallDirectory> = {
  escalationPolicy: (asked) => Promise.reject(notFound(`escalation policy ${asked}`)),
  schedule: (asked) => Promise.reject(notFound(`schedule ${asked}`)),
};

const WORLDS: Readonly<Record<string, World>> = {
  'nothing is wrong': {
    policy: under({
      onCall: someTargets({ escalationPolicies: ['Payments'], schedules: ['Payments primary'] }),
    }),
  },
  'a service is told what access shows': { review: 'Access reviews' },
  'the one that is told what access shows is not there': {
    review: 'Acess reviews',
    directory: {
      service: (asked) =>
        asked.startsWith('Acess')
          ? Promise.reject(notFound(`service ${asked}`))
          : Promise.resolve(aService(asked)),
    },
  },
  'PagerDuty refuses the key: nothing more is asked': {
    admin: { reachable: failing('unauthorised', 'PagerDuty refuses the key: check key and region') },
  },
  'its clock is 5 s ahead': ahead(5),
  'its clock is 5 s behind': ahead(-5),
  'its clock is 42 s ahead': ahead(42),
  'its clock is 300 s behind': ahead(-300),
  'the sender is no user': { admin: { fromUser: () => Promise.resolve(null) } },
  'the key may only read': { admin: { mayWrite: failing('forbidden', 'the key may not write') } },
  'names that there are not: the others are looked at all the same': {
    policy: under(
      { onCall: someTargets({ escalationPolicies: ['Paiments'], schedules: ['Primary'] }) },
      { name: 'second', escalate: null },
    ),
    directory: noneOf,
  },
  'names that are near others, in whatever section': {
    policy: under({
      onCall: someTargets({ services: [], schedules: ['payments primry'] }),
      approvers: {
        onCall: someTargets({ services: [], escalationPolicies: ['Paiments'] }),
        answerBy: ['note'],
      },
      escalate: null,
    }),
    directory: noneOf,
    admin: {
      namesOf: (kind) =>
        Promise.resolve(
          kind === 'schedule' ? ['Payments primary', 'Payments primary (old)'] : ['PAYMENTS', 'Search'],
        ),
    },
  },
  'a name that there is not, and the names near it cannot be had': {
    directory: { service: (asked) => Promise.reject(notFound(`service ${asked}`)) },
    admin: { namesOf: failing('forbidden', 'the key may not') },
  },
  'a disabled service': inState('disabled'),
  'a service in maintenance': inState('maintenance'),
  'nobody is on call': onCallNow(),
  'somebody whose shift is over': onCallNow({ end: '2026-03-03T02:14:07Z' }),
  'a backup only': onCallNow({ escalation_level: 2 }),
  'whether the reading key may write is not known': readKey(null),
  'the reading key may not write': readKey(false),
  'the reading key may write although another does': readKey(true),
  'only the annotation of a request names whom to page': {
    policy: under({ escalate: anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' }) }),
  },
};

it('the check of PagerDuty finds what was approved for each account', async () => {
  await expectApproved('check-pagerduty.approved.txt', WORLDS, findingsOf);
});

describe('the scopes of an OAuth app', () => {
  const granted: PagerDutyCredentials = {
    kind: 'oauth',
    expires: NOW,
    neededScopes: ['oncalls.read', 'incidents.write'],
    missingScopes: [],
  };

  it.each<[string, Partial<PagerDutyCredentials>, readonly string[]]>([
    ['all granted', {}, ['ok: the OAuth app was granted all 2 scopes']],
    [
      'one missing',
      { missingScopes: ['incidents.write'] },
      ['failed: the OAuth app was not granted incidents.write: add the scopes to it in PagerDuty'],
    ],
    ['no token to tell', { expires: null }, []],
    ['API keys, which do not tell', { kind: 'keys', expires: null }, []],
  ])('are told: %s', (_, known, said) => {
    const findings = checkScopes({ ...granted, ...known });

    expect(findings.map(({ state, text }) => `${state}: ${text}`)).toEqual(said);
  });
});
