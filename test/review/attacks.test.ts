import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { deleteUser } from '../sim/pagerduty/administration.ts';
import { merge } from '../sim/pagerduty/incident-merging.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';
import { answerTo } from '../support/situation.ts';
import { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const TAYLOR = { type: 'user', id: 'PTAY2RE' } as const;

describe('nobody gets in by', () => {
  it('two people’s addresses that were swapped since both were seen: neither is taken for the other', async () => {
    await using stage = await World.open();
    const { account } = stage.pagerDuty;
    for (const user of ['sre-1', 'sre-2']) await answerTo(stage, user);
    await stage.stopService();
    const [sam, taylor] = [SAM, TAYLOR].map(({ id }) => account.users.require(id).email);
    account.changeAddress(SAM.id, 'between@example.com');
    account.changeAddress(TAYLOR.id, sam ?? '');
    account.changeAddress(SAM.id, taylor ?? '');
    await stage.startService();

    for (const user of ['sre-1', 'sre-2']) {
      const { verdict, why } = await answerTo(stage, user);
      expect([verdict, why]).toEqual([
        'escalate',
        expect.stringContaining('was another one when it was first seen'),
      ]);
    }
  });

  it('the answer of somebody who was removed from PagerDuty before it was heard', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    deleteUser(stage.pagerDuty.account, SAM.id);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
  });

  it('an answer to one request on the page of another, also where the one’s page was merged into the other’s', async () => {
    await using waiting = await paged();
    const { stage, id, pageId } = waiting;
    const { account } = stage.pagerDuty;
    const other = stage.request('sre-3', { reason: 'something else' });
    await stage.done('page', other);
    const otherPage = stage.incidents().find(({ id: each }) => each !== pageId)?.id ?? '';
    merge(account, pageId, [otherPage], TAYLOR);
    await stage.followUp(other);
    addNote(account, pageId, `approve ${answerCode(other)}`, SAM);
    await stage.followUp(other);
    await stage.followUp(id);

    expect([stage.state(id), stage.state(other)]).toEqual(['PENDING', 'PENDING']);
    expect(stage.notesOf(pageId).join('\n')).toContain('the page was merged into this incident');
    expect(account.incidents.require(pageId).status).toBe('triggered');
  });
});
