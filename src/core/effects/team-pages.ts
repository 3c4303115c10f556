import { asksForTheSame } from '../access-request.ts';
import { rulesAsking } from '../answers/judge-answer.ts';
import type { Effect } from '../record/effect.ts';
import { nameOfTeam, numberOfPage, teamKeys, teamPageKey } from '../record/effect-keys.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { EffectProgress, Story } from '../record/story.ts';
import { desksOf, type Escalation, type PagingRule, type Policy } from '../rule.ts';
import { MOST_PAGES } from './asking-pages.ts';
import type { EffectContext } from './effect-context.ts';
import { teamIncidentKeyOf } from './incident-keys.ts';
import { noteOn } from './note-on.ts';
import type { PageText } from '../wording/pages.ts';
import { isAnswered } from './reviews-on-behalf.ts';

/** Approvers who are paged on a desk of their own, beside the page of the rule that comes first. */
export interface Team extends PagingRule {
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
    const desk = escalate === null ? null : deskOf(escalate);
    if (escalate === null || desk === null || desk === deskOf(pagesBy.escalate) || first.has(desk)) continue;
    first.set(desk, { name, escalate });
  }
  return [...first.values()];
}

/** The teams that a decision promised to page, each with the rules that ask there by now. */
export function teamsOf(decided: RecordedDecision, policy: Policy): readonly Team[] {
  const deskOf = (escalate: Escalation) => desksOf(escalate, decided.request)[0];
  const asking = rulesAsking(decided, policy);
  return (decided.alsoPagesBy ?? []).map((team) => ({
    ...team,
    rules: asking.flatMap(({ name, escalate }) =>
      escalate !== null && deskOf(escalate) === deskOf(team.escalate) ? [name] : [],
    ),
  }));
}

/** The rules whose approvers are asked by the page of the rule that comes first. */
export function rulesOnFirstPage(decided: RecordedDecision, policy: Policy): readonly string[] {
  const elsewhere = teamsOf(decided, policy).flatMap(({ rules }) => rules);
  return rulesAsking(decided, policy).flatMap(({ name }) => (elsewhere.includes(name) ? [] : [name]));
}

/**
 * The pages of the other teams, once the first page is intended as one of its own: what one person asks for beyond `most_open_pages`
 * pages nobody else either. `words` are those for a team.
 */
export function openTeamPages(
  story: Story,
  decided: RecordedDecision,
  { policy, setting }: EffectContext,
  words: (team: Team) => PageText,
): readonly Effect[] {
  const first = [...story.effects.values()].findLast(({ intended: { key } }) => numberOfPage(key) !== null);
  if (first?.intended.kind !== 'page' || first.intended.joins || first.intended.collective) return [];
  return teamsOf(decided, policy).flatMap((team): readonly Effect[] => {
    const { name, escalate, rules } = team;
    const begun = begunFor(name, story);
    const open = begun.findLast(
      ({ under }) => under !== null && asksForTheSame(under.request, decided.request),
    );
    if (open !== undefined) return [open.intended];
    const [service, ...instead] = desksOf(escalate, decided.request);
    if (service === undefined || isAnswered(story, rules) || begun.length >= MOST_PAGES) return [];
    const number = begun.length + 1;
    const incidentKey = teamIncidentKeyOf(decided, { name, number }, setting);
    const { urgency } = escalate;
    const desks = { service, ...(instead.length === 0 ? {} : { instead }) };
    return [{ kind: 'page', key: teamPageKey(name, number), ...desks, urgency, incidentKey, ...words(team) }];
  });
}

/** At the end of the request each is told of it, and closed. */
export function closeTeamPages(story: Story, decided: RecordedDecision, words: string): readonly Effect[] {
  return [...story.effects.values()].flatMap(({ intended, done }): readonly Effect[] => {
    if (intended.kind !== 'page' || nameOfTeam(intended.key) === null) return [];
    const id = done?.incidentId ?? null;
    const incident = id === null ? { incidentKey: intended.incidentKey } : { id };
    const { note, close } = teamKeys(intended.key);
    return [noteOn(incident, note, words, decided), { kind: 'close-page', key: close, incident }];
  });
}

function begunFor(name: string, { effects }: Story): readonly EffectProgress[] {
  return [...effects.values()].filter(
    ({ intended: { kind, key } }) => kind === 'page' && nameOfTeam(key) === name,
  );
}
