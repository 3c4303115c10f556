import type { Reference } from '../core/on-call.ts';
import type { Actor } from '../ports/pagerduty.ts';
import type { ReferenceObject } from './schema.ts';

/** PagerDuty's reference → ours; the id stands in for a display name that PagerDuty left out. */
export function referenceOf({ id, summary }: ReferenceObject): Reference {
  return { id, summary: summary ?? id };
}

export function actorOf(reference: ReferenceObject): Actor {
  return { ...referenceOf(reference), type: reference.type };
}

/** Whom PagerDuty does not name is nobody, and so no person. */
export function actorOrNobody(reference: ReferenceObject | null | undefined): Actor {
  return reference ? actorOf(reference) : { id: '', summary: 'nobody', type: 'unknown' };
}

/** A deleted user stays in policies and schedules as a stub until somebody replaces it. */
export function isDeleted({ deleted_at }: { readonly deleted_at?: string | null | undefined }): boolean {
  return typeof deleted_at === 'string';
}
