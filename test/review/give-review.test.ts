import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Effect, Outcome } from '../../src/core/record/effect.ts';
import { TeleportError, type RefusedTo } from '../../src/ports/teleport.ts';
import type { ResolveWith } from '../../src/review/dependencies.ts';
import { RequestChangedError, type EffectAttempt } from '../../src/review/effects/effect-attempt.ts';
import { giveOnBehalf, giveReview } from '../../src/review/effects/give-review.ts';
import { aRecordedDecision, aRequest, NOW } from '../support/builders.ts';

const signal = new AbortController().signal;
const BOT = 'oncall-approver';
const OURS = 'by decision 1';
const pending = aRequest();
const needsTwo = aRequest({ thresholds: [{ name: 'two', filter: '', approve: 2, deny: 2 }] });
const refusal = (refusedTo: RefusedTo | null = null, transient = false) =>
  new TeleportError('denied', 'you may not', { transient, refusedTo });

function reviewedBy(
  author: string,
  reason = '',
  proposedState: 'approved' | 'denied' = 'approved',
): Partial<AccessRequest> {
  return { reviews: [{ author, proposedState, reason, created: NOW, submittedBy: null }] };
}

interface There {
  /** As it was decided upon. */
  readonly request?: AccessRequest;
  /** What is found, one look after the other; the last one stays. */
  readonly found?: readonly (Partial<AccessRequest> | null)[];
  readonly way?: ResolveWith;
  readonly anew?: ResolveWith;
  /** What comes of each review, one after the other; what was proposed unless told. */
  readonly reviewed?: readonly (Partial<AccessRequest> | Error)[];
  readonly stateFails?: Error;
  readonly attempt?: Partial<EffectAttempt>;
  readonly propose?: 'approved' | 'denied';
}

/** Gives a review, on behalf of an approver where one is told; what was asked of Teleport, and what came of it, in words. */
async function give(there: There, approver?: { readonly teleportUser: string | null }) {
  const { propose = 'approved', found = [{}], way = 'review', anew = way, request = pending } = there;
  const { reviewed = [{ state: propose }] } = there;
  const asked: string[] = [];
  const nth = <T>(all: readonly T[], kind: string): T | undefined =>
    all[Math.min(asked.filter((each) => each.startsWith(kind)).length, all.length) - 1];
  let resolveWith = way;
  const effect: Effect & { kind: 'review' | 'vote' } =
    approver === undefined
      ? { kind: 'review', key: 'review', decisionId: '1', propose, reason: OURS }
      : {
          ...{ kind: 'vote', key: 'vote PTAY2RE', propose, reason: OURS },
          approver: { id: 'PTAY2RE', name: 'Taylor Two', ...approver },
        };
  const attempt = {
    ...{ requestId: pending.id, decided: aRecordedDecision({ request }), again: false, onlyLook: null },
    ...{ ensureHeld: () => asked.push('held?'), ...there.attempt },
  } as unknown as EffectAttempt;
  const dependencies = {
    ownUser: BOT,
    resolving: {
      now: () => resolveWith,
      askAnew() {
        asked.push('way?');
        resolveWith = anew;
        return Promise.resolve(anew);
      },
    },
    requests: {
      find() {
        asked.push('find');
        const each = nth(found, 'find');
        return Promise.resolve(each === null ? null : { ...request, ...each });
      },
      review(given: { onBehalfOf?: string; propose: string; reason: string }) {
        asked.push(`review ${given.onBehalfOf ?? 'itself'} ${given.propose}`);
        expect(given.reason).toBe(OURS);
        const each = nth(reviewed, 'review');
        return each instanceof Error ? Promise.reject(each) : Promise.resolve({ ...request, ...each });
      },
      setState(given: { state: string; reason: string }) {
        asked.push(`set ${given.state}`);
        expect(given.reason).toBe(OURS);
        return there.stateFails === undefined ? Promise.resolve() : Promise.reject(there.stateFails);
      },
    },
  } as unknown as Parameters<typeof giveReview>[2];
  const outcome =
    effect.kind === 'vote'
      ? await giveOnBehalf(attempt, effect, dependencies, signal)
      : await giveReview(attempt, effect, dependencies, signal);
  return [asked.join(', '), inWords(outcome)];
}

function inWords({ summary, ours, stillPending, given, reviewYourself, incidentId, url }: Outcome): string {
  expect([incidentId, url]).toEqual([null, null]);
  const pendingStill = stillPending === true ? ` pending with ${given}` : '';
  return `${ours ? 'ours' : 'not ours'}${pendingStill}${reviewYourself === true ? ', review yourself' : ''}: ${summary}`;
}

const GIVEN = 'find, held?, review itself approved';
const SET = 'way?, find, held?, set approved';
const DONE = 'ours: the request is approved';
const ONE =
  'ours pending with 1: the review is given, and the request is still pending: its thresholds ask for more than one';
const LATE = 'not ours: the request was denied by somebody else';

describe('a review of the service’s own', () => {
  const seen = Promise.resolve({ ...pending, state: 'denied' as const });

  it.each<[string, There, string, string]>([
    ['is given', {}, GIVEN, DONE],
    ['denies', { propose: 'denied' }, 'find, held?, review itself denied', 'ours: the request is denied'],
    ['is one of several', { reviewed: [reviewedBy(BOT)] }, GIVEN, ONE],
    ['is a state on Community', { way: 'state' }, SET, DONE],
    ['is a review where a licence came since', { way: 'state', anew: 'review' }, `way?, ${GIVEN}`, DONE],
    ['has nothing to be given to', { found: [null] }, 'find', 'not ours: the request is gone'],
    ['is looked for only', { attempt: { onlyLook: 'it ended' } }, 'find', 'not ours: it ended'],
    ['is there already', { found: [reviewedBy(BOT, OURS)] }, 'find', ONE],
    ['is there by another reason', { found: [reviewedBy(BOT, 'by hand')] }, 'find', ONE],
    [
      'has settled it',
      { found: [{ ...reviewedBy(BOT, OURS), state: 'approved' }] },
      'find',
      `${DONE}, reviewed before`,
    ],
    ['was set first', { found: [{ state: 'approved', resolveReason: OURS }] }, 'find', `${DONE}, set before`],
    ['comes after somebody else', { found: [{ state: 'denied' }] }, 'find', LATE],
    ['is beside somebody else’s', { found: [reviewedBy('sre-3')] }, GIVEN, DONE],
    ['goes by what was found meanwhile', { attempt: { seen } }, '', LATE],
    ['goes by what is found now when repeated', { attempt: { seen, again: true } }, GIVEN, DONE],
    ['stands anyhow', { found: [{}, reviewedBy(BOT, OURS)], reviewed: [refusal()] }, `${GIVEN}, find`, ONE],
    ['is refused, late', { found: [{}, { state: 'denied' }], reviewed: [refusal()] }, `${GIVEN}, find`, LATE],
    [
      'is refused after its end',
      { found: [{}, null], reviewed: [refusal()] },
      `${GIVEN}, find`,
      'not ours: the request is gone',
    ],
    ['is set unlicensed', { anew: 'state', reviewed: [refusal()] }, `${GIVEN}, find, way?, ${SET}`, DONE],
  ])('%s', async (_what, there, asked, outcome) => {
    expect(await give(there)).toEqual([asked, outcome]);
  });

  it('is not given for what is asked for now instead', async () => {
    await expect(give({ found: [{ roles: ['other'] }] })).rejects.toThrow(RequestChangedError);
  });

  it.each([
    ['refused for good', refusal()],
    ['not answered', refusal(null, true)],
    ['failed by a fault of ours', new RangeError('a fault')],
  ])('that is %s fails', async (_what, error) => {
    await expect(give({ reviewed: [error] })).rejects.toBe(error);
    await expect(give({ way: 'state', stateFails: error })).rejects.toBe(error);
  });
});

describe('a review on behalf', () => {
  const known = { teleportUser: 'sre-2' };
  const unknown = { teleportUser: null };
  const THEIRS = 'find, held?, review sre-2 approved';
  const MAY_NOT =
    'not ours: Teleport does not let sre-2 review it: somebody else must answer, or review it there';
  const REFUSED = 'not ours, review yourself: Teleport refuses it: you may not';
  const taken = (who: string, how = 'approved') =>
    `${who} has reviewed it before (${how}), and Teleport takes one review of each`;
  const standIn = [refusal('stand-in'), { state: 'approved' as const }];
  const forAnother = [reviewedBy(BOT, 'for another')];

  it.each<[string, There, typeof known | typeof unknown, string, string]>([
    ['is in the approver’s name', {}, known, THEIRS, DONE],
    [
      'denies',
      { propose: 'denied' },
      known,
      'find, held?, review sre-2 denied',
      'ours: the request is denied',
    ],
    ['is in the service’s, who is not known', {}, unknown, GIVEN, DONE],
    ['is in the service’s otherwise', { reviewed: standIn }, known, `${THEIRS}, find, way?, ${GIVEN}`, DONE],
    ['is a state on Community', { way: 'state' }, known, `way?, ${SET}`, DONE],
    ['is refused to them', { reviewed: [refusal('reviewer')] }, known, `${THEIRS}, find, way?`, MAY_NOT],
    ['is refused', { reviewed: [refusal()] }, known, `${THEIRS}, find, way?`, REFUSED],
    ['is refused to nobody', { reviewed: [refusal('reviewer')] }, unknown, `${GIVEN}, find, way?`, REFUSED],
    ['is one of several', { request: needsTwo, reviewed: [reviewedBy('sre-2')] }, known, THEIRS, ONE],
    [
      'is theirs already',
      { found: [reviewedBy('SRE-2', 'no', 'denied')] },
      known,
      'find',
      `not ours: ${taken('SRE-2', 'denied')}`,
    ],
    ['has no name left', { found: forAnother }, unknown, 'find', `not ours, review yourself: ${taken(BOT)}`],
    ['has the approver’s name left', { found: forAnother }, known, THEIRS, DONE],
    ['is there already', { found: [reviewedBy('sre-2', OURS)] }, known, 'find', ONE],
    [
      'is theirs on Community',
      { way: 'state', found: [reviewedBy('sre-2')] },
      known,
      'way?, way?, find',
      `not ours: ${taken('sre-2')}`,
    ],
  ])('%s', async (_what, there, approver, asked, outcome) => {
    expect(await give(there, approver)).toEqual([asked, outcome]);
  });

  it('is not in the service’s name where that is not enough', async () => {
    const [asked, outcome] = await give({ request: needsTwo }, unknown);

    expect([asked, outcome]).toEqual([
      'find',
      expect.stringMatching(/^not ours, review yourself: .* needs 2 approvals/u),
    ]);
  });

  it.each([
    ['may be tried again', refusal(null, true)],
    ['may be tried again in another name', refusal('stand-in', true)],
    ['is a fault of ours', new RangeError('a fault')],
  ])('fails where the reason %s', async (_which, error) => {
    await expect(give({ reviewed: [error] }, known)).rejects.toBe(error);
    await expect(give({ reviewed: [error] }, unknown)).rejects.toBe(error);
  });
});
