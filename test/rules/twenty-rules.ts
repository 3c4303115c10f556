/** Twenty rules with six conditions each that overlap, and five claims about them, as a configuration has them. */
export const TWENTY_RULES = Array.from({ length: 20 }, (_, index) => ({
  name: `rule-${index}`,
  roles: ['prod', `other-${index}-*`],
  when: {
    requester_traits: { team: [`team-${index}`] },
    hours: { time_zone: 'UTC', spans: [{ from: '08:00', until: `${10 + (index % 10)}:00` }] },
  },
  on_call: { services: ['Payments API', 'Ledger'], max_level: 2 },
  responders: true,
  require: { reason: true, open_incident: true, max_duration: '2h' },
  escalate: { service: 'Desk' },
}));

const SERVICES = { services: ['Payments API', 'Ledger'] };

/** `itself.yaml` is to have the same rules. The last one is broken. */
export const FIVE_CLAIMS = [
  { never: { approve: ['prod'], unless: [{ on_call: SERVICES }, { asked_to_help: SERVICES }] } },
  { never: { approve: ['*'], unless: ['open_incident'] } },
  { never: { approve: ['prod'], unless: [{ max_duration: '2h' }] } },
  { same_as: 'itself.yaml' },
  { always: { person_asked: ['prod'] } },
];
