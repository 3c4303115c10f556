import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { MINUTE } from '../../src/core/values/instant.ts';
import { acknowledge, resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { mayAskForMore } from '../support/more-roles.ts';
import { twoTeams, type TwoTeamsOptions } from '../support/two-teams.ts';
import type { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;

/** Asked for by somebody who is on call for neither, and paged. */
async function asked(options: TwoTeamsOptions = {}) {
  const stage = await twoTeams(options);
  const id = stage.request('sre-2', { roles: ['prodaccess', 'dbadmin'] });
  await stage.done('page');
  const [page] = stage.incidents();
  const say = async (words: string, who: typeof SAM | typeof ROBIN, pageId = page?.id) => {
    addNote(stage.pagerDuty.account, pageId ?? '', `${words} ${answerCode(id)}`, who);
    await stage.followUp(id);
  };
  return {
    stage,
    id,
    pageId: page?.id ?? '',
    say,
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

const reviews = (stage: World, id: string) => stage.teleport.cluster.request(id).reviews;

describe('a request for roles of two teams, on one desk', () => {
  it('is approved once both have approved, by one review that names both', async () => {
    await using waiting = await asked({ sameDesk: true });
    const { stage, id, pageId, say } = waiting;

    await say('approve', SAM);
    expect(stage.state(id)).toBe('PENDING');
    expect(reviews(stage, id)).toEqual([]);
    expect(stage.notesOf(pageId).at(-1)).toContain(
      'The approval of Sam One counts for rule payments. Nothing is given before rule database is approved too.',
    );
    await say('aprove', ROBIN);
    await stage.done('close-page');

    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews(stage, id)).toMatchObject([{ author: 'oncall-approver' }]);
    expect(reviews(stage, id)[0]?.reason).toMatch(
      /^Approved by Sam One by note in .* approvers of payments · also approved by note in .*: Robin Three was on call for the approvers of database · /u,
    );
    expect(stage.notesOf(pageId).join('\n')).not.toMatch(/was not taken|is not taken/u);
  });

  it('is reviewed by each in their own name where Teleport lets that be and asks for two', async () => {
    const map = { 'sre-1': 'PSAM1RE', 'sre-2': 'PTAY2RE', 'sre-3': 'PROB3RE' };
    await using waiting = await asked({
      sameDesk: true,
      submitForUsers: true,
      config: { identities: [{ map }] },
    });
    const { stage, id, say } = waiting;

    await say('approve', SAM);
    expect(reviews(stage, id)).toEqual([]);
    await say('approve', ROBIN);

    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews(stage, id)[0]?.author).toBe('sre-1');
  });
});

describe('a request for roles of two teams, on two desks', () => {
  /** Both teams are paged: the page of each. */
  async function bothPaged(options: TwoTeamsOptions = {}) {
    const waiting = await asked(options);
    await waiting.stage.reports.when('effectDone', ({ key }) => key.startsWith('page of '));
    const pages = waiting.stage.incidents();
    const [own, theirs] = ['Access requests', 'Database desk'].map((desk) => {
      const { id } = waiting.stage.pagerDuty.account.services.all().find(({ name }) => name === desk) ?? {};
      return pages.find(({ serviceId }) => serviceId === id)?.id ?? '';
    });
    return {
      ...waiting,
      own: own ?? '',
      theirs: theirs ?? '',
      [Symbol.asyncDispose]: () => waiting.stage[Symbol.asyncDispose](),
    };
  }

  it('pages each team, and tells it its part', async () => {
    await using waiting = await bothPaged();
    const { stage } = waiting;

    expect(
      stage.incidents().map(({ details }) => /You are asked for [^.]*/u.exec(details ?? '')?.[0]),
    ).toEqual(['You are asked for rule database', 'You are asked for rule payments']);
    expect(stage.incidents().map(({ assignments }) => assignments.map(({ userId }) => userId))).toEqual([
      ['PROB3RE'],
      ['PSAM1RE'],
    ]);
  });

  it('is approved once each has approved on its page, and both pages are closed', async () => {
    await using waiting = await bothPaged();
    const { stage, id, own, theirs, say } = waiting;

    await say('approve', ROBIN, theirs);
    expect(stage.state(id)).toBe('PENDING');
    await say('approved', SAM, own);
    await stage.reports.when('effectDone', ({ key }) => key.startsWith('close-page of '));

    expect(stage.state(id)).toBe('APPROVED');
    expect(reviews(stage, id)).toHaveLength(1);
    expect(stage.incidents().map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    for (const page of [own, theirs])
      expect(stage.notesOf(page).join('\n')).toContain('The access request was approved');
    const sameKey = new Set(stage.incidents().map(({ incidentKey }) => incidentKey));
    expect(sameKey.size).toBe(2);
  });

  it('hears out each team: talk and an acknowledgement get a word, silence a reminder, a resolved page a new one', async () => {
    await using waiting = await bothPaged({ escalate: { remind_after: '15m', if_resolved: 'repage' } });
    const { stage, id, own, theirs } = waiting;
    const { account } = stage.pagerDuty;

    addNote(account, own, 'having a look', SAM);
    // Both by one person at one moment.
    acknowledge(account, own, ROBIN);
    acknowledge(account, theirs, ROBIN);
    await stage.followUp(id);
    await stage.followUp(id);
    expect(stage.notesOf(own).filter((note) => note.includes('(reply '))).toEqual([
      expect.stringContaining('The note of Sam One is not taken for an answer: '),
      expect.stringContaining('Seen by Robin Three; '),
    ]);
    expect(stage.notesOf(theirs).filter((note) => note.includes('(reply '))).toEqual([
      expect.stringContaining('Seen by Robin Three; '),
    ]);
    await stage.time.advance(16 * MINUTE);
    await stage.followUp(id);
    expect(stage.notesOf(own).at(-1)).toContain('(reminder 1 of payments)');

    resolve(account, own, SAM);
    await stage.followUp(id);
    expect(stage.incidents().map(({ status }) => status)).toEqual(['acknowledged', 'resolved', 'triggered']);
  });
});

describe('what one person asks two teams for, more than has pages of its own', () => {
  const DESKS = [
    ['Access requests', 'payments', SAM],
    ['Database desk', 'database', ROBIN],
  ] as const;

  /** So many requests, no two alike; each team has been asked about each, on a page of its own about one of them. */
  async function manyAsked(count: number, escalate: TwoTeamsOptions['escalate'] = {}) {
    const stage = await twoTeams({
      rule: { roles: ['extra-*'], approvers: { answer_by: ['note', 'acknowledge'] } },
      escalate: { most_open_pages: 1, ...escalate },
    });
    mayAskForMore(stage.teleport.cluster);
    const ask = async (role: number) => {
      const id = stage.request('sre-2', { roles: [`extra-${role}`], reason: `for ${role}` });
      for (const page of ['page', 'page of payments'])
        await stage.reports.when('effectDone', ({ requestId, key }) => requestId === id && key === page);
      return id;
    };
    const ids: string[] = [];
    for (let each = 0; each < count; each += 1) ids.push(await ask(each));
    /** Where a team is asked about a request, and the text of that page. */
    const pageOf = (id: string, desk: string) => {
      const service = stage.pagerDuty.account.services.all().find(({ name }) => name === desk);
      const found = stage
        .incidents()
        .filter(({ serviceId }) => serviceId === service?.id)
        .map((page) => ({ ...page, text: `${page.details}\n${stage.notesOf(page.id).join('\n')}` }))
        .find(({ text }) => text.includes(`Request ${id}`));
      if (found === undefined) throw new RangeError(`nobody of ${desk} is asked about ${id}`);
      return found;
    };
    const say = (words: string, id: string, desk: string) => {
      const author = DESKS.find(([each]) => each === desk)?.[2] ?? SAM;
      addNote(stage.pagerDuty.account, pageOf(id, desk).id, `${words} ${answerCode(id)}`, author);
    };
    const open = () => stage.incidents().filter(({ status }) => status !== 'resolved').length;
    return {
      ...{ stage, ids, ask, pageOf, say, open },
      [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
    };
  }

  it('is asked of each, on one page that all the rest shares, which tells each its part', async () => {
    await using asked = await manyAsked(4);
    const { ids, pageOf, open } = asked;
    const again = await asked.ask(0);

    expect(open()).toBe(4);
    for (const [desk, rule] of DESKS) {
      const pages = ids.map((id) => pageOf(id, desk));
      expect(new Set(pages.slice(1).map(({ id }) => id)).size).toBe(1);
      expect(pages[0]?.id).not.toBe(pages[1]?.id);
      for (const { text } of pages) expect(text).toContain(`You are asked for rule ${rule}. Approvers of`);
      for (const [index, id] of ids.entries())
        expect(pages[index]?.text).toContain(`approve ${answerCode(id)}`);
      // What is asked for twice is asked about on the pages that there are.
      expect(pageOf(again, desk).id).toBe(pages[0]?.id);
      expect(pageOf(again, desk).text).toContain(`approve ${answerCode(again)}`);
    }
  });

  it('is approved by each by its own code, also after a restart, and all its pages are closed with the last', async () => {
    await using asked = await manyAsked(3);
    const { stage, ids, say, pageOf, open } = asked;
    const [own = '', host = '', third = ''] = ids;
    const settled = async (id: string) => {
      say('approve', id, 'Database desk');
      await stage
        .poll(() => pageOf(id, 'Database desk').text.includes(`(waiting `), { timeout: 60_000 })
        .toBe(true);
      say('approve', id, 'Access requests');
      await stage.poll(() => stage.state(id), { timeout: 60_000 }).toBe('APPROVED');
    };

    acknowledge(stage.pagerDuty.account, pageOf(third, 'Access requests').id, SAM);
    await settled(third);
    expect([own, host].map((id) => stage.state(id))).toEqual(['PENDING', 'PENDING']);
    await stage.stopService();
    await stage.startService();
    await settled(host);
    await stage.done('close-page of payments', host);
    expect(open()).toBe(2);
    say('revoke', third, 'Database desk');
    await stage.poll(() => stage.locks().length, { timeout: 300_000 }).toBe(1);
    await settled(own);
    await stage.done('close-page of payments', own);

    expect(open()).toBe(0);
  });

  it('is heard by each team though the one is asked with others, and the other on a page of its own', async () => {
    await using asked = await manyAsked(2, { if_resolved: 'leave' });
    const { stage, ids, say, pageOf } = asked;
    const { account } = stage.pagerDuty;
    resolve(account, pageOf(ids[0] ?? '', 'Access requests').id, SAM);
    await stage.followUp(ids[0] ?? '');
    const late = await asked.ask(2);
    expect(pageOf(late, 'Access requests').title).toContain(`approve ${answerCode(late)}: `);
    expect(pageOf(late, 'Database desk').id).toBe(pageOf(ids[1] ?? '', 'Database desk').id);

    say('approve', late, 'Access requests');
    await stage
      .poll(() => pageOf(late, 'Access requests').text.includes('(waiting '), { timeout: 60_000 })
      .toBe(true);
    say('approve', late, 'Database desk');
    await stage.poll(() => stage.state(late), { timeout: 60_000 }).toBe('APPROVED');
  });
});
