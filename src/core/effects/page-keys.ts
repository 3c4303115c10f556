import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { EffectProgress } from '../record/story.ts';
import type { Setting } from './effect-context.ts';

type Keys = Pick<Setting, 'keyMac'>;

/**
 * By it our own pages are known among PagerDuty's incidents, the request's id after it. Whoever opens an incident may give it such a
 * key too: it is a reason to look, never a proof.
 */
export const INCIDENT_KEY_PREFIX = 'oncall-approver/';

/** The page about broken glass has a key of its own: an ordinary page of the same request must not take its place. */
export const BREAK_GLASS_PAGE = 'break-glass page';

/*
 * Keys must never change: an effect that stands in a ledger under one key would be done a second time under another. What is
 * about the first page therefore has no number.
 */

/** The key of the page that asks people, counted from 1. */
export function pageKey(page: number): string {
  return page === 1 ? 'page' : `page ${page}`;
}

/**
 * The same for every replica and after every crash, so that PagerDuty refuses a second incident for the same page; and known to
 * nobody before the page is open, so that no incident of others can stand in its place.
 */
export function incidentKeyOf({ request }: RecordedDecision, page: number, keys: Keys): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}${page === 1 ? '' : `/${page}`}`, keys);
}

export function breakGlassIncidentKeyOf({ request }: RecordedDecision, keys: Keys): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}/break-glass`, keys);
}

/** The key to page under where incidents of others have this one and the `attempt - 1` after it; 0 for the key itself. */
export function incidentKeyInstead(key: string, attempt: number, keys: Keys): string {
  return attempt === 0 ? key : withMac(`${key}/${attempt}`, keys);
}

function withMac(text: string, { keyMac }: Keys): string {
  return `${text}/${keyMac(text)}`;
}

export function reminderKey(reminder: number, page: number): string {
  return `reminder ${reminder}${page === 1 ? '' : ` on page ${page}`}`;
}

export function nextLevelKey(page: number): string {
  return page === 1 ? 'move-up' : `move-up ${page}`;
}

/** What is done with a page at the end of its request. Of the pages that ask people the last one alone may be open still. */
export function closingKeys(page: string): { readonly note: string; readonly close: string } {
  const about = page === BREAK_GLASS_PAGE ? ' break-glass' : '';
  return { note: `closing-note${about}`, close: `close-page${about}` };
}

/** The last note on a page that was resolved, where the next one may never have been opened. */
export function earlierClosingKey(page: number): string {
  return `closing-note on page ${page}`;
}

/** Of a page whose request was changed before it ended. */
export function replacedClosingKey(page: number): string {
  return `close-page replaced ${page}`;
}

/** Earlier versions gave the page about broken glass the key `page`: by the decision in force it is told what it was about. */
export function isBreakGlassPage({ intended, under }: EffectProgress): boolean {
  return (
    intended.kind === 'page' && (intended.key === BREAK_GLASS_PAGE || under?.decision.breakGlass === true)
  );
}
