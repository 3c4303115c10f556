import { describe, expect, it } from 'vitest';
import type { OnCallRow } from '../../src/core/on-call.ts';
import type { Rule } from '../../src/core/rule.ts';
import { HOUR, MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import { anOnCallRow, aRecordedDecision, NOW, someTargets, TAYLOR } from '../support/builders.ts';

import { ago, ends, asking, incident, open, resolved, isDown, look, type Look } from '../support/watched.ts';

const shift = ends({ withShift: true });
const either = ends({ withShift: true, afterIncidentMs: 30 * MINUTE }, asking);
const last = ends({ withShift: true, afterIncidentMs: 30 * MINUTE, withLast: true }, asking);
const until = (hours: number) => [anOnCallRow({ end: plusMs(NOW, hours * HOUR) })];

describe('access', () => {
  it.each<[string, readonly Rule[], Look, string]>([
    ['goes on with its shift', [shift], {}, 'unchanged'],
    ['goes on with a shorter shift', [shift], { rows: until(1) }, 'goes on until 60'],
    ['goes by the longer', [shift], { rows: [...until(1), ...until(2), ...until(1)] }, 'goes on until 120'],
    ['goes on without end', [shift], { rows: [anOnCallRow({ end: null })] }, 'goes on until null'],
    [
      'goes on for the grace',
      [ends({ withShift: true }, { onCall: someTargets({ graceAfterShiftMs: 10 * MINUTE }) })],
      { rows: until(1) },
      'goes on until 70',
    ],
    [
      'goes on with a shift that is young',
      [shift],
      { rows: [anOnCallRow({ start: ago(1), end: plusMs(NOW, HOUR) })] },
      'goes on until 60',
    ],
    ['ends without shift', [shift], { rows: [] }, 'ends until null'],
    ['ends not by what is unknown', [shift], { rows: null }, 'unknown: PagerDuty answers 503'],
    ['goes on with its incident', [incident], { incidents: { Q1: open } }, 'unchanged'],
    ['goes on for the grace after it', [incident], { incidents: { Q1: resolved(10) } }, 'goes on until 20'],
    ['goes on through the grace', [incident], { incidents: { Q1: resolved(29.99) } }, 'goes on until 0.01'],
    ['ends with an incident', [incident], { incidents: { Q1: resolved(30) } }, 'ends by incident until null'],
    [
      'goes on with one of several',
      [incident],
      { justified: ['Q1', 'Q2'], incidents: { Q1: resolved(50), Q2: open } },
      'unchanged',
    ],
    [
      'goes on after the last of several',
      [incident],
      { justified: ['Q1', 'Q2'], incidents: { Q1: resolved(10), Q2: resolved(50) } },
      'goes on until 20',
    ],
    ['ends with the first, the shift', [either], { rows: [], incidents: { Q1: open } }, 'ends until null'],
    ['ends first by incident', [either], { incidents: { Q1: resolved(40) } }, 'ends by incident until null'],
    ['lasts to the first', [either], { rows: until(1), incidents: { Q1: resolved(10) } }, 'goes on until 20'],
    ['goes on to the known end', [either], { rows: until(1), incidents: { Q1: open } }, 'goes on until 60'],
    ['goes on with the last, the incident', [last], { rows: [], incidents: { Q1: open } }, 'unchanged'],
    ['goes on with the shift', [last], { incidents: { Q1: resolved(40) }, rows: until(1) }, 'unchanged'],
    ['lasts until both are', [last], { rows: until(1), incidents: { Q1: resolved(10) } }, 'goes on until 60'],
    [
      'ends with both',
      [last],
      { rows: [], incidents: { Q1: resolved(40) } },
      'ends by shift and incident until null',
    ],
    [
      'goes on by one of two rules',
      [shift, { ...incident, name: 'other' }],
      { rows: [], incidents: { Q1: open } },
      'unchanged',
    ],
    [
      'is not known by one of two rules',
      [shift, { ...incident, name: 'other' }],
      { rows: [], incidents: { Q1: isDown } },
      'unknown: Sam One',
    ],
    [
      'goes on until the last of two rules is over',
      [shift, { ...incident, name: 'other' }],
      { rows: until(1), incidents: { Q1: resolved(10) } },
      'goes on until 60',
    ],
  ])('%s', async (_what, rules, there, expected) => {
    const { words } = await look(rules, there);

    expect(words.slice(0, expected.length)).toBe(expected);
  });

  it('costs what its rules go by, and tells for how often and why it ends', async () => {
    const { came, asked } = await look([incident], { incidents: { Q1: resolved(30) }, timesEnded: 1 });
    expect(came).toEqual({
      state: 'changed',
      checked: {
        ...{ kind: 'access-checked', requestId: aRecordedDecision().requestId, ends: true, until: null },
        ...{ over: 'incident', number: 2, onCall: { state: 'not-asked' } },
        why: `incident about Q1 is resolved since ${ago(30)}`,
      },
    });
    expect(asked).toEqual(['Q1']);
    const both = await look([last], {
      rows: [],
      justified: ['Q1', 'Q2'],
      incidents: { Q1: resolved(40), Q2: resolved(50) },
    });
    expect(both.came).toMatchObject({
      checked: {
        why: expect.stringMatching(
          /not on call.*; all 2 incidents by which it was given are resolved since/u,
        ) as string,
      },
    });
    expect((await look([either], { rows: [], incidents: { Q1: open } })).came).not.toMatchObject({
      checked: { why: expect.stringContaining('is open') as string },
    });
    expect((await look([shift])).asked).toEqual(['on call?']);
    expect(await look([], {})).toMatchObject({
      words: 'unknown: no rule says when the access ends',
      asked: [],
    });
  });

  const helper = ends({ withShift: true }, { responders: true });
  const outsiders = [anOnCallRow({ user: TAYLOR, end: plusMs(NOW, HOUR) })];
  it.each<[string, Rule, Look, string]>([
    ['by help', helper, { rows: outsiders, helpers: [TAYLOR.id] }, 'goes on until 60'],
    ['by the own shift', helper, { rows: until(2), helpers: [TAYLOR.id] }, 'goes on until 120'],
    ['not by help that the rule lets not count', shift, { rows: outsiders, helpers: [TAYLOR.id] }, 'ends'],
    ['not after both', helper, { rows: [], helpers: [] }, 'ends'],
    ['as far as it is known', helper, { rows: outsiders, helpers: isDown }, 'unknown: PagerDuty answers 503'],
  ])('goes on %s', async (_how, rule, there, expected) => {
    const { words, came } = await look([rule], there);

    expect(words.slice(0, expected.length)).toBe(expected);
    const why = (given: typeof came) => (given.state === 'changed' ? given.checked.why : '');
    if (there.rows?.length === 0) {
      expect(why(came)).toMatch(/not on call/u);
      expect(why((await look([rule], { ...there, helped: true })).came)).toMatch(
        /nobody asked for their help/u,
      );
    }
  });

  it.each<[string, OnCallRow | null, string]>([
    ['is given back with a shift that goes on', anOnCallRow({ end: plusMs(NOW, HOUR) }), 'goes on until 60'],
    ['is with one of this hour', anOnCallRow({ start: ago(30), end: plusMs(NOW, HOUR) }), 'goes on until 60'],
    ['is not with later', anOnCallRow({ start: plusMs(ago(30), SECOND), end: plusMs(NOW, HOUR) }), 'ends'],
    ['is not with one that is too young', anOnCallRow({ start: ago(9), end: plusMs(NOW, HOUR) }), 'ends'],
    ['is not without', null, 'ends'],
  ])('that was locked %s', async (_how, row, expected) => {
    const lockedSince = row?.start === ago(9) ? ago(30) : ago(90);
    const { words } = await look([shift], { rows: row === null ? [] : [row], lockedSince });

    expect(words.slice(0, expected.length)).toBe(expected);
  });
});
