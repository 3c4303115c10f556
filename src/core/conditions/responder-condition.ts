import { met, notMet, unknown, type Question } from './condition.ts';
import type { OpenIncident } from '../facts.ts';
import { onCallWords, searchRows, type Entitlement } from './on-call-condition.ts';
import { isOnServices, unresolvedServices } from './open-incident-condition.ts';
import { harmless } from '../values/words.ts';

/** PagerDuty's states of a responder in which the request for help stands. */
const STANDING = ['pending', 'joined'];

/**
 * The off-call colleague: whether somebody who is on call for the rule asked the requester, as responder, to help with an
 * incident that is open on the rule's services. Asking oneself does not count.
 */
export function requesterWasAskedToHelp(question: Question): Entitlement {
  const { requester, incidents, helped } = question.facts;
  if (requester.state === 'unknown') return { condition: unknown('responder', requester.cause), proof: null };
  if (requester.state === 'unrecognised') {
    return { condition: unknown('responder', { message: requester.why, transient: false }), proof: null };
  }
  if (incidents.state !== 'known') {
    const cause =
      incidents.state === 'unknown'
        ? incidents.cause
        : { message: 'incidents were not asked for', transient: false };
    return { condition: unknown('responder', cause), proof: null };
  }
  const asked = incidents.incidents
    .filter((incident) => isOnServices(incident, question))
    .flatMap((incident) => askersOf(incident, requester.id).map((asker) => ({ incident, asker })));
  const searches = asked.map(({ incident, asker }) => ({
    incident,
    asker,
    found: searchRows(question, asker.id, helped),
  }));
  for (const { incident, asker, found } of searches) {
    if (found.answer !== 'met') continue;
    const { id, title } = incident;
    const proof = { ...found.proof, helpsWith: { id, title } };
    const detail = `asked to help with incident ${harmless(title, 100)} by ${harmless(asker.summary, 100)}, who is ${onCallWords(proof)}`;
    return { condition: met('responder', detail), proof };
  }
  const open =
    searches.map(({ found }) => found).find((found) => found.answer === 'unknown') ??
    unresolvedServices(question);
  if (open !== null) return { condition: unknown('responder', open), proof: null };
  const detail =
    asked.length === 0
      ? 'nobody asked for their help with an open incident'
      : 'who asked for their help is not on call by this rule';
  return { condition: notMet('responder', detail, remedyOf(question)), proof: null };
}

/** Those who asked this person to help, themselves excluded. */
export function askersOf(
  { responders }: OpenIncident,
  userId: string,
): readonly { readonly id: string; readonly summary: string }[] {
  return responders.flatMap(({ user, state, requester }) =>
    user.id === userId && STANDING.includes(state) && requester !== null && requester.id !== userId
      ? [requester]
      : [],
  );
}

function remedyOf({ rule }: Question): string {
  return `added as responder to an open incident by who is on call up to level ${rule.onCall.maxLevel}`;
}
