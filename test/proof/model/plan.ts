import fc from 'fast-check';
import { addressChange, attack, forgedPage, type Attack } from './attacks.ts';
import { setting, type Setting } from './setting.ts';
import { WORDINGS } from './wordings.ts';
import { ALEX, AUTOMATION, ROBIN, SAM, TAYLOR, type Person } from './people.ts';

export const FAULTS = [
  'writing fails',
  'writing fails, but was done',
  'a note fails, but was written',
  'resolving fails, but was done',
  'nobody can be asked who is on call',
  'PagerDuty hangs up',
  'PagerDuty is silent',
  'PagerDuty is slow',
  'a listing is slower than anybody waits',
  'the key is refused',
  'opening incidents is limited',
  'the review fails',
  'the review fails, but was done',
  'the connection to Teleport is cut after the review',
  'the watch is cut',
] as const;

/** Which request something befalls: the how many-th. */
interface OfRequest {
  readonly request: number;
}

/** Something that is done on a request's page. */
export type PageDeed = OfRequest &
  (
    | {
        readonly does: 'note';
        readonly who: Person | typeof AUTOMATION;
        readonly verb: 'approve' | 'deny' | 'revoke';
        readonly codeIsRight: boolean;
        /** Of `WORDINGS` which; the plain one unless told. */
        readonly wording?: number;
        /** On the first page of the request, whichever is open. */
        readonly onFirstPage: boolean;
      }
    | { readonly does: 'edit a note' | 'delete a note'; readonly who: Person }
    | { readonly does: 'acknowledge' | 'resolve the page'; readonly who: Person }
  );

/** Something that is done to a request in Teleport. */
export type TeleportDeed = OfRequest &
  (
    | { readonly does: 'review'; readonly who: Person; readonly approves: boolean }
    | { readonly does: 'delete' | 'promote' | 'expire' }
  );

/** What people, PagerDuty, Teleport and the machine do next. */
export type Step =
  | PageDeed
  | TeleportDeed
  | { readonly does: 'attack'; readonly deed: Attack }
  | (OfRequest & { readonly does: 'look' })
  | { readonly does: 'request'; readonly who: Person }
  | { readonly does: 'fault'; readonly fault: (typeof FAULTS)[number] }
  | { readonly does: 'sweep' | 'restart' | 'crash' };

export interface Plan {
  readonly setting: Setting;
  /** Each step, and how long nothing else happens after it, in milliseconds. */
  readonly steps: readonly { readonly step: Step; readonly pauseMs: number }[];
}

/** Sam's answers count, so Sam has most to say. */
const people = fc.constantFrom(SAM, SAM, SAM, TAYLOR, ROBIN, ROBIN, ALEX);
const request = fc.constantFrom(0, 0, 0, 1);

const note = fc.record({
  does: fc.constant('note' as const),
  request,
  who: fc.oneof({ weight: 6, arbitrary: people }, { weight: 1, arbitrary: fc.constant(AUTOMATION) }),
  verb: fc.constantFrom('approve' as const, 'approve' as const, 'deny' as const, 'revoke' as const),
  codeIsRight: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  wording: fc.nat({ max: WORDINGS.length - 1 }),
  onFirstPage: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: note },
  { weight: 7, arbitrary: fc.record({ does: fc.constant('attack' as const), deed: attack }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('edit a note' as const, 'delete a note' as const),
      request,
      who: people,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('acknowledge' as const, 'resolve the page' as const),
      request,
      who: people,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('review' as const),
      request,
      who: fc.constantFrom(SAM, ROBIN),
      approves: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom('delete' as const, 'promote' as const, 'expire' as const),
      request,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('look' as const), request }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('fault' as const), fault: fc.constantFrom(...FAULTS) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('request' as const), who: people }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('sweep' as const, 'restart' as const, 'crash' as const) }),
  },
);

interface Timed {
  readonly step: Step;
  readonly pauseMs: number;
}

const pauseMs = fc.constantFrom(0, 0, 2, 10, 40, 120);
const single = fc.record({ step, pauseMs }).map((each): readonly Timed[] => [each]);

/** One person twice: by note and by hand in Teleport, in either order, with whatever time between them. */
const bothWays = fc
  .record({
    who: fc.constantFrom(SAM, SAM, ROBIN),
    request,
    approves: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    handFirst: fc.boolean(),
    isHeardBetween: fc.boolean(),
    pauses: fc.tuple(pauseMs, pauseMs, pauseMs),
  })
  .map(({ who, request: which, approves, handFirst, isHeardBetween, pauses }): readonly Timed[] => {
    const verb = approves ? ('approve' as const) : ('deny' as const);
    const byNote: Step = { does: 'note', request: which, who, verb, codeIsRight: true, onFirstPage: false };
    const byHand: Step = { does: 'review', request: which, who, approves };
    const [first, second] = handFirst ? [byHand, byNote] : [byNote, byHand];
    const between: readonly Step[] = isHeardBetween ? [{ does: 'look', request: which }] : [];
    return [first, ...between, second].map((each, index) => ({ step: each, pauseMs: pauses[index] ?? 0 }));
  });

/** Somebody answers, and resolves the page: where Teleport asks for two approvals, the other one is still to be had. */
const answeredAndResolved = fc
  .record({ who: fc.constantFrom(SAM, ROBIN), request, isHeardBetween: fc.boolean(), pause: pauseMs })
  .map(({ who, request: which, isHeardBetween, pause }): readonly Timed[] => [
    {
      step: { does: 'note', request: which, who, verb: 'approve', codeIsRight: true, onFirstPage: false },
      pauseMs: pause,
    },
    ...(isHeardBetween ? [{ step: { does: 'look', request: which } as const, pauseMs: 120 }] : []),
    { step: { does: 'resolve the page', request: which, who }, pauseMs: pause },
  ]);

/** Somebody ends the access that an answer gave. */
const answeredAndRevoked = fc
  .record({ who: people, request, wording: note.map((each) => each.wording), pause: pauseMs })
  .map(({ who, request: which, wording, pause }): readonly Timed[] => {
    const said = { does: 'note', request: which, codeIsRight: true, onFirstPage: false } as const;
    const look = { step: { does: 'look', request: which } as const, pauseMs: 120 };
    return [
      { step: { ...said, who: SAM, verb: 'approve' }, pauseMs: pause },
      look,
      { step: { ...said, who, verb: 'revoke', wording }, pauseMs: pause },
      look,
    ];
  });

const deceived = fc
  .tuple(forgedPage, pauseMs)
  .map(([deeds, pause]): readonly Timed[] =>
    deeds.map((deed) => ({ step: { does: 'attack', deed }, pauseMs: pause })),
  );

/** A request, and then anything in any order, at once or with a pause in which the service gets somewhere. */
export function plans(inProcess: boolean): fc.Arbitrary<Plan> {
  const firstPauseMs = fc.constantFrom(0, 20, 60, 150);
  const first = fc.constantFrom(TAYLOR, TAYLOR, ALEX, SAM, ROBIN);
  return fc
    .record({
      setting,
      first,
      before: fc.oneof(
        { weight: 2, arbitrary: fc.constant<Attack[]>([]) },
        { weight: 1, arbitrary: fc.array(addressChange, { minLength: 1, maxLength: 2 }) },
      ),
      others: fc.array(
        fc.oneof(
          { weight: 10, arbitrary: single },
          { weight: 2, arbitrary: bothWays },
          { weight: 1, arbitrary: answeredAndResolved },
          { weight: 2, arbitrary: answeredAndRevoked },
          { weight: 2, arbitrary: deceived },
        ),
        { minLength: 3, maxLength: 16 },
      ),
      pauseMs: firstPauseMs,
    })
    .map(({ setting: chosen, first: who, before, others, pauseMs: pause }) => ({
      setting: { ...chosen, inProcess },
      steps: [
        ...before.map((deed) => ({ step: { does: 'attack' as const, deed }, pauseMs: 0 })),
        { step: { does: 'request' as const, who }, pauseMs: pause },
        ...others.flat(),
      ],
    }));
}

/** A plan as lines that a person can follow, for the message of a run that failed. */
export function inWords({ setting: chosen, steps }: Plan): string {
  const lines = steps.map(({ step, pauseMs }) => {
    const { does, ...rest } = step.does === 'attack' ? step.deed : step;
    const details = Object.entries(rest).map(([name, value]: [string, unknown]) =>
      value !== null && typeof value === 'object'
        ? `${name} ${String('name' in value ? value.name : 'automation')}`
        : `${name} ${String(value)}`,
    );
    return `  ${[does, ...details].join(', ')}${pauseMs > 0 ? `, then ${pauseMs} ms` : ''}`;
  });
  const settings = Object.entries(chosen).map(([name, value]) => `${name} ${String(value)}`);
  return [settings.join(', '), ...lines].join('\n');
}
