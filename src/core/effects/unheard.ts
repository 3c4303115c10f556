import type { Effect } from '../record/effect.ts';
import { ofTeam, unheardKey } from '../record/effect-keys.ts';
import type { Story } from '../record/story.ts';

/** What of a page that asks people tells whether it reaches any. */
export interface Paged {
  /** Counted from 1: a rule may page again where a page was resolved and the request is still pending. */
  readonly number: number;
  /** The rule of the team that it asks; null where it asks those of the rule that comes first. */
  readonly team: string | null;
  readonly incident: { readonly id: string };
  /** The service that it was opened on, as it was asked for. */
  readonly desk: string;
  /** Whom it reached at its opening, where that is nobody who could answer; null where somebody, or where it is not known. */
  readonly reaches: 'requester' | 'nobody' | null;
}

/** So often others are asked on a page; then it is given up. */
export const MOST_TIMES_ANEW = 3;

/** How often the page was found to reach nobody who could answer. */
export function timesUnheard({ unheard }: Story, { incident }: Paged): number {
  return unheard.filter(({ incidentId }) => incidentId === incident.id).length;
}

/** Others are asked wherever the page reached nobody who could answer; the first time that may be known from its opening. */
export function askOthers(story: Story, page: Paged): readonly Effect[] {
  const times = Math.min(MOST_TIMES_ANEW, timesUnheard(story, page));
  const numbers = Array.from({ length: times }, (_, index) => index + 1);
  return [...(page.reaches === null ? [] : [0]), ...numbers].map((number) => ({
    kind: 'move-up',
    key: ofTeam(unheardKey(page.number, number), page.team),
    incident: page.incident,
    anew: true,
  }));
}

/** Nobody else is there to be asked on the page, or all were, and nobody answers. */
export function isDeaf(story: Story, page: Paged): boolean {
  return (
    timesUnheard(story, page) > MOST_TIMES_ANEW ||
    askOthers(story, page).some(({ key }) => story.effects.get(key)?.done?.reaches === 'nobody')
  );
}

/** Those of the services on which no page was found to be deaf. */
export function desksLeft(
  story: Story,
  pages: readonly Paged[],
  desks: readonly string[],
): readonly string[] {
  const deaf = new Set(pages.filter((page) => isDeaf(story, page)).map(({ desk }) => desk));
  return desks.filter((desk) => !deaf.has(desk));
}
