import { describe, expect, it, vi } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { acknowledge } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';
import type { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const ROBIN = { type: 'user', id: 'PROB3RE' } as const;
const OUTSIDER = { type: 'user', id: 'POUT4SD' } as const;

/** Both levels may answer. */
const BOTH = { approvers: { on_call: { escalation_policies: ['Payments'], max_level: 2 } } };

const replies = (stage: World, pageId: string) =>
  stage.notesOf(pageId).filter((note) => /\(reply .*\)$/u.test(note));

describe('nobody who may answer is left without a word', () => {
  it.each([
    ['a code alone', (code: string) => code, 'it names CODE and does not say what is to become of it'],
    ['a word alone', () => 'LGTM', 'it does not say which request it is for'],
    ['a question', (code: string) => `approve ${code}?`, 'it asks something'],
    ['a quotation', (code: string) => `> approve ${code}`, 'it repeats what stands elsewhere'],
    ['two verbs', (code: string) => `deny ${code}, approve it later`, 'it says more than one thing'],
    ['two codes', (code: string) => `approve ${code} and 12345`, 'more than one request'],
    ['other words', (code: string) => `let us approve ${code}`, 'what stands around CODE is not understood'],
    ['a wrong code', () => 'approve ABC12', 'does not name this request: write CODE after the verb'],
    ['talk', () => 'looking at it', 'it says neither yes nor no'],
    ['an end of nothing given', (code: string) => `revoke ${code}`, 'nothing is given yet that could end'],
  ])('by %s', async (_what, words, told) => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    addNote(stage.pagerDuty.account, pageId, words(code), SAM);
    for (let look = 0; look < 3; look += 1) await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    expect(replies(stage, pageId)).toEqual([expect.stringContaining(told.replace('CODE', code))]);
    if (!told.includes('does not name')) {
      expect(replies(stage, pageId)[0]).toContain(`write \`approve ${code}\` alone to let sre-2 in`);
    }
  });

  it('by an acknowledgement, once, which approves nothing', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    for (const who of [SAM, OUTSIDER]) acknowledge(stage.pagerDuty.account, pageId, who);
    for (let look = 0; look < 3; look += 1) await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.notesOf(pageId)).toEqual([
      expect.stringMatching(
        /^Seen by Sam One; acknowledging does not approve this request: write `approve /u,
      ),
    ]);
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    expect(stage.state(id)).toBe('APPROVED');
  });

  it('though it could not be written down at first that they are told', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;
    const append = vi.spyOn(stage.ledger, 'append').mockRejectedValueOnce(new LedgerUnavailableError('busy'));

    addNote(stage.pagerDuty.account, pageId, `hm ${code}`, SAM);
    await stage.followUp(id);
    expect(append).toHaveBeenCalledOnce();
    await stage.followUp(id);

    expect(replies(stage, pageId)).toHaveLength(1);
  });
});

describe('on a page on which several are asked about', () => {
  /** Two requests on one page. */
  async function shared() {
    const waiting = await paged({
      rule: { ...BOTH, escalate: { service: 'Access requests', decide_within: '1s', most_open_pages: 1 } },
    });
    const { stage, id } = waiting;
    const collective = stage.request('sre-2', { reason: 'one more' });
    await stage.done('page', collective);
    return {
      ...waiting,
      other: collective,
      codes: [id, collective].map((each) => answerCode(each)),
      [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
    };
  }

  it('one reply is for all, three for each author, and each is answered by its own code', async () => {
    await using waiting = await shared();
    const { stage, id, other, pageId, codes } = waiting;
    const { account } = stage.pagerDuty;
    const look = async () => {
      for (const each of [id, other, id, other]) await stage.followUp(each);
    };

    acknowledge(account, pageId, SAM);
    addNote(account, pageId, 'ok then', SAM);
    await look();
    expect(replies(stage, pageId)).toHaveLength(2);
    for (const code of [...codes, ...codes]) addNote(account, pageId, `perhaps ${code}`, SAM);
    await look();
    expect(replies(stage, pageId)).toHaveLength(3);
    addNote(account, pageId, `hm ${codes[1] ?? ''}`, ROBIN);
    await look();
    expect(replies(stage, pageId)).toHaveLength(4);

    addNote(account, pageId, `approve ${codes[1] ?? ''}`, SAM);
    await look();
    expect([stage.state(id), stage.state(other)]).toEqual(['PENDING', 'APPROVED']);
  });
});
