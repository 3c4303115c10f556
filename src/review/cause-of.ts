import type { Cause, CauseCode } from '../core/values/cause.ts';
import { PagerDutyError } from '../ports/pagerduty.ts';
import { TeleportError, type TeleportErrorKind } from '../ports/teleport.ts';

const CODE_OF: Readonly<Record<TeleportErrorKind, CauseCode>> = {
  identity: 'unauthorised',
  unavailable: 'unavailable',
  timeout: 'timeout',
  denied: 'forbidden',
  'not-found': 'not-found',
  'already-exists': 'refused',
  invalid: 'refused',
  conflict: 'unavailable',
  limited: 'rate-limited',
  unsupported: 'refused',
  malformed: 'malformed',
  unknown: 'unavailable',
};

/** The failures that the edges type, as values. Anything else is a fault of ours and is thrown on: it must not pass for an answer. */
export function causeOf(error: unknown): Cause {
  if (error instanceof PagerDutyError) {
    return { code: error.kind, message: error.message, transient: error.transient };
  }
  if (error instanceof TeleportError) {
    return { code: CODE_OF[error.kind], message: error.message, transient: error.transient };
  }
  throw error;
}

/** What a person or a deployment mends within minutes: a key that is being renewed, a gateway that answers in PagerDuty's place. */
const MENDED_BEFORE_LONG: ReadonlySet<CauseCode> = new Set(['unauthorised', 'forbidden', 'malformed']);

/** The cause of a fact that is missing: worth asking again for while the request is pending, even where repeating the call at once is not. */
export function causeOfMissingFact(error: unknown): Cause {
  const cause = causeOf(error);
  return { ...cause, transient: cause.transient || MENDED_BEFORE_LONG.has(cause.code) };
}
