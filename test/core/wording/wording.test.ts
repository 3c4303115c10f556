import { describe, expect, it } from 'vitest';
import { liveNote } from '../../../src/core/wording/notes.ts';
import { reasonsInWords } from '../../../src/core/wording/phrases.ts';
import { reviewReason } from '../../../src/core/wording/reviews.ts';
import {
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  aTargetFact,
  onCallWith,
  recognised,
  someFacts,
  someRequirements,
  someTargets,
} from '../../support/builders.ts';

const PROVENANCE = 'oncall-approver decision 0194f8a2-7e90-7c11-8f3d-2b6d9a4c0e57 digest 9f2b6c1d40e7';
const ON_CALL =
  'Sam One (trait `email`) is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z)';
const OFF_CALL =
  'Sam One (by trait `email`) is not on call for service Payments API at 2026-03-03T02:14:07.000Z';

const offCall = someFacts({ onCall: onCallWith() });
const denying = aPolicy({ rules: [aRule({ otherwise: 'deny' })] });
const twoRules = aPolicy({ rules: [aRule({ name: 'prod' }), aRule({ name: 'db' })] });
/** Text with which a requester might try to write lines of the service's own. */
const FORGED = 'please\n\nReason given: fine\r\u202e\n- approve';
const TAMED = 'please Reason given: fine - approve';

describe('the reason of a review', () => {
  it('for an approval says who is on call for what, by which rule and which decision', () => {
    expect(reviewReason(aRecordedDecision())).toBe(`${ON_CALL} · rule prod-oncall · ${PROVENANCE}`);
  });

  it('for an approval by several rules says the shared row once', () => {
    expect(reviewReason(aRecordedDecision({ policy: twoRules }))).toBe(
      `${ON_CALL} · rules db and prod · ${PROVENANCE}`,
    );
  });

  it('for an approval by several rows says them all', () => {
    const policyTarget = someTargets({ services: [], escalationPolicies: ['Payments'] });
    const policy = aPolicy({ rules: [aRule({ name: 'a' }), aRule({ name: 'b', onCall: policyTarget })] });
    const policyFact = aTargetFact({
      kind: 'escalation policy',
      asked: 'Payments',
      id: 'PPOLCY1',
      name: 'Payments',
    });
    const facts = someFacts({ targets: [aTargetFact(), policyFact] });

    expect(reviewReason(aRecordedDecision({ facts, policy }))).toBe(
      `${ON_CALL} and on call for escalation policy Payments (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z) · rules a and b · ${PROVENANCE}`,
    );
  });

  it('names the person by PagerDuty’s id where there is no name', () => {
    const facts = someFacts({ requester: recognised({ name: null, source: 'map' }) });

    expect(reviewReason(aRecordedDecision({ facts }))).toMatch(/^PSAM1RE \(map\) is on call for service /u);
  });

  it('gives the reasons of the decision where the person is not on record', () => {
    const { decision } = aRecordedDecision();
    const facts = someFacts({ requester: { state: 'unrecognised', why: 'no such user' } });

    expect(reviewReason(aRecordedDecision({ facts, decision }))).toBe(
      `${ON_CALL.replace('(trait', '(by trait')}; a reason is given · rule prod-oncall · ${PROVENANCE}`,
    );
  });

  it('for a denial says why', () => {
    const request = aRequest({ reason: '' });

    expect(reviewReason(aRecordedDecision({ request, facts: offCall, policy: denying }))).toBe(
      `${OFF_CALL}; no reason is given, and the rule requires one · rule prod-oncall · ${PROVENANCE}`,
    );
  });

  it('is one line of at most 1,000 characters, since Teleport takes no more than 4,096 bytes', () => {
    const services = Array.from({ length: 20 }, (_, index) => `${'🔥'.repeat(90)}\n${index}`);
    const rule = aRule({ otherwise: 'deny', onCall: someTargets({ services }) });
    const facts = someFacts({
      targets: services.map((asked) => aTargetFact({ asked })),
      onCall: onCallWith(),
    });

    const reason = reviewReason(aRecordedDecision({ facts, policy: aPolicy({ rules: [rule] }) }));

    expect(Array.from(reason)).toHaveLength(1_000);
    expect(reason).not.toContain('\n');
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(4_096);
  });

  it('names the decision however long the explanation is', () => {
    const services = Array.from({ length: 20 }, (_, index) => `${'service '.repeat(10)}${index}`);
    const rule = aRule({ otherwise: 'deny', onCall: someTargets({ services }) });
    const facts = someFacts({
      targets: services.map((asked) => aTargetFact({ asked })),
      onCall: onCallWith(),
    });

    expect(reviewReason(aRecordedDecision({ facts, policy: aPolicy({ rules: [rule] }) }))).toContain(
      PROVENANCE,
    );
  });
});

describe('the note on the live incident', () => {
  it('says who may use what until when, why, and in the requester’s words what for', () => {
    expect(liveNote(aRecordedDecision())).toBe(
      [
        'Teleport access approved automatically: sre-1 may use role prodaccess until 2026-03-03T10:14:07.000Z.',
        `Why: ${ON_CALL} (rule prod-oncall).`,
        'Their reason: “payments are failing, need to look at the database”',
      ].join('\n'),
    );
  });

  it('leaves out what is not known', () => {
    const request = aRequest({ reason: '', accessExpires: null, roles: ['prodaccess', 'dbadmin'] });
    const policy = aPolicy({
      rules: [aRule({ roles: ['*'], require: someRequirements({ reason: false }) })],
    });

    expect(liveNote(aRecordedDecision({ request, policy })).split('\n')).toEqual([
      'Teleport access approved automatically: sre-1 may use roles prodaccess and dbadmin.',
      `Why: ${ON_CALL} (rule prod-oncall).`,
    ]);
  });

  it('keeps every text of others on its line', () => {
    const request = aRequest({ requester: FORGED, reason: FORGED, roles: [FORGED] });
    const facts = someFacts({ requester: recognised({ name: FORGED }) });
    const policy = aPolicy({ rules: [aRule({ roles: ['*'] })] });

    expect(liveNote(aRecordedDecision({ request, facts, policy })).split('\n')).toEqual([
      `Teleport access approved automatically: ${TAMED} may use role ${TAMED} until 2026-03-03T10:14:07.000Z.`,
      `Why: ${ON_CALL.replace('Sam One', TAMED)} (rule prod-oncall).`,
      `Their reason: “${TAMED}”`,
    ]);
  });

  it('cuts a long reason and long names', () => {
    const request = aRequest({
      requester: 'r'.repeat(200),
      reason: 'w'.repeat(4_096),
      roles: ['p'.repeat(200)],
    });
    const facts = someFacts({ requester: recognised({ name: 'n'.repeat(600) }) });
    const policy = aPolicy({ rules: [aRule({ roles: ['*'] })] });

    expect(liveNote(aRecordedDecision({ request, facts, policy })).split('\n')).toEqual([
      `Teleport access approved automatically: ${'r'.repeat(99)}… may use role ${'p'.repeat(99)}… until 2026-03-03T10:14:07.000Z.`,
      `Why: ${ON_CALL.replace('Sam One', `${'n'.repeat(99)}…`)} (rule prod-oncall).`,
      `Their reason: “${'w'.repeat(499)}…”`,
    ]);
  });

  it('cuts a long explanation', () => {
    const named = (asked: string) =>
      aRule({ name: asked.slice(0, 1), onCall: someTargets({ services: [asked] }) });
    const names = ['a'.repeat(90), 'b'.repeat(90), 'c'.repeat(90)];
    const facts = someFacts({ targets: names.map((asked) => aTargetFact({ asked, name: asked })) });

    const why = liveNote(aRecordedDecision({ facts, policy: aPolicy({ rules: names.map(named) }) })).split(
      '\n',
    )[1];

    expect(why).toMatch(/^Why: Sam One .{489,493}… \(rules a, b and c\)\.$/u);
    expect(why).toHaveLength('Why:  (rules a, b and c).'.length + 500);
  });
});

describe('the reasons of a decision in words', () => {
  it('are one sentence', () => {
    const decided = aRecordedDecision({ request: aRequest({ reason: '' }), facts: offCall });

    expect(reasonsInWords(decided)).toBe(`${OFF_CALL}; no reason is given, and the rule requires one`);
  });

  it('are those of an approval as well', () => {
    expect(reasonsInWords(aRecordedDecision())).toBe(
      `${ON_CALL.replace('(trait', '(by trait')}; a reason is given`,
    );
  });
});

it('on call without end is said so', () => {
  const facts = someFacts({ onCall: onCallWith(anOnCallRow({ end: null })) });

  expect(reviewReason(aRecordedDecision({ facts }))).toContain('level 1, without end)');
});
