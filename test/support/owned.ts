import type { status } from '@grpc/grpc-js';
import type { Account } from '../sim/pagerduty/account.ts';
import type { Labelled, ResourceId } from '../sim/teleport/model.ts';
import { mayAskForThings } from './more-roles.ts';
import { situation } from './situation.ts';
import { addDatabases } from './two-teams.ts';
import type { World } from './world.ts';

const ROOT = 'teleport.example.com';
const MAP = [
  {
    kinds: ['pod', 'namespace'],
    names: ['prod-eu'],
    sub_resources: ['payments', 'payments/*'],
    services: ['Payments API'],
  },
  {
    kinds: ['pod', 'namespace'],
    names: ['prod-eu'],
    sub_resources: ['search', 'search/*'],
    services: ['Databases'],
  },
  { kinds: ['pod'], sub_resources: ['search/two-*'], services: ['Payments API'] },
];
const OWNER = {
  label: 'pagerduty_service',
  map: MAP,
  of_role: { dbadmin: ['Databases'] },
  unowned: 'Access requests',
  settled: '0s',
};
const LABELLED: readonly Labelled[] = [
  ...labelled('db', {
    pay: 'Payments API',
    users: 'Databases',
    both: 'Databases, Payments API',
    odd: 'No such service',
    long: 'x'.repeat(65_536),
    none: null,
  }),
  ...labelled('app', { till: 'Payments API' }),
  // Two servers of one database, of which the second says something else.
  ...labelled('db', { split: 'Payments API' }),
  ...labelled('db', { split: 'Databases' }),
  { kind: 'db', name: 'moving', labels: { env: 'prod' }, dynamic: { pagerduty_service: 'Payments API' } },
  ...labelled('kube_cluster', { 'prod-eu': 'Payments API' }),
];

function labelled(
  kind: Labelled['kind'],
  owners: Readonly<Record<string, string | null>>,
): readonly Labelled[] {
  return Object.entries(owners).map(([name, owner]) => ({
    kind,
    name,
    labels: { env: 'prod', ...(owner === null ? {} : { pagerduty_service: owner }) },
  }));
}

export function id(kind: string, name: string, overrides: Partial<ResourceId> = {}): ResourceId {
  return { cluster: ROOT, kind, name, subResource: '', ...overrides };
}
export const pod = (subResource: string) => id('pod', 'prod-eu', { subResource });

/** Sam is on call for Payments API, Robin for Databases. */
export async function owned({
  rule = {},
  owner = {},
  fail,
  arrange = () => undefined,
}: {
  readonly rule?: object;
  readonly owner?: object;
  readonly fail?: status;
  readonly arrange?: (account: Account) => unknown;
} = {}): Promise<World> {
  const stage = await situation(
    (account) => {
      addDatabases(account);
      arrange(account);
    },
    {
      freshness: '0s',
      config: {
        rules: [
          {
            ...{ name: 'prod', roles: ['prodaccess'], require: { reason: true } },
            on_call: { owner: { ...OWNER, ...owner } },
            escalate: { owner: true, decide_within: '1s' },
            ...rule,
          },
        ],
      },
    },
  );
  const { cluster, faults } = stage.teleport;
  mayAskForThings(cluster);
  cluster.nodes.set('uuid-1', {
    id: 'uuid-1',
    hostname: 'db-1',
    labels: { env: 'prod', pagerduty_service: 'PSERVC1' },
  });
  cluster.labelled.push(...LABELLED);
  if (fail !== undefined) faults.add({ method: 'ListResources', kind: 'error', code: fail });
  return stage;
}
