import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instantOf } from '../../../src/core/values/instant.ts';
import { anAnswer, anAnswered } from '../../support/builders.ts';
import { resolve } from '../../sim/pagerduty/incident-life.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { openIncident } from '../../sim/pagerduty/incident-opening.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { Arena } from './arena.ts';
import { audit } from './audit.ts';
import { wrongApprovals } from './evidence.ts';
import type { Fate } from './fate.ts';
import { pagesByRequest } from '../pages.ts';
import { settingOf } from './setting.ts';
import { REVIEWER } from './world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const OURS = { type: 'user', id: 'PBOT6OA' } as const;
const ON_CALL: Fate = {
  requester: 'on-call',
  user: 'sre-1',
  pagerDutyId: 'PSAM1RE',
  role: 'prodaccess',
  givesReason: true,
  answer: 'approve-in-teleport',
  answerAfterMs: 60_000,
  liftsLock: false,
};
const OFF_CALL: Fate = { ...ON_CALL, requester: 'off-call', user: 'sre-2', pagerDutyId: 'PTAY2RE' };
const STRANGER = { requester: 'stranger', user: 'stranger', pagerDutyId: null } as const;
const PATIENCE = { timeout: 15_000, interval: 50 };

let arena: Arena;
beforeEach(async () => {
  arena = await Arena.open({
    postgres: false,
    setting: { ...settingOf(7), webhooks: false, withShift: true, ownNames: false },
  });
});
afterEach(async () => {
  await arena[Symbol.asyncDispose]();
});

async function lookAt() {
  return audit(arena, await arena.entries());
}

/** Asks, and gives the id. */
function asked(fate: Fate): string {
  arena.ask(fate);
  return [...arena.made.keys()].at(-1) ?? '';
}

describe('the audit of the chaos run', () => {
  it('finds nothing where everything went well', async () => {
    await arena.stage.startService();
    asked(ON_CALL);
    const paged = asked(OFF_CALL);
    await arena.stage.done('page', paged);
    arena.stage.approveAs(REVIEWER, paged);
    arena.made.get(paged)?.deeds.push('approved in Teleport');

    await expect.poll(lookAt, PATIENCE).toEqual({ lost: [], duplicates: [], wrongApprovals: [] });
  });

  it('misses a request that nobody handled', async () => {
    const id = asked(ON_CALL);

    const { lost } = await lookAt();

    expect(lost).toEqual([`${id} of sre-1 (approve-in-teleport): it is not decided`]);
  });

  it('sees a second page and a second note', async () => {
    const { stage } = arena;
    await stage.startService();
    const id = asked(OFF_CALL);
    await stage.done('page');
    stage.denyAs(REVIEWER, id);
    await stage.done('close-page');
    const { account } = stage.pagerDuty;
    const page = stage.incidents().find((each) => each.incidentKey.startsWith(`oncall-approver/${id}/`));
    const incidentKey = page?.incidentKey ?? '';
    addNote(account, page?.id ?? '', page?.notes.at(-1)?.content ?? '', SAM);
    resolve(
      account,
      openIncident(account, { title: 'again', serviceId: 'PSERVC2', incidentKey }, OURS).id,
      SAM,
    );

    const { duplicates } = await lookAt();

    expect(duplicates).toEqual([expect.stringContaining('2 incidents'), expect.stringContaining('2 × ')]);
  });

  it.each([
    ['that no decision stands for', 'all is well'],
    ['that names a decision which is not there', 'oncall-approver decision OA-0123456789'],
  ])('sees a review %s', async (_which, reason) => {
    const id = asked(OFF_CALL);
    const { cluster } = arena.stage.teleport;
    cluster.submitReview({ requestId: id, author: BOT_USER, proposedState: 'APPROVED', reason });

    const { wrongApprovals } = await lookAt();

    expect(wrongApprovals).toEqual([expect.stringContaining('no decision in the ledger says so')]);
  });

  it('sees access that goes on although the shift is over, and access that is cut during one', async () => {
    await arena.stage.startService();
    const id = asked(ON_CALL);
    await arena.stage.done('live-note');
    const made = arena.made.get(id);
    if (made === undefined) throw new Error('not made');
    const at = instantOf(arena.stage.pagerDuty.account.clock.now().getTime());
    const onCall = { state: 'known', at, rows: [] } as const;
    const cut = { kind: 'access-checked', requestId: id, ends: true, why: '', until: null, onCall } as const;
    const events = (await arena.entries()).map(({ event }) => event);

    expect(wrongApprovals(made, arena, [...events, cut])).toEqual([
      expect.stringContaining('its access is ended, and sre-1 was on call at'),
    ]);
    arena.made.set(id, { ...made, fate: { ...OFF_CALL, requester: 'rota' } });
    const { lost } = await lookAt();
    expect(lost).toContainEqual(expect.stringContaining('its access goes on although the shift is over'));
  });

  it('sees that one person alone has given both of two approvals', () => {
    const id = asked({ ...OFF_CALL, requester: 'two-needed', answer: 'approve-by-note' });
    const made = arena.made.get(id);
    if (made === undefined) throw new Error('not made');
    const { cluster } = arena.stage.teleport;
    made.deeds.push('approved by note');
    cluster.submitReview({
      requestId: id,
      author: 'sre-1',
      proposedState: 'APPROVED',
      reason: 'Approved by Sam One by note in PagerDuty incident',
    });

    expect(wrongApprovals(made, arena, [])).toEqual([
      'it needs two approvals, and one person alone has approved',
    ]);
  });

  it.each<[string, Partial<Fate>, string, 'page' | 'foreign', string]>([
    ['on an incident that somebody else opened', {}, SAM.id, 'foreign', 'which is no page of it'],
    ['of the requester', {}, 'PTAY2RE', 'page', 'counted as approver of their own request'],
    ['to somebody whom nothing tells from the approver', STRANGER, SAM.id, 'page', 'nothing tells'],
  ])('sees that an answer counted %s', async (_whose, fate, byId, on, says) => {
    const { stage } = arena;
    await stage.startService();
    const id = asked({ ...OFF_CALL, ...fate });
    await stage.done('page');
    const [page] = pagesByRequest(stage.incidents()).get(id) ?? [];
    const copy = { title: page?.title ?? '', details: page?.details ?? '', serviceId: 'PSERVC2' };
    const foreign = openIncident(stage.pagerDuty.account, copy, SAM).id;
    const made = arena.made.get(id);
    if (made === undefined) throw new Error('not made');
    const by = { id: byId, name: '', isUser: true };
    const answer = anAnswer({ by, incidentId: on === 'page' ? (page?.id ?? '') : foreign });

    expect(wrongApprovals(made, arena, [anAnswered({ requestId: id, answer })])).toEqual([
      expect.stringContaining(says),
    ]);
  });

  it('sees a resource of a leaf cluster that the shift of somebody is approved for', async () => {
    await arena.stage.startService();
    const id = asked(ON_CALL);
    await arena.stage.done('live-note');
    const resource = { cluster: 'leaf', kind: 'db', name: 'pay', subResource: '' };
    arena.stage.teleport.cluster.changeRequest(id, { resourceIds: [resource] });

    const { wrongApprovals } = await lookAt();

    expect(wrongApprovals).toEqual([expect.stringContaining('and no rule names one')]);
  });

  it('sees an approval of somebody who was not on call at the time', async () => {
    await arena.stage.startService();
    const id = asked(ON_CALL);
    await arena.stage.done('live-note');
    const made = arena.made.get(id);
    if (made === undefined) throw new Error('not made');
    // What the service was told is of no account: only who the requester is by PagerDuty's schedules.
    arena.made.set(id, { ...made, fate: { ...OFF_CALL, answer: 'nobody-answers' } });

    const { wrongApprovals } = await lookAt();

    expect(wrongApprovals).toEqual([
      expect.stringContaining('by the shift of PSAM1RE'),
      expect.stringContaining('was not on call at'),
    ]);
  });
});
