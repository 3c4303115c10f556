import { describe, expect, it } from 'vitest';
import type { LedgerEvent, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import { listeningPageOf } from '../../../src/core/effects/asking-pages.ts';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import {
  anAnswered,
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import {
  done,
  due,
  dueKeys,
  ended,
  intended,
  PAGE,
  paged,
  requestId,
  resolved,
  sole,
  story,
} from '../telling.ts';

const NEXT = 'Q3PAGE';
const OUTAGE = 'Q9OUTAGE';

function merged(mergedInto: string | null, incidentId = PAGE): LedgerEvent {
  return { kind: 'page-resolved', requestId, incidentId, mergedInto };
}

describe('a page that was merged into another incident', () => {
  it('is opened anew whatever the rule says of resolved ones, and that is said where it went', () => {
    expect(due([...paged(), merged(OUTAGE)])).toMatchObject([
      { kind: 'page', key: 'page 2' },
      {
        key: `merged ${PAGE}`,
        incident: { id: OUTAGE },
        content: expect.stringContaining('Answers to it do not count here') as string,
      },
    ]);
    expect(dueKeys([...paged(), resolved()])).toEqual([`unanswered ${PAGE}`]);
  });

  it.each([
    ['cannot be read', null],
    ['is a page of the same request', PAGE],
  ])('is not spoken of where the other incident %s', (_where, into) => {
    expect(dueKeys([...paged(), merged(into)])).toEqual(['page 2']);
  });

  it('is not opened more than five times in all', () => {
    let events = [...paged()];
    for (const number of [2, 3, 4, 5]) {
      events = [...events, merged(null, number === 2 ? PAGE : `Q${number}`)];
      events.push(...done(sole(due(events)), { incidentId: `Q${number + 1}` }));
    }
    expect(dueKeys([...events, merged(null, 'Q6')])).toEqual([]);
  });
});

describe('a page of a request that was changed in Teleport', () => {
  const policy = aPolicy({ rules: [aRule({ roles: ['*'], escalate: anEscalation({ remindAfterMs: 1 }) })] });
  const other: Partial<AccessRequest> = { roles: ['prodaccess', 'root'] };
  const decision = (number: number, change: Partial<AccessRequest> = {}): RecordedDecision => ({
    ...aRecordedDecision({ request: aRequest(change), facts: someFacts({ onCall: onCallWith() }), policy }),
    number,
  });
  const asked = () => [decision(1), ...done(sole(due([decision(1)], { policy })), { incidentId: PAGE })];
  const changed = () => [...asked(), decision(2, other)];
  const twice = () => [...changed(), ...done(sole(due(changed(), { policy })), { incidentId: NEXT })];

  it('makes room for another one, which shows what is asked for now', () => {
    expect(due(changed(), { policy })).toMatchObject([
      { key: 'page 2', details: expect.stringContaining('asks for roles prodaccess and root') as string },
    ]);
    expect(dueKeys([...asked(), decision(2)], { policy })).toEqual([]);
    expect(listeningPageOf(story(twice()))).toMatchObject({ incident: { id: NEXT } });
  });

  it('is closed with a word once the other one is open', () => {
    expect(due(twice(), { policy })).toMatchObject([
      { key: `replaced ${PAGE}`, content: expect.stringContaining('asked anew') as string },
      { kind: 'close-page', key: 'close-page replaced 1', incident: { id: PAGE } },
    ]);
  });

  it('is closed at the end at the latest, also where the other one was never opened', () => {
    expect(dueKeys([...twice(), ended()], { policy })).toEqual([
      `replaced ${PAGE}`,
      'close-page replaced 1',
      'closing-note',
      'close-page',
    ]);
    expect(dueKeys([...changed(), intended(sole(due(changed(), { policy }))), ended()], { policy })).toEqual([
      'closing-note on page 1',
      'close-page replaced 1',
      'closing-note',
      'close-page',
    ]);
  });

  it('is closed once more at the end where others waited on it when it was to be closed', () => {
    const [word, closing] = due(twice(), { policy });
    if (word === undefined || closing === undefined) throw new RangeError('it is not closed');
    const keys = (ours: boolean) =>
      dueKeys([...twice(), ...done(word), ...done(closing, { ours }), ended()], { policy });

    expect(keys(false)).toEqual(['closing-note', 'close-page', 'close-page left 1']);
    expect(keys(true)).toEqual(['closing-note', 'close-page']);
    const left = [...twice(), ...done(word), ...done(closing, { ours: false })];
    expect(due([...left, ended()], { policy }).at(-1)).toMatchObject({
      ...{ kind: 'close-page', incident: { id: PAGE } },
    });
    expect(dueKeys([...twice(), ...done(word), intended(closing), ended()], { policy })).toEqual([
      'close-page replaced 1',
      'closing-note',
      'close-page',
    ]);
    expect(dueKeys(left, { policy })).toEqual([]);
    expect(dueKeys([...left, resolved(), ended()], { policy })).toEqual(['closing-note', 'close-page']);
  });

  it('takes no answer, also not one that counted before the change, and that is said', () => {
    const refusal = {
      key: 'reply PNOTE01',
      content: expect.stringContaining('was changed in Teleport after this page was opened') as string,
    };
    const replies = due([...asked(), anAnswered(), decision(2, other)], { policy });

    expect(replies).toMatchObject([refusal]);
    const told = [...asked(), anAnswered(), decision(2, other), ...replies.flatMap((each) => done(each))];
    expect(dueKeys(told, { policy })).toEqual(['page 2']);
  });
});
