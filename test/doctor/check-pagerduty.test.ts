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
}

function findingsOf({ admin, directory, policy = aPolicy() }: World = {}): Promise<readonly Finding[]> {
  const account = anAccount();
  return checkPagerDuty(
    {
      admin: { ...account.admin, ...admin },
      directory: { ...account.directory, ...directory },
      from: FROM,
      now: () => NOW,
      policy,
    },
    signal,
  );
}

describe('the check of PagerDuty', () => {
  it('finds nothing wrong where nothing is, one line for each thing that the rules name', async () => {
    const onCall = someTargets({ escalationPolicies: ['Payments'], schedules: ['Payments primary'] });

    const findings = await findingsOf({ policy: aPolicy({ rules: [aRule({ onCall })] }) });

    expect(findings.map(({ state }) => state)).toEqual(findings.map(() => 'ok'));
    expect(findings.map(({ subject, text }) => `${subject}: ${text}`)).toEqual([
      'pagerduty: PagerDuty answers, and the clocks agree',
      'pagerduty key: the key may open incidents and write notes',
      `pagerduty from: notes and incidents are written as ${FROM}`,
      'rule prod-oncall: service Payments API is Payments API (PSERVC1), policy Payments',
      'rule prod-oncall: escalation policy Payments is Payments (PPOLCY1)',
      'rule prod-oncall: schedule Payments primary is Payments primary (PSCHED1)',
      'rule prod-oncall escalate: service Access requests is Access requests (PSERVC1), policy Payments; on call now: Sam One',
    ]);
  });

  it('asks nothing more of a PagerDuty that does not answer, or not to this key', async () => {
    const refused = new PagerDutyError('unauthorised', 'PagerDuty refuses the key: check key and region', {
      transient: false,
      status: 401,
    });

    expect(await findingsOf({ admin: { reachable: () => Promise.reject(refused) } })).toEqual([
      { state: 'failed', subject: 'pagerduty', text: refused.message },
    ]);
  });

  it.each<[number, string, unknown]>([
    [5, 'ok', 'PagerDuty answers, and the clocks agree'],
    [-5, 'ok', 'PagerDuty answers, and the clocks agree'],
    [
      42,
      'warning',
      expect.stringMatching(/^PagerDuty's clock is 42 s ahead: set this machine's clock by NTP/u),
    ],
    [-300, 'warning', expect.stringMatching(/^PagerDuty's clock is 300 s behind: /u)],
  ])('compares the clocks: %d s', async (seconds, state, text) => {
    const at = plusMs(NOW, seconds * SECOND);

    const [first] = await findingsOf({ admin: { reachable: () => Promise.resolve({ at }) } });

    expect(first).toEqual({ state, subject: 'pagerduty', text });
  });

  it('fails for a sender that is no user of the account', async () => {
    const findings = await findingsOf({ admin: { fromUser: () => Promise.resolve(null) } });

    expect(findings).toContainEqual({
      state: 'failed',
      subject: 'pagerduty from',
      text: `no PagerDuty user has the address ${FROM}: create that user, or set \`pagerduty.from\` to one that exists`,
    });
  });

  it('fails for a key that may only read, with PagerDuty’s own reason', async () => {
    const forbidden = new PagerDutyError('forbidden', 'the key may not write', { transient: false });

    const findings = await findingsOf({ admin: { mayWrite: () => Promise.reject(forbidden) } });

    expect(findings).toContainEqual({
      state: 'failed',
      subject: 'pagerduty key',
      text: 'the key may not write',
    });
  });

  it('fails for each name that does not exist, and looks at the others all the same', async () => {
    const onCall = someTargets({ escalationPolicies: ['Paiments'], schedules: ['Primary'] });

    const findings = await findingsOf({
      policy: aPolicy({ rules: [aRule({ onCall }), aRule({ name: 'second', escalate: null })] }),
      directory: {
        escalationPolicy: (asked) => Promise.reject(notFound(`escalation policy ${asked}`)),
        schedule: (asked) => Promise.reject(notFound(`schedule ${asked}`)),
      },
    });

    expect(findings.filter(({ state }) => state === 'failed').map(({ text }) => text)).toEqual([
      'escalation policy Paiments does not exist in PagerDuty: check the name',
      'schedule Primary does not exist in PagerDuty: check the name',
    ]);
    expect(findings.at(-1)).toMatchObject({ state: 'ok', subject: 'rule second' });
  });

  it('tells the names that are near one that does not exist, in whatever section it stands', async () => {
    const asked: string[] = [];
    const onCall = someTargets({ services: [], schedules: ['payments primry'] });
    const approvers = {
      onCall: someTargets({ services: [], escalationPolicies: ['Paiments'] }),
      answerBy: ['note' as const],
    };

    const findings = await findingsOf({
      policy: aPolicy({ rules: [aRule({ onCall, approvers, escalate: null })] }),
      directory: {
        escalationPolicy: (name) => Promise.reject(notFound(`escalation policy ${name}`)),
        schedule: (name) => Promise.reject(notFound(`schedule ${name}`)),
      },
      admin: {
        namesOf(kind) {
          asked.push(kind);
          return Promise.resolve(['Payments primary', 'Search', 'PAYMENTS', 'Payments primary (old)']);
        },
      },
    });

    expect(asked.sort()).toEqual(['escalation policy', 'schedule']);
    expect(findings.filter(({ state }) => state === 'failed').map(({ text }) => text)).toEqual([
      'schedule payments primry does not exist in PagerDuty: check the name; did you mean `Payments primary` or `PAYMENTS`?',
      'escalation policy Paiments does not exist in PagerDuty: check the name; did you mean `PAYMENTS`?',
    ]);
  });

  it('tells what does not exist also when the names near it cannot be had', async () => {
    const forbidden = new PagerDutyError('forbidden', 'the key may not', { transient: false });

    const findings = await findingsOf({
      directory: { service: (asked) => Promise.reject(notFound(`service ${asked}`)) },
      admin: { namesOf: () => Promise.reject(forbidden) },
    });

    expect(findings.filter(({ state }) => state === 'failed').map(({ text }) => text)).toContain(
      'service Payments API does not exist in PagerDuty: check the name',
    );
  });

  it.each(['disabled', 'maintenance'])('warns of a service in state %s: nobody is paged', async (status) => {
    const findings = await findingsOf({
      directory: { service: (asked) => Promise.resolve(aService(asked, { status })) },
    });

    expect(findings.filter(({ state }) => state === 'warning').map(({ subject }) => subject)).toContain(
      'rule prod-oncall escalate',
    );
    expect(findings.at(-1)?.text).toContain(`it is in state ${status}: no incident can be opened on it`);
  });

  it.each<[string, Partial<OnCallRow>[], string, string]>([
    ['nobody', [], 'failed', 'nobody is on call under policy Payments now: a page would reach nobody'],
    [
      'somebody whose shift is over',
      [{ end: '2026-03-03T02:14:07Z' }],
      'failed',
      'nobody is on call under policy Payments now',
    ],
    [
      'a backup only',
      [{ escalation_level: 2 }],
      'warning',
      'nobody is on call at level 1 of policy Payments now: a page goes to a higher level',
    ],
  ])('looks who would be paged: %s', async (_who, rows, state, text) => {
    const onCallsUnder = () =>
      Promise.resolve({ at: NOW, rows: rows.map(anOnCallRow), broken: [], people: new Map() });

    const findings = await findingsOf({ directory: { onCallsUnder } });

    expect(findings.at(-1)).toMatchObject({ state, subject: 'rule prod-oncall escalate' });
    expect(findings.at(-1)?.text).toContain(text);
  });

  it.each([
    [null, 0],
    [false, 0],
    [true, 1],
  ])('warns of a reading key that may write although another does: %s', async (may, warnings) => {
    const findings = await findingsOf({ admin: { readKeyMayWrite: () => Promise.resolve(may) } });

    expect(findings.filter(({ state }) => state === 'warning')).toHaveLength(warnings);
  });

  it('names no service to page where only the annotation of a request does', async () => {
    const escalate = anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' });

    const findings = await findingsOf({ policy: aPolicy({ rules: [aRule({ escalate })] }) });

    expect(findings.map(({ subject }) => subject)).not.toContain('rule prod-oncall escalate');
  });
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
