import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import type { Incident } from '../../src/ports/pagerduty.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import {
  anEscalation,
  anOnCallRow,
  aPolicy,
  aRequest,
  aRule,
  NOW,
  SAM,
  TAYLOR,
} from '../support/builders.ts';
import { anIncident } from '../support/carried.ts';
import { hear, ROBIN, type There } from '../support/heard.ts';
import { paged, told } from '../support/told.ts';

const ID = aRequest().id;
const policy = aPolicy({ rules: [aRule({ escalate: anEscalation({ remindAfterMs: 30 * SECOND }) })] });
const at = (level: number, user = TAYLOR) => anOnCallRow({ user, escalation_level: level });
const held = (...people: readonly (typeof SAM & { readonly type?: string; readonly at?: number })[]) => ({
  heldBy: people.map(({ at: agoMs = 0, type = 'user_reference', ...who }) => ({
    by: { ...who, type },
    at: plusMs(NOW, agoMs),
  })),
});
const UNHEARD = { kind: 'page-unheard', requestId: ID, incidentId: 'Q1', number: 1, why: '' } as const;
const unheard = (times: number, agoMs = 0) =>
  Array.from({ length: times }, (_, index) => told(agoMs, { ...UNHEARD, number: index + 1 })).flat();
const nobodyFurther = 'nobody has answered it for 60 s, and PagerDuty asks nobody further';
const shiftOver = 'the shift of whoever acknowledged it is over';
const alone = 'nobody but the requester has acknowledged it';

interface Row extends There {
  readonly incident?: Partial<Incident> | null;
  readonly now_?: readonly ReturnType<typeof at>[];
  readonly then?: readonly ReturnType<typeof at>[];
}

/** Why the page is found to be heard by nobody, if it is; Taylor is asked at level 1, and a minute has passed, which is long. */
async function why({ incident = {}, now_ = [at(1)], then = [], ...there }: Row) {
  const found = incident && anIncident('Q1', { assignees: [TAYLOR], ...incident });
  const { recorded, asked } = await hear([], {
    policy,
    answers: { find: found },
    onCalls: (isPast) => (isPast ? then : now_),
    ...there,
  });
  const words = recorded
    .map((event) => (event.kind === 'page-unheard' ? `${event.number}: ${event.why}` : event.kind))
    .join();
  return { words, asked };
}

describe('a page', () => {
  it.each<[string, Row, string]>([
    ['that goes no further is unheard', {}, `1: ${nobodyFurther}`],
    ['that goes on is heard yet', { now_: [at(1), at(2, ROBIN)] }, ''],
    ['that would go to the requester alone is unheard', { now_: [at(1), at(2, SAM)] }, `1: ${nobodyFurther}`],
    [
      'that is at its last level with one of them is unheard',
      { incident: { assignees: [TAYLOR, ROBIN] }, now_: [at(1), at(2, ROBIN)] },
      `1: ${nobodyFurther}`,
    ],
    ['whom it reaches at several levels is at the lowest', { now_: [at(1), at(2), at(2, ROBIN)] }, ''],
    ['of whom is not on call any more is unheard', { now_: [at(2, ROBIN)] }, `1: ${nobodyFurther}`],
    [
      'that is acknowledged goes no further',
      { incident: { status: 'acknowledged' }, now_: [at(1), at(2, ROBIN)] },
      `1: ${nobodyFurther}`,
    ],
    [
      'of low urgency goes no further',
      { incident: { urgency: 'low' }, now_: [at(1), at(2, ROBIN)] },
      `1: ${nobodyFurther}`,
    ],
    [
      'to people by name goes no further',
      { incident: { isDirect: true }, now_: [at(1), at(2, ROBIN)] },
      `1: ${nobodyFurther}`,
    ],
    ['that is gone is not looked into', { incident: null }, ''],
    ['that is resolved is not looked into', { incident: { status: 'resolved' } }, ''],
    ['of another is left to them', { story: paged(0, { page: 'other/1', incidentId: 'Q1', text: '' }) }, ''],
    ['on which others were asked is given time', { story: [...paged(MINUTE), ...unheard(1, -SECOND)] }, ''],
    ['is unheard again after others', { story: [...paged(MINUTE), ...unheard(1)] }, `2: ${nobodyFurther}`],
    ['is unheard after three others', { story: [...paged(MINUTE), ...unheard(3)] }, `4: ${nobodyFurther}`],
    ['on which others were asked often is given up', { story: [...paged(MINUTE), ...unheard(4)] }, ''],
    ['that the requester alone holds is unheard', { timeline: held(SAM), policy: aPolicy() }, `1: ${alone}`],
    ['that others hold as well is heard', { timeline: held(SAM, TAYLOR), policy: aPolicy() }, ''],
    ['held on call is heard', { timeline: held(ROBIN, TAYLOR), then: [at(1, ROBIN)], policy: aPolicy() }, ''],
    [
      'is silent whatever others are asked elsewhere',
      { story: [...paged(0), ...told(-SECOND, { ...UNHEARD, incidentId: 'Q7' })] },
      `1: ${nobodyFurther}`,
    ],
    [
      'that somebody holds was acknowledged by whom was on call among others',
      { timeline: held(ROBIN), then: [at(1), at(1, ROBIN)], policy: aPolicy() },
      `1: ${shiftOver}`,
    ],
    [
      'whose holder was on call and is no more is unheard',
      { timeline: held(ROBIN), then: [at(1, ROBIN)], policy: aPolicy() },
      `1: ${shiftOver}`,
    ],
    ['whose holder never was is theirs', { timeline: held(ROBIN), then: [at(1)], policy: aPolicy() }, ''],
    [
      'whose holder is a machine is heard',
      { timeline: held({ ...ROBIN, type: 'service_reference' }), then: [at(1, ROBIN)], policy: aPolicy() },
      '',
    ],
    ['just seen is given time', { timeline: held({ ...TAYLOR, at: SECOND }, { ...TAYLOR, at: 0 }) }, ''],
    ['that was acknowledged long ago is unheard', { timeline: held(TAYLOR) }, `1: ${nobodyFurther}`],
  ])('%s', async (_which, row, expected) => {
    expect((await why(row)).words).toBe(expected);
  });

  it('is looked into every five minutes, and not while somebody may answer', async () => {
    const board = new PageBoard(NOW);
    const looks = async (minutes: number, row: Row = {}) =>
      (await why({ board, now: plusMs(NOW, minutes * MINUTE), ...row })).asked.includes('find');

    expect([await looks(0.9), await looks(1), await looks(5.9), await looks(6)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(await looks(60, { policy: aPolicy() })).toBe(false);
    expect((await hear([], { policy: aPolicy(), timeline: held(SAM) })).recorded).toEqual<LedgerEvent[]>([
      { kind: 'page-unheard', requestId: ID, incidentId: 'Q1', number: 1, why: alone },
    ]);
  });
});
