import fc, { type Arbitrary } from 'fast-check';
import { vi } from 'vitest';

/** In `npm test`, which is run all day; `.ci/run` tries 1,000, and `npm run test:properties` 10,000. */
const USUAL_RUNS = 200;
const MANY_RUNS = 1_000;
const TIMEOUT_OF_MANY_MS = 20_000;

/** The same inputs in every run; `PROPERTY_RUNS` asks for another number of them. */
export const fuzzing = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? USUAL_RUNS), seed: 20_260_303 };

/** Whether so many inputs are tried that it can be said how often something is among them. */
export const manyRuns = fuzzing.numRuns >= MANY_RUNS;

// More inputs take their time: whoever imports this has it in proportion.
vi.setConfig({ testTimeout: TIMEOUT_OF_MANY_MS * Math.max(1, fuzzing.numRuns / MANY_RUNS) });

/** Text as nobody wrote it down: every code unit, halves of pairs included, and the names that objects have by themselves. */
export const anyText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '*',
    '\u202e',
    '\u200b',
    '\n',
  ),
);

/** Plausible texts, or also any other in the places that others fill. */
export type Text = (...usual: readonly [string, ...string[]]) => Arbitrary<string>;
export const plausible: Text = (...usual) => fc.constantFrom(...usual);
export const weird: Text = (...usual) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: anyText });

export function mostly<T>(usual: Arbitrary<T>, rarely: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rarely });
}

/** The same for each promise: to draw them takes longer than to try them. */
const drawn = new WeakMap<object, readonly unknown[]>();

/** Holds for every value, or the test fails with the smallest one found for which it does not. */
export function check<T>(arbitrary: Arbitrary<T>, holds: (value: T) => void): void {
  if (fuzzing.numRuns <= MANY_RUNS) {
    const values = (drawn.get(arbitrary) ?? fc.sample(arbitrary, fuzzing)) as readonly T[];
    drawn.set(arbitrary, values);
    if (values.every((value) => isFineWith(value, holds))) return;
  }
  fc.assert(fc.property(arbitrary, holds), fuzzing);
}

function isFineWith<T>(value: T, holds: (value: T) => void): boolean {
  try {
    holds(value);
    return true;
  } catch {
    return false;
  }
}
