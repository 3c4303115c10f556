import { describe, expect, it } from 'vitest';
import { awaitsShiftEnd, endWithShift, knownEnd, promisedEnd } from '../../../src/core/effects/access-end.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { lockMessage } from '../../../src/core/wording/reviews.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { emptyStory } from '../../../src/core/record/story.ts';
import {
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import { done, due, dueKeys, ended, story } from '../telling.ts';

const withShift = { withShift: true, warnBeforeMs: null };
const look: Effect = {
  kind: 'find-live-incident',
  key: 'find-live-incident',
  services: [],
  assignee: 'PSAM1RE',
};

function given(decided: RecordedDecision): readonly LedgerEvent[] {
  const { decisionId } = decided;
  return [
    decided,
    ...done({ kind: 'review', key: 'review', decisionId, propose: 'approved', reason: '' }),
    ended(),
  ];
}

describe('access that is given for a time', () => {
  const after = (hours: number, withShift = false): Rule['accessEnd'] => ({
    withShift,
    afterMs: hours * HOUR,
    warnBeforeMs: null,
  });
  const timed = (...ends: readonly Rule['accessEnd'][]) =>
    ends.map((accessEnd, index) => aRule({ name: `rule-${index}`, accessEnd }));
  const inForce = (rules: readonly Rule[]) => aPolicy({ rules });
  const deciding = (rules: readonly Rule[], accessExpires = plusMs(NOW, 30 * HOUR)) =>
    aRecordedDecision({ policy: inForce(rules), request: aRequest({ accessExpires }), endsAccess: rules });
  const told = (decided: RecordedDecision) => [...given(decided), ...done(look)];
  const four = plusMs(NOW, 4 * HOUR);

  it('is watched, and locked by the time alone, however long it was asked for', () => {
    const rules = timed(after(4));
    const events = told(deciding(rules));
    const context = (now = four) => ({ policy: inForce(rules), now });

    expect(awaitsShiftEnd(story(events), context(plusMs(four, -1)))).toBe(true);
    expect(due(events, context(plusMs(four, -1)))).toEqual([]);
    expect(awaitsShiftEnd(story(events), context())).toBe(false);
    expect(due(events, context())).toEqual([
      {
        kind: 'lock',
        key: 'lock',
        message: lockMessage(deciding(rules), `at ${four}, by \`access_ends.after\``),
        expires: plusMs(NOW, 30 * HOUR),
      },
    ]);
    expect(due([...events, ...done(lockOf())], context())).toEqual([]);
  });

  it.each<[string, () => readonly LedgerEvent[]]>([
    ['over by itself', () => told(deciding(timed(after(4)), four))],
    ['given by somebody else', () => [deciding(timed(after(4))), ended(), ...done(look)]],
    ['not given yet', () => told(deciding(timed(after(4)))).filter(({ kind }) => kind !== 'ended')],
  ])('is not locked where it is %s', (_what, events) => {
    expect(dueKeys(events(), { policy: inForce(timed(after(4))), now: four })).not.toContain('lock');
  });

  it.each<[string, readonly Rule['accessEnd'][], number]>([
    ['the shift comes first', [after(200, true)], 118],
    ['the time comes first', [after(4, true)], 4],
    ['the shift does not end it', [after(200)], 200],
    ['one of several rules lets it go on after the shift', [withShift, after(200)], 200],
    ['the incident may be over before the shift', [{ ...withShift, afterIncidentMs: 0 }], 118],
    ['the shortest of several times', [after(4), after(3), withShift], 3],
  ])('ends at what comes first: %s', (_what, ends, hours) => {
    const rules = timed(...ends);
    const decided = aRecordedDecision({
      policy: inForce(rules),
      facts: someFacts({ onCall: onCallWith(anOnCallRow({ end: plusMs(NOW, 118 * HOUR) })) }),
    });

    expect(knownEnd(emptyStory, decided, rules)).toBe(plusMs(NOW, hours * HOUR));
  });

  it.each<[string, ...Rule['accessEnd'][]]>([
    ['the incident ends it', { withShift: false, afterIncidentMs: 0, warnBeforeMs: null }],
    ['both do', { ...withShift, afterIncidentMs: 0, withLast: true }],
    ['one of several does', withShift, { withShift: false, afterIncidentMs: 0, warnBeforeMs: null }],
  ])('has no end that is known ahead where %s', (_what, ...ends) => {
    const rules = timed(...ends);
    expect(knownEnd(emptyStory, deciding(rules), rules)).toBeNull();
  });

  it('ends with the shift where no rule lets it go on after that', () => {
    expect(endWithShift(timed(withShift, after(4, true)))).toBe(true);
    expect(endWithShift(timed(withShift, after(4)))).toBe(false);
  });

  it('is promised by any rule that gives it', () => {
    const promise = (...ends: readonly Rule['accessEnd'][]) => {
      const rules = timed(...ends);
      const { decision } = deciding(rules);
      return promisedEnd({ ...decision, rules: rules.map(({ name }) => name) }, inForce(rules)).length;
    };

    expect(promise(after(4), { withShift: false, warnBeforeMs: null })).toBe(2);
    const withIncident = { withShift: false, afterIncidentMs: 0, warnBeforeMs: null };
    expect(promise(withIncident)).toBe(1);
    expect(promise(withShift, withIncident)).toBe(2);
    expect(promise(withIncident, { withShift: false, warnBeforeMs: null })).toBe(0);
    expect(promise(withShift, { withShift: false, warnBeforeMs: null })).toBe(0);
  });

  function lockOf(): Effect {
    return { kind: 'lock', key: 'lock', message: '', expires: null };
  }
});
