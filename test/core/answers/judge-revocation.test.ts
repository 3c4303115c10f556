import { describe, expect, it } from 'vitest';
import type { Answer, AnswerFacts, GivenReading } from '../../../src/core/answers/answer.ts';
import { howToRevoke, judgeRevocation } from '../../../src/core/answers/judge-revocation.ts';
import { isRequesterForCertain } from '../../../src/core/answers/two-people.ts';
import type { RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Policy } from '../../../src/core/rule.ts';
import { MINUTE, plusMs, SECOND } from '../../../src/core/values/instant.ts';
import {
  aCause,
  anAnswer,
  aPolicy,
  aRecordedDecision,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  recognised,
  someAnswerFacts,
  someFacts,
  someTargets,
} from '../../support/builders.ts';

const OFF = { onCall: onCallWith() };
const off = (more: Parameters<typeof someFacts>[0] = {}) =>
  aRecordedDecision({ facts: someFacts({ ...OFF, ...more }) });
const SAM = { id: 'PSAM1RE', name: 'Sam One', isUser: true };

function judged(
  answer: Partial<Answer> = {},
  facts: Partial<AnswerFacts> = {},
  { decided = off(), policy = aPolicy() }: { decided?: RecordedDecision; policy?: Policy } = {},
) {
  return judgeRevocation(
    anAnswer({ propose: 'revoked', ...answer }),
    decided,
    someAnswerFacts(facts),
    policy,
  );
}

describe('access is ended', () => {
  it('by whoever is on call for the approvers of one rule that asked, whether they are another person or not', () => {
    const policy = aPolicy({
      rules: [aRule(), aRule({ name: 'z', onCall: { ...aRule().onCall, services: [] } })],
    });
    const decided = aRecordedDecision({ facts: someFacts(OFF), policy });

    expect(judged()).toEqual({
      state: 'counted',
      why: 'Taylor Two was on call for the approvers of prod-oncall',
      rules: ['prod-oncall'],
    });
    expect(judged({}, { binding: null }, { decided, policy })).toMatchObject({ state: 'counted' });
  });

  it('by the requester, on call or not, and wherever answers are given in Teleport alone', () => {
    const policy = aPolicy({
      rules: [aRule({ approvers: { ...aRule().approvers, answerBy: ['teleport'] } })],
    });

    expect(judged({ by: SAM }, OFF, { policy })).toEqual({
      state: 'counted',
      why: 'Sam One is who asked for it',
      rules: [],
    });
  });

  const lockedOut = { state: 'known', lockedUser: 'taylor' } as const;
  it.each<readonly [string, Partial<Answer>, Partial<AnswerFacts>, string]>([
    ['by an integration', { by: { ...SAM, isUser: false } }, {}, 'only a person can answer'],
    ['by taking it back', { takenBackBy: 'not' }, {}, 'it says “not”, which may take it back: to end the'],
    ['by what names another', { codeIsRight: false }, {}, 'it is not clear what it asks for: to end the'],
    ['by a question', { unclear: 'question' }, {}, 'it is not clear what it asks for: to end the'],
    ['by an edited note', { edited: true }, {}, 'the note was edited: write a new one'],
    ['by what was said before it', { at: plusMs(NOW, -60 * MINUTE) }, {}, 'before this request was made'],
    ['by who is locked out', {}, { lock: lockedOut }, 'Taylor Two is locked in Teleport'],
    ['by who is not on call', {}, OFF, 'Taylor Two is not known to be who asked for it, and was not on call'],
  ])('not %s', (_what, answer, facts, why) => {
    expect(judged(answer, facts)).toMatchObject({
      state: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });

  const at = (seconds: number) => plusMs(anAnswer().at, seconds * SECOND);
  const early = 'was given, and ends nothing: to end the access before its time';
  it.each<readonly [string, Partial<GivenReading>, string | null]>([
    ['a minute after the review', { at: at(-60), knownAt: at(10) }, null],
    [
      'perhaps before it',
      { at: at(-59), knownAt: at(-90) },
      `not certain that it was written after the access ${early}`,
    ],
    [
      'less than a minute before it',
      { at: at(60) },
      `not certain that it was written after the access ${early}`,
    ],
    ['long before it', { at: at(61) }, `, before the access was given at ${at(61)}, and ends nothing`],
    ['a minute after it was known, where there is no review', { knownAt: at(-60) }, null],
    ['sooner after that', { knownAt: at(-59) }, 'it is not certain'],
    ['long before that', { knownAt: at(90) }, 'it is not certain'],
    ['below our note of it', { at: at(-1), toldAt: at(-1) }, null],
    ['in the second of that', { at: at(-1), toldAt: at(0) }, 'it is not certain'],
    ['on a page that was opened later', { at: at(9), before: true }, null],
  ])('by what was written after it was given, as far as clocks tell: %s', (_when, given, why) => {
    expect(judged({}, { given: { at: null, knownAt: at(0), toldAt: null, ...given } })).toMatchObject(
      why === null ? { state: 'counted' } : { state: 'refused', why: expect.stringContaining(why) as string },
    );
  });

  it('not on the page where approvers answer in Teleport alone', () => {
    const policy = aPolicy({
      rules: [aRule({ approvers: { ...aRule().approvers, answerBy: ['teleport'] } })],
    });

    expect(judged({}, {}, { policy })).toMatchObject({
      state: 'refused',
      why: expect.stringMatching(
        /^it must be ended in Teleport, where `tctl lock .*` ends it: rule prod-oncall/u,
      ) as string,
    });
  });

  it('not on an unknown, which is asked again', () => {
    const onCall = { state: 'unknown', cause: aCause({ message: 'PagerDuty is silent' }) } as const;

    expect(judged({}, { onCall }).state).toBe('unknown');
    expect(judged({}, { lock: { state: 'unknown', cause: aCause() } }).state).toBe('unknown');

    const search = aRule({ name: 'z', onCall: someTargets({ services: ['Search API'] }) });
    const policy = aPolicy({ rules: [aRule(), search] });
    const decided = aRecordedDecision({ facts: someFacts(OFF), policy });
    const lost = { kind: 'service', asked: 'Search API', state: 'unknown', cause: aCause() } as const;

    expect(judged({}, { ...OFF, targets: [aTargetFact(), lost] }, { decided, policy }).state).toBe('unknown');
  });

  it('by a clock that is a minute behind, and not more', () => {
    const minuteBefore = plusMs(NOW, -1_000 - MINUTE);

    expect([0, -1].map((ms) => judged({ at: plusMs(minuteBefore, ms) }).state)).toEqual([
      'counted',
      'refused',
    ]);
  });

  it('by a request that never told when it was made too', () => {
    const { request, ...decided } = off();

    expect(judged({}, {}, { decided: { ...decided, request: { ...request, created: null } } }).state).toBe(
      'counted',
    );
    expect(howToRevoke({ code: '7E1B44' }, off())).toContain('`revoke 7E1B44`');
  });
});

describe('the requester is told for certain', () => {
  const certain = (byId: string, { decided = off(), policy = aPolicy(), facts = {} } = {}) =>
    isRequesterForCertain(decided, { byId, facts: { teleportUser: null, binding: null, ...facts } }, policy);
  const chosen = aPolicy({ addresses: 'unmanaged' });
  const map = (users: Record<string, string>) => aPolicy({ identities: [{ kind: 'map', users }] as never });
  const name = off().request.requester;

  it('by a map, and by nothing else then', () => {
    expect(certain('PMAPPED', { policy: map({ [name]: 'PMAPPED' }) })).toBe(true);
    expect(certain('PSAM1RE', { policy: map({ [name]: 'PMAPPED' }) })).toBe(false);
  });

  it('by the address that was seen first, or one that nobody can choose, and not by a changed one', () => {
    const by = (binding: 'unchanged-address' | 'address') =>
      off({ requester: { ...recognised(), binding } as never });

    expect(certain('PSAM1RE', { decided: by('unchanged-address') })).toBe(true);
    expect(certain('PTAY2RE', { decided: by('unchanged-address') })).toBe(false);
    expect(certain('PSAM1RE', { decided: by('address'), policy: chosen })).toBe(false);
    expect(certain('PSAM1RE', { decided: by('address'), policy: aPolicy({ addresses: 'managed' }) })).toBe(
      true,
    );
  });

  it('by their own Teleport user where addresses are kept', () => {
    const facts = { teleportUser: name, binding: 'unchanged-address' } as const;

    expect(certain('POTHER', { facts, policy: aPolicy({ addresses: 'managed' }) })).toBe(true);
    expect(certain('POTHER', { facts, policy: chosen })).toBe(false);
  });
});
