import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/ledger/rows.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { digestOfContent } from '../../src/core/record/decision-identity.ts';
import { answerCode } from '../../src/core/answers/answer.ts';
import { removeOverride, setOverride } from '../sim/pagerduty/administration.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import {
  answerTo,
  fromNow,
  MINUTE_MS,
  PRIMARY,
  ROBIN,
  situation,
  TAYLOR,
  type SituationOptions,
} from '../support/situation.ts';

/** sre-2 asks so long before their shift, or after it began, and waits on a page. */
async function early(startsInMs: number, min_shift_age: string, more: SituationOptions = {}) {
  let override = '';
  const stage = await situation(
    (account) => {
      const start = fromNow(account, startsInMs);
      override = setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start }).id;
    },
    { rule: { on_call: { services: ['Payments API'], min_shift_age } }, freshness: '0s', ...more },
  );
  const { id, verdict } = await answerTo(stage, 'sre-2');
  expect(verdict).toBe('escalate');
  await stage.done('page');
  const [page] = stage.incidents();
  const say = (author: string, words: string) =>
    addNote(stage.pagerDuty.account, page?.id ?? '', words, { type: 'user', id: author });
  const undo = () => removeOverride(stage.pagerDuty.account, PRIMARY, override);
  return { stage, id, page, say, undo, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

describe('a request that is made a moment too early', () => {
  it.each([
    ['in the first minutes of the shift', -MINUTE_MS, '5m', 'on call only since 2026-03-03T02:13:'],
    ['before the shift', 4 * MINUTE_MS, '0s', 'the shift is from 2026-03-03T02:18:'],
  ])(
    '%s is approved when its time comes, which the page says, and why',
    async (_when, startsInMs, age, why) => {
      await using asked = await early(startsInMs, age);
      const { stage, id, page } = asked;

      expect(page?.details).toContain(why);
      expect(page?.details).toContain('it is looked at again at Tue 3 Mar 02:18');
      await stage.time.advance(3 * MINUTE_MS);
      expect(stage.state(id)).toBe('PENDING');
      await stage.time.advance(2 * MINUTE_MS);

      expect(stage.state(id)).toBe('APPROVED');
      expect(stage.decided(id).decision.verdict).toBe('approve');
      expect((await stage.events(id)).filter(isOddlyDigested)).toEqual([]);
      expect(stage.incidents().map(({ status }) => status)).toEqual(['resolved']);
    },
  );

  it.each([
    ['somebody has answered, in vain', (asked: Asked) => asked.say(ROBIN, `deny ${answerCode(asked.id)}`)],
    ['somebody in Teleport is against it', opposed],
    ['the shift is taken away', (asked: Asked) => asked.undo()],
  ])('is left to people where %s', async (_why, happens) => {
    await using asked = await early(4 * MINUTE_MS, '0s', { roles: rolesWithThresholds() });

    happens(asked);
    await asked.stage.time.advance(8 * MINUTE_MS);

    expect(asked.stage.state(asked.id)).toBe('PENDING');
    expect(asked.stage.reports.of('decided')).toHaveLength(1);
  });

  it('is looked at again until the shift is as old as the rule asks for, by when it was seen', async () => {
    await using asked = await early(2 * MINUTE_MS, '2m');

    await asked.stage.time.advance(6 * MINUTE_MS);

    expect(asked.stage.state(asked.id)).toBe('APPROVED');
  });
});

/** Whether a decision does not carry the digest over all that it holds, as `ledger verify` works it out. */
function isOddlyDigested(event: LedgerEvent): boolean {
  if (event.kind !== 'decided') return false;
  const { kind, requestId, number, decisionId, digest, ...content } = event;
  return digestOfContent(content, sha256) !== digest && [kind, requestId, number, decisionId].length > 0;
}

type Asked = Awaited<ReturnType<typeof early>>;

/** One of the two denials that it would take. */
function opposed({ stage, id }: Asked): void {
  stage.denyAs('sre-1', id);
}

function rolesWithThresholds() {
  const thresholds = [{ name: 'default', filter: '', approve: 1, deny: 2 }];
  const { roles } = referenceWorld({ edition: 'enterprise', annotations: {}, submitForUsers: false });
  return roles.map((role) =>
    role.name === 'sres'
      ? { ...role, allow: { ...role.allow, request: { ...role.allow.request, thresholds } } }
      : role,
  );
}
