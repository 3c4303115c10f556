import { personOf } from './opener.ts';
import { openIncidentsFor } from './open-incident-condition.ts';
import type { OpenIncident } from '../facts.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Rule } from '../rule.ts';

/**
 * The incidents by which the rule found its condition met when it was decided: access that ends with the incident ends when all of them
 * are over. By the id under which they go on, where they had been merged by then.
 */
export function justifyingIncidents(
  { request, facts, decidedAt }: RecordedDecision,
  rule: Rule,
): readonly { readonly id: string; readonly title: string }[] {
  const wanted = rule.require.openIncident;
  if (wanted === null || facts.incidents.state !== 'known') return [];
  const question = { rule, request, facts, now: decidedAt };
  const found = openIncidentsFor(question, wanted, facts.incidents.incidents, personOf(facts.requester));
  const going = found.flatMap(({ incident, short }) => (short === null ? [goingOnAs(incident)] : []));
  return [...new Map(going.map((each) => [each.id, each])).values()];
}

function goingOnAs({ id, title, mergedInto }: OpenIncident): { readonly id: string; readonly title: string } {
  return mergedInto === undefined ? { id, title } : { id: mergedInto.id, title: mergedInto.title };
}
