import type { PagerDutyUser } from '../core/identity.ts';
import type { Sheet } from '../core/roster/sheet.ts';
import type { Target } from '../core/rule.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Ask, Service, Span } from './pagerduty.ts';

/**
 * Who is on call for all that the rules name, held ahead of need. Nothing is thrown for what PagerDuty does not tell unless it is said:
 * it is `unknown` in the sheet, with its cause.
 */
export interface Roster {
  /**
   * Who is on call for these targets now, by answers no older than `pagerduty.freshness`: without a read where they are at hand, else by
   * one that all who wait share. Rows of shifts that have ended shortly before are among them, as far back as any rule looks, and
   * of those that begin within a quarter of an hour. With `at`,
   * a time shortly ago or any other, by answers from after that time or about it.
   */
  onCall(targets: readonly Target[], ask: Ask, at?: Instant): Promise<Sheet>;
  /** Who is on call for these targets in that span, of 90 days at most: read for this question. */
  during(targets: readonly Target[], span: Span, ask: Ask): Promise<Sheet>;
  /** What is at hand, however old (see `Sheet.at`), without a read; targets of which nothing is at hand are `unknown`. */
  atHand(targets: readonly Target[]): Sheet;
  /** By id or exact name, as it was in the last two minutes. Throws PagerDutyError as the directory does. */
  service(asked: string, ask: Ask): Promise<Service>;
  /**
   * All users of the account with exactly this address: on call by the sheet, or known from the last minutes; where neither tells,
   * PagerDuty is asked. Throws PagerDutyError.
   */
  usersByEmail(email: string, sheet: Promise<Sheet>, ask: Ask): Promise<readonly PagerDutyUser[]>;
  health(): RosterHealth;
}

export interface RosterHealth {
  /** `starting` until something was read; `late` where the oldest answer could not be renewed for twice as long as it should be. */
  readonly state: 'starting' | 'fresh' | 'late';
  /** How many of the things that the rules name nothing is known of, and why not of the first; null where there are none. */
  readonly unread: { readonly count: number; readonly cause: string } | null;
  /** PagerDuty's time of the oldest answer at hand; null before the first. */
  readonly at: Instant | null;
  /** How long ago the oldest answer at hand was asked for, in milliseconds; null before the first. */
  readonly ageMs: number | null;
  /** Why the last renewal failed, with its remedy; null where it did not. */
  readonly cause: string | null;
  /** Reads since the start: ahead of need, because an answer was needed, or for a forecast. */
  readonly reads: Readonly<Record<'ahead' | 'need' | 'forecast', number>>;
  /** How often everything is read again, in milliseconds. */
  readonly everyMs: number;
  /** Whether decisions find it fresh, and so take no read. */
  readonly keepsFresh: boolean;
}
