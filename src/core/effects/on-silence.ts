import type { RecordedDecision } from '../record/ledger-entry.ts';
import { nextLevelKey, ofTeam, reminderKey } from '../record/effect-keys.ts';
import type { Effect } from '../record/effect.ts';
import type { Story } from '../record/story.ts';
import { laterOf, msBetween, type Instant } from '../values/instant.ts';
import { reminderNote } from '../wording/notes.ts';
import { tallyWords } from '../wording/review-tally.ts';
import { askingPages, openPageOf, pageNumber, type AskingPage } from './asking-pages.ts';
import type { EffectContext } from './effect-context.ts';
import { noteOn } from './note-on.ts';
import type { About } from './page-effects.ts';
import { isAnswered, reviewTally } from './reviews-on-behalf.ts';
import { teamsOf, type Team } from './teams.ts';
import { askOthers, isDeaf } from './unheard.ts';

/** A page is not said again for ever. */
const MOST_REMINDERS = 3;

/**
 * Silence is answered too, of each team: a reminder now and then, and the next one is asked. For those who are listed on the page of
 * another request it is said once: for that one, and once it is over for the first of them.
 */
export function onSilence(
  story: Story,
  decided: RecordedDecision,
  context: EffectContext,
): readonly Effect[] {
  return teamsOf(decided, context.policy).flatMap((team) => onSilenceOf(team, { story, decided, context }));
}

function onSilenceOf(
  { name, escalation, rules }: Team,
  { story, decided, context: { now, firstSince: first } }: About,
): readonly Effect[] {
  const open = openPageOf(story, name);
  const firstSince = open === null ? null : (first?.get(open.incident.id) ?? null);
  if (open === null || escalation === null || (open.joined !== null && firstSince === null)) return [];
  if (!isSilent(story, open, rules)) return [];
  const { number, incident } = open;
  const since = silentSince(story, open);
  const isLater = open.joined !== null && firstSince !== null && firstSince > since;
  const silentMs = msBetween(isLater ? firstSince : since, now);
  const { remindAfterMs, moveUpAfterMs } = escalation;
  const due = remindAfterMs === null ? 0 : Math.min(MOST_REMINDERS, Math.floor(silentMs / remindAfterMs));
  const words = reminderNote(silentMs, tallyWords(decided, reviewTally(story)));
  return [
    ...askOthers(story, open),
    ...(due > 0 ? [noteOn(incident, ofTeam(reminderKey(due, number), name), words, decided)] : []),
    ...(moveUpAfterMs !== null && silentMs >= moveUpAfterMs
      ? [{ kind: 'move-up', key: ofTeam(nextLevelKey(number), name), incident } as const]
      : []),
  ];
}

/** Why nobody is asked for a request that needs a person, and nobody else can be; null where somebody of each team is. */
export function whyNobodyIsAsked(
  story: Story,
  decided: RecordedDecision,
  { policy }: Pick<EffectContext, 'policy'>,
): string | null {
  const why = teamsOf(decided, policy).map((team) => whyNobodyOf(team, story, decided));
  return why.find((each) => each !== null) ?? null;
}

function whyNobodyOf(
  { name, escalation, rules }: Team,
  story: Story,
  decided: RecordedDecision,
): string | null {
  const open = openPageOf(story, name);
  if (open === null || escalation === null || isAnswered(story, rules)) return null;
  // Another page is to be opened, or is being so.
  if (pageNumber(story, decided, { name, escalation }) > open.number) return null;
  const remedy = 'answer the request in Teleport';
  const { id } = open.incident;
  if (story.pagesResolved.includes(id)) {
    const pages = askingPages(story, name);
    const times = pages.filter(({ incident }) => story.pagesResolved.includes(incident.id)).length;
    return escalation.ifResolved === 'repage'
      ? `its pages were resolved ${times} times without an answer, the last one is incident ${id}: ${remedy}, and look whether a rule of the service resolves them`
      : null;
  }
  return isDeaf(story, open)
    ? `nobody who could answer is reached by its page (incident ${id}), nor is there a further service to page: ${remedy}, and name one in \`escalate.service\``
    : null;
}

/** Neither an answer that settles the request nor a resolved page is silence. */
function isSilent(story: Story, { incident }: AskingPage, asking: readonly string[]): boolean {
  return !isAnswered(story, asking) && !story.pagesResolved.includes(incident.id);
}

/** Since the page was opened; or since the last answer that was not enough, from when on others are waited for. */
function silentSince(story: Story, { openedAt }: AskingPage): Instant {
  return reviewTally(story).reduce((last, { at }) => laterOf(last, at), openedAt);
}
