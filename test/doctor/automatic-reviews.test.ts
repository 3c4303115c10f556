import { expect, it } from 'vitest';
import { connected } from '../teleport/connected.ts';

it.each([
  ['18.11.0', 105],
  ['15.4.0', 0],
])(
  'the rules of Teleport that are active are read on every page, and are none where Teleport knows none: %s',
  async (serverVersion, count) => {
    await using world = await connected({ teleport: { serverVersion } });
    const rule = { condition: 'true', decision: 'APPROVED', integration: 'builtin' } as const;
    for (let number = 100; number < 205; number += 1) {
      world.teleport.cluster.monitoringRules.push({
        ...rule,
        name: `rule-${number}`,
        desiredState: 'reviewed',
      });
    }
    world.teleport.cluster.monitoringRules.push({ ...rule, name: 'idle', desiredState: '' });

    const rules = await world.connection.admin.automaticReviewRules(world.signal);

    expect(rules).toHaveLength(count);
    if (count > 0) expect(rules[0]).toEqual({ ...rule, name: 'rule-100' });
  },
);
