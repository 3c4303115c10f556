import type { Answer, AnswerFacts } from '../../src/core/answers/answer.ts';
import { judgeAnswer } from '../../src/core/answers/judge-answer.ts';
import type { TargetFact } from '../../src/core/facts.ts';
import type { RecordedAnswer, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import { asApprovers, targetsOf, type Policy, type Target } from '../../src/core/rule.ts';
import { anAnswered, anOnCallRow, onCallWith } from '../support/builders.ts';

/**
 * The answer as it is recorded under this decision: with evidence that whoever gave it is on call for everything that any rule
 * asks, or, where it is not to count, for nothing. Whether it counts is judged; a rule that takes nobody takes nobody here.
 */
export function answeredUnder(
  { decided, policy }: { readonly decided: RecordedDecision; readonly policy: Policy },
  answer: Answer,
  isOnCall: boolean,
): RecordedAnswer {
  const targets = policy.rules.flatMap((rule) => targetsOf(asApprovers(rule), decided.request));
  const user = { id: answer.by.id, summary: answer.by.name };
  const rows = targets.map(({ asked }) =>
    anOnCallRow({
      user,
      schedule: { id: asked, summary: asked },
      escalation_policy: { id: asked, summary: asked, services: [{ id: asked, summary: asked }] },
    }),
  );
  const facts: AnswerFacts = {
    onCall: onCallWith(...(isOnCall ? rows : [])),
    targets: targets.map(known),
    teleportUser: null,
  };
  const { state, why } = judgeAnswer(answer, decided, facts, policy);
  return anAnswered({ answer, counted: state === 'counted', why, facts });
}

function known({ kind, asked }: Target): TargetFact {
  return { kind, asked, state: 'known', id: asked, name: asked, policy: null, disabled: false };
}
