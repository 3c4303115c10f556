import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { mayAskForMore } from '../support/more-roles.ts';
import { World, type WorldOptions } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

/** People may ask for much, so that no two of their requests are for the same. */
async function stageOf({ rule, ...options }: WorldOptions = {}): Promise<World> {
  const stage = await World.open({ ...options, rule: { roles: ['prodaccess', 'extra-*'], ...rule } });
  mayAskForMore(stage.teleport.cluster);
  return stage;
}

/** Asks for something else each time, for as long; gives ids once somebody was asked about each. */
async function asks(stage: World, user: string, count: number, begin = 0): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let each = begin; each < begin + count; each += 1) {
    ids.push(stage.request(user, { roles: [`extra-${each}`], reason: `reason ${each}` }));
  }
  await askedAbout(stage, ids);
  return ids;
}

async function askedAbout(stage: World, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await stage.reports.when(
      'effectDone',
      ({ requestId, key }) => requestId === id && key.startsWith('page'),
    );
}

function openPages(stage: World) {
  return stage.incidents().filter(({ status }) => status !== 'resolved');
}

/** The page on which several are listed. */
function collectiveOf(stage: World) {
  return openPages(stage).find(({ title }) => title.startsWith('Access requests of sre-2, this and more: '));
}

function saidOn(stage: World, incidentId: string | undefined): string {
  return stage.notesOf(incidentId).join('\n');
}

describe('what one person asks for', () => {
  it('has so many pages of its own, and one more on which all the rest is listed, each with its code', async () => {
    await using stage = await stageOf();

    const ids = await asks(stage, 'sre-2', 9);

    const pages = openPages(stage);
    expect(pages).toHaveLength(4);
    const collective = pages.find(({ title }) =>
      title.startsWith('Access requests of sre-2, this and more: '),
    );
    const text = `${collective?.details}\n${saidOn(stage, collective?.id)}`;
    const listed = ids.filter((id) => text.includes(`Request ${id}`));
    expect(listed).toHaveLength(6);
    for (const id of listed) expect(text).toContain(`approve ${answerCode(id)}`);
    expect(text).toContain('acknowledging approves none of these');
  });

  it('is settled one by one by the codes on that page, which stays open until the last of them', async () => {
    await using stage = await stageOf({
      rule: { escalate: { service: 'Access requests', most_open_pages: 1 } },
    });
    const [, host = '', second = '', third = ''] = await asks(stage, 'sre-2', 4);
    const collective = collectiveOf(stage);
    const answer = async (id: string): Promise<void> => {
      addNote(stage.pagerDuty.account, collective?.id ?? '', `approve ${answerCode(id)}`, SAM);
      await stage.followUp(host);
      await stage.poll(() => stage.state(id)).toBe('APPROVED');
    };

    await answer(second);
    expect([host, third].map((id) => stage.state(id))).toEqual(['PENDING', 'PENDING']);
    await answer(host);
    await stage.done('close-page', host);
    expect(openPages(stage)).toHaveLength(2);
    await answer(third);
    await stage.done('close-page', third);

    expect(openPages(stage)).toHaveLength(1);
  });

  it('is ended by its own code on that page, while others wait there', async () => {
    await using stage = await stageOf({
      rule: { escalate: { service: 'Access requests', most_open_pages: 1 } },
    });
    const [, host = '', second = ''] = await asks(stage, 'sre-2', 3);
    const collective = collectiveOf(stage);
    const say = async (words: string): Promise<void> => {
      addNote(stage.pagerDuty.account, collective?.id ?? '', words, SAM);
      // Whoever waits there looks first.
      for (const id of [host, second, host]) await stage.followUp(id);
    };

    await say(`approve ${answerCode(second)}`);
    await stage.poll(() => stage.state(second)).toBe('APPROVED');
    stage.time.tick();
    await say(`revoke ${answerCode(second)}`);

    expect(stage.locks()).toMatchObject([{ target: { accessRequest: second } }]);
    expect(stage.state(host)).toBe('PENDING');
    expect(saidOn(stage, collective?.id)).toContain('The access is ended: revoked by Sam One');
    expect(saidOn(stage, collective?.id)).not.toContain('is over');
  });

  it('is not forgotten on that page once the one is over that it was opened for', async () => {
    const silence = { remind_after: '30s', move_up_after: '50s' };
    await using stage = await stageOf({
      rule: { escalate: { service: 'Access requests', most_open_pages: 1, ...silence } },
    });
    const [, host = '', second = ''] = await asks(stage, 'sre-2', 4);
    const pageId = collectiveOf(stage)?.id ?? '';
    const said = () => {
      const { notes, assignments } = stage.pagerDuty.account.incidents.require(pageId);
      const reminders = notes.filter(({ content }) => content.includes('Still waiting')).length;
      return [reminders, ...assignments.map(({ userId }) => userId)];
    };
    await stage.time.advance(20_000);
    addNote(stage.pagerDuty.account, pageId, `approve ${answerCode(host)}`, SAM);
    await stage.followUp(host);
    await stage.poll(() => stage.state(host)).toBe('APPROVED');
    await stage.time.advance(20_000);
    expect(said()).toEqual([0, 'PSAM1RE']);

    await stage.time.advance(30_000);
    expect(said()).toEqual([1, 'PSAM1RE']);
    await stage.time.advance(20_000);
    expect(said()).toContain('PROB3RE');
    expect(stage.state(second)).toBe('PENDING');
  });

  it('goes to a further page where that one takes no more notes', async () => {
    await using stage = await stageOf({
      rule: { escalate: { service: 'Access requests', most_open_pages: 1 } },
    });
    await asks(stage, 'sre-2', 2);
    const full = collectiveOf(stage)?.id ?? '';
    const { account } = stage.pagerDuty;
    for (let each = stage.notesOf(full).length; each < 2_000; each += 1) addNote(account, full, 'noise', SAM);

    const [id = ''] = await asks(stage, 'sre-2', 1, 2);
    await stage.poll(() => openPages(stage).length).toBe(3);

    const page = openPages(stage).find(({ details }) => `${details}`.includes(id));
    expect(page?.title).toContain('this and more');
  });

  it('twice, joins the page that there is, and each is answered by its own code alone', async () => {
    await using stage = await stageOf();
    const first = stage.request('sre-2', { reason: 'checkout fails' });
    await askedAbout(stage, [first]);
    const again = stage.request('sre-2', { reason: 'checkout still fails' });
    await askedAbout(stage, [again]);
    const [page, ...others] = openPages(stage);

    addNote(stage.pagerDuty.account, page?.id ?? '', `approve ${answerCode(again)} go ahead`, SAM);
    await stage.followUp(first);
    await stage.poll(() => stage.state(again)).toBe('APPROVED');

    expect(others).toEqual([]);
    expect(stage.state(first)).toBe('PENDING');
    expect(saidOn(stage, page?.id)).toContain(`${answerCode(again)}: sre-2 asks for role prodaccess`);
    expect(saidOn(stage, page?.id)).toContain('“checkout still fails”');
    expect(saidOn(stage, page?.id)).not.toContain('is not taken for an answer');
  });

  it('is not approved by an acknowledgement, nor by a note that was there before it was listed', async () => {
    await using stage = await stageOf({ rule: { approvers: { answer_by: ['note', 'acknowledge'] } } });
    const first = stage.request('sre-2');
    await askedAbout(stage, [first]);
    const again = stage.request('sre-2', { reason: 'and more' });
    await askedAbout(stage, [again]);
    const page = openPages(stage)[0];
    const { account } = stage.pagerDuty;
    const listed = page?.notes[0]?.id ?? '';
    account.clock.advance(2_000);
    editNote(account, page?.id ?? '', listed, `${stage.notesOf(page?.id)[0] ?? ''} It is harmless.`);

    addNote(account, page?.id ?? '', `approve ${answerCode(again)}`, SAM);
    await stage.followUp(first);
    await stage.reports.when('answered', ({ recorded }) => recorded.requestId === again);

    expect(stage.state(again)).toBe('PENDING');
    expect(saidOn(stage, page?.id)).toContain('the text of this incident is not what was sent any more');
  });

  it('is where it was after a restart, and whoever asks then finds the pages that there are', async () => {
    await using stage = await stageOf();
    await asks(stage, 'sre-2', 5);
    await stage.stopService();
    await stage.startService();

    const [late = ''] = await asks(stage, 'sre-2', 1, 5);

    expect(openPages(stage)).toHaveLength(4);
    const collective = collectiveOf(stage);
    addNote(stage.pagerDuty.account, collective?.id ?? '', `approve ${answerCode(late)}`, SAM);
    await stage.poll(() => stage.state(late), { timeout: 20_000 }).toBe('APPROVED');
  });
});

it('a page with very many notes is still heard: right codes first, each recorded by itself, and its author is told three times', async () => {
  await using stage = await stageOf();
  const id = stage.request('sre-2');
  await askedAbout(stage, [id]);
  const page = openPages(stage)[0]?.id ?? '';
  const { account } = stage.pagerDuty;
  for (let count = 0; count < 600; count += 1) {
    addNote(account, page, `approve ${answerCode(id)} please`, { type: 'user', id: 'PTAY2RE' });
    addNote(account, page, `approved, ${count} times`, { type: 'user', id: 'PTAY2RE' });
  }

  addNote(account, page, `approve ${answerCode(id)}`, SAM);
  await stage.followUp(id);
  await stage.poll(() => stage.state(id)).toBe('APPROVED');
  await stage.done('close-page');

  expect(saidOn(stage, page).match(/is not taken for an answer/gu)?.length).toBeLessThanOrEqual(3);
  expect((await stage.events(id)).filter(({ kind }) => kind === 'answered').length).toBeLessThan(12);
});
