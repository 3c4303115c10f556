import { expect, it } from 'vitest';
import { decideWithinMs, provenAfterMs, provenIfInForceMs } from '../../src/core/patience.ts';
import { SECOND } from '../../src/core/values/instant.ts';
import { anEscalation, aPolicy, aRequest, aRule } from '../support/builders.ts';

const patient = (seconds: number, mode: 'enforce' | 'shadow' = 'enforce') =>
  aRule({ name: `${mode} ${seconds}`, mode, escalate: anEscalation({ decideWithinMs: seconds * SECOND }) });

it('the shortest patience of the rules in force pages a person, the longest proves an emergency', () => {
  const policy = aPolicy({
    rules: [patient(30), patient(10), patient(20), patient(1, 'shadow'), patient(99, 'shadow')],
  });

  expect(decideWithinMs(aRequest(), policy)).toBe(10 * SECOND);
  expect(provenAfterMs(aRequest(), policy)).toBe(30 * SECOND);
  expect(provenIfInForceMs(aRequest(), policy)).toBe(99 * SECOND);
  expect(provenIfInForceMs(aRequest(), aPolicy({ rules: [patient(30), patient(9, 'shadow')] }))).toBe(
    30 * SECOND,
  );
});

it('rules in shadow hurry nobody, and prove what is tried out with them alone', () => {
  const policy = aPolicy({ rules: [patient(1, 'shadow'), patient(9, 'shadow')] });

  expect(decideWithinMs(aRequest(), policy)).toBe(Infinity);
  expect(provenAfterMs(aRequest(), policy)).toBe(9 * SECOND);
});

it('two minutes are waited where a rule says nothing', () => {
  const policy = aPolicy({ rules: [aRule({ escalate: null })] });

  expect([decideWithinMs(aRequest(), policy), provenAfterMs(aRequest(), policy)]).toEqual([120_000, 120_000]);
});
