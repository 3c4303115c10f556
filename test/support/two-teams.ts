import type { Account } from '../sim/pagerduty/account.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { World, type WorldOptions } from './world.ts';

export type TwoTeamsOptions = WorldOptions & {
  readonly sameDesk?: boolean;
  /** Of both rules, beside where they page. */
  readonly escalate?: Readonly<Record<string, unknown>>;
};

/** A service whose policy is the second level of that of Payments, which is Robin's. */
export function addDatabases(account: Account) {
  const payments = account.escalationPolicies.require('PPOLCY1');
  account.escalationPolicies.put({
    ...payments,
    id: 'PPOLDB1',
    name: 'Database',
    rules: payments.rules.slice(1),
  });
  const service = { ...account.services.require('PSERVC1'), escalationPolicyId: 'PPOLDB1' };
  account.services.put({ ...service, id: 'PSERVD1', name: 'Databases' });
  return service;
}

/** Robin alone is on call for databases, Sam for payments. A world in which two rules of two teams ask for a request of both roles, each on a desk of its own. */
export async function twoTeams(options: TwoTeamsOptions = {}): Promise<World> {
  const { sameDesk = false, config = {}, escalate = {}, ...rest } = options;
  const { roles, users } = referenceWorld({
    edition: 'enterprise',
    submitForUsers: options.submitForUsers ?? false,
  });
  const desk = (service: string) => ({ service, decide_within: '2s', ...escalate });
  const rule = (name: string, role: string, service: string, to: string) => ({
    ...{ name, roles: [role], on_call: { services: [service] }, require: { reason: true } },
    ...{ escalate: desk(to), ...options.rule },
  });
  const stage = await World.open({
    ...rest,
    start: false,
    roles: [
      ...roles.map((each) => {
        const { request, reviewRequests } = each.allow;
        return {
          ...each,
          allow: {
            ...each.allow,
            ...(request === undefined ? {} : { request: { ...request, roles: ['prodaccess', 'dbadmin'] } }),
            ...(reviewRequests === undefined
              ? {}
              : { reviewRequests: { ...reviewRequests, roles: ['prodaccess', 'dbadmin'] } }),
          },
        };
      }),
      { name: 'dbadmin', allow: { logins: ['{{internal.logins}}'] } },
    ],
    users: options.users ?? users,
    config: {
      ...config,
      rules: [
        rule('payments', 'prodaccess', 'Payments API', 'Access requests'),
        rule('database', 'dbadmin', 'Databases', sameDesk ? 'Access requests' : 'Database desk'),
      ],
    },
  });
  const { account } = stage.pagerDuty;
  const service = addDatabases(account);
  account.services.put({ ...service, id: 'PSERVDB', name: 'Database desk' });
  await stage.startService();
  return stage;
}
