import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { gone, json } from './http-server.ts';
import { AN_INCIDENT, minute, user } from './messages.ts';
import { anAsk, answering, failureOf } from './subjects.ts';

describe('what was not asked for', () => {
  const KEY = 'access-request-1';

  it.each([
    ['of a service that was asked for', {}, null],
    ['of another service', { service: user('PSERVC2', 'service') }, 'malformed'],
    ['that is resolved', { status: 'resolved' }, 'malformed'],
  ])('among open incidents: one %s', async (_what, change, kind) => {
    await using server = await answering({ incidents: [{ ...AN_INCIDENT, ...change }], more: false });

    const found = createIncidents(server.client).openOn(['PSERVC1'], anAsk());

    if (kind === null) expect(await found).toMatchObject([{ id: 'PINC001' }]);
    else expect(await failureOf(found)).toMatchObject({ kind, message: /not asked for/u });
  });

  it.each([
    [KEY, null],
    ['another', 'malformed'],
    [null, 'malformed'],
  ])('by its key: one with the key %j', async (incident_key, kind) => {
    await using server = await answering({ incidents: [{ ...AN_INCIDENT, incident_key }], more: false });

    const found = createIncidents(server.client).allWithKey(KEY, anAsk());

    if (kind === null) expect(await found).toMatchObject([{ incidentKey: KEY }]);
    else expect(await failureOf(found)).toMatchObject({ kind, message: /not asked for/u });
  });
});

it('incidents are given with the newest first, in whatever order they come, and each once', async () => {
  const incidents = [1, 3, 2, 3].map((at) => ({
    ...{ ...AN_INCIDENT, id: `P${at}`, incident_key: 'k', created_at: minute(at) },
  }));
  await using server = await answering({ incidents, more: false });
  const read = createIncidents(server.client);

  expect((await read.openOn(['PSERVC1'], anAsk())).map(({ id }) => id)).toEqual(['P3', 'P2', 'P1']);
  expect((await read.allWithKey('k', anAsk())).map(({ createdAt }) => createdAt)).toEqual(
    [3, 3, 2, 1].map(minute),
  );
});

describe('an incident as PagerDuty has it', () => {
  const read = async (change: object) => {
    await using server = await answering({ incident: { ...AN_INCIDENT, ...change } });
    return await createIncidents(server.client).find('PINC001', anAsk());
  };
  const SAM = { ...user('PSAM1RE'), summary: 'Sam One' };
  const opened = { id: 'R1', agent: SAM };
  const [at, later] = [minute(0), minute(5)];

  it('is read whole', async () => {
    expect(
      await read({
        ...{ incident_key: 'k', title: 'down', html_url: 'https://x', first_trigger_log_entry: opened },
        assignments: [{ assignee: SAM }],
        assigned_via: 'direct_assignment',
        acknowledgements: [{ at: later, acknowledger: SAM }],
        incidents_responders: [
          { state: 'joined', user: SAM, requester: user('PTAY2RE') },
          { state: 'pending', user: SAM, requester: null },
        ],
        ...{ last_status_change_at: later, last_status_change_by: SAM },
        resolve_reason: { type: 'merge_resolve_reason', incident: user('PINC002', 'incident_reference') },
      }),
    ).toEqual({
      ...{ id: 'PINC001', incidentKey: 'k', title: 'down', status: 'triggered', urgency: 'high' },
      service: { id: 'PSERVC1', summary: 'Payments API' },
      escalationPolicy: { id: 'PPOLCY1', summary: 'Payments' },
      assignees: [{ id: 'PSAM1RE', summary: 'Sam One' }],
      isDirect: true,
      acknowledgements: [{ at: later, by: SAM }],
      responders: [
        {
          user: { id: 'PSAM1RE', summary: 'Sam One' },
          state: 'joined',
          requester: { id: 'PTAY2RE', summary: 'name of PTAY2RE' },
        },
        { user: { id: 'PSAM1RE', summary: 'Sam One' }, state: 'pending', requester: null },
      ],
      ...{ createdAt: at, openedBy: SAM, lastChangeAt: later, lastChangeBy: SAM },
      ...{ mergedInto: 'PINC002', htmlUrl: 'https://x' },
    });
  });

  it('may have nothing of it', async () => {
    const none = { assignees: [], acknowledgements: [], responders: [], isDirect: false, title: '' };
    const unknown = { incidentKey: null, openedBy: null, lastChangeAt: null, lastChangeBy: null };

    expect(await read({})).toMatchObject({ ...none, ...unknown, mergedInto: null, htmlUrl: null });
    expect(await read({ summary: 'down', assigned_via: 'escalation_policy' })).toMatchObject({
      title: 'down',
      isDirect: false,
    });
  });

  it.each([
    ['its opening is no change by anybody', { last_status_change_at: at, last_status_change_by: SAM }],
    ['it was opened by nobody that is named', { first_trigger_log_entry: { id: 'R1', agent: null } }],
    ['it was not resolved by a merge', { resolve_reason: { type: 'other', incident: SAM } }],
    ['it was merged nobody knows where', { resolve_reason: { type: 'merge_resolve_reason' } }],
  ])('where %s', async (_what, change) => {
    expect(await read(change)).toMatchObject({ lastChangeBy: null, openedBy: null, mergedInto: null });
  });
});

describe('what was merged away from services', () => {
  const into = (id: string) => ({
    status: 'resolved',
    resolve_reason: { type: 'merge_resolve_reason', incident: user(id, 'incident_reference') },
  });
  const SINCE = AN_INCIDENT.created_at;

  async function goesOn(incidents: Readonly<Record<string, object>>, first = ['P1']) {
    const whole = (id: string) => ({ ...AN_INCIDENT, ...incidents[id], id });
    await using server = await answering(({ path }, response) => {
      const id = path.split('/')[2];
      if (id === undefined) json(response, 200, { incidents: first.map(whole), more: true });
      else if (id in incidents) json(response, 200, { incident: whole(id) });
      else gone(response);
    });
    const found = await createIncidents(server.client).mergedOn(['PSERVC1'], SINCE as never, anAsk());
    return { found: found.map(({ merged, into: at }) => `${merged.id} in ${at.id}`), asked: server.received };
  }

  it.each<[string, Readonly<Record<string, object>>, readonly string[]]>([
    ['goes on there', { P1: into('P2'), P2: {} }, ['P1 in P2']],
    ['goes on at the end of five merges', chain(5), ['P1 in P6']],
    ['is not followed further', chain(6), []],
    ['is not followed in a circle', { P1: into('P2'), P2: into('P1') }, []],
    ['is over where that was resolved', { P1: into('P2'), P2: { status: 'resolved' } }, []],
    ['leads nowhere where that is gone', { P1: into('P2') }, []],
    ['is nothing that was only resolved', { P1: { status: 'resolved' } }, []],
  ])('%s', async (_what, incidents, expected) => {
    expect((await goesOn(incidents)).found).toEqual(expected);
  });

  it('is asked for by one list, and each incident that it went into once', async () => {
    const { found, asked } = await goesOn({ P1: into('P3'), P2: into('P3'), P3: {} }, ['P1', 'P2']);

    expect(found).toEqual(['P1 in P3', 'P2 in P3']);
    expect(asked.map(({ path }) => path)).toEqual(['/incidents', '/incidents/P3']);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toMatchObject({
      ...{ 'statuses[]': 'resolved', 'service_ids[]': 'PSERVC1', since: SINCE },
      ...{ sort_by: 'resolved_at:desc', limit: '100', 'include[]': 'first_trigger_log_entries' },
    });
  });

  it('is not asked for of no service: PagerDuty would tell of all', async () => {
    await using server = await answering({});

    expect(await createIncidents(server.client).mergedOn([], SINCE as never, anAsk())).toEqual([]);
    expect(server.received).toEqual([]);
  });

  function chain(merges: number): Readonly<Record<string, object>> {
    const links = Array.from({ length: merges }, (_, index) => [`P${index + 1}`, into(`P${index + 2}`)]);
    return { ...(Object.fromEntries(links) as Record<string, object>), [`P${merges + 1}`]: {} };
  }
});
