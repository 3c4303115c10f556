import type { TargetKind } from '../rule.ts';
import { sanitise } from '../values/words.ts';
import type { Cause } from '../values/cause.ts';

/** What has a name in rules or annotations. */
export interface Named {
  readonly kind: TargetKind | 'team';
  readonly asked: string;
}

/** What a name leads to in PagerDuty, and what it led to when it was first looked up; null where that is not known. */
export interface Lead {
  readonly id: string;
  readonly first: string | null;
}

/**
 * Why what a name leads to is not what the rule means; null where it is. Whoever may rename things in PagerDuty gives a name to another
 * one: what leads elsewhere than it did is not known until a person writes the id. INVARIANT (unknown-never-approves).
 */
export function whyNotMeant({ kind, asked }: Named, { id, first }: Lead): Cause | null {
  if (id === first || id === asked.trim()) return null;
  const name = `${kind} \`${sanitise(asked, 100)}\``;
  const message =
    first === null
      ? `what ${name} led to when it was first looked up is missing from table \`first_address\` of the ledger, or was changed there by somebody else: restore it from a backup, or write the id ${id} in place of the name where that is the one that is meant`
      : `${name} was ${first} when it was first looked up, and is ${id} now: find out in PagerDuty who gave it that name, and write the id of the one that is meant in place of the name`;
  return { code: 'ambiguous', message, transient: false };
}

/** Ids are opaque by the documentation; in practice P or Q and capitals. A name may look so too, hence only a hint. */
export function looksLikeId(text: string): boolean {
  return /^[PQ][A-Z0-9]{5,13}$/.test(text);
}

/** Names are the same by case and composition. */
export function canonicalName(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** Under which a target's first id is kept: every way to write a name is one; an id is no name. Never the id of a PagerDuty user. */
export function pinKeyOf({ kind, asked }: Named): string {
  const wanted = asked.trim();
  return `${kind} ${looksLikeId(wanted) ? wanted : canonicalName(wanted)}`;
}
