import { expect, it } from 'vitest';
import { World, type WorldOptions } from '../../support/world.ts';

/** The rule of the reference story would approve sre-1, who is on call; this one pages for everybody. */
const notifying = (notify: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  config: { rules: [{ name: 'told', roles: ['prodaccess'], notify, ...more }] },
});

it.each<readonly [string, WorldOptions]>([
  ['named in the rule', notifying({ service: 'Access requests' })],
  [
    'named by the annotation, as with Teleport’s plugin',
    {
      ...notifying({ from_annotation: 'pagerduty_notify_service' }),
      annotations: { pagerduty_notify_service: ['Access requests'] },
    },
  ],
])(
  'a rule that notifies pages the service %s for who is on call too, and approves nobody',
  async (_how, options) => {
    await using stage = await World.open(options);

    const id = stage.request('sre-1');
    await stage.done('page');

    const [page] = stage.incidents();
    expect(page?.details).toContain('the rule asks people for every request');
    expect(page?.details).toContain('rule told takes answers there only');
    expect(stage.decided(id).decision).toMatchObject({ verdict: 'escalate', provisional: false });
    expect(stage.state(id)).toBe('PENDING');
  },
);
