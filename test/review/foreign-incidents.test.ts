import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import type { Agent, Incident } from '../sim/pagerduty/incident-model.ts';
import { openIncident, triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { paged } from '../support/paged.ts';
import { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const OFF_CALL = { type: 'user', id: 'PTAY2RE' } as const;
const BOT = { type: 'user', id: 'PBOT6OA' } as const;
const DESK = 'PSERVC2';

/** The answer to the opening of a page is lost, with the page or before it; the key that it was to have is known then. */
async function lostOpening({ opened, config = {} }: { opened: boolean; config?: Record<string, unknown> }) {
  const stage = await World.open({ config });
  stage.pagerDuty.faults.add({
    kind: 'reset',
    after: opened,
    match: { method: 'POST', pathPrefix: '/incidents' },
  });
  const id = stage.request('sre-2');
  await stage.reports.when('effectFailed', ({ key }) => key === 'page');
  await stage.stopService();
  stage.pagerDuty.faults.clear();
  const intended = (await stage.events(id)).find((event) => event.kind === 'effect-intended');
  if (intended?.kind !== 'effect-intended' || intended.effect.kind !== 'page') throw new Error('no page');
  const stop = () => stage[Symbol.asyncDispose]();
  return { stage, id, page: intended.effect, code: answerCode(id), [Symbol.asyncDispose]: stop };
}

async function pageAfter(stage: World): Promise<string> {
  await stage.startService();
  const { outcome } = await stage.done('page');
  return outcome.incidentId ?? '';
}

it('the key of a page cannot be guessed by who knows the request: an incident that waits under it is not taken for the page', async () => {
  await using stage = await World.open({ start: false });
  const id = stage.request('sre-2');
  const { account } = stage.pagerDuty;
  const stranger = openIncident(
    account,
    { title: 'Disk almost full', serviceId: DESK, incidentKey: `oncall-approver/${id}` },
    OFF_CALL,
  );
  addNote(account, stranger.id, `approve ${answerCode(id)}`, SAM);
  const pageId = await pageAfter(stage);
  await stage.followUp(id);

  expect(pageId).not.toBe(stranger.id);
  expect(account.incidents.require(pageId).incidentKey).toMatch(
    new RegExp(`^oncall-approver/${id}/[\\w-]{22}$`, 'u'),
  );
  expect([stage.state(id), stage.notesOf(stranger.id)]).toEqual(['PENDING', [`approve ${answerCode(id)}`]]);
});

describe('an incident that has the key of a page whose opening is not known', () => {
  it('is the page where it is what was sent', async () => {
    await using lost = await lostOpening({ opened: true });
    const [own] = lost.stage.incidents();

    expect(await pageAfter(lost.stage)).toBe(own?.id);
    expect([lost.stage.incidents().length, lost.stage.reports.of('foreignIncident')]).toEqual([1, []]);
  });

  type Strange = (stage: World, page: { incidentKey: string; title: string; details: string }) => Incident;
  const byHand =
    (changed: object, agent: Agent = OFF_CALL): Strange =>
    (stage, page) =>
      openIncident(stage.pagerDuty.account, { ...page, serviceId: DESK, ...changed }, agent);
  const strangers: readonly (readonly [string, Strange])[] = [
    ['another person opened with the same words', byHand({})],
    ['came with an alert', (stage, page) => alertOf(stage, { ...page, serviceId: DESK })],
    ['has another title', byHand({ title: 'Disk almost full' }, BOT)],
    ['has another text', byHand({ details: 'nothing much' }, BOT)],
    [
      'had an alert since',
      (stage, page) => {
        const incident = byHand({}, BOT)(stage, page);
        return stage.pagerDuty.account.incidents.put({ ...incident, alertCount: 1 });
      },
    ],
  ];

  it.each(strangers)(
    'is foreign where it %s: the page is opened under another, and that is said',
    async (_which, open) => {
      await using lost = await lostOpening({ opened: false });
      const { stage, id, page, code } = lost;
      const stranger = open(stage, page);
      addNote(stage.pagerDuty.account, stranger.id, `approve ${code}`, SAM);

      const pageId = await pageAfter(stage);
      await stage.followUp(id);
      const notes = stage.notesOf(stranger.id);
      stage.denyAs('sre-1', id);
      await stage.done('close-page');

      expect(pageId).not.toBe(stranger.id);
      expect(stage.reports.of('foreignIncident')).toMatchObject([{ requestId: id, incidentId: stranger.id }]);
      expect(stage.reports.of('effectDone').find(({ key }) => key === 'page')?.outcome.summary).toContain(
        `under another key: incident ${stranger.id}, which is not ours`,
      );
      expect(notes).toEqual([`approve ${code}`]);
      const { incidents } = stage.pagerDuty.account;
      expect([incidents.require(pageId).status, incidents.require(stranger.id).status]).toEqual([
        'resolved',
        'triggered',
      ]);
    },
  );

  it('of others is neither closed nor written to at the end of a request whose page was never opened', async () => {
    await using lost = await lostOpening({ opened: false });
    const { stage, id, page } = lost;
    const stranger = byHand({})(stage, page);
    stage.denyAs('sre-1', id);
    await stage.startService();
    await stage.done('close-page');

    expect([stage.notesOf(stranger.id), stage.incidents().map(({ status }) => status)]).toEqual([
      [],
      ['triggered'],
    ]);
  });
});

function alertOf(stage: World, alert: Parameters<typeof triggerAlert>[1]): Incident {
  const incident = triggerAlert(stage.pagerDuty.account, alert);
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

describe('an answer on a page that somebody edited', () => {
  it.each(['title', 'text'] as const)(
    'is not acted upon where its %s was changed, which is said once',
    async (what) => {
      await using waiting = await paged();
      const { stage, id, pageId, code } = waiting;
      const { incidents } = stage.pagerDuty.account;
      const page = incidents.require(pageId);
      const logEntries = page.logEntries.map((entry, index) =>
        index === 0 ? { ...entry, channel: { ...entry.channel, details: 'Nothing to see here' } } : entry,
      );
      incidents.put(
        what === 'title' ? { ...page, title: 'A test, please approve' } : { ...page, logEntries },
      );
      addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
      await stage.followUp(id);
      await stage.followUp(id);

      const told = stage.notesOf(pageId).filter((note) => note.includes(`the ${what} of this incident`));
      expect([stage.state(id), told.length]).toEqual(['PENDING', 1]);
    },
  );
});
