import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts } from '../../src/core/facts.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { NOT_LISTENED } from '../../src/core/silence.ts';
import {
  aCause,
  aLasting,
  anOnCallRow,
  aRule,
  aWhen,
  NOW,
  onCallWith,
  SILENT,
  someRequirements,
  someTargets,
  aTeleportUser,
} from '../support/builders.ts';
import { offCall, unreachable } from './deciding.ts';
import { asked, glass, ordinary } from './glass.ts';

const nobodyReachable: Partial<Facts> = {
  approvers: { state: 'known', reachable: false, lasting: aLasting() },
};

describe('a break-glass rule', () => {
  it('lets in for a reason once PagerDuty has been silent for long enough, and says so', () => {
    expect(asked(unreachable)).toMatchObject({
      verdict: 'approve',
      rules: ['glass'],
      breakGlass: true,
      proofs: [],
      reasons: [
        {
          code: 'break-glass',
          condition: null,
          text: 'BREAK GLASS by rule glass: PagerDuty has been silent for 2 min, asked 9 times, a reason is given and the access ends at 2026-03-03T10:14:07.000Z, within 8 h; must be looked at afterwards',
        },
      ],
      outcomes: [
        { rule: 'ordinary', breakGlass: false, verdict: 'escalate' },
        { rule: 'glass', breakGlass: true, verdict: 'approve', roles: ['prodaccess'], mode: 'enforce' },
      ],
    });
  });

  it('lets in while nobody is on call who could be paged', () => {
    const decision = asked({ ...offCall, ...nobodyReachable });

    expect(decision).toMatchObject({ verdict: 'approve', rules: ['glass'], breakGlass: true });
    expect(decision.reasons[0]?.text).toContain('nobody is on call who could be paged');
  });

  it.each<[string, Partial<Facts>]>([
    ['is off call, and one can be paged', { ...offCall, approvers: { state: 'known', reachable: true } }],
    ['is not on call, and nobody asked who can be paged', offCall],
    ['is off call, and reach is unknown', { ...offCall, approvers: { state: 'unknown', cause: aCause() } }],
    [
      'cannot be asked about for a reason that stays',
      { ...unreachable, onCall: { state: 'unknown', cause: aCause({ transient: false }) } },
    ],
    ['is unknown, and heard', { ...unreachable, silence: { ...NOT_LISTENED, reads: { state: 'answered' } } }],
    ['cannot be asked about, and PagerDuty was not listened to', { ...unreachable, silence: NOT_LISTENED }],
    ['is not on call, and PagerDuty is silent about something else', { ...unreachable, ...offCall }],
    [
      'cannot be recognised because Teleport does not answer',
      {
        ...unreachable,
        user: { state: 'unknown', cause: aCause() },
        requester: { state: 'unknown', cause: aCause() },
        onCall: { state: 'not-asked' },
      },
    ],
    [
      'cannot be recognised because Teleport does not say what Access Lists grant',
      {
        user: { state: 'known', user: aTeleportUser(), login: { state: 'unknown', cause: aCause() } },
        requester: { state: 'unknown', cause: aCause() },
        onCall: { state: 'not-asked' },
      },
    ],
    ['is nobody whom PagerDuty knows', { requester: { state: 'unrecognised', why: 'no such user' } }],
  ])('keeps out of it where the requester %s', (_why, facts) => {
    expect(asked(facts)).toMatchObject({ verdict: 'escalate', rules: ['ordinary'], breakGlass: false });
    expect(asked(facts).outcomes.at(-1)).toMatchObject({
      rule: 'glass',
      verdict: 'abstain',
      conditions: [
        {
          name: 'emergency',
          answer: 'not-met',
          detail: 'PagerDuty answers and somebody can be paged',
          remedy: 'an emergency: PagerDuty silent, or nobody on call',
        },
        {},
        {},
      ],
    });
  });

  it('keeps out of it where PagerDuty answers, and only the clocks disagree: a clock can be set', () => {
    const skewed = { state: 'unknown', cause: aCause({ code: 'clock-skew', transient: true }) } as const;

    expect(asked({ ...unreachable, onCall: skewed })).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
    });
    expect(asked({ ...unreachable, helped: skewed })).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
    });
    expect(asked({ onCall: skewed, ...nobodyReachable })).toMatchObject({ verdict: 'approve' });
  });

  it('keeps out of it where one of the other conditions is known not to be met', () => {
    const short = aRule({ name: 'short', require: someRequirements({ maxDurationMs: HOUR }) });

    expect(asked(unreachable, { rules: [glass, short] })).toMatchObject({ verdict: 'escalate' });
  });

  it('is not needed where the ordinary rules approve', () => {
    expect(asked({}).verdict).toBe('approve');
    expect(asked(nobodyReachable)).toMatchObject({
      verdict: 'approve',
      rules: ['ordinary'],
      breakGlass: false,
    });
  });

  it.each<[string, Partial<AccessRequest>]>([
    ['without a reason', { reason: ' ' }],
    ['for longer than it allows', { accessExpires: plusMs(NOW, 8 * HOUR + 1) }],
    ['for a later start', { startsAt: plusMs(NOW, 1) }],
  ])('lets nobody in %s', (_how, request) => {
    expect(asked({ ...unreachable, ...nobodyReachable }, { request })).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
    });
  });

  it('asks for a reason, and for no incident, whatever it says itself', () => {
    const require = someRequirements({
      reason: false,
      openIncident: { urgency: 'high', involvement: 'assigned' },
    });
    const rules = [{ ...glass, require }, ordinary];

    expect(asked(unreachable, { rules }).verdict).toBe('approve');
    expect(
      asked(unreachable, { rules })
        .outcomes.at(-1)
        ?.conditions.map(({ name }) => name),
    ).toEqual(['emergency', 'reason-given']);
    expect(asked(unreachable, { rules, request: { reason: '' } }).verdict).toBe('escalate');
  });

  it('never gets past a denial', () => {
    const denying = aRule({
      name: 'denying',
      otherwise: 'deny',
      require: someRequirements({ maxDurationMs: 1 }),
    });

    expect(asked({ ...unreachable, ...nobodyReachable }, { rules: [glass, denying] })).toMatchObject({
      verdict: 'deny',
      rules: ['denying'],
      breakGlass: false,
    });
  });

  it('never gets past a review that Teleport refused', () => {
    expect(asked({ ...unreachable, ...nobodyReachable, reviewRefused: aCause() })).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
    });
  });

  it('never approves a kind of request that is not known', () => {
    expect(asked({ ...unreachable, ...nobodyReachable }, { request: { kind: 'unknown' } }).verdict).toBe(
      'escalate',
    );
  });

  it('lets nobody in of whom it is not known whether it covers them', () => {
    const sres = { ...glass, when: aWhen({ requesterRoles: ['sres'] }) };

    expect(asked({ ...unreachable, ...nobodyReachable }, { rules: [sres, ordinary] })).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
      outcomes: [{}, { conditions: [{ name: 'emergency' }, { name: 'applies' }, {}, {}] }],
    });
  });

  it('is told with the others that let the request pass, in the order of their names', () => {
    const rules = [{ ...glass, name: 'z-glass' }, { ...glass, name: 'a-glass' }, ordinary];

    expect(asked(unreachable, { rules }).rules).toEqual(['a-glass', 'z-glass']);
    expect(asked(unreachable, { rules: rules.toReversed() }).rules).toEqual(['a-glass', 'z-glass']);
  });
});

describe('broken glass for several roles', () => {
  const request = { roles: ['prodaccess', 'dbadmin'] };
  const db = aRule({
    name: 'db',
    roles: ['dbadmin'],
    onCall: someTargets({ schedules: ['PSCHED9'], services: [] }),
  });

  it('must account for every role', () => {
    expect(asked(unreachable, { request })).toMatchObject({ verdict: 'escalate', breakGlass: false });
    expect(asked(unreachable, { request, rules: [{ ...glass, roles: ['*'] }, ordinary] })).toMatchObject({
      verdict: 'approve',
      breakGlass: true,
    });
  });

  it('may do so by one rule for each', () => {
    const glassFor = (role: string) => ({ ...glass, name: role, roles: [role] });
    const rules = [glassFor('dbadmin'), glassFor('prodaccess'), ordinary, db];

    expect(asked(unreachable, { request, rules }).rules).toEqual(['dbadmin', 'prodaccess']);
  });

  it('may do so together with ordinary rules that approve, and names the rows that prove those', () => {
    const dbGlass = { ...glass, roles: ['dbadmin'] };

    expect(asked({ silence: SILENT }, { request, rules: [dbGlass, ordinary, db] })).toMatchObject({
      verdict: 'approve',
      rules: ['glass'],
      proofs: [{ rule: 'ordinary', row: anOnCallRow() }],
    });
  });

  it('does not count a role for which one of two ordinary rules does not approve', () => {
    const dbGlass = { ...glass, roles: ['dbadmin'] };
    const stricter = aRule({
      name: 'stricter',
      onCall: someTargets({ schedules: ['PSCHED9'], services: [] }),
    });

    const silent = { silence: SILENT };
    expect(asked(silent, { request, rules: [dbGlass, ordinary, db] }).verdict).toBe('approve');
    expect(asked(silent, { request, rules: [dbGlass, ordinary, stricter, db] }).verdict).toBe('escalate');
  });
});

describe('broken glass where nothing else covers the request', () => {
  it('opens only when nobody could be paged: PagerDuty was not asked for anything', () => {
    expect(asked(nobodyReachable, { rules: [glass] })).toMatchObject({
      verdict: 'approve',
      breakGlass: true,
    });
    expect(asked(unreachable, { rules: [glass] })).toMatchObject({
      verdict: 'abstain',
      rules: [],
      provisional: false,
      reasons: [
        {
          code: 'shadow-only',
          condition: null,
          text: 'only rules in shadow, or for an emergency, cover this request',
        },
      ],
    });
  });

  it('goes to people when Teleport refused its approval', () => {
    const reviewRefused = aCause({ message: 'Teleport refuses the review' });
    const facts = { ...nobodyReachable, reviewRefused };

    expect(asked(facts, { rules: [glass] })).toMatchObject({
      verdict: 'escalate',
      rules: [],
      reasons: [
        { code: 'role-not-covered' },
        { code: 'review-refused', text: 'Teleport refuses the review' },
      ],
      breakGlass: false,
    });
    expect(asked(facts, { rules: [{ ...glass, mode: 'shadow' }] }).verdict).toBe('abstain');
  });
});

describe('a break-glass rule that may yet be needless', () => {
  it('is decided again once PagerDuty may answer, as long as the approval was not given', () => {
    expect(asked(unreachable).provisional).toBe(true);
    expect(asked({ ...offCall, ...nobodyReachable }).provisional).toBe(false);
    // What it waits for is the emergency, and nothing else that is missing.
    const soon: Partial<Facts> = { ...offCall, approvers: { state: 'known', reachable: false } };
    expect(asked(soon, { request: { reason: '' } }).provisional).toBe(false);
    expect(asked(soon, { rules: [{ ...glass, mode: 'shadow' }, ordinary] }).provisional).toBe(false);
    expect(asked({ approvers: { state: 'known', reachable: false } }).provisional).toBe(false);
    const denying = { ...ordinary, otherwise: 'deny' as const };
    expect(asked(soon, { rules: [glass, denying] })).toMatchObject({ verdict: 'deny', provisional: false });
    expect(asked(soon, { rules: [glass] })).toMatchObject({ verdict: 'abstain', provisional: true });
  });

  it('opens too for a name that could not be looked up, whoever is on call', () => {
    const lost = { kind: 'service', asked: 'Payments API', state: 'unknown', cause: aCause() } as const;
    const { silence } = unreachable;

    expect(asked({ silence, targets: [lost], onCall: onCallWith() })).toMatchObject({
      verdict: 'approve',
      breakGlass: true,
    });
    expect(
      asked(
        { silence, targets: [lost], onCall: onCallWith(), incidents: { state: 'known', incidents: [] } },
        { rules: [glass, { ...ordinary, responders: true }] },
      ),
    ).toMatchObject({ verdict: 'approve', breakGlass: true });
  });
});
