import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../sim/teleport/model.ts';
import { mayAskForThings } from '../../support/more-roles.ts';
import { answerTo, situation } from '../../support/situation.ts';

const ROOT = 'teleport.example.com';
const RULE = {
  name: 'prod-oncall',
  roles: ['prodaccess'],
  on_call: { services: ['Payments API'] },
  require: { reason: true },
  escalate: { service: 'Access requests', decide_within: '1s' },
};

function id(kind: string, name: string, overrides: Partial<ResourceId> = {}): ResourceId {
  return { cluster: ROOT, kind, name, subResource: '', ...overrides };
}

/** Asks for these under a rule for those; `fail` is what Teleport answers to a look at nodes. */
async function asked(resources: unknown, resourceIds: readonly ResourceId[], fail?: status) {
  await using stage = await situation(() => undefined, {
    config: { rules: [resources === null ? RULE : { ...RULE, when: { resources } }] },
  });
  const { cluster, faults } = stage.teleport;
  mayAskForThings(cluster);
  cluster.nodes.set('uuid-1', { id: 'uuid-1', hostname: 'db-1', labels: { env: 'prod' } });
  if (fail !== undefined) faults.add({ method: 'ListResources', kind: 'error', code: fail });
  const answer = await answerTo(stage, 'sre-1', { resourceIds });
  return { verdict: answer.verdict, why: answer.why };
}

const NODE = id('node', 'uuid-1');
const AS_ROOT = { constraints: { version: 'v1', ssh: { logins: ['root'] } } };
const POD = id('pod', 'prod-eu', { subResource: 'payments/db-0' });

describe('what is asked for', () => {
  it.each<[string, unknown, readonly ResourceId[], string]>([
    [
      'in a leaf cluster is not of the root cluster',
      { names: ['pay*'] },
      [id('db', 'pay', { cluster: 'leaf' })],
      'no rule covers db pay in leaf cluster leaf',
    ],
    [
      'beside what is narrowed counts, too',
      { kinds: ['node'] },
      [id('db', 'pay'), { ...NODE, ...AS_ROOT }],
      'no rule covers db pay',
    ],
    [
      'as another login than the rule’s is not covered',
      { kinds: ['node'], logins: ['readonly'] },
      [
        { ...NODE, ...AS_ROOT },
        { ...NODE, constraints: { ssh: { logins: ['readonly'] } } },
      ],
      'no rule covers node db-1 (uuid-1) as root',
    ],
    [
      'in a way that is new goes to a person',
      null,
      [{ ...NODE, constraints: { version: 'v9' } }],
      'narrowed in a way this version does not know',
    ],
    [
      'in another namespace is not covered',
      { kinds: ['pod'], sub_resources: ['search/*'] },
      [POD, { ...POD, subResource: 'search/x' }],
      'no rule covers pod payments/db-0 in cluster prod-eu',
    ],
    [
      'as everything is no part of it',
      { sub_resources: ['payments/*'] },
      [{ ...POD, subResource: '*/*' }],
      'whether the rule covers all pods in cluster prod-eu is not known',
    ],
    [
      'by another host name is not covered',
      { names: ['web-*'] },
      [NODE, id('db', 'web-1')],
      'no rule covers node db-1 (uuid-1)',
    ],
    [
      'on a node that the service may not see goes to a person',
      { names: ['db-*'] },
      [id('node', 'uuid-2')],
      'the service may not see the node',
    ],
  ])('%s', async (_what, resources, ids, why) => {
    const answer = await asked(resources, ids);

    expect(answer).toMatchObject({ verdict: 'escalate', why: expect.stringContaining(why) as string });
  });

  it.each<[string, unknown, readonly ResourceId[]]>([
    ['by its host name', { kinds: ['node'], names: ['db-*'] }, [NODE]],
    ['as the login that the rule names', { logins: ['r*'] }, [{ ...NODE, ...AS_ROOT }]],
    ['in the namespace that a rule names', { kinds: ['kube:ns:pods'], sub_resources: ['payments/*'] }, [POD]],
    ['in the leaf cluster that a rule names', { clusters: ['leaf'] }, [id('db', 'pay', { cluster: 'leaf' })]],
  ])('is approved %s', async (_what, resources, ids) => {
    expect(await asked(resources, ids)).toMatchObject({ verdict: 'approve' });
  });

  it('is judged without host names where the rule does not go by them, and waits for them where it does', async () => {
    expect(await asked({ kinds: ['node'] }, [NODE], status.UNAVAILABLE)).toMatchObject({
      verdict: 'approve',
    });
    expect(await asked({ names: ['db-*'] }, [NODE], status.UNAVAILABLE)).toMatchObject({
      verdict: 'escalate',
      why: expect.stringContaining('its host name is not known') as string,
    });
  });
});
