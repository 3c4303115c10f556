import type { ResourceFacts } from '../resources/host-names.ts';
import { hasLabels, labelsOf } from '../resources/labels.ts';
import type { ResourceId } from '../resources/resource.ts';
import { isLost, isSettled, type PolicySeen } from '../roster/policies-seen.ts';
import type { OwnerField } from '../rule.ts';
import type { Cause } from '../values/cause.ts';
import { msBetween } from '../values/instant.ts';
import { durationWords, listed, sanitise } from '../values/words.ts';
import { fieldKey, type FieldFact, type OwnershipReading } from './reading.ts';
import { selectorOf } from './selector.ts';

type Named = { readonly service: string } | { readonly why: Pick<Cause, 'message' | 'transient'> };

/** What is known of a resource, and of services' fields. */
export type KnownOfFields = ResourceFacts & { readonly ownership?: OwnershipReading };

/** How a service stands to a resource by what its field says, or said. */
interface Claim {
  readonly service: FieldFact['service'];
  readonly stands: 'owns' | 'owned' | 'new' | 'unknown' | 'lost';
}

/**
 * The service, by its id, whose field is for this resource; null where there is none. INVARIANT (unknown-never-approves): ordinary users of
 * PagerDuty edit fields. One that is new owns nothing yet; and one that is taken away leaves its things to nobody for as long, so that
 * neither writing a field nor emptying another service's brings anybody a thing at once.
 */
export function ownerByField(
  resource: ResourceId,
  { field, settledMs }: { readonly field: OwnerField; readonly settledMs: number },
  known: KnownOfFields,
): Named | null {
  const { ownership } = known;
  if (ownership?.asked.includes(fieldKey(field)) !== true)
    return nobody('the fields by which the rule goes were not asked for');
  const facts = ownership.fields.filter(({ field: name }) => name === field.name);
  const unread = facts.find(({ state }) => state === 'unknown');
  if (unread?.state === 'unknown') return { why: unread.cause };
  const labels = labelsIn({ fields: facts }).length === 0 ? [] : labelsOf(resource, known, []);
  if ('message' in labels) return { why: labels };
  const looked = facts.filter((fact) => fact.state === 'known');
  const claims = looked.flatMap((fact) => claimsOf(fact, resource, settledMs, known));
  const name = `field \`${sanitise(field.name, 100)}\``;
  if (claims.some(({ stands }) => stands === 'unknown'))
    return nobody(`its servers do not agree in the labels by which ${name} goes, or they were not asked for`);
  const lost = claims.find(({ stands }) => stands === 'lost');
  if (lost !== undefined)
    return nobody(
      `what ${name} of ${sanitise(lost.service.summary, 100)} was until less than ${durationWords(settledMs)} ago is not known any more: somebody else changed what was kept of it in the ledger's database`,
    );
  const counted = claims.filter(({ stands }) => stands !== 'new');
  const [first, ...others] = new Map(counted.map(({ service }) => [service.id, service])).values();
  if (first === undefined) return null;
  if (others.length > 0) {
    const names = [first, ...others].slice(0, 5).map(({ summary }) => sanitise(summary, 100));
    return nobody(
      `${name} of ${listed(names, 'and')} is for it, or was until less than ${durationWords(settledMs)} ago`,
    );
  }
  return counted.some(({ stands }) => stands === 'owns')
    ? { service: first.id }
    : nobody(
        `${name} of ${sanitise(first.summary, 100)} was for it until less than ${durationWords(settledMs)} ago`,
      );
}

/** Whether the field may be of any use for one of these resources: else it need not be written down. */
export function mayConcern(fact: FieldFact, resources: readonly ResourceId[], known: ResourceFacts): boolean {
  return (
    fact.state === 'unknown' ||
    resources.some((resource) => fact.values.some((value) => fits(value, resource, known) !== 'not-met'))
  );
}

/** The names of all labels by which fields go, or went. */
export function labelsIn({ fields }: Pick<OwnershipReading, 'fields'>): readonly string[] {
  return fields.flatMap((fact) =>
    fact.state === 'unknown' ? [] : fact.values.flatMap(({ id }) => Object.keys(selectorOf(id) ?? {})),
  );
}

function claimsOf(
  { service, at, values }: FieldFact & { readonly state: 'known' },
  resource: ResourceId,
  settledMs: number,
  known: ResourceFacts,
): readonly Claim[] {
  return values.flatMap((value): readonly Claim[] => {
    const answer = fits(value, resource, known);
    if (answer === 'not-met') return [];
    const { gone } = value;
    const settled = isSettled(value, { ms: settledMs, orFirst: gone !== undefined }, at);
    if (gone !== undefined && (!settled || msBetween(gone, at) >= settledMs)) return [];
    if (isLost(value)) return [{ service, stands: 'lost' }];
    if (answer === 'unknown') return [{ service, stands: 'unknown' }];
    return [{ service, stands: gone !== undefined ? 'owned' : settled ? 'owns' : 'new' }];
  });
}

function fits(value: PolicySeen, resource: ResourceId, known: ResourceFacts) {
  if (isLost(value)) return 'met';
  const selector = selectorOf(value.id);
  return selector === null ? 'not-met' : hasLabels(selector, resource, known);
}

function nobody(message: string): Named {
  return { why: { message, transient: false } };
}
