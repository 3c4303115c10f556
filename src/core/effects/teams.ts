import { rulesAsking } from '../answers/judge-answer.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { desksOf, type Escalation, type PagingRule, type Policy } from '../rule.ts';
import { escalationOf } from './paging-rule.ts';

/** Approvers who are asked on pages of their own: those of the rule that comes first, and those of each further desk. */
export interface Team {
  /** The rule that names their desk; null for those of the rule that comes first. */
  readonly name: string | null;
  /** How they are paged; null where no rule says so any more. */
  readonly escalation: Escalation | null;
  /** The rules that they answer. */
  readonly rules: readonly string[];
}

/** Of the rules that ask, the first by name for each desk that is not the desk of the page that there is anyway. */
export function promisedTeams(
  decided: Pick<RecordedDecision, 'decision' | 'request' | 'facts' | 'pagesBy'>,
  policy: Policy,
): readonly PagingRule[] {
  const { request, pagesBy } = decided;
  if (!pagesBy) return [];
  const deskOf = (escalate: Escalation) => desksOf(escalate, request)[0] ?? null;
  const asking = rulesAsking(decided, policy).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const first = new Map<string, PagingRule>();
  for (const { name, escalate } of asking) {
    if (escalate === null) continue;
    const desk = deskOf(escalate);
    if (desk === null || desk === deskOf(pagesBy.escalate) || first.has(desk)) continue;
    first.set(desk, { name, escalate });
  }
  return [...first.values()];
}

/**
 * The team of the rule that comes first, and those that a decision promised to page besides, each with the rules that ask there by now:
 * what asks on no other desk asks on the first.
 */
export function teamsOf(decided: RecordedDecision, policy: Policy): readonly [Team, ...Team[]] {
  const deskOf = (escalate: Escalation) => desksOf(escalate, decided.request)[0];
  const asking = rulesAsking(decided, policy);
  const others = (decided.alsoPagesBy ?? []).map(({ name, escalate }) => ({
    name,
    escalation: escalate,
    rules: asking.flatMap((rule) =>
      rule.escalate !== null && deskOf(rule.escalate) === deskOf(escalate) ? [rule.name] : [],
    ),
  }));
  const elsewhere = others.flatMap(({ rules }) => rules);
  const rules = asking.flatMap(({ name }) => (elsewhere.includes(name) ? [] : [name]));
  return [{ name: null, escalation: escalationOf(decided, policy), rules }, ...others];
}

/** The rules whose approvers are asked by the page of the rule that comes first. */
export function rulesOnFirstPage(decided: RecordedDecision, policy: Policy): readonly string[] {
  return teamsOf(decided, policy)[0].rules;
}
