import { asksAlike, type AccessRequest } from '../access-request.ts';
import { answerCode } from '../answers/answer.ts';
import type { Effect } from '../record/effect.ts';
import { pageIn } from '../record/effect-keys.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import type { EffectContext } from './effect-context.ts';
import { howToAnswer, pageWords } from './page-effects.ts';
import { teamsOf } from './teams.ts';
import { listing } from '../wording/pages.ts';

export type Page = Effect & { readonly kind: 'page' };

/** A page of the same requester, rule and service, on which a request waits; of any team. */
export interface LivePage {
  readonly id: string;
  /** The request that it was begun for, as it was then. */
  readonly host: AccessRequest;
  readonly page: Page;
  /** Null while it is not known to be open. */
  readonly incidentId: string | null;
}

/** Where a request is asked about. */
export type Place =
  | { readonly kind: 'own'; readonly collective: boolean }
  | { readonly kind: 'on'; readonly live: LivePage & { readonly incidentId: string } }
  /** On a page that is being opened. */
  | { readonly kind: 'not yet' };

/**
 * Where a request is asked about, beside what its requester has asked for: what is asked for twice on the page that there is; the rest
 * on a page of its own up to so many; and what is more, on one that all share.
 */
export function placeFor(request: AccessRequest, live: readonly LivePage[], most: number): Place {
  const [shared, own] = [live.filter(isCollective), live.filter((each) => !isCollective(each))];
  const alike = own.find(({ host }) => asksAlike(host, request));
  const there = alike ?? (own.length < most ? undefined : shared[0]);
  if (there === undefined) return { kind: 'own', collective: own.length >= most };
  const { incidentId } = there;
  return incidentId === null ? { kind: 'not yet' } : { kind: 'on', live: { ...there, incidentId } };
}

function isCollective({ page }: LivePage): boolean {
  return page.collective === true;
}

/** By what pages are told together: whose they are, by which rule they were opened, and on which service. */
export function pageGroup({ request, pagesBy }: RecordedDecision, { key, service }: Page): string {
  return JSON.stringify([request.requester, teamIn(key) ?? pagesBy?.name ?? null, service]);
}

/** How many pages of a requester may be open at a time for the team that this one asks; null where each request has its own. */
export function mostPages(
  decided: RecordedDecision,
  { key }: Pick<Page, 'key'>,
  { policy }: Pick<EffectContext, 'policy'>,
): number | null {
  const team = teamsOf(decided, policy).find(({ name }) => name === teamIn(key));
  return team?.escalation?.mostOpenPages ?? null;
}

function teamIn(key: Page['key']): string | null {
  return pageIn(key)?.team ?? null;
}

/** The page as it is intended at its place. Nothing that several are listed on is approved by an acknowledgement. */
export function pageAt(
  place: Exclude<Place, { kind: 'not yet' }>,
  intended: Page,
  code: string,
  { story, decided, context }: { story: Story; decided: RecordedDecision; context: EffectContext },
): Page {
  const team = teamIn(intended.key);
  if (place.kind === 'own') {
    const { acknowledging, ...page } = intended;
    return place.collective
      ? { ...page, collective: true, ...pageWords(story, decided, context, { team, collective: true }) }
      : { ...page, ...(acknowledging === undefined ? {} : { acknowledging }) };
  }
  const { live } = place;
  const { service, urgency, incidentKey, title, details } = live.page;
  const how = { ...howToAnswer(decided, context, team), code, acknowledging: false };
  const text = listing(decided, context.setting, how, context.now);
  return {
    ...{ kind: 'page', key: intended.key, service, urgency, incidentKey, title, details },
    ...(code === answerCode(decided.request.id) ? {} : { code }),
    joins: { page: live.id, incidentId: live.incidentId, text },
  };
}
