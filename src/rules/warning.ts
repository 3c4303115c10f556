import type { Rule } from '../core/rule.ts';

export type WarningCode =
  | 'never-approves'
  | 'glass-never-breaks'
  | 'not-a-pattern'
  | 'no-sub-resources'
  | 'narrowed-elsewhere'
  | 'identical'
  | 'redundant'
  | 'shadowed'
  | 'both-needed'
  | 'short-pattern'
  | 'permanent'
  | 'high-level'
  | 'no-reason'
  | 'acknowledged'
  | 'open-glass'
  | 'long-glass'
  | 'long-grace'
  | 'silent'
  | 'no-shift-age'
  | 'local-users'
  | 'owner-of-role'
  | 'owner-by-host';

/** Something about a rule that is allowed and probably not meant, and what to do about it. */
export interface Warning {
  /** For instance `rule prod-oncall`. */
  readonly subject: string;
  readonly code: WarningCode;
  readonly text: string;
  readonly remedy: string;
}

export function about(rule: Rule): string {
  return `rule ${rule.name}`;
}
