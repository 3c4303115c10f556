import type { Dice } from './random.ts';

/** Who asks, and what the rules have to say to it. */
export type Requester =
  /** On call all the time: must be let in by the service itself. */
  | 'on-call'
  /** Never on call: must never be let in without a person. */
  | 'off-call'
  /** On call in turns of seconds: either, by what PagerDuty says at the time. */
  | 'rota'
  /** Nobody in PagerDuty. */
  | 'stranger'
  /** A local Teleport user who bears the address of the engineer on call. */
  | 'impostor'
  /** Asks for a role that no rule covers. */
  | 'not-ours';

/** What people do once they are paged. */
export type Answer =
  | 'approve-in-teleport'
  | 'deny-in-teleport'
  | 'approve-by-note'
  | 'deny-by-note'
  /** The requester, and somebody off call, say yes; then the approver says no. */
  | 'false-answers-first'
  /** Somebody resolves the page without a word; much later it is denied in Teleport. */
  | 'page-resolved'
  | 'request-deleted'
  | 'nobody-answers';

/** What is to become of a request, thrown before it is made. */
export interface Fate {
  readonly requester: Requester;
  readonly user: string;
  /** PagerDuty id; null for who has none, or must not be taken for its owner. */
  readonly pagerDutyId: string | null;
  readonly role: 'prodaccess' | 'dbaccess';
  readonly answer: Answer;
  /** How long people take for it, in milliseconds from the page. */
  readonly answerAfterMs: number;
}

/** Who is on call is paged for only while PagerDuty cannot be asked: the service is given the time to see it come back. */
const LATE_MS = 25_000;

const PEOPLE: Readonly<Record<Requester, readonly Pick<Fate, 'user' | 'pagerDutyId'>[]>> = {
  'on-call': [{ user: 'sre-1', pagerDutyId: 'PSAM1RE' }],
  'off-call': [
    { user: 'sre-2', pagerDutyId: 'PTAY2RE' },
    { user: 'sre-3', pagerDutyId: 'PROB3RE' },
    { user: 'outsider@example.com', pagerDutyId: 'POUT4SD' },
  ],
  rota: [
    { user: 'rota-1', pagerDutyId: 'PROTA01' },
    { user: 'rota-2', pagerDutyId: 'PROTA02' },
  ],
  stranger: [{ user: 'stranger', pagerDutyId: null }],
  impostor: [{ user: 'local-sre', pagerDutyId: null }],
  'not-ours': [{ user: 'sre-1', pagerDutyId: 'PSAM1RE' }],
};

export function throwFate(dice: Dice): Fate {
  const requester = dice.weighted<Requester>({
    'on-call': 45,
    'off-call': 22,
    rota: 20,
    stranger: 3,
    impostor: 4,
    'not-ours': 6,
  });
  const answer = dice.weighted<Answer>({
    'approve-in-teleport': 25,
    'deny-in-teleport': 20,
    'approve-by-note': 18,
    'deny-by-note': 12,
    'false-answers-first': 8,
    'page-resolved': 6,
    'request-deleted': 9,
    'nobody-answers': 2,
  });
  return {
    requester,
    ...dice.pick(PEOPLE[requester]),
    role: requester === 'not-ours' ? 'dbaccess' : 'prodaccess',
    answer: requester === 'on-call' ? 'approve-in-teleport' : answer,
    answerAfterMs: requester === 'on-call' ? LATE_MS : dice.between(0, 4_000),
  };
}
