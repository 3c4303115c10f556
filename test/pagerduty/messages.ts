/** Messages as PagerDuty has them, with what may not be missing. */
export const AN_INCIDENT = {
  ...{ id: 'PINC001', status: 'triggered', urgency: 'high', created_at: '2026-03-03T02:14:07Z' },
  service: { id: 'PSERVC1', type: 'service_reference', summary: 'Payments API' },
  escalation_policy: { id: 'PPOLCY1', type: 'escalation_policy_reference', summary: 'Payments' },
};

export const user = (id: string, type = 'user_reference') => ({ id, type, summary: `name of ${id}` });

/** An entry of an incident's log, so many minutes after it was opened. */
export function entry(type: string, minute: number, more: object = {}) {
  const created_at = new Date(Date.parse(AN_INCIDENT.created_at) + minute * 60_000).toISOString();
  return { id: `R${minute}${type}`, type: `${type}_log_entry`, created_at, ...more };
}

export function minute(number: number): string {
  return entry('', number).created_at;
}
