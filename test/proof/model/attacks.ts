import fc from 'fast-check';
import { ALEX, ROBIN, SAM, TAYLOR, type Person } from './people.ts';

/** What somebody does who wants in without the right to it, or wants a friend in. */
export type Attack =
  | {
      readonly does: 'change address';
      readonly who: Person;
      /** Whose address they take, where it is free; null for one that nobody has had. */
      readonly takes: Person | null;
    }
  | {
      readonly does: 'open an incident';
      readonly who: Person;
      readonly request: number;
      readonly on: 'target' | 'paged';
      /** That of the first scheme, which could be guessed; of any page that is there; or anything. */
      readonly key: 'guessed' | 'of a page' | 'random';
    }
  | {
      readonly does: 'answer a foreign incident';
      readonly who: Person;
      readonly request: number;
      readonly how: 'note' | 'acknowledge';
    }
  | { readonly does: 'rewrite the page'; readonly request: number; readonly part: 'title' | 'details' }
  | { readonly does: 'override' | 'move the rota' | 'repoint the service' | 'take the name' }
  | {
      readonly does: 'ask for help';
      /** Who is to help, and who sends it; the body says that Sam does. */
      readonly who: Person;
      readonly sender: Person;
    }
  | { readonly does: 'flood with requests' | 'flood with notes'; readonly who: Person }
  | { readonly does: 'change the request'; readonly request: number; readonly part: 'roles' | 'reason' };

const attacker = fc.constantFrom(SAM, TAYLOR, TAYLOR, ALEX);
const request = fc.constantFrom(0, 0, 0, 1);

export const addressChange: fc.Arbitrary<Attack> = fc.record({
  does: fc.constant('change address' as const),
  who: fc.constantFrom(SAM, SAM, TAYLOR, ALEX, ROBIN),
  takes: fc.constantFrom(null, SAM, TAYLOR, ALEX),
});

const foreign = fc.record({
  does: fc.constant('open an incident' as const),
  who: attacker,
  request,
  on: fc.constantFrom('target' as const, 'paged' as const),
  key: fc.constantFrom('guessed' as const, 'of a page' as const, 'random' as const),
});

/** A page of their own, before the real one if they are quick, and the approver who takes it for that. */
export const forgedPage: fc.Arbitrary<readonly Attack[]> = fc
  .record({ opened: foreign, how: fc.constantFrom('note' as const, 'acknowledge' as const) })
  .map(({ opened, how }) => {
    const { request: which } = opened;
    const answered = { does: 'answer a foreign incident', who: SAM, request: which, how } as const;
    return [{ ...opened, on: 'paged', key: 'guessed' }, answered];
  });

export const attack: fc.Arbitrary<Attack> = fc.oneof(
  { weight: 2, arbitrary: addressChange },
  { weight: 3, arbitrary: foreign },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('answer a foreign incident' as const),
      who: fc.constantFrom(SAM, SAM, ROBIN, TAYLOR),
      request,
      how: fc.constantFrom('note' as const, 'acknowledge' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('rewrite the page' as const),
      request,
      part: fc.constantFrom('title' as const, 'details' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'override' as const,
        'move the rota' as const,
        'repoint the service' as const,
        'take the name' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('ask for help' as const),
      who: fc.constantFrom(TAYLOR, ALEX),
      sender: fc.constantFrom(SAM, TAYLOR, ALEX),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom('flood with requests' as const, 'flood with notes' as const),
      who: attacker,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('change the request' as const),
      request,
      part: fc.constantFrom('roles' as const, 'reason' as const),
    }),
  },
);
