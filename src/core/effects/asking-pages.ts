import { asksForTheSame, type AccessRequest } from '../access-request.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import type { Escalation } from '../rule.ts';
import type { Instant } from '../values/instant.ts';
import { pageKey } from '../record/effect-keys.ts';

/** A page is not opened again for ever. */
const MOST_PAGES = 5;

/** A page that asks people, of which it is known that it was opened. */
export interface AskingPage {
  /** Counted from 1: a rule may page again where a page was resolved and the request is still pending. */
  readonly number: number;
  readonly incident: { readonly id: string };
  readonly openedAt: Instant;
  /** When its opening was intended: what happened on its incident before that was about something else. */
  readonly intendedAt: Instant;
  /** What it was sent with. */
  readonly text: { readonly title: string; readonly details: string };
  /** Whether it says that acknowledging it approves. */
  readonly acknowledging: boolean;
  /** The request as it was then, which is what it shows. */
  readonly shown: AccessRequest;
}

/** All pages of the request that ask people, the first one first. Answers are heard on each, whatever became of it. */
export function askingPages({ effects }: Story): readonly AskingPage[] {
  return Array.from({ length: MOST_PAGES }, (_, index) => index + 1).flatMap((number) => {
    const { intended, intendedAt, done, doneAt, under } = effects.get(pageKey(number)) ?? {};
    const id = done?.incidentId ?? null;
    if (intended?.kind !== 'page' || id === null || !intendedAt || !doneAt || !under) return [];
    const { title, details, acknowledging } = intended;
    return [
      {
        ...{ number, incident: { id }, openedAt: doneAt, intendedAt, text: { title, details } },
        ...{ acknowledging: acknowledging === true, shown: under.request },
      },
    ];
  });
}

/**
 * The page on which an answer is waited for: the last one; null before any is open. It stays the same where somebody resolved it
 * and the rule leaves it at that, or where the next one is not open yet.
 */
export function openPageOf(story: Story): AskingPage | null {
  return askingPages(story).at(-1) ?? null;
}

/** Which page there has to be by now. */
export function pageNumber(story: Story, decided: RecordedDecision, { ifResolved }: Escalation): number {
  const last = openPageOf(story);
  if (last === null) return 1;
  const { id } = last.incident;
  const isSpent =
    !asksForTheSame(last.shown, decided.request) ||
    // Nobody said by that that they want to hear no more of it; and whoever asks for access may merge incidents too.
    story.pagesMerged.has(id) ||
    (ifResolved === 'repage' && story.pagesResolved.includes(id));
  return isSpent ? Math.min(MOST_PAGES, last.number + 1) : last.number;
}

/** Earlier pages that nobody resolved: they show the request as it was before it was changed in Teleport. */
export function replacedPages(story: Story): readonly AskingPage[] {
  return askingPages(story)
    .slice(0, -1)
    .filter(({ incident }) => !story.pagesResolved.includes(incident.id));
}
