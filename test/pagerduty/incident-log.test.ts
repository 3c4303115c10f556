import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { errorBody, gone, json } from './http-server.ts';
import { AN_INCIDENT, entry, minute, user } from './messages.ts';
import { anAsk, answering, failureOf } from './subjects.ts';

const SAM = user('PSAM1RE');
const TAYLOR = user('PTAY2RE');

/** An incident with this log, as PagerDuty gives it: the newest first. */
function withLog(log: readonly object[], incident: object = {}, elsewhere = 403) {
  return answering(({ path }, response) => {
    if (path.endsWith('/log_entries')) json(response, 200, { log_entries: log.toReversed(), more: false });
    else if (path.endsWith('/notes')) json(response, 200, { notes: [] });
    else if (path.endsWith('/PINC001')) json(response, 200, { incident: { ...AN_INCIDENT, ...incident } });
    else json(response, elsewhere, errorBody(2010, 'Access Denied'));
  });
}

async function timeline(log: readonly object[], incident?: object, elsewhere?: number) {
  await using server = await withLog(log, incident, elsewhere);
  const read = await createIncidents(server.client).timeline('PINC001', anAsk());
  return { ...read, paths: server.received.map(({ path }) => path.split('/').at(-1)) };
}

describe('the log of an incident', () => {
  it.each([
    ...['trigger', 'acknowledge', 'acknowledgement', 'unacknowledge', 'assign', 'delegate', 'escalate'],
    ...['exhaust_escalation_path', 'repeat_escalation_path', 'reach_ack_limit', 'reach_trigger_limit'],
    ...['notify', 'snooze', 'urgency_change'],
  ])('says by %s that it is still open, without a second read', async (type) => {
    expect(await timeline([entry(type, 1)], { status: 'resolved' })).toMatchObject({
      ...{ isResolved: false, merged: null, resolvedBy: null, paths: ['log_entries'] },
    });
  });

  it.each(['resolve', 'reopen', 'merge', 'something_new'])(
    'does not say by %s whether it is open: the incident does',
    async (type) => {
      expect(await timeline([entry(type, 1)], { status: 'resolved' })).toMatchObject({ isResolved: true });
      expect(await timeline([entry(type, 1)])).toMatchObject({ isResolved: false });
    },
  );

  it('says who resolved it last, or that nobody is named', async () => {
    const by = (one: object | null, other: object | null) =>
      timeline([entry('resolve', 1, { agent: one }), entry('resolve', 2, { agent: other })], {
        status: 'resolved',
      });

    expect((await by(SAM, TAYLOR)).resolvedBy).toEqual(TAYLOR);
    const atOnce = [{ ...entry('resolve', 1), id: 'R0', agent: SAM }, entry('resolve', 1, { agent: TAYLOR })];
    expect((await timeline(atOnce, { status: 'resolved' })).resolvedBy).toEqual(TAYLOR);
    expect((await by(SAM, null)).resolvedBy).toMatchObject({ id: '', type: 'unknown' });
    expect((await timeline([entry('reopen', 1)], { status: 'resolved' })).resolvedBy).toBeNull();
    expect((await timeline([entry('resolve', 1, { agent: SAM }), entry('reopen', 2)])).resolvedBy).toBeNull();
  });

  it('leads to where it was merged, if that may be seen', async () => {
    const incident = { id: 'PINC002', type: 'incident_reference' };
    const merged = { status: 'resolved', resolve_reason: { type: 'merge_resolve_reason', incident } };

    expect((await timeline([entry('merge', 1)], merged)).merged).toEqual({ into: null });
    expect((await timeline([entry('merge', 1)])).merged).toBeNull();
    // Nobody says that it may not be seen: then it is not known, and is read again.
    expect((await failureOf(timeline([entry('merge', 1)], merged, 409))).status).toBe(409);
  });
});

describe('an incident is held', () => {
  const acknowledged = entry('acknowledge', 3, { agent: SAM });
  const holders = async (...log: readonly object[]) =>
    (await timeline(log)).heldBy?.map(({ at, by }) => `${by.id} ${at}`);
  const held = `PSAM1RE ${minute(3)}`;

  it.each(['trigger', 'notify', 'annotate', 'snooze', 'exhaust_escalation_path', 'reach_ack_limit'])(
    'by who acknowledged it, whatever comes after: %s',
    async (type) => {
      expect(await holders(entry(type, 2), acknowledged, entry(type, 4))).toEqual([held]);
    },
  );

  it.each([
    ...['unacknowledge', 'assign', 'delegate', 'escalate', 'repeat_escalation_path', 'urgency_change'],
    ...['reopen'],
  ])('by nobody after %s, and by who acknowledged it after that', async (type) => {
    expect(await holders(acknowledged, entry(type, 4))).toEqual([]);
    expect(await holders(acknowledged, entry(type, 2))).toEqual([held]);
    const again = entry('acknowledgement', 5, { agent: TAYLOR });
    expect(await holders(acknowledged, entry(type, 4), again)).toEqual([`PTAY2RE ${minute(5)}`]);
  });

  it('by what came last, of what has one time', async () => {
    expect(await holders(entry('assign', 3), acknowledged)).toEqual([held]);
    expect(await holders(acknowledged, entry('assign', 3))).toEqual([]);
  });

  it('by nobody that is named, where PagerDuty names nobody', async () => {
    const log = [entry('trigger', 0, { agent: SAM }), entry('acknowledge', 3)];

    expect(await timeline(log)).toMatchObject({
      acknowledgements: [{ by: { id: '', type: 'unknown' } }],
      heldBy: [{ by: { id: '', type: 'unknown' } }],
    });
  });

  it('by nobody once it is resolved', async () => {
    expect((await timeline([acknowledged, entry('resolve', 4)], { status: 'resolved' })).heldBy).toEqual([]);
  });
});

describe('resolutions', () => {
  const resolutions = async (...log: readonly object[]) => {
    await using server = await withLog(log);
    return await createIncidents(server.client).resolutions('PINC001', anAsk());
  };
  const resolved = entry('resolve', 3, { agent: SAM });

  it.each<[string, readonly object[], readonly object[]]>([
    ['none, where nobody resolved it', [entry('trigger', 0), entry('acknowledge', 1)], []],
    ['one that stands', [entry('trigger', 0), resolved], [{ at: minute(3) }]],
    [
      'one that stands, whatever is said and paged after it',
      [resolved, entry('annotate', 4), entry('notify', 5)],
      [{ at: minute(3) }],
    ],
    [
      'one that somebody undid, whatever is said before',
      [resolved, entry('annotate', 4), entry('reopen', 5, { agent: TAYLOR })],
      [{ at: minute(3), reopenedBy: TAYLOR }],
    ],
    [
      'one that nobody who is named undid',
      [resolved, entry('trigger', 5)],
      [{ at: minute(3), reopenedBy: null }],
    ],
    ['one, where it is told twice', [resolved, entry('resolve', 4)], [{ at: minute(4) }]],
    [
      'each of them, the oldest first',
      [resolved, entry('reopen', 5, { agent: TAYLOR }), entry('resolve', 6)],
      [{ at: minute(3), reopenedBy: TAYLOR }, { at: minute(6) }],
    ],
    [
      'in the order in which they came, though they have one time',
      [entry('resolve', 3), { ...entry('reopen', 3), agent: TAYLOR }],
      [{ at: minute(3), reopenedBy: TAYLOR }],
    ],
    [
      'in the order of time, though PagerDuty gives them in another',
      [entry('reopen', 5, { agent: TAYLOR }), resolved],
      [{ at: minute(3), reopenedBy: TAYLOR }],
    ],
  ])('are %s', async (_what, log, expected) => {
    expect(await resolutions(...log)).toEqual(expected);
  });
});

describe('requests for help', () => {
  const requests = async (more: object) => {
    await using server = await withLog([entry('trigger', 0), entry('responder_request', 1, more)]);
    return await createIncidents(server.client).helpRequests('PINC001', anAsk());
  };

  it.each<[string, unknown, readonly string[] | null]>([
    ['references', [TAYLOR], ['PTAY2RE']],
    ['users in them', [{ id: 'x', user: TAYLOR }], ['PTAY2RE']],
    ['nobody', [], []],
    ['something of another shape', [TAYLOR, { name: 'Sam' }], null],
    ['nothing at all', undefined, null],
  ])('tell whom they ask by %s', async (_what, responders, asked) => {
    expect(await requests({ agent: SAM, responders })).toEqual([{ by: SAM, asked }]);
  });

  it('by nobody that is named are nobody’s', async () => {
    expect(await requests({ responders: [TAYLOR] })).toMatchObject([{ by: { id: '', type: 'unknown' } }]);
  });

  it('are not known where the log is gone', async () => {
    await using server = await answering((_request, response) => gone(response));

    const asked = createIncidents(server.client).helpRequests('PINC001', anAsk());
    expect((await failureOf(asked)).kind).toBe('not-found');
  });
});
