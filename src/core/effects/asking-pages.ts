import { asksForTheSame, type AccessRequest } from '../access-request.ts';
import { answerCode } from '../answers/answer.ts';
import type { Effect, Joined } from '../record/effect.ts';
import { BREAK_GLASS_PAGE, pageIn } from '../record/effect-keys.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { EffectProgress, Story } from '../record/story.ts';
import { desksOf, type Escalation } from '../rule.ts';
import type { Instant } from '../values/instant.ts';
import type { Team } from './teams.ts';
import { desksLeft, isDeaf, type Paged } from './unheard.ts';

/** A page is not opened again for ever, whoever resolves it. */
const MOST_PAGES = 5;

/** How often it is opened again after it was resolved: a rule of its service may do that each time. */
const MOST_REPAGES = 3;

/** How often one author is told on a page why their answers are not taken. */
export const MOST_REPLIES = 3;

/** A page that asks people, of which it is known that it was opened. */
export interface AskingPage extends Paged {
  readonly openedAt: Instant;
  /** When its opening was intended: what happened on its incident before that was about something else. */
  readonly intendedAt: Instant;
  /** What it was sent with. */
  readonly text: { readonly title: string; readonly details: string };
  /** Whether it says that acknowledging it approves. */
  readonly acknowledging: boolean;
  /** The request as it was then, which is what it shows. */
  readonly shown: AccessRequest;
  /** The name of the page, whoever is asked about on it. */
  readonly id: string;
  /** By what answers on it name the request. */
  readonly code: string;
  /** Where it is the page of another request: what was added to it. */
  readonly joined: Joined | null;
  /** Whether several are asked about on it for certain: then acknowledging it says nothing. */
  readonly collective: boolean;
}

/** All pages of the request that ask people, of each team the first one first. Answers are heard on each, whatever became of it. */
export function allPages({ effects }: Story): readonly AskingPage[] {
  return [...effects.values()].flatMap((progress) => {
    const named = pageIn(progress.intended.key);
    return named === null ? [] : asPage(progress, named);
  });
}

function asPage(
  { intended, intendedAt, done, doneAt, under }: EffectProgress,
  named: Pick<AskingPage, 'number' | 'team'>,
): readonly AskingPage[] {
  const incidentId = done?.incidentId ?? null;
  if (intended.kind !== 'page' || incidentId === null || !doneAt || !under) return [];
  const { title, details, acknowledging, code, joins, collective } = intended;
  const { requestId, request: shown } = under;
  return [
    {
      ...{ ...named, incident: { id: incidentId }, openedAt: doneAt, intendedAt, text: { title, details } },
      ...{ id: pageIdOf(intended, requestId), code: code ?? answerCode(requestId), joined: joins ?? null },
      ...{ acknowledging: acknowledging === true, collective: collective === true, shown },
      ...{ desk: done?.desk ?? intended.service, reaches: done?.reaches ?? null },
    },
  ];
}

/** Those that ask one team; of the rule that comes first unless told. */
export function askingPages(story: Story, team: string | null = null): readonly AskingPage[] {
  return allPages(story).filter((page) => page.team === team);
}

/** The page about broken glass, without a number since it asks nobody: its access may be ended there. None while it is not known to be open. */
export function glassPages({ effects }: Story): readonly AskingPage[] {
  const glass = effects.get(BREAK_GLASS_PAGE);
  return glass === undefined ? [] : asPage(glass, { number: 0, team: null });
}

/**
 * The name of the page by which all who are asked about on it find each other. Without blanks, by which the ledger tells where it ends:
 * that of no page begins with another's. Earlier versions had them in those of teams, on which nobody else was asked about.
 */
export function pageIdOf({ key, joins }: Effect & { kind: 'page' }, requestId: string): string {
  const named = pageIn(key);
  const team = named?.team?.replaceAll('%', '%25').replaceAll(' ', '%20');
  return joins?.page ?? `${requestId}/${named?.number ?? key}${team === undefined ? '' : `/${team}`}`;
}

/** Whether it was resolved, or full, before the request could be listed on it: nobody was asked. */
export function isLapsed({ intended, done }: EffectProgress): boolean {
  return (
    intended.kind === 'page' && intended.joins !== undefined && done !== null && done.incidentId === null
  );
}

/**
 * The page on which an answer is waited for: the last one; null before any is open. It stays the same where somebody resolved it
 * and the rule leaves it at that, or where the next one is not open yet.
 */
export function openPageOf(story: Story, team: string | null = null): AskingPage | null {
  return askingPages(story, team).at(-1) ?? null;
}

/** The page of the first team, or where none of theirs is open the first of another. */
export function listeningPageOf(story: Story): AskingPage | null {
  return openPageOf(story) ?? allPages(story)[0] ?? null;
}

/** By which pages others who wait there know of the request: the last one of each team. */
export function listeningPagesOf(story: Story): readonly AskingPage[] {
  return lastOfEach(allPages(story));
}

/** Of these pages the last one of each team; the page about broken glass asks none. */
export function lastOfEach(pages: readonly AskingPage[]): readonly AskingPage[] {
  return pages.filter((page, index) => !pages.slice(index + 1).some((each) => asksSame(each, page)));
}

export function asksSame(one: AskingPage, other: AskingPage): boolean {
  return one.team === other.team && (one.number === 0) === (other.number === 0);
}

/** Which page a team has to have by now. */
export function pageNumber(
  story: Story,
  decided: RecordedDecision,
  { name, escalation }: Pick<Team, 'name'> & { readonly escalation: Escalation },
): number {
  const pages = askingPages(story, name);
  const last = pages.at(-1) ?? null;
  const tried = [...story.effects.values()].flatMap((progress) => {
    const named = pageIn(progress.intended.key);
    return named?.team === name && isLapsed(progress) ? [named.number] : [];
  });
  const next = 1 + Math.max(0, ...tried, last?.number ?? 0);
  if (last === null) return next;
  const { id } = last.incident;
  const resolved = pages.filter(({ incident }) => story.pagesResolved.includes(incident.id));
  const isSpent =
    story.pagesClosed.includes(id) ||
    !asksForTheSame(last.shown, decided.request) ||
    // Nobody said by that that they want to hear no more of it; and whoever asks for access may merge incidents too.
    story.pagesMerged.has(id) ||
    (escalation.ifResolved === 'repage' && resolved.includes(last) && resolved.length <= MOST_REPAGES) ||
    // Nobody can be asked on it any more, and there is somewhere else to ask.
    (isDeaf(story, last) && desksLeft(story, pages, desksOf(escalation, decided.request)).length > 0);
  return isSpent && pages.length < MOST_PAGES ? next : last.number;
}

/**
 * Earlier pages of the request's own that nobody resolved: they show it as it was before it was changed in Teleport, or ask nobody.
 */
export function replacedPages(story: Story): readonly AskingPage[] {
  const pages = allPages(story);
  return pages.filter(
    ({ team, incident }, index) =>
      pages.slice(index + 1).some((each) => each.team === team) && !story.pagesResolved.includes(incident.id),
  );
}
