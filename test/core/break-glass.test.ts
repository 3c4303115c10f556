import { describe, expect, it } from 'vitest';
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

const CLOSED = 'escalate by ordinary';
const OPEN = 'approve by glass, BREAK GLASS';

/** The verdict, the rules that tell, and whether glass was broken. */
function told(...[facts, under]: Parameters<typeof asked>): string {
  const { verdict, rules, breakGlass } = asked(facts, under);
  return `${verdict} by ${rules.join(' and ')}${breakGlass ? ', BREAK GLASS' : ''}`;
}

const nobodyReachable: Partial<Facts> = {
  approvers: { state: 'known', reachable: false, lasting: aLasting() },
};

describe('a break-glass rule', () => {
  it('lets in for a reason once PagerDuty has been silent for long enough, and says so', () => {
    expect(told(unreachable)).toBe(OPEN);
    expect(asked(unreachable)).toMatchObject({
      proofs: [],
      reasons: [
        {
          ...{ code: 'break-glass', condition: null },
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
    const facts = { ...offCall, ...nobodyReachable };

    expect(told(facts)).toBe(OPEN);
    expect(asked(facts).reasons[0]?.text).toContain('nobody is on call who could be paged');
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
    expect(told(facts)).toBe(CLOSED);
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

    expect(told({ ...unreachable, onCall: skewed })).toBe(CLOSED);
    expect(told({ ...unreachable, helped: skewed })).toBe(CLOSED);
    expect(told({ onCall: skewed, ...nobodyReachable })).toBe(OPEN);
  });

  it('is not needed where the ordinary rules approve', () => {
    expect([told({}), told(nobodyReachable)]).toEqual(['approve by ordinary', 'approve by ordinary']);
  });

  const short = aRule({ name: 'short', require: someRequirements({ maxDurationMs: HOUR }) });
  const emergency = { ...unreachable, ...nobodyReachable };
  const require = someRequirements({ maxDurationMs: 1 });
  const denying = aRule({ name: 'denying', otherwise: 'deny', require });
  it.each<[string, Parameters<typeof asked>, string]>([
    ['without a reason', [emergency, { request: { reason: ' ' } }], CLOSED],
    [
      'for longer than it allows',
      [emergency, { request: { accessExpires: plusMs(NOW, 8 * HOUR + 1) } }],
      CLOSED,
    ],
    ['for a later start', [emergency, { request: { startsAt: plusMs(NOW, 1) } }], CLOSED],
    [
      'where another condition is known not to be met',
      [unreachable, { rules: [glass, short] }],
      'escalate by short',
    ],
    ['past a denial', [emergency, { rules: [glass, denying] }], 'deny by denying'],
    ['past a review that Teleport refused', [{ ...emergency, reviewRefused: aCause() }], CLOSED],
    ['for a kind of request that is not known', [emergency, { request: { kind: 'unknown' } }], CLOSED],
  ])('lets nobody in %s', (_how, question, expected) => {
    expect(told(...question)).toBe(expected);
  });

  it('asks for a reason, and for no incident, whatever it says itself', () => {
    const openIncident = { urgency: 'high', involvement: 'assigned' } as const;
    const rules = [{ ...glass, require: someRequirements({ reason: false, openIncident }) }, ordinary];

    expect(told(unreachable, { rules })).toBe(OPEN);
    const conditions = asked(unreachable, { rules }).outcomes.at(-1)?.conditions;
    expect(conditions?.map(({ name }) => name)).toEqual(['emergency', 'reason-given']);
    expect(told(unreachable, { rules, request: { reason: '' } })).toBe(CLOSED);
  });

  it('lets nobody in of whom it is not known whether it covers them', () => {
    const rules = [{ ...glass, when: aWhen({ requesterRoles: ['sres'] }) }, ordinary];

    expect(told(emergency, { rules })).toBe(CLOSED);
    expect(asked(emergency, { rules })).toMatchObject({
      outcomes: [{}, { conditions: [{ name: 'emergency' }, { name: 'applies' }, {}, {}] }],
    });
  });

  it('is told with the others that let the request pass, in the order of their names', () => {
    const rules = [{ ...glass, name: 'z-glass' }, { ...glass, name: 'a-glass' }, ordinary];

    for (const each of [rules, rules.toReversed()])
      expect(told(unreachable, { rules: each })).toBe('approve by a-glass and z-glass, BREAK GLASS');
  });
});

describe('broken glass for several roles', () => {
  const request = { roles: ['prodaccess', 'dbadmin'] };
  const elsewhere = someTargets({ schedules: ['PSCHED9'], services: [] });
  const db = aRule({ name: 'db', roles: ['dbadmin'], onCall: elsewhere });
  const dbGlass = { ...glass, roles: ['dbadmin'] };
  const silent = { silence: SILENT };

  it('must account for every role', () => {
    expect(told(unreachable, { request })).toBe(CLOSED);
    expect(told(unreachable, { request, rules: [{ ...glass, roles: ['*'] }, ordinary] })).toBe(OPEN);
  });

  it('may do so by one rule for each', () => {
    const glassFor = (role: string) => ({ ...glass, name: role, roles: [role] });
    const rules = [glassFor('dbadmin'), glassFor('prodaccess'), ordinary, db];

    expect(told(unreachable, { request, rules })).toBe('approve by dbadmin and prodaccess, BREAK GLASS');
  });

  it('may do so together with ordinary rules that approve, and names the rows that prove those', () => {
    const rules = [dbGlass, ordinary, db];

    expect(told(silent, { request, rules })).toBe(OPEN);
    expect(asked(silent, { request, rules }).proofs).toMatchObject([
      { rule: 'ordinary', row: anOnCallRow() },
    ]);
  });

  it('does not count a role for which one of two ordinary rules does not approve', () => {
    const stricter = aRule({ name: 'stricter', onCall: elsewhere });

    expect(asked(silent, { request, rules: [dbGlass, ordinary, stricter, db] }).verdict).toBe('escalate');
  });
});

describe('broken glass where nothing else covers the request', () => {
  const rules = [glass];

  it('opens only when nobody could be paged: PagerDuty was not asked for anything', () => {
    expect(told(nobodyReachable, { rules })).toBe(OPEN);
    const text = 'only rules in shadow, or for an emergency, cover this request';
    expect(asked(unreachable, { rules })).toMatchObject({
      ...{ verdict: 'abstain', rules: [], provisional: false },
      reasons: [{ code: 'shadow-only', condition: null, text }],
    });
  });

  it('goes to people when Teleport refused its approval', () => {
    const text = 'Teleport refuses the review';
    const facts = { ...nobodyReachable, reviewRefused: aCause({ message: text }) };

    expect(asked(facts, { rules })).toMatchObject({
      ...{ verdict: 'escalate', rules: [], breakGlass: false },
      reasons: [{ code: 'role-not-covered' }, { code: 'review-refused', text }],
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
    const user = { state: 'unknown', cause: aCause() } as const;
    const perhaps = { ...glass, when: aWhen({ requesterRoles: ['sres'] }) };
    expect(asked({ ...soon, user }, { rules: [perhaps, ordinary] }).provisional).toBe(false);
    expect(asked(soon, { rules: [{ ...glass, mode: 'shadow' }, ordinary] }).provisional).toBe(false);
    expect(asked({ approvers: { state: 'known', reachable: false } }).provisional).toBe(false);
    const denying = { ...ordinary, otherwise: 'deny' as const };
    expect(asked(soon, { rules: [glass, denying] })).toMatchObject({ verdict: 'deny', provisional: false });
    expect(asked(soon, { rules: [glass] })).toMatchObject({ verdict: 'abstain', provisional: true });
  });

  it('opens too for a name that could not be looked up, whoever is on call', () => {
    const lost = { kind: 'service', asked: 'Payments API', state: 'unknown', cause: aCause() } as const;
    const { silence } = unreachable;

    const facts: Partial<Facts> = { silence, targets: [lost], onCall: onCallWith() };
    const rules = [glass, { ...ordinary, responders: true }];

    expect(told(facts)).toBe(OPEN);
    expect(told({ ...facts, incidents: { state: 'known', incidents: [] } }, { rules })).toBe(OPEN);
  });
});
