import { describe, expect, it } from 'vitest';
import { paged } from '../support/paged.ts';

/** Long before the sweep of the full minute, in nearly every run. */
const AT_ONCE = { timeout: 3_000 };

describe('a request that ended while nobody watched', () => {
  it('is known to have ended as soon as the service runs again, and its page is closed', async () => {
    await using waiting = await paged();
    const { stage, id, pageId } = waiting;

    await stage.stopService();
    stage.denyAs('sre-1', id, 'not now');
    await stage.startService();

    await stage.poll(() => stage.incidents().map(({ status }) => status), AT_ONCE).toEqual(['resolved']);
    expect(stage.notesOf(pageId).at(-1)).toContain('was denied by sre-1');
  });

  it('is known to have ended as soon as the watch goes on, and its page is closed', async () => {
    await using waiting = await paged();
    const { stage, id } = waiting;
    const { watches } = stage.teleport.cluster;

    watches.holdEvents();
    stage.denyAs('sre-1', id, 'not now');
    watches.dropHeldEvents();
    watches.cutAll();

    await stage.poll(() => stage.incidents().map(({ status }) => status), AT_ONCE).toEqual(['resolved']);
  });
});
