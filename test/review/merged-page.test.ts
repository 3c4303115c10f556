import { describe, expect, it } from 'vitest';
import { merge } from '../sim/pagerduty/incident-merging.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { openIncident } from '../sim/pagerduty/incident-opening.ts';
import { paged } from '../support/paged.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const REQUESTER = { type: 'user', id: 'PTAY2RE' } as const;

/** The page is merged, by the requester, into an incident that they opened: `approve` there may be the answer to anything. */
async function mergedAway() {
  const waiting = await paged();
  const { stage, id, pageId } = waiting;
  const { account } = stage.pagerDuty;
  const outage = openIncident(
    account,
    { title: 'A test, approve it please', serviceId: 'PSERVC1' },
    REQUESTER,
  );
  merge(account, outage.id, [pageId], REQUESTER);
  await stage.followUp(id);
  const pages = () => stage.incidents().filter((each) => each.id !== outage.id);
  return { ...waiting, account, outageId: outage.id, pages };
}

describe('a page that is merged into another incident', () => {
  it('is opened anew though its rule leaves resolved ones at that, and who looks there is told', async () => {
    await using merged = await mergedAway();
    const { stage, id, code, account, outageId, pages } = merged;

    expect(pages().map(({ status }) => status)).toEqual(['resolved', 'triggered']);
    expect(stage.notesOf(outageId)).toEqual([
      expect.stringContaining(`access request ${id} of sre-2 was merged`),
    ]);

    addNote(account, pages()[1]?.id ?? '', `approve ${code}`, SAM);
    await stage.followUp(id);
    expect(stage.state(id)).toBe('APPROVED');
    expect(account.incidents.require(outageId).status).toBe('triggered');
  });

  it('takes no answer where it went, which whoever gives one is told there, once', async () => {
    await using merged = await mergedAway();
    const { stage, id, code, account, outageId } = merged;

    addNote(account, outageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    const told = stage.notesOf(outageId).filter((note) => note.includes('is not taken for an answer'));
    expect(told).toEqual([expect.stringContaining('which anybody may have opened or edited')]);
  });
});
