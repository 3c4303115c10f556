import type { Dice } from './random.ts';
import type { Setting } from './setting.ts';

/** Who asks, and what the rules have to say to it. */
export type Requester =
  /** On call all the time: must be let in by the service itself. */
  | 'on-call'
  /** Never on call: must never be let in without a person. */
  | 'off-call'
  /** On call in turns of seconds: either, by what PagerDuty says at the time. */
  | 'rota'
  /** Of the rota as well, at the beginning of a turn that lasts two seconds. */
  | 'short-shift'
  /** Nobody in PagerDuty. */
  | 'stranger'
  /** A local Teleport user who bears the address of the engineer on call. */
  | 'impostor'
  /** Asks for a role that is denied to whoever is not on call. */
  | 'denied'
  /** Never on call, and Teleport asks for two approvals. */
  | 'two-needed'
  /** Never on call, and a break-glass rule covers the role. */
  | 'glass'
  /** Asks for a role that no rule covers. */
  | 'not-ours';

/** What people do once they are paged. */
export type Answer =
  | 'approve-in-teleport'
  | 'deny-in-teleport'
  | 'approve-by-note'
  | 'deny-by-note'
  /** The approver acknowledges the page, where that is an answer. */
  | 'acknowledge'
  /** The requester, and somebody off call, say yes; then the approver says no. */
  | 'false-answers-first'
  /** The requester alone acknowledges the page; later it is denied in Teleport. */
  | 'acknowledged-by-requester'
  /** Somebody resolves the page without a word; much later it is denied in Teleport. */
  | 'page-resolved'
  /** Denied in Teleport, after a long silence. */
  | 'late'
  | 'request-deleted'
  | 'nobody-answers';

/** What is to become of a request, thrown before it is made. */
export interface Fate {
  readonly requester: Requester;
  readonly user: string;
  /** PagerDuty id; null for who has none, or must not be taken for its owner. */
  readonly pagerDutyId: string | null;
  readonly role: 'prodaccess' | 'auditaccess' | 'dualaccess' | 'glassaccess' | 'dbaccess';
  /** Without a reason no rule lets anybody in. */
  readonly givesReason: boolean;
  readonly answer: Answer;
  /** How long people take for it, in milliseconds from the page. */
  readonly answerAfterMs: number;
  /** Whether somebody takes the lock away that ends the access with the shift. */
  readonly liftsLock: boolean;
}

/** Who is on call is paged for only while PagerDuty cannot be asked: the service is given the time to see it come back. */
const LATE_MS = 25_000;
const SILENCE_MS = 6_000;
/** Where silence is what a process is to run into, it outlasts a few of them. */
const LONG_SILENCE_MS = 25_000;

const PEOPLE: Readonly<Record<Requester, readonly Pick<Fate, 'user' | 'pagerDutyId'>[]>> = {
  'on-call': [{ user: 'sre-1', pagerDutyId: 'PSAM1RE' }],
  'off-call': [
    { user: 'sre-2', pagerDutyId: 'PTAY2RE' },
    { user: 'sre-3', pagerDutyId: 'PROB3RE' },
    { user: 'outsider@example.com', pagerDutyId: 'POUT4SD' },
    { user: 'busy', pagerDutyId: 'PBUSY01' },
  ],
  rota: [
    { user: 'rota-1', pagerDutyId: 'PROTA01' },
    { user: 'rota-2', pagerDutyId: 'PROTA02' },
  ],
  'short-shift': [{ user: 'rota-1', pagerDutyId: 'PROTA01' }],
  stranger: [{ user: 'stranger', pagerDutyId: null }],
  impostor: [{ user: 'local-sre', pagerDutyId: null }],
  denied: [{ user: 'sre-2', pagerDutyId: 'PTAY2RE' }],
  'two-needed': [{ user: 'dual-1', pagerDutyId: 'PDUAL01' }],
  glass: [
    { user: 'glass-1', pagerDutyId: 'PGLASS1' },
    { user: 'glass-2', pagerDutyId: 'PGLASS2' },
  ],
  'not-ours': [{ user: 'sre-1', pagerDutyId: 'PSAM1RE' }],
};

const ROLES: Partial<Readonly<Record<Requester, Fate['role']>>> = {
  denied: 'auditaccess',
  'two-needed': 'dualaccess',
  glass: 'glassaccess',
  'not-ours': 'dbaccess',
};

/**
 * Never on call either, and they ask only for what a process is to run into: whoever has many requests open is asked about on the page of
 * another one.
 */
export const LED = Array.from({ length: 9 }, (_, index) => ({
  user: `led-${index + 1}`,
  pagerDutyId: `PLED00${index + 1}`,
}));

export interface FateOptions {
  readonly setting: Setting;
  /** Who is to ask, and what is to be answered, where that is not left to chance. */
  readonly requester?: Requester;
  readonly answer?: Answer;
  readonly liftsLock?: boolean;
  /** Of `LED` those who have nothing else open. */
  readonly led?: readonly Pick<Fate, 'user' | 'pagerDutyId'>[];
}

export function throwFate(dice: Dice, { setting, led = [], ...wish }: FateOptions): Fate {
  const requester = wish.requester ?? throwRequester(dice, setting);
  const answer = wish.answer ?? throwAnswer(dice, setting);
  return {
    requester,
    ...dice.pick(requester === 'off-call' && led.length > 0 ? led : PEOPLE[requester]),
    role: ROLES[requester] ?? 'prodaccess',
    answer:
      requester === 'on-call'
        ? 'approve-in-teleport'
        : requester === 'two-needed' && answer !== 'deny-in-teleport'
          ? 'approve-by-note'
          : answer,
    answerAfterMs: afterMs(requester, answer, dice, wish.answer !== undefined),
    givesReason: wish.requester !== undefined || requester !== 'glass' || dice.chance(0.8),
    liftsLock: wish.liftsLock ?? ((requester === 'short-shift' || requester === 'rota') && dice.chance(0.4)),
  };
}

function afterMs(requester: Requester, answer: Answer, dice: Dice, wished: boolean): number {
  const after = dice.between(0, 4_000);
  if (requester === 'on-call') return LATE_MS;
  if (answer === 'late') return wished ? LONG_SILENCE_MS : SILENCE_MS;
  // What a process is to run into must be there by then.
  return wished ? after / 20 : after;
}

function throwRequester(dice: Dice, { ownNames, breakGlass }: Setting): Requester {
  return dice.weighted<Requester>({
    'on-call': 45,
    'off-call': 22,
    rota: 20,
    'short-shift': 0,
    stranger: 3,
    impostor: 4,
    denied: 4,
    'two-needed': ownNames ? 3 : 0,
    'not-ours': 6,
    glass: breakGlass ? 4 : 0,
  });
}

function throwAnswer(dice: Dice, { acknowledging }: Setting): Answer {
  return dice.weighted<Answer>({
    'approve-in-teleport': 25,
    'deny-in-teleport': 20,
    'approve-by-note': 18,
    'deny-by-note': 12,
    acknowledge: acknowledging ? 10 : 0,
    'false-answers-first': 8,
    'page-resolved': 6,
    'acknowledged-by-requester': 4,
    late: 4,
    'request-deleted': 9,
    'nobody-answers': 2,
  });
}
