import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

describe('the watch of a running service', () => {
  it('reconnects after an auth restart and misses nothing', async () => {
    await using stage = await Stage.open();

    await stage.teleport.auth.stop();
    await stage.reports.when('watchLost');
    const id = stage.request('sre-1');
    await stage.teleport.auth.start();
    await stage.done('review');

    expect(stage.state(id)).toBe('APPROVED');
  });

  it('skips an event that it cannot read and goes on', async () => {
    await using stage = await Stage.open();

    stage.teleport.cluster.watches.publish({
      type: 'PUT',
      kind: 'access_request',
      name: 'x',
      filterable: { id: 'x', user: 'sre-1', state: 'PENDING' },
      member: { AccessRequest: { Kind: 'access_request', Metadata: { Name: '' } } },
    });
    await stage.reports.when('malformed');
    const id = stage.request('sre-1');
    await stage.done('review');

    expect(stage.state(id)).toBe('APPROVED');
  });
});
