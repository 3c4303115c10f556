import type { OpenIncident } from '../facts.ts';
import type { Identity } from '../identity.ts';
import type { Cause } from '../values/cause.ts';
import { sanitise } from '../values/words.ts';

type Reason = Pick<Cause, 'message' | 'transient'>;

/** `self`: opened by the person themselves. Whoever opens an incident for themselves has no reason but their own word. */
export type Opener =
  { readonly by: 'self' } | { readonly by: 'another' } | { readonly by: 'unknown'; readonly cause: Reason };

/** PagerDuty's id of a person, or why it is not known. */
export type Person =
  { readonly id: string; readonly unknown?: never } | { readonly id: null; readonly unknown: Reason };

/** Agents of PagerDuty's first log entry that are no people: services and integrations, of which several spellings are seen. */
const MACHINE = /(^|_)(service|integration)(_reference)?$/u;

/** Who opened the incident, or opened it again, and the one that it was merged into, as seen from this person. */
export function openerOf({ title, openedBy, reopenedBy, mergedInto }: OpenIncident, person: Person): Opener {
  // Ledgers of earlier versions do not tell: there it was not asked for.
  const agents = [openedBy, reopenedBy, mergedInto?.openedBy].filter((agent) => agent !== undefined);
  let cause: Reason | null = null;
  for (const agent of agents) {
    if (agent !== null && MACHINE.test(agent.type)) continue;
    if (agent === null || !isPerson(agent)) {
      const message = `PagerDuty does not say who opened incident ${sanitise(title, 100)}`;
      cause = { message, transient: false };
    } else if (agent.id === person.id) {
      return { by: 'self' };
    } else if (person.id === null) {
      cause = person.unknown;
    }
  }
  return cause === null ? { by: 'another' } : { by: 'unknown', cause };
}

/** Only these types are people: integrations and bots acknowledge and write notes too. */
export function isPerson({ type }: { readonly type: string }): boolean {
  return type === 'user' || type === 'user_reference';
}

/** The requester by PagerDuty's id, or why that is not known. */
export function personOf(requester: Identity): Person {
  switch (requester.state) {
    case 'recognised':
      return { id: requester.id };
    case 'unrecognised':
      return { id: null, unknown: { message: requester.why, transient: false } };
    case 'unknown':
      return { id: null, unknown: requester.cause };
  }
}
