import { describe, expect, it } from 'vitest';
import { whyNobodyIsAsked } from '../../../src/core/effects/on-silence.ts';
import type { Outcome } from '../../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { anAnswered, aPolicy, aRule } from '../../support/builders.ts';
import {
  done,
  due,
  dueKeys,
  escalated,
  intended,
  PAGE,
  requestId,
  resolved,
  sole,
  story,
  paging,
} from '../telling.ts';

const NEXT = 'Q3PAGE';

const one = paging();
const two = paging({ instead: ['Duty manager'] });

function opened(came: Partial<Outcome> = {}, policy = one): readonly LedgerEvent[] {
  return [escalated(), ...done(sole(due([escalated()], { policy })), { incidentId: PAGE, ...came })];
}

function unheard(number: number, incidentId = PAGE): LedgerEvent {
  return { kind: 'page-unheard', requestId, incidentId, number, why: 'their shift is over' };
}

/** With every move done that is due, with this outcome. */
function carried(events: readonly LedgerEvent[], policy = one, came: Partial<Outcome> = {}) {
  const moves = due(events, { policy }).filter(({ kind }) => kind === 'move-up');
  return [...events, ...moves.flatMap((effect) => done(effect, came))];
}

function why(events: readonly LedgerEvent[], policy = one): string | null {
  return whyNobodyIsAsked(story(events), escalated(), { policy });
}

describe('a page that is found to reach nobody who could answer', () => {
  it.each([
    ['at its opening', opened({ reaches: 'requester' }), ['move-up 1 unheard 0']],
    ['later', [...opened(), unheard(1)], ['move-up 1 unheard 1']],
    [
      'three times',
      [...opened(), unheard(1), unheard(2), unheard(3)],
      ['move-up 1 unheard 1', 'move-up 1 unheard 2', 'move-up 1 unheard 3'],
    ],
  ])('%s goes to others', (_when, events, keys) => {
    expect(dueKeys(events)).toEqual(keys);
    expect(due(events)[0]).toMatchObject({ kind: 'move-up', incident: { id: PAGE }, anew: true });
    // Nor is another service asked meanwhile.
    const begun = due(events).slice(0, 1).map(intended);
    expect(dueKeys([...events, ...begun], { policy: two })).toEqual(keys);
    expect(dueKeys(carried(events, two), { policy: two })).toEqual([]);
  });

  it.each([
    ['no others', carried(opened({ reaches: 'requester' }, two), two, { reaches: 'nobody', ours: false })],
    ['it was so 4 times', carried([...opened({}, two), unheard(1), unheard(2), unheard(3), unheard(4)], two)],
  ])('is asked about on the next service where %s, and is closed then', (_why, events) => {
    expect(due(events, { policy: two })).toMatchObject([
      { kind: 'page', key: 'page 2', service: 'Duty manager' },
    ]);
    expect(why(events, two)).toBeNull();

    const after = [...events, ...done(sole(due(events, { policy: two })), { incidentId: NEXT })];
    expect(dueKeys(after, { policy: two })).toEqual([`replaced ${PAGE}`, 'close-page replaced 1']);
    expect(due(after, { policy: two })[0]).toMatchObject({
      content: expect.stringMatching(
        /^Nobody .* for access request \S+: .* An answer here counts still;/u,
      ) as string,
    });
  });

  it('stays where it is, and that is told, where there is no further service', () => {
    const deaf = carried(opened({ reaches: 'nobody' }), one, { reaches: 'nobody', ours: false });

    expect(dueKeys(deaf)).toEqual([]);
    expect(why(deaf)).toContain(`nobody who could answer is reached by its page (incident ${PAGE})`);
    expect(why(deaf)).toContain('answer the request in Teleport, and name one in');
    expect(why([...deaf, anAnswered()])).toBeNull();
    expect(why(opened())).toBeNull();
    expect(why([escalated()])).toBeNull();
    expect(why(deaf, aPolicy({ rules: [aRule({ escalate: null })] }))).toBeNull();
  });

  it('is asked about on all services again where the last page was resolved', () => {
    const again = paging({ ifResolved: 'repage' });
    const deaf = [
      ...carried(opened({ reaches: 'nobody' }), one, { reaches: 'nobody', ours: false }),
      resolved(),
    ];

    expect(due(deaf, { policy: again })[0]).toMatchObject({ key: 'page 2', service: 'Access requests' });
    const further = paging({ ifResolved: 'repage', instead: ['Duty manager'] });
    expect(due([...opened(), resolved()], { policy: further })[0]).toMatchObject({
      ...{ key: 'page 2', service: 'Access requests' },
    });
  });
});

it('pages that are resolved without an answer are given up after the fourth, and that is told, unless the rule leaves them', () => {
  const policy = paging({ ifResolved: 'repage' });
  let events: readonly LedgerEvent[] = opened();
  for (const id of [PAGE, 'Q3', 'Q4']) {
    events = [...events, resolved(id)];
    expect(why(events, policy)).toBeNull();
    const [page] = due(events, { policy });
    if (page !== undefined)
      events = [...events, ...done(page, { incidentId: id === PAGE ? 'Q3' : `Q${Number(id[1]) + 1}` })];
  }
  events = [...events, resolved('Q5')];

  expect(due(events, { policy }).filter(({ kind }) => kind === 'page')).toEqual([]);
  expect(why(events, policy)).toContain('were resolved 4 times without an answer');
  expect(why([...opened(), resolved()])).toBeNull();
});

it('of pages that are given up those are counted that were resolved, and not one that reached nobody', () => {
  const policy = paging({ ifResolved: 'repage', instead: ['Duty manager'] });
  const deaf = [1, 2, 3, 4].map((number) => unheard(number));
  let events: readonly LedgerEvent[] = carried([...opened({}, policy), ...deaf], policy);
  for (const id of ['Q3', 'Q4', 'Q5', 'Q6']) {
    const page = due(events, { policy }).find(({ kind }) => kind === 'page');
    events = [...events, ...(page === undefined ? [] : done(page, { incidentId: id })), resolved(id)];
  }

  expect(why(events, policy)).toContain('were resolved 4 times without an answer');
});
