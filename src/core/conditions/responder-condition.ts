import { identityFor } from '../identity.ts';
import { met, notMet, unknown, type Question } from './condition.ts';
import type { OpenIncident } from '../facts.ts';
import { onCallWords, searchRows, type Entitlement } from './on-call-condition.ts';
import { isOnServices, unresolvedServices } from './open-incident-condition.ts';
import type { Cause } from '../values/cause.ts';
import { sanitise } from '../values/words.ts';
import { isPerson, openerOf } from './opener.ts';

type Silence = Pick<Cause, 'message' | 'transient'>;

/** PagerDuty's states of a responder in which the request for help stands. */
const STANDING = ['pending', 'joined'];

/**
 * The off-call colleague: whether somebody who is on call for the rule asked the requester, as responder, to help with an
 * incident that is open on the rule's services. Asking oneself does not count.
 */
export function requesterWasAskedToHelp(question: Question): Entitlement {
  const { incidents, helped } = question.facts;
  const requester = identityFor(question.rule, question.request.requester, question.facts.requester);
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
  const there = incidents.incidents.filter((incident) => isOnServices(incident, question));
  const asked = there.flatMap((incident) =>
    askersOf(incident, requester.id).map((asker) => ({ incident, asker })),
  );
  const searches = asked.map(({ incident, asker }) => ({
    incident,
    asker,
    found: searchRows(question, asker.id, helped),
  }));
  for (const { incident, asker, found } of searches) {
    if (found.answer !== 'met') continue;
    const { id, title } = incident;
    const proof = { ...found.proof, helpsWith: { id, title } };
    const detail = `asked to help with incident ${sanitise(title, 100)} by ${sanitise(asker.summary, 100)}, who is ${onCallWords(proof)}`;
    return { condition: met('responder', detail), proof };
  }
  const silent = there.flatMap((incident) => whyAskersUnknown(incident, requester.id) ?? []);
  const open =
    silent[0] ??
    searches.map(({ found }) => found).find((found) => found.answer === 'unknown') ??
    unresolvedServices(question);
  if (open !== null) return { condition: unknown('responder', open), proof: null };
  const detail =
    asked.length === 0
      ? 'nobody asked for their help with an open incident'
      : 'who asked for their help is not on call by this rule';
  return { condition: notMet('responder', detail, remedyOf(question)), proof: null };
}

/**
 * Those who asked this person to help, themselves excluded: the agents of the log entries. Whom the request itself names as its
 * requester is a field that anybody may fill in. Who opened the incident is helped by nobody into it.
 */
export function askersOf(
  incident: OpenIncident,
  userId: string,
): readonly { readonly id: string; readonly summary: string }[] {
  const { responders, helpRequests } = incident;
  if (helpRequests !== undefined) {
    if (helpRequests.state === 'unknown' || !isAsked(incident, userId)) return [];
    if (openerOf(incident, { id: userId }).by !== 'another') return [];
    const asking = helpRequests.requests.filter(
      ({ by, asked }) => isPerson(by) && by.id !== userId && asked?.includes(userId) === true,
    );
    return [...new Map(asking.map(({ by: { id, summary } }) => [id, { id, summary }])).values()];
  }
  return responders.flatMap(({ user, state, requester }) =>
    user.id === userId && STANDING.includes(state) && requester !== null && requester.id !== userId
      ? [requester]
      : [],
  );
}

/** Why it cannot be told whether somebody asked this person to help; null where it can. */
function whyAskersUnknown(incident: OpenIncident, userId: string): Silence | null {
  const { helpRequests, title } = incident;
  if (helpRequests === undefined || !isAsked(incident, userId)) return null;
  if (helpRequests.state === 'unknown') return helpRequests.cause;
  const opener = openerOf(incident, { id: userId });
  if (opener.by === 'self') return null;
  if (opener.by === 'unknown') return opener.cause;
  const told = helpRequests.requests.some(({ asked }) => asked?.includes(userId) === true);
  if (told || helpRequests.requests.every(({ asked }) => asked !== null)) return null;
  const message = `PagerDuty does not say who asked for help with incident ${sanitise(title, 100)}`;
  return { message, transient: false };
}

/** Whether the person is to help, by what stands now. */
function isAsked({ responders }: OpenIncident, userId: string): boolean {
  return responders.some(({ user, state }) => user.id === userId && STANDING.includes(state));
}

function remedyOf({ rule }: Question): string {
  return `added as responder to an open incident by who is on call up to level ${rule.onCall.maxLevel}`;
}
