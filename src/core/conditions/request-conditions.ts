import { met, notMet, unknown, type Question } from './condition.ts';
import type { Condition } from '../decision.ts';
import { msBetween, type Instant } from '../values/instant.ts';
import { durationWords, isBlank } from '../values/words.ts';

/** A reason of invisible characters is none. */
export function reasonIsGiven({ request }: Question): Condition {
  return isBlank(request.reason)
    ? notMet('reason-given', 'no reason is given, and the rule requires one', 'a reason')
    : met('reason-given', 'a reason is given');
}

/** Being on call now says nothing of a later start. */
export function startsNow({ now }: Question, startsAt: Instant): Condition {
  return startsAt <= now
    ? met('starts-now', 'the access starts at once')
    : notMet(
        'starts-now',
        `the access is to start later, at ${startsAt}: who is on call then cannot be known now`,
        'a start at once',
      );
}

/** Counted from now, since the access begins with the approval; from the request's own time, should our clock be behind Teleport's. */
export function lastsNoLongerThan({ request, now }: Question, maxMs: number): Condition {
  const most = durationWords(maxMs);
  if (request.accessExpires === null) {
    return unknown('max-duration', {
      message: 'Teleport does not say when the access would end',
      transient: false,
    });
  }
  const begin = request.created !== null && request.created > now ? request.created : now;
  return msBetween(begin, request.accessExpires) <= maxMs
    ? met('max-duration', `the access ends at ${request.accessExpires}, within ${most}`)
    : notMet(
        'max-duration',
        `the access would last until ${request.accessExpires}, the rule allows ${most}`,
        `access for no longer than ${most}`,
      );
}
