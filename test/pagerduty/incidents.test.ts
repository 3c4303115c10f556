import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import type { NewIncident } from '../../src/ports/pagerduty.ts';
import { setServiceDisabled } from '../sim/pagerduty/administration.ts';
import { acknowledge } from '../sim/pagerduty/incident-life.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { anAlert } from './alert.ts';
import { json } from './http-server.ts';
import { aClient, anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

const NEW: NewIncident = {
  key: 'access-request-1',
  serviceId: 'PSERVC2',
  title: 'Access request by sre-2 for prodaccess',
  details: 'to fix the alert',
  urgency: 'low',
};
const SAM = { type: 'user', id: 'PSAM1RE' } as const;

describe('open incidents', () => {
  it('are the triggered and acknowledged ones of the services, newest first', async () => {
    await using pagerDuty = await aPagerDuty();
    const { account } = pagerDuty;
    const incidents = createIncidents(pagerDuty.client);
    const oldest = anAlert(account);
    acknowledge(account, oldest, SAM);
    account.clock.advance(400 * 86_400_000);
    const newest = anAlert(account);
    await incidents.resolve(anAlert(account), anAsk());
    anAlert(account, { serviceId: 'PSERVC2' });

    const open = await incidents.openOn(['PSERVC1'], anAsk());

    expect(open.map(({ id, status }) => [id, status])).toEqual([
      [newest, 'triggered'],
      [oldest, 'acknowledged'],
    ]);
    expect(open[1]).toMatchObject({
      title: 'checkout is down',
      urgency: 'high',
      service: { id: 'PSERVC1', summary: 'Payments API' },
      assignees: [{ id: 'PSAM1RE', summary: 'Sam One' }],
      acknowledgements: [{ by: { id: 'PSAM1RE', type: 'user_reference' } }],
    });
  });

  it('of no service are none, without a call: PagerDuty would give those of all', async () => {
    await using pagerDuty = await aPagerDuty();
    anAlert(pagerDuty.account);

    expect(await createIncidents(pagerDuty.client).openOn([], anAsk())).toEqual([]);
    expect(pagerDuty.calls.all()).toEqual([]);
  });

  it('of many services are asked for a hundred services at a time', async () => {
    await using pagerDuty = await aPagerDuty();
    const id = anAlert(pagerDuty.account);
    const services = Array.from({ length: 249 }, (_, index) => `PNONE${index}`);

    const open = await createIncidents(pagerDuty.client).openOn([...services, 'PSERVC1', 'PSERVC1'], anAsk());

    expect(open.map((incident) => incident.id)).toEqual([id]);
    expect(pagerDuty.calls.all().map(({ query }) => Object.values(query).flat().length)).toHaveLength(3);
  });

  it('that were not asked for are a malformed answer', async () => {
    const incident = {
      id: 'PINC001',
      status: 'resolved',
      urgency: 'high',
      service: { id: 'PSERVC1', type: 'service_reference' },
      acknowledgements: null,
      created_at: '2026-03-03T02:14:07Z',
    };
    await using server = await answering({ incidents: [incident], more: false });

    expect((await failureOf(createIncidents(server.client).openOn(['PSERVC1'], anAsk()))).kind).toBe(
      'malformed',
    );
  });
});

describe('opening an incident', () => {
  it('opens it on the service, with its key, as the `from` user', async () => {
    await using pagerDuty = await aPagerDuty();

    const incident = await createIncidents(pagerDuty.client).open(NEW, anAsk());

    expect(incident).toMatchObject({
      incidentKey: NEW.key,
      title: NEW.title,
      status: 'triggered',
      urgency: 'low',
      service: { id: 'PSERVC2' },
      acknowledgements: [],
    });
    expect(pagerDuty.account.incidents.require(incident.id).details).toBe('to fix the alert');
    expect(pagerDuty.calls.all()[0]?.from).toBe('oncall-approver@example.com');
  });

  it('is refused where one is open with its key, whoever opened that: it is for the caller to look', async () => {
    await using pagerDuty = await aPagerDuty();
    const incidents = createIncidents(pagerDuty.client);
    await incidents.open(NEW, anAsk());

    expect(await failureOf(incidents.open(NEW, anAsk()))).toMatchObject({ kind: 'refused', status: 400 });
    expect(pagerDuty.account.incidents.all()).toHaveLength(1);
  });

  it('is sent once, fails transiently when the answer is lost, and is found by its key then', async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.faults.add({ kind: 'reset', after: true, times: 1, match: { method: 'POST' } });
    const incidents = createIncidents(pagerDuty.client);

    const failure = await failureOf(incidents.open(NEW, anAsk()));
    const found = await incidents.allWithKey(NEW.key, anAsk());

    expect(failure).toMatchObject({ kind: 'unavailable', transient: true });
    expect(found.map(({ incidentKey }) => incidentKey)).toEqual([NEW.key]);
    expect(pagerDuty.account.incidents.all()).toHaveLength(1);
  });

  it('is refused for good where PagerDuty takes none, though one with the key was resolved before', async () => {
    await using pagerDuty = await aPagerDuty();
    const incidents = createIncidents(pagerDuty.client);
    const { id } = await incidents.open(NEW, anAsk());
    await incidents.resolve(id, anAsk());
    setServiceDisabled(pagerDuty.account, 'PSERVC2', true);

    const failure = await failureOf(incidents.open(NEW, anAsk()));

    expect(failure).toMatchObject({ kind: 'refused', transient: false, status: 400 });
    expect(failure.message).toMatch(/disabled/);
  });

  it('is forbidden with a reading key, and says what the key lacks', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url, { writeKey: () => 'read-only-key-000001' });

    const failure = await failureOf(createIncidents(client).open(NEW, anAsk()));

    expect(failure.kind).toBe('forbidden');
    expect(failure.message).toMatch(/no right to open an incident.*`incidents\.write`.*full access/);
  });

  it('cuts what is too long, between characters', async () => {
    await using pagerDuty = await aPagerDuty();

    const { id, title } = await createIncidents(pagerDuty.client).open(
      { ...NEW, title: `x${'👩‍🚒'.repeat(200)}`, details: 'é'.repeat(9_000) },
      anAsk(),
    );

    expect(title).toMatch(/^x(👩‍🚒)+…$/u);
    expect(title.length).toBeLessThanOrEqual(255);
    expect(pagerDuty.account.incidents.require(id).details).toHaveLength(8_000);
  });
});

describe('incidents by their key', () => {
  it('are all of them, whatever their status, the newest first', async () => {
    await using pagerDuty = await aPagerDuty();
    const incidents = createIncidents(pagerDuty.client);
    const { id: before } = await incidents.open(NEW, anAsk());
    await incidents.resolve(before, anAsk());
    pagerDuty.account.clock.advance(60_000);
    const { id } = await incidents.open(NEW, anAsk());
    await incidents.resolve(id, anAsk());

    expect((await incidents.allWithKey(NEW.key, anAsk())).map((each) => each.id)).toEqual([id, before]);
  });

  it('are none when there never was one', async () => {
    await using pagerDuty = await aPagerDuty();
    anAlert(pagerDuty.account);

    expect(await createIncidents(pagerDuty.client).allWithKey('no-such-key', anAsk())).toEqual([]);
  });

  it.each(['', '  '])(
    'are not asked for with the empty key %j, which matches every incident',
    async (key) => {
      await using pagerDuty = await aPagerDuty();

      expect((await failureOf(createIncidents(pagerDuty.client).allWithKey(key, anAsk()))).kind).toBe(
        'refused',
      );
      expect(pagerDuty.calls.all()).toEqual([]);
    },
  );
});

it('an incident by its id is found, or null when PagerDuty has none', async () => {
  await using pagerDuty = await aPagerDuty();
  const id = anAlert(pagerDuty.account);
  const incidents = createIncidents(pagerDuty.client);

  expect(await incidents.find(id, anAsk())).toMatchObject({ id, htmlUrl: expect.any(String) as string });
  expect(await incidents.find('PNOSUCH', anAsk())).toBeNull();
});

describe('resolving', () => {
  it('takes one call, and says whether it was done before, which is no error', async () => {
    await using pagerDuty = await aPagerDuty();
    const id = anAlert(pagerDuty.account);
    const incidents = createIncidents(pagerDuty.client);

    expect(await incidents.resolve(id, anAsk())).toMatchObject({ incident: { id }, before: false });
    expect(pagerDuty.calls.all()).toHaveLength(1);
    expect(await incidents.resolve(id, anAsk())).toMatchObject({
      incident: { id, status: 'resolved' },
      before: true,
    });
    expect(pagerDuty.account.incidents.require(id).status).toBe('resolved');
  });

  it('an incident that is gone gives none', async () => {
    await using pagerDuty = await aPagerDuty();

    expect(await createIncidents(pagerDuty.client).resolve('QGONE', anAsk())).toBeNull();
  });

  it.each([
    ['fails where PagerDuty forbids it, though it was done before', 403, 200, 403],
    ['fails where PagerDuty refuses it otherwise, though it was done before', 409, 200, 409],
    ['gives none where PagerDuty refuses it and the incident is gone', 400, 404, null],
  ])('%s', async (_what, put, get, status) => {
    await using pagerDuty = await aPagerDuty();
    const id = anAlert(pagerDuty.account);
    const incidents = createIncidents(pagerDuty.client);
    await incidents.resolve(id, anAsk());
    pagerDuty.faults.add({ kind: 'status', status: put, match: { method: 'PUT' } });
    if (get !== 200) pagerDuty.faults.add({ kind: 'status', status: get, match: { method: 'GET' } });

    const resolving = incidents.resolve(id, anAsk());

    if (status === null) expect(await resolving).toBeNull();
    else expect((await failureOf(resolving)).status).toBe(status);
  });

  it('that is refused for another reason is an error', async () => {
    await using pagerDuty = await startPagerDuty();
    const id = anAlert(pagerDuty.account);
    using client = aClient(pagerDuty.url, { from: 'gone@example.com' });

    const failure = await failureOf(createIncidents(client).resolve(id, anAsk()));

    expect(failure).toMatchObject({ kind: 'refused', status: 400 });
    expect(pagerDuty.account.incidents.require(id).status).toBe('triggered');
  });
});

describe('what an incident shows of the text that it was opened with', () => {
  const sent = { title: 'Access request', details: 'by sre-2\n  to fix it' };
  const shown = async (incident: object, entry: object | null) => {
    const first = { id: 'R1ENTRY', type: 'trigger_log_entry_reference' };
    await using server = await answering((request, response) => {
      if (!request.path.startsWith('/log_entries/')) {
        const reference = { id: 'PSERVC1', type: 'service_reference' };
        const kept = {
          id: 'PINC001',
          status: 'triggered',
          urgency: 'high',
          created_at: '2026-03-03T02:14:07Z',
        };
        const policy = { id: 'PPOLCY1', type: 'escalation_policy_reference' };
        const rest = { service: reference, escalation_policy: policy, title: sent.title };
        json(response, 200, { incident: { ...kept, ...rest, first_trigger_log_entry: first, ...incident } });
      } else if (entry === null) json(response, 404, {});
      else json(response, 200, { log_entry: { ...first, type: 'trigger_log_entry', ...entry } });
    });
    return await createIncidents(server.client).shownOf('PINC001', sent, anAsk());
  };

  it('goes by its words, not by blanks and line ends', async () => {
    expect(await shown({}, { channel: { details: 'by sre-2 to\r\nfix it ' } })).toMatchObject({
      changed: null,
    });
    expect(await shown({ title: 'Access' }, { channel: { details: sent.details } })).toMatchObject({
      changed: 'title',
    });
  });

  it.each([
    ['there is no first entry', { first_trigger_log_entry: null }, {}, 'it has no first log entry'],
    ['the entry is gone', {}, null, '404'],
    ['it has no channel', {}, {}, 'its text is not there'],
    ['its text is no text', {}, { channel: { details: { body: 'to fix it' } } }, 'its text is not there'],
  ])('is not known where %s', async (_which, incident, entry, says) => {
    expect((await failureOf(shown(incident, entry))).message).toContain(says);
  });
});
