import { met, notMet, unknown } from '../../core/conditions/condition.ts';
import { isPerson, personOf } from '../../core/conditions/opener.ts';
import { justifyingIncidents } from '../../core/conditions/open-incident-condition.ts';
import type { Condition } from '../../core/decision.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Rule } from '../../core/rule.ts';
import { plusMs, type Instant } from '../../core/values/instant.ts';
import { sanitise } from '../../core/values/words.ts';
import type { Ask, Incident, Incidents } from '../../ports/pagerduty.ts';
import { causeOf } from '../cause-of.ts';

/** Whether the work goes on by which a rule gave access, and until when as far as is known. */
export interface IncidentLook {
  readonly condition: Condition;
  readonly until: Instant | null;
}

/** More are not looked at: then it is not known. */
const MOST_INCIDENTS = 50;
const MOST_MERGES = 5;

type Looks = Pick<Incidents, 'find' | 'resolutions'>;

/**
 * Whether one of the incidents that justified the access is open, or was resolved no longer ago than the rule's grace. Whoever resolves
 * them takes access away and gives none; whoever keeps them open keeps it, which `after` and Teleport bound. As for a decision, what the
 * requester opened, or opened again, is no ground: neither does it begin the grace anew. What cannot be read is unknown, which ends nothing.
 */
export async function lookAtIncidents(
  decided: RecordedDecision,
  rule: Rule,
  { incidents, now }: { readonly incidents: Looks; readonly now: Instant },
  ask: Ask,
): Promise<IncidentLook> {
  const justifying = justifyingIncidents(decided, rule);
  const graceMs = rule.accessEnd.afterIncidentMs ?? 0;
  const { id: requester } = personOf(decided.facts.requester);
  const resolved: Instant[] = [];
  if (justifying.length > MOST_INCIDENTS)
    return notKnown('the incidents by which it was given are not known');
  for (const { id, title } of justifying) {
    const name = `incident ${sanitise(title, 100)}`;
    try {
      const found = await goingOn(id, requester, incidents, ask);
      if (found === null || (found.status === 'resolved' && found.lastChangeAt === null))
        return notKnown(`when ${name} was resolved is not known`);
      const since = await resolvedSince(found, { requester, longAgo: plusMs(now, -graceMs) }, incidents, ask);
      if (since === null) return { condition: met('open-incident', `${name} is open`), until: null };
      resolved.push(since);
    } catch (error) {
      ask.signal.throwIfAborted();
      return notKnown(`whether ${name} is open is not known: ${causeOf(error).message}`);
    }
  }
  const last = resolved.sort().at(-1);
  if (last === undefined) return notKnown('the incidents by which it was given are not known');
  const until = plusMs(last, graceMs);
  const names =
    justifying.length === 1
      ? `incident ${sanitise(justifying[0]?.title ?? '', 100)} is`
      : `all ${justifying.length} incidents by which it was given are`;
  const why = `${names} resolved since ${last}`;
  return now < until
    ? { condition: met('open-incident', `${why}, and the grace goes on until ${until}`), until }
    : { condition: notMet('open-incident', why, 'an open incident'), until: null };
}

/** Null where it is open. What the requester opened again is resolved since before that, whoever resolved it later. */
async function resolvedSince(
  { id, status, lastChangeAt, lastChangeBy }: Incident,
  { requester, longAgo }: { readonly requester: string | null; readonly longAgo: Instant },
  incidents: Looks,
  ask: Ask,
): Promise<Instant | null> {
  const asItSays = status === 'resolved' ? lastChangeAt : null;
  const isSuspect =
    asItSays === null
      ? lastChangeBy !== null && (lastChangeBy.id === requester || !isPerson(lastChangeBy))
      : asItSays > longAgo;
  if (requester === null || !isSuspect) return asItSays;
  let since: Instant | null = null;
  for (const { at, reopenedBy } of await incidents.resolutions(id, ask)) {
    since ??= at;
    if (reopenedBy !== undefined && reopenedBy?.id !== requester) since = null;
  }
  return since ?? asItSays;
}

/** What was merged goes on as another one, but not as one that the requester opened; null where a merge leads nowhere. */
async function goingOn(
  id: string,
  requester: string | null,
  incidents: Looks,
  ask: Ask,
): Promise<Incident | null> {
  let at = await incidents.find(id, ask);
  for (let merges = 0; merges < MOST_MERGES && at !== null && at.mergedInto !== null; merges += 1) {
    const into = await incidents.find(at.mergedInto, ask);
    if (into !== null && into.openedBy?.id === requester) return at;
    at = into;
  }
  return at?.mergedInto === null ? at : null;
}

function notKnown(message: string): IncidentLook {
  return { condition: unknown('open-incident', { message, transient: true }), until: null };
}
