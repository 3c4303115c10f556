import type { RecordedDecision } from '../record/ledger-entry.ts';
import { BREAK_GLASS_PAGE } from '../record/effect-keys.ts';
import type { EffectProgress } from '../record/story.ts';
import type { Setting } from './effect-context.ts';

type Keys = Pick<Setting, 'keyMac'>;

/**
 * By it our own pages are known among PagerDuty's incidents, the request's id after it. Whoever opens an incident may give it such a
 * key too: it is a reason to look, never a proof.
 */
export const INCIDENT_KEY_PREFIX = 'oncall-approver/';

/**
 * The same for every replica and after every crash, so that PagerDuty refuses a second incident for the same page; and known to
 * nobody before the page is open, so that no incident of others can stand in its place.
 */
export function incidentKeyOf({ request }: RecordedDecision, page: number, keys: Keys): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}${page === 1 ? '' : `/${page}`}`, keys);
}

/** Of the page that asks another team. Rules may have any name, of any length. */
export function teamIncidentKeyOf(
  { request }: RecordedDecision,
  { name, number }: { readonly name: string; readonly number: number },
  keys: Keys,
): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}/team/${keys.keyMac(name)}/${number}`, keys);
}

export function breakGlassIncidentKeyOf({ request }: RecordedDecision, keys: Keys): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}/break-glass`, keys);
}

export function findingIncidentKeyOf({ request }: RecordedDecision, kind: string, keys: Keys): string {
  return withMac(`${INCIDENT_KEY_PREFIX}${request.id}/finding/${kind}`, keys);
}

/** The key to page under where incidents of others have this one and the `attempt - 1` after it; 0 for the key itself. */
export function incidentKeyInstead(key: string, attempt: number, keys: Keys): string {
  return attempt === 0 ? key : withMac(`${key}/${attempt}`, keys);
}

function withMac(text: string, { keyMac }: Keys): string {
  return `${text}/${keyMac(text)}`;
}

/** Earlier versions gave the page about broken glass the key `page`: by the decision in force it is told what it was about. */
export function isBreakGlassPage({ intended, under }: EffectProgress): boolean {
  return (
    intended.kind === 'page' && (intended.key === BREAK_GLASS_PAGE || under?.decision.breakGlass === true)
  );
}
