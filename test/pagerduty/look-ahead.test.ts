import { describe, expect, it } from 'vitest';
import { createLookAhead } from '../../src/pagerduty/look-ahead.ts';
import { gone, json } from './http-server.ts';
import { AN_INCIDENT, minute, user } from './messages.ts';
import { anAsk, answering, failureOf } from './subjects.ts';

describe('maintenance windows', () => {
  const [start_time, end_time] = [minute(0), minute(60)];

  it('are those of each service that was asked about, fifty at a time', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `PSERV${index}`);
    await using server = await answering(({ query }, response) => {
      const services = query.getAll('service_ids[]').map((id) => ({ id, type: 'service_reference' }));
      const own = { start_time, end_time, services };
      json(response, 200, { maintenance_windows: [own], more: false });
    });

    const windows = await createLookAhead(server.client).maintenance(ids, anAsk());

    expect([...windows.keys()]).toEqual(ids);
    expect(windows.get('PSERV0')).toEqual([{ from: start_time, until: end_time }]);
    expect(windows.get('PSERV100')).toEqual([{ from: start_time, until: end_time }]);
    expect(server.received.map(({ query }) => query.getAll('service_ids[]').length)).toEqual([50, 50, 1]);
    expect(server.received[0]?.query.get('filter')).toBe('open');
  });

  it('of no service are not asked for: PagerDuty would tell those of all', async () => {
    await using server = await answering({});

    expect([...(await createLookAhead(server.client).maintenance([], anAsk()))]).toEqual([]);
    expect(server.received).toEqual([]);
  });
});

describe('whom an incident asks', () => {
  async function escalation(incident: object | null) {
    await using server = await answering(({ path }, response) => {
      if (path.startsWith('/escalation_policies/')) {
        const delays = [30, 5].map((each) => ({ escalation_delay_in_minutes: each }));
        json(response, 200, { escalation_policy: { escalation_rules: delays } });
      } else if (incident === null) gone(response);
      else json(response, 200, { incident: { ...AN_INCIDENT, ...incident } });
    });
    const found = await createLookAhead(server.client).escalation('PINC001', anAsk());
    return { found, paths: server.received.map(({ path }) => path) };
  }

  it('is told with since when, and how long each level has', async () => {
    const assignments = [3, 5, 4].map((each) => ({ at: minute(each), assignee: user(`PUSER${each}`) }));

    const { found, paths } = await escalation({ assignments });

    expect(found).toEqual({
      status: 'triggered',
      assignees: [3, 5, 4].map((each) => ({ id: `PUSER${each}`, summary: `name of PUSER${each}` })),
      since: minute(5),
      policyId: 'PPOLCY1',
      delaysMs: [30 * 60_000, 5 * 60_000],
    });
    expect(paths).toEqual(['/incidents/PINC001', '/escalation_policies/PPOLCY1']);
  });

  it.each([null, []])('is nobody, since no time, with the assignments %j', async (assignments) => {
    expect((await escalation({ assignments })).found).toMatchObject({ assignees: [], since: null });
  });

  it('is not known of one that is gone, and of one whose status is not known', async () => {
    expect((await escalation(null)).found).toBeNull();
    expect((await failureOf(escalation({ status: 'paused' }))).kind).toBe('malformed');
  });
});
