import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, type AnswerFacts } from '../../../src/core/answers/answer.ts';
import { parseAnswer } from '../../../src/core/answers/grammar.ts';
import { judgeAnswer, rulesAsking } from '../../../src/core/answers/judge-answer.ts';
import type { Binding, Identity, IdentitySource } from '../../../src/core/identity.ts';
import { asApprovers, targetsOf } from '../../../src/core/rule.ts';
import { aRecordedDecision, anAnswer, SAM, TAYLOR } from '../../support/builders.ts';
import { scenarios, type Scenario } from '../arbitraries.ts';
import { rows } from '../arbitrary-facts.ts';
import { anyText, check, fuzzing, manyRuns, mostly, plausible } from '../arbitrary-text.ts';

interface Hearing {
  readonly scenario: Scenario;
  readonly answer: Answer;
  readonly facts: AnswerFacts;
}

const answers = fc
  .record({
    by: mostly(fc.constant(TAYLOR), fc.constant(SAM)).chain(({ id, summary }) =>
      mostly(fc.constant(true), fc.constant(false)).map((isUser) => ({ id, name: summary, isUser })),
    ),
    edited: mostly(fc.constant(false), fc.constant(true)),
    codeIsRight: mostly(fc.constant(true), fc.constant(false)),
    propose: fc.constantFrom('approved' as const, 'denied' as const),
    takenBack: mostly(fc.constant({}), fc.constant({ takenBackBy: 'not' })),
  })
  .map(({ takenBack, ...answer }) => anAnswer({ ...answer, ...takenBack }));

/** Answers to pending requests that were escalated, with what was looked up for each. */
const hearings: fc.Arbitrary<Hearing> = scenarios
  .chain((scenario) =>
    fc.record({
      scenario: fc.constant({ ...scenario, request: { ...scenario.request, state: 'pending' as const } }),
      answer: answers,
      others: fc.record({
        onCall: mostly<AnswerFacts['onCall']>(
          fc.array(rows(plausible, TAYLOR), { minLength: 1, maxLength: 5 }).map((listed) => ({
            state: 'known',
            at: anAnswer().at,
            rows: listed,
          })),
          fc.constant({ state: 'not-asked' }),
        ),
        teleportUser: fc.constantFrom('sre-1', 'sre-2', 'sre-2', null),
        binding: fc.constantFrom<Binding>('id', 'unchanged-address', 'changed-address', 'unknown-address'),
      }),
      requesterBinding: mostly<Binding>(
        fc.constant('unchanged-address'),
        fc.constantFrom('id', 'changed-address', 'unknown-address'),
      ),
      trust: fc.record({
        addresses: fc.constantFrom('managed' as const, 'unmanaged' as const),
        identities: mostly(
          fc.constant({}),
          fc.dictionary(fc.constantFrom('sre-1', 'SRE-1', 'sre-2'), fc.constantFrom(SAM.id, TAYLOR.id)),
        ).map((users): readonly IdentitySource[] => [
          { kind: 'map', users },
          { kind: 'trait', trait: 'email' },
        ]),
      }),
    }),
  )
  .map(({ others, requesterBinding, trust, answer, scenario }) => {
    const { requester } = scenario.facts;
    const bound = requester.state === 'recognised' ? { ...requester, binding: requesterBinding } : requester;
    return {
      answer,
      scenario: {
        ...scenario,
        facts: { ...scenario.facts, requester: bound },
        policy: { ...scenario.policy, ...trust },
      },
      facts: { ...others, targets: scenario.facts.targets },
    };
  });

function bindingOf(requester: Identity): Binding | null {
  return requester.state === 'recognised' ? (requester.binding ?? null) : null;
}

function judged({ scenario, answer, facts }: Hearing) {
  const decided = aRecordedDecision(scenario);
  return { decided, ...judgeAnswer(answer, decided, facts, scenario.policy) };
}

describe('an answer that counts', () => {
  it.runIf(manyRuns)('is heard at least ten times in 3,000', () => {
    const states = fc
      .sample(hearings, { numRuns: 3_000, seed: fuzzing.seed })
      .map((each) => judged(each).state);

    expect(states.filter((state) => state === 'counted').length).toBeGreaterThanOrEqual(10);
    expect(states.filter((state) => state === 'unknown').length).toBeGreaterThanOrEqual(10);
  });

  it('is by a person, as first written, names the request, and is never the requester’s own', () => {
    check(hearings, (hearing) => {
      const { state } = judged(hearing);
      if (state !== 'counted') return;
      const { answer, facts, scenario } = hearing;
      const { requester } = scenario.facts;

      expect(answer).toMatchObject({ edited: false, codeIsRight: true, by: { isUser: true } });
      expect(answer.takenBackBy).toBeUndefined();
      expect(facts.teleportUser).not.toBe(scenario.request.requester);
      if (requester.state === 'recognised') expect(answer.by.id).not.toBe(requester.id);
    });
  });

  it('is never counted unless it is known that requester and approver are two people', () => {
    check(hearings, (hearing) => {
      if (judged(hearing).state !== 'counted') return;
      const { answer, facts, scenario } = hearing;
      const { requester } = scenario.facts;
      const { identities, addresses } = scenario.policy;
      const [source] = identities;
      const users = source?.kind === 'map' ? source.users : {};
      const isManaged = addresses === 'managed';
      const mapped = Object.entries(users).filter(([, id]) => id === answer.by.id);

      expect(mapped.map(([name]) => name.toLowerCase())).not.toContain(scenario.request.requester);
      const byItself = isManaged || ['id', 'unchanged-address'].includes(bindingOf(requester) ?? '');
      expect([
        Object.hasOwn(users, scenario.request.requester),
        mapped.length > 0,
        requester.state === 'recognised' && byItself,
        isManaged && facts.teleportUser !== null,
      ]).toContain(true);
    });
  });

  it('is never counted on unknown evidence: the rows, or what every target names', () => {
    check(hearings, (hearing) => {
      const { state } = judged(hearing);
      if (state !== 'counted') return;

      expect(hearing.facts.onCall.state).toBe('known');
      expect(judged({ ...hearing, facts: { ...hearing.facts, targets: [] } }).state).toBe('unknown');
      expect(judged({ ...hearing, facts: { ...hearing.facts, onCall: { state: 'not-asked' } } }).state).toBe(
        'unknown',
      );
    });
  });

  it('is of who has a row for the approvers of each rule that asks, and leaves no role without a rule', () => {
    check(hearings, (hearing) => {
      const { state, decided } = judged(hearing);
      if (state !== 'counted') return;
      const { policy } = hearing.scenario;
      const asking = rulesAsking(decided, policy);

      expect(asking.length).toBeGreaterThan(0);
      for (const rule of asking) {
        const alone = { ...hearing.scenario, policy: { ...policy, rules: [rule] } };
        expect(targetsOf(asApprovers(rule), decided.request).length).toBeGreaterThan(0);
        expect(judged({ ...hearing, scenario: { ...alone, request: decided.request } }).state).not.toBe(
          'unknown',
        );
      }
      for (const { mode, breakGlass, verdict } of decided.decision.outcomes) {
        if (mode === 'enforce' && !breakGlass) expect(['approve', 'escalate']).toContain(verdict);
      }
      const codes = decided.decision.reasons.map(({ code }) => code);
      expect(codes).not.toContain('role-not-covered');
      expect(codes).not.toContain('resource-not-covered');
    });
  });

  it('is counted no more once its person has no rows, is no person, or has edited it', () => {
    check(hearings, (hearing) => {
      if (judged(hearing).state !== 'counted') return;
      const { answer, facts } = hearing;
      const without = { ...facts, onCall: { state: 'known', at: answer.at, rows: [] } } as const;

      // Where a target was not looked up it cannot be told that no row is under it.
      expect(judged({ ...hearing, facts: without }).state).not.toBe('counted');
      expect(judged({ ...hearing, answer: { ...answer, edited: true } }).state).toBe('refused');
      expect(judged({ ...hearing, answer: { ...answer, codeIsRight: false } }).state).toBe('refused');
      expect(judged({ ...hearing, answer: { ...answer, by: { ...answer.by, isUser: false } } }).state).toBe(
        'refused',
      );
    });
  });
});

const LISTED = { requestId: '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44', code: 'E1B44' };
const says = (content: string) =>
  parseAnswer(content, LISTED, { others: [{ requestId: 'other', code: 'A9C22' }] });
/** Whether it would let somebody in. */
const approves = (content: string) => {
  const { propose, codeIsRight, unclear, takenBackBy } = says(content);
  return propose === 'approved' && codeIsRight && unclear === undefined && takenBackBy === undefined;
};
const verbs = fc.constantFrom(
  'approve',
  'Approved',
  'aprove',
  'aprpove',
  '/approve',
  '**approve**',
  'please approve',
  'I approve',
);
const gaps = fc.constantFrom(' ', '  ', ': ', ' #', '\u00a0', ' 👍 ', '\u200b ', ' "', ' `', ' <');
const answered = fc.oneof(
  fc.tuple(verbs, gaps).map(([verb, gap]) => `${verb}${gap}E1B44`),
  fc.constantFrom('E1B44 approve', `approve ${LISTED.requestId}`, 'Resolution Note: approve E1B44'),
);
const calm = fc.constantFrom(
  '',
  ' fine',
  '.',
  ', she helps me',
  '\nhere is what I saw',
  '\n\n',
  ' go ahead!',
);

describe('any text whatever', () => {
  it('approves in many forms, with calm words behind it', () => {
    check(fc.tuple(answered, calm), ([answer, words]) => {
      expect([answer + words, approves(answer + words)]).toEqual([answer + words, true]);
    });
  });

  it('names the request only if its code or its id stands there', () => {
    const notes = fc.oneof(
      anyText,
      anyText.map((text) => `approve ${text}`),
    );
    check(notes, (content) => {
      if (says(content).codeIsRight)
        expect(
          content
            .normalize('NFKC')
            .toUpperCase()
            .replace(/[^0-9A-Z]/gu, ''),
        ).toContain('E1B44');
    });
  });

  it('that has a negation, a question, another code or another verb in it, wherever, lets nobody in', () => {
    const against = fc.constantFrom(
      ...[
        'not',
        'NO',
        'never',
        "don't",
        'unless',
        'nicht',
        'nto',
        '👎',
        '?',
        '？',
        'A9C22',
        'deny',
        'reject it',
        'revoke',
      ],
    );
    const places = fc.constantFrom(' ', '\n', ', ');
    check(
      fc.tuple(answered, against, places, anyText, fc.boolean()),
      ([answer, word, place, text, first]) => {
        const beside = `${text} ${word}`;
        expect(approves(first ? `${beside}${place}${answer}` : `${answer}${place}${beside}`)).toBe(false);
      },
    );
  });

  it('that says the contrary, or repeats what others wrote, lets nobody in', () => {
    const around = fc.constantFrom<(words: string) => string>(
      ...['dis', 'un', 'dis-', 'non-', 'not ', "don't ", 'never ', 'can you ', 'she will '].map(
        (before) => (words: string) => before + words,
      ),
      (words) => `> ${words}`,
      (words) => `“${words}”`,
      (words) => `she wrote: "${words}"`,
      (words) => `her reason:\n${words}`,
      (words) => `"it says\n${words}\nat the end"`,
    );
    const plain = fc.constantFrom('approve E1B44', 'approved E1B44', 'aprove E1B44');
    check(fc.tuple(around, plain, calm), ([make, words, after]) => {
      expect(approves(make(words) + after)).toBe(false);
    });
  });

  it('after the code changes nothing of a refusal, unless it is another verb, code or question, and stays on its line', () => {
    check(anyText, (words) => {
      const said = says(`deny E1B44 ${words}`);

      if (said.propose !== null) expect(said).toMatchObject({ propose: 'denied', codeIsRight: true });
      expect(said.reason).not.toMatch(/[\n\r\u2028]/u);
    });
  });
});
