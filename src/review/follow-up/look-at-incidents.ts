import { met, notMet, unknown } from '../../core/conditions/condition.ts';
import { isPerson } from '../../core/conditions/opener.ts';
import { justifyingIncidents } from '../../core/conditions/open-incident-condition.ts';
import type { Condition } from '../../core/decision.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Rule } from '../../core/rule.ts';
import { laterOf, plusMs, type Instant } from '../../core/values/instant.ts';
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

type Looks = Pick<Incidents, 'find' | 'reopenedBy'>;

/**
 * Whether one of the incidents that justified the access is open, or was resolved no longer ago than the rule's grace. Whoever resolves
 * them takes access away and gives none; whoever keeps them open keeps it, which `after` and Teleport bound, and one that the requester
 * opened again does not count. What cannot be read is unknown, which ends nothing.
 */
export async function lookAtIncidents(
  decided: RecordedDecision,
  rule: Rule,
  { incidents, now }: { readonly incidents: Looks; readonly now: Instant },
  ask: Ask,
): Promise<IncidentLook> {
  const justifying = justifyingIncidents(decided, rule);
  if (justifying.length === 0 || justifying.length > MOST_INCIDENTS)
    return notKnown('the incidents by which it was given are not known');
  let last: Instant | null = null;
  for (const { id, title } of justifying) {
    const name = `incident ${sanitise(title, 100)}`;
    try {
      const found = await goingOn(id, incidents, ask);
      if (found?.status === 'resolved' && found.lastChangeAt !== null)
        last = last === null ? found.lastChangeAt : laterOf(last, found.lastChangeAt);
      else if (found === null || found.status === 'resolved')
        return notKnown(`when ${name} was resolved is not known`);
      else if (!(await isReopenedBySelf(found, decided, incidents, ask)))
        return { condition: met('open-incident', `${name} is open`), until: null };
    } catch (error) {
      ask.signal.throwIfAborted();
      return notKnown(`whether ${name} is open is not known: ${causeOf(error).message}`);
    }
  }
  const until = plusMs(last ?? now, rule.accessEnd.afterIncidentMs ?? 0);
  const names =
    justifying.length === 1
      ? `incident ${sanitise(justifying[0]?.title ?? '', 100)} is`
      : `all ${justifying.length} incidents by which it was given are`;
  const why = `${names} resolved${last === null ? '' : ` since ${last}`}`;
  return now < until
    ? { condition: met('open-incident', `${why}, and the grace goes on until ${until}`), until }
    : { condition: notMet('open-incident', why, 'an open incident'), until: null };
}

/** Whoever opens it again for themselves keeps their own access by it: as for a decision, that is no ground. */
async function isReopenedBySelf(
  { id, lastChangeBy }: Incident,
  { facts: { requester } }: RecordedDecision,
  incidents: Looks,
  ask: Ask,
): Promise<boolean> {
  if (requester.state !== 'recognised' || lastChangeBy === null) return false;
  if (lastChangeBy.id !== requester.id && isPerson(lastChangeBy)) return false;
  return (await incidents.reopenedBy(id, ask))?.id === requester.id;
}

/** What was merged goes on as another one. */
async function goingOn(id: string, incidents: Looks, ask: Ask): Promise<Incident | null> {
  let next = id;
  for (let merges = 0; merges <= MOST_MERGES; merges += 1) {
    const found = await incidents.find(next, ask);
    if (found?.mergedInto === undefined || found.mergedInto === null) return found;
    next = found.mergedInto;
  }
  return null;
}

function notKnown(message: string): IncidentLook {
  return { condition: unknown('open-incident', { message, transient: true }), until: null };
}
