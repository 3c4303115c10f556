import { describe, expect, it } from 'vitest';
import { fieldKey, type FieldFact } from '../../../src/core/owners/reading.ts';
import { concerning, labelsAskedBy } from '../../../src/core/ownership.ts';
import { DAY } from '../../../src/core/values/instant.ts';
import { aCause, aRequest, aTargetFact, someFacts } from '../../support/builders.ts';
import { db, labelsAs, ruleFor } from '../owning.ts';
import {
  FIELD,
  BY_FIELD,
  seen,
  LONG,
  LATELY,
  GONE,
  PAST,
  BRIEF,
  fieldFact,
  teamFact,
  reading,
  unreadField,
  decided,
} from './deciding.ts';

describe('what a service says in its field is its own', () => {
  const labels = { x: [{ team: 'pay' }], y: [{ team: 'search' }], z: [{ owner: 'B', team: 'pay' }] };
  const of = (...fields: readonly FieldFact[]) => ({ labels, ownership: reading(fields) });

  it('once it was seen there for long enough, where no label says otherwise, and before the map', () => {
    const map = [{ scope: { kinds: ['db'], names: ['*'] }, services: ['B'] }];
    const rule = ruleFor({ ...BY_FIELD, map });
    const own = fieldFact('A', seen('team=pay', LONG));

    expect(decided(['x'], of(own))).toMatchObject({
      decision: { verdict: 'approve', rules: ['prod-oncall/A'] },
    });
    expect(decided(['z'], of(own)).decision.outcomes[0]?.rule).toBe('prod-oncall/B');
    expect(decided(['x'], { ...of(own), rule }).decision.verdict).toBe('approve');
    const watched = { fromMs: 0, first: true } as const;
    expect(decided(['x'], { ...of(own), watched }).decision.verdict).toBe('escalate');
    expect(decided(['y'], { ...of(own), rule }).decision.outcomes[0]?.rule).toBe('prod-oncall/B');
    for (const none of ['*', 'team=*', '', 'x'.repeat(2_000)])
      expect(decided(['x'], of(fieldFact('A', seen(none, LONG)))).why).toContain(
        'label `owner`, service with field `selector` for it or entry in the map',
      );
  });

  it.each<[string, readonly FieldFact[], string]>([
    ['a new one', [fieldFact('A', seen('team=pay', LATELY))], 'it has no label'],
    ['one at first look', [fieldFact('A', seen('team=pay', { fromMs: 0, first: true }))], 'it has no label'],
    [
      'two services',
      [fieldFact('A', seen('team=pay', LONG)), fieldFact('B', seen('team=pay', LONG))],
      'Service A and Service B is for it',
    ],
    [
      'one that is lost',
      [fieldFact('A', seen('', GONE)), fieldFact('B', seen('team=pay', LONG))],
      'any more',
    ],
    ['one taken', [fieldFact('A', seen('team=pay', GONE))], 'of Service A was for it until less than 24 h'],
    [
      'one that was another’s',
      [fieldFact('A', seen('team=pay', LONG)), fieldFact('B', seen('team=pay', GONE))],
      'or was until less',
    ],
    [
      'one that was rewritten',
      [fieldFact('A', seen('team=pay', GONE), seen('team=pay,env=prod', LATELY))],
      'was for it until',
    ],
    ['an unread one', [fieldFact('A', seen('team=pay', LONG)), unreadField('B')], 'is away'],
    ['another field', [{ ...fieldFact('A', seen('team=pay', LONG)), field: 'desk' }], 'it has no label'],
    [
      'six services',
      ['A', 'B', 'C', 'D', 'E', 'F'].map((id) => fieldFact(id, seen('team=pay', LONG))),
      'Service D and Service E is for it',
    ],
    ['labels that were not asked for', [fieldFact('A', seen('env=prod', LONG))], 'it has no label'],
  ])('and nobody is let in by %s', (_what, fields, why) => {
    const map = [{ scope: { kinds: ['db'], names: ['y'] }, services: ['A'] }];
    const found = decided(['x'], {
      ...of(...fields),
      rule: ruleFor({ ...BY_FIELD, map }, { otherwise: 'deny' }),
    });

    expect(found.decision).toMatchObject({ verdict: 'escalate', provisional: why === 'is away' });
    expect(found.why).toContain(why);
  });

  it('as it was before, long ago or for a moment, is nothing any more', () => {
    const others = [fieldFact('B', seen('team=pay', PAST)), fieldFact('C', seen('team=pay', BRIEF))];
    expect(decided(['x'], of(fieldFact('A', seen('team=pay', LONG)), ...others)).decision.verdict).toBe(
      'approve',
    );
    const first = { ...BRIEF, first: true } as const;
    expect(
      decided(['x'], of(fieldFact('A', seen('team=pay', LONG)), fieldFact('B', seen('team=pay', first))))
        .decision.verdict,
    ).toBe('escalate');
    const back = fieldFact('A', seen('team=pay', GONE), seen('team=pay', LONG));
    expect(decided(['x'], of(back)).decision.verdict).toBe('approve');
  });

  it('is not known where labels are not, servers differ, or nobody asked for these fields', () => {
    const own = fieldFact('A', seen('team=pay', LONG));
    expect(decided(['q'], of(own)).why).toContain('the service may not see it');
    const alone = { rule: ruleFor({ label: undefined as never, field: FIELD, settledMs: DAY }) };
    expect(decided(['q'], { ...of(own), ...alone }).why).toContain('the service may not see it');
    expect(decided(['q'], { ...of(), ...alone }).why).toContain('it has no service with field');
    const split = { labels: { x: [{ team: 'pay' }, {}] } };
    const map = [{ scope: { kinds: ['db'], names: ['x'] }, services: ['A'] }];
    for (const since of [LONG, LATELY])
      expect(
        decided(['x'], {
          ...{ ...split, ownership: reading([fieldFact('A', seen('team=pay', since))]) },
          rule: ruleFor({ ...BY_FIELD, map }),
        }).why,
      ).toContain('do not agree in the labels by which field `selector` goes');
    const other = { labels, ownership: { ...reading([own]), asked: [] } };
    const elsewhere = { ...other.ownership, asked: [fieldKey({ ...FIELD, services: ['C'] })] };
    for (const found of [other, { labels }, { labels, ownership: elsewhere }])
      expect(decided(['x'], found).why).toContain('were not asked for');
  });

  it('asks for the labels by which it goes, and keeps what may concern the request', () => {
    const old = fieldFact('A', seen('env=prod', PAST), seen('team=pay', LONG), seen('*', LONG));
    const away = unreadField('C');
    const all = reading([old, fieldFact('B', seen('team=search', LONG)), away], [teamFact('T', [])]);
    expect(labelsAskedBy([ruleFor(BY_FIELD)], all)).toEqual(['env', 'owner', 'team']);
    expect(labelsAskedBy([ruleFor(BY_FIELD)])).toEqual(['owner']);
    expect(labelsAskedBy([ruleFor({})], all)).toEqual(['owner']);
    const request = aRequest({ resources: [db('x')] });
    const kept = concerning(all, request, { ...someFacts(), labels: labelsAs(labels), targets: [] }, []);
    expect(kept).toEqual({ ...all, fields: [old, away], teams: [] });
    expect(concerning(all, request, {}, []).fields).toEqual([...all.fields]);
    const both = aRequest({ resources: [db('x'), db('y')] });
    expect(concerning(all, both, { ...someFacts(), labels: labelsAs(labels) }, []).fields).toEqual(
      all.fields,
    );
    const gone = aTargetFact({ asked: 'B', id: 'B' });
    const unknown = { kind: 'service', asked: 'A', state: 'unknown', cause: aCause() } as const;
    const known = { ...someFacts(), labels: labelsAs({ x: [{}] }), targets: [gone, unknown] };
    expect(concerning(all, request, known, []).fields.map(({ service }) => service.id)).toEqual(['B', 'C']);
  });
});
