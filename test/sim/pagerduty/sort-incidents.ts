import type { Incident } from './incident-model.ts';
import { invalidInput } from './refusal.ts';

const FIELDS: Readonly<Record<string, (incident: Incident) => number>> = {
  incident_number: (incident) => incident.number,
  created_at: (incident) => incident.createdAt.getTime(),
  resolved_at: (incident) => incident.resolvedAt?.getTime() ?? Infinity,
  urgency: (incident) => (incident.urgency === 'high' ? 1 : 0),
};

/**
 * @param sortBy up to two fields, each with an optional direction: `urgency:desc,created_at`
 * @throws Refusal 400 for other fields, directions, or more than two
 */
export function sortIncidents(incidents: readonly Incident[], sortBy: string | null): readonly Incident[] {
  const orders = (sortBy ?? 'incident_number:asc').split(',').map(parseOrder);
  if (orders.length > 2) throw invalidInput('sort_by takes at most two fields');
  return incidents.toSorted((a, b) => {
    for (const { value, sign } of orders) {
      const left = value(a);
      const right = value(b);
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}

function parseOrder(text: string): { readonly value: (incident: Incident) => number; readonly sign: number } {
  const [field = '', direction = 'asc'] = text.split(':');
  const value = FIELDS[field];
  if (value === undefined || !['asc', 'desc'].includes(direction)) throw invalidInput('sort_by is invalid');
  return { value, sign: direction === 'asc' ? 1 : -1 };
}
