import { DAY_MS } from './durations.ts';
import type { World } from './world.ts';

export const READ_ONLY_KEY = 'read-only-key-000001';
export const FULL_ACCESS_KEY = 'full-access-key-0001';
export const APP_TOKEN = 'pdus+app-token-00001';

export const OAUTH_CLIENT = { client_id: 'oauth-client-0001', client_secret: 'oauth-secret-0001' };

/**
 * The account of the README's story: Sam One is on call for Payments, five more days to go; sre-2 is next week's turn and
 * so off call; the manager stands at the last level for ever; the outsider appears nowhere.
 * @param now the shifts are laid out around this instant
 */
export function referenceWorld(now: Date = new Date()): World {
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return {
    users: [
      { id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com', role: 'limited_user' },
      { id: 'PTAY2RE', name: 'Taylor Two', email: 'sre-2@example.com', role: 'limited_user' },
      { id: 'PROB3RE', name: 'Robin Three', email: 'sre-3@example.com', role: 'limited_user' },
      { id: 'POUT4SD', name: 'Alex Outsider', email: 'outsider@example.com', role: 'limited_user' },
      { id: 'PMAN5GR', name: 'Morgan Manager', email: 'manager@example.com', role: 'admin' },
      { id: 'PBOT6OA', name: 'On-call approver', email: 'oncall-approver@example.com', role: 'limited_user' },
    ],
    schedules: [
      {
        id: 'PSCHED1',
        name: 'Payments primary',
        layers: [
          {
            users: ['sre-1@example.com', 'sre-2@example.com'],
            start: new Date(midnight - 2 * DAY_MS).toISOString(),
            turn_hours: 7 * 24,
          },
        ],
      },
      { id: 'PSCHED2', name: 'Payments secondary', layers: [{ users: ['sre-3@example.com'] }] },
    ],
    escalation_policies: [
      {
        id: 'PPOLCY1',
        name: 'Payments',
        levels: [
          { delay_minutes: 30, targets: [{ schedule: 'Payments primary' }] },
          { delay_minutes: 30, targets: [{ schedule: 'Payments secondary' }] },
          { delay_minutes: 30, targets: [{ user: 'manager@example.com' }] },
        ],
      },
    ],
    services: [
      { id: 'PSERVC1', name: 'Payments API', escalation_policy: 'Payments' },
      { id: 'PSERVC2', name: 'Access requests', escalation_policy: 'Payments' },
    ],
    keys: [
      { key: READ_ONLY_KEY, kind: 'account-read-only' },
      { key: FULL_ACCESS_KEY, kind: 'account-full' },
      { key: APP_TOKEN, kind: 'app', scopes: APP_SCOPES },
    ],
    oauth_clients: [{ ...OAUTH_CLIENT, scopes: APP_SCOPES }],
  };
}

/** The same, and a team for databases, whose engineer is Robin Three; Payments API says by a field that what carries `app=refunds` is its own. */
export function twoTeamsWorld(): World {
  const { escalation_policies: policies, services, ...rest } = referenceWorld();
  const levels = [{ delay_minutes: 30, targets: [{ user: 'sre-3@example.com' }] }];
  const named = (name: string) => ({ name, escalation_policy: 'Databases' });
  return {
    ...rest,
    teams: [{ name: 'Databases' }],
    escalation_policies: [...policies, { name: 'Databases', team: 'Databases', levels }],
    service_fields: ['owns'],
    services: [
      ...services.map((each) =>
        each.id === 'PSERVC1' ? { ...each, custom_fields: { owns: 'app=refunds' } } : each,
      ),
      ...[named('Databases'), named('Database desk')],
    ],
  };
}

const APP_SCOPES = [
  'abilities.read',
  'escalation_policies.read',
  'incidents.read',
  'incidents.write',
  'oncalls.read',
  'schedules.read',
  'services.read',
  'users.read',
];
