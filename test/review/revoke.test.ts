import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { paged } from '../support/paged.ts';
import { World, type WorldOptions } from '../support/world.ts';
const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const TAYLOR = { type: 'user', id: 'PTAY2RE' } as const;

/** Asked about on a page, and approved there by Sam; the page is closed. */
async function approved(options: WorldOptions = {}) {
  const waiting = await paged(options);
  const { stage, id, pageId, code } = waiting;
  addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
  await stage.followUp(id);
  await stage.done('close-page');
  expect(stage.state(id)).toBe('APPROVED');
  /** What is written then, after so many looks of the service. */
  const say = async (words: string, author: typeof SAM | typeof TAYLOR, looks = 2) => {
    stage.time.tick();
    const note = addNote(stage.pagerDuty.account, pageId, words, author);
    for (let look = 0; look < looks; look += 1) await stage.followUp(id);
    return note;
  };
  const said = () => {
    const own = stage.notesOf(pageId).filter((note) => note.includes('oncall-approver decision'));
    return own.slice(1 + own.findIndex((each) => each.includes('(closing-note)')));
  };
  return { ...waiting, say, said };
}

describe('access is ended by `revoke` on the page on which it was asked for', () => {
  it.each([
    ['an approver', SAM, 'Sam One was on call for the approvers of prod-oncall'],
    ['the requester', TAYLOR, 'Taylor Two is who asked for it'],
  ])('by %s, at once, by a lock until its own end', async (_who, author, why) => {
    await using given = await approved();
    const { stage, id, code, pageId } = given;

    await given.say(`revoke ${code} the freeze has begun`, author);

    const { expires } = stage.teleport.cluster.request(id);
    expect(stage.locks()).toMatchObject([{ target: { accessRequest: id }, expires }]);
    expect(stage.locks()[0]?.message).toMatch(/^Access revoked by \w+ \w+ by note .*“the freeze has begun”/u);
    expect(stage.locks()[0]?.message).toContain(why);
    expect(given.said()).toEqual([expect.stringContaining('The access is ended: revoked by ')]);
    expect(stage.notesOf(pageId).join('\n')).toContain(
      `To end the access before its time, write here: revoke ${code}`,
    );
  });

  it('without anybody who looks: its notes are read every two minutes, and after a restart', async () => {
    await using given = await approved();
    const { stage, id, code, pageId } = given;

    await stage.stopService();
    addNote(stage.pagerDuty.account, pageId, `revoke ${code}`, SAM);
    await stage.startService();
    await stage.service.sweepNow();

    await stage.reports.when(
      'effectDone',
      ({ key, requestId }) => key.startsWith('lock revoked') && requestId === id,
      150_000,
    );
    expect(stage.locks()).toHaveLength(1);
  });

  it('says so where the service may set no lock, with the remedy, and goes on trying', async () => {
    const { roles } = referenceWorld({ edition: 'enterprise', annotations: {} });
    await using given = await approved({
      roles: roles.map((role) => ({
        ...role,
        allow: {
          ...role.allow,
          rules: role.allow.rules?.filter(({ resources }) => !resources.includes('lock')),
        },
      })) as NonNullable<WorldOptions['roles']>,
    });
    const { stage, id, code } = given;

    await given.say(`revoke ${code}`, SAM, 3);

    expect(stage.locks()).toEqual([]);
    expect(given.said()).toEqual([
      expect.stringMatching(
        /^The access GOES ON, although Sam One revoked it: [^]*create and update on lock[^]*tctl lock --access-request=/u,
      ),
    ]);
    expect(given.said()[0]).toContain(id);
  });

  it('not by what was written while nothing was given yet: it is told so, and access that is given then goes on', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    addNote(stage.pagerDuty.account, pageId, `revoke ${code}`, SAM);
    await stage.followUp(id);
    expect(stage.notesOf(pageId).at(-1)).toContain('nothing is given yet that could end');
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    for (let look = 0; look < 3; look += 1) await stage.followUp(id);

    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.locks()).toEqual([]);
  });

  it.each([
    ['before it was given', -120, 0, 'before the access was given at'],
    [
      'perhaps before it was given',
      -30,
      0,
      'it is not certain that it was written after the access was given',
    ],
    ['perhaps after it was given', 0, 30, 'it is not certain that it was written after the access was given'],
    ['after it was given', 0, 61, 'The access is ended: revoked by Sam One'],
  ])('heard with the approval in Teleport, and written %s', async (_when, note, approval, told) => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;
    const write = () => addNote(stage.pagerDuty.account, pageId, `revoke ${code}`, SAM);
    const { directory } = stage.teleport.cluster;
    directory.putUser({ ...directory.user('sre-3'), roles: ['access-reviewer'] });
    await stage.stopService();

    if (note < 0) write();
    await stage.time.advance(-note * 1_000);
    stage.approveAs('sre-3', id);
    await stage.time.advance(approval * 1_000);
    if (note === 0) write();
    await stage.startService();
    await stage.service.sweepNow();
    for (let look = 0; look < 3; look += 1) await stage.followUp(id);

    expect(stage.notesOf(pageId).join('\n')).toContain(told);
    expect(stage.locks()).toHaveLength(told.includes('revoked by') ? 1 : 0);
    // PagerDuty's times are in seconds: what is written in another one than our note of the approval is after it.
    await stage.time.advance(1_000);
    addNote(stage.pagerDuty.account, pageId, `revoke ${code} now`, SAM);
    for (let look = 0; look < 2; look += 1) await stage.followUp(id);
    expect(stage.locks()).toHaveLength(1);
  });

  it('again where somebody took the lock away since', async () => {
    await using given = await approved();
    const { stage, id, code } = given;
    await given.say(`revoke ${code}`, SAM);

    stage.teleport.cluster.locks.delete(stage.locks()[0]?.name ?? '');
    await stage.followUp(id);
    expect((await stage.events(id)).at(-1)).toMatchObject({ kind: 'unlocked', requestId: id });
    await given.say(`revoke ${code}`, TAYLOR);

    expect(stage.locks()).toHaveLength(1);
  });
});

it('access by broken glass is ended by `revoke` on the page that tells of it', async () => {
  const escalate = { service: 'Access requests', decide_within: '1s' };
  const shared = { roles: ['prodaccess'], escalate };
  const prod = { name: 'prod', ...shared, on_call: { services: ['Payments API'] } };
  await using stage = await World.open({
    config: { rules: [prod, { name: 'glass', ...shared, break_glass: true }] },
  });
  const silent = stage.pagerDuty.faults.add({ kind: 'status', status: 503 });
  const id = stage.request('sre-2');
  await stage.reports.when('ended', () => true, 40_000);
  silent.remove();
  await stage.reports.when('effectDone', ({ key }) => key === 'break-glass page', 120_000);
  const [page] = stage.incidents();
  const code = answerCode(id);
  expect(page?.details).toContain(`To end the access, write here: revoke ${code}`);

  addNote(stage.pagerDuty.account, page?.id ?? '', `revok ${code}`, SAM);
  await stage.followUp(id);
  await stage.followUp(id);

  expect(stage.locks()).toMatchObject([{ target: { accessRequest: id } }]);
  expect(stage.notesOf(page?.id).at(-1)).toContain('The access is ended: revoked by Sam One');
});
