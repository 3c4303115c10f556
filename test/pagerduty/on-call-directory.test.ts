import { describe, expect, it } from 'vitest';
import { covers, isPermanent } from '../../src/core/on-call.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { deleteUser, repointService } from '../sim/pagerduty/administration.ts';
import { aPolicy, aRule, aUser } from '../sim/pagerduty/builders.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, failureOf } from './subjects.ts';

const ROW = {
  user: { id: 'PSAM1RE', type: 'user_reference', summary: 'Sam One' },
  escalation_policy: { id: 'PPOLCY1', type: 'escalation_policy', summary: 'Payments', services: [] },
  escalation_level: 1,
  schedule: { id: 'PSCHED1', type: 'schedule_v3_reference', summary: null },
  start: '2026-03-02T09:00:00-05:00',
  end: '2026-03-09T09:00:00-05:00',
};

function onCalls(...rows: readonly object[]): unknown {
  return { oncalls: rows, limit: 100, offset: 0, more: false, total: null };
}

describe('users by e-mail address', () => {
  it('are those of exactly that address, whatever its case, out of all that contain it', async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.account.addUser(aUser({ email: 'other.SRE-1@example.com' }));
    using client = aClient(pagerDuty.url);

    const users = await createOnCallDirectory(client).usersByEmail('SRE-1@Example.com', anAsk());

    expect(users).toEqual([{ id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' }]);
  });

  it('are found on later pages too', async () => {
    await using pagerDuty = await startPagerDuty();
    for (let user = 0; user < 130; user += 1) {
      pagerDuty.account.addUser(aUser({ email: `${user}.doe@example.com` }));
    }
    const jane = pagerDuty.account.addUser(aUser({ email: 'doe@example.com' }));
    using client = aClient(pagerDuty.url);
    const ask = anAsk();

    const users = await createOnCallDirectory(client).usersByEmail('doe@example.com', ask);

    expect(users.map(({ id }) => id)).toEqual([jane.id]);
    expect(ask.reads()).toBe(2);
  });

  it('are nobody, without a call, for no address', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);

    expect(await createOnCallDirectory(client).usersByEmail(' ', anAsk())).toEqual([]);
    expect(pagerDuty.calls.all()).toEqual([]);
  });
});

describe('on-call rows', () => {
  it("are the user's own, with the services of each policy at this moment and PagerDuty's time", async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.account.clock.setOffset(-3_600_000);
    using client = aClient(pagerDuty.url);
    const ask = anAsk();

    const { at, rows } = await createOnCallDirectory(client).onCallsOf('PSAM1RE', null, ask);

    expect(ask.reads()).toBe(1);
    expect(Date.parse(at) - pagerDuty.account.clock.now().getTime()).toBeLessThanOrEqual(0);
    expect(Date.parse(at) - pagerDuty.account.clock.now().getTime()).toBeGreaterThan(-5_000);
    expect(rows).toMatchObject([
      {
        user: { id: 'PSAM1RE', summary: 'Sam One' },
        escalation_policy: { id: 'PPOLCY1', summary: 'Payments' },
        escalation_level: 1,
        schedule: { id: 'PSCHED1', summary: 'Payments primary' },
      },
    ]);
    expect(rows[0]?.escalation_policy?.services?.map(({ id }) => id).toSorted()).toEqual([
      'PSERVC1',
      'PSERVC2',
    ]);
    expect(rows.every((row) => covers(row, at))).toBe(true);
  });

  it('show at once when a service goes to another policy', async () => {
    await using pagerDuty = await startPagerDuty();
    const rules = [aRule([{ kind: 'user', id: 'POUT4SD' }])];
    const other = pagerDuty.account.addEscalationPolicy(aPolicy({ name: 'Other', rules }));
    repointService(pagerDuty.account, 'PSERVC1', other.id);
    using client = aClient(pagerDuty.url);
    const directory = createOnCallDirectory(client);

    const sam = await directory.onCallsOf('PSAM1RE', null, anAsk());
    const outsider = await directory.onCallsOf('POUT4SD', null, anAsk());

    expect(sam.rows[0]?.escalation_policy?.services?.map(({ id }) => id)).toEqual(['PSERVC2']);
    expect(outsider.rows[0]?.escalation_policy?.services?.map(({ id }) => id)).toEqual(['PSERVC1']);
  });

  it('of a direct target of the policy are permanent', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);

    const { rows } = await createOnCallDirectory(client).onCallsOf('PMAN5GR', null, anAsk());

    expect(rows).toMatchObject([{ schedule: null, start: null, end: null, escalation_level: 3 }]);
    expect(rows.every(isPermanent)).toBe(true);
  });

  it('are none for a user off call', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);

    expect((await createOnCallDirectory(client).onCallsOf('PTAY2RE', null, anAsk())).rows).toEqual([]);
  });

  it('are none for a deleted user whose stub is still in the schedule', async () => {
    await using pagerDuty = await startPagerDuty();
    deleteUser(pagerDuty.account, 'PSAM1RE');
    using client = aClient(pagerDuty.url);

    expect((await createOnCallDirectory(client).onCallsOf('PSAM1RE', null, anAsk())).rows).toEqual([]);
  });

  it('leave out deleted policies, schedules and services', async () => {
    const deleted_at = '2026-01-01T00:00:00Z';
    const services = [
      { id: 'PSERVC1', type: 'service_reference', summary: 'Payments API' },
      { id: 'PSERVC9', type: 'service_reference', summary: 'Gone', deleted_at },
    ];
    await using server = await serve((_request, response) =>
      json(
        response,
        200,
        onCalls(
          { ...ROW, escalation_policy: { ...ROW.escalation_policy, services } },
          { ...ROW, escalation_policy: { ...ROW.escalation_policy, deleted_at } },
          { ...ROW, schedule: { ...ROW.schedule, deleted_at } },
        ),
      ),
    );
    using client = aClient(server.url);

    const { rows } = await createOnCallDirectory(client).onCallsOf('PSAM1RE', null, anAsk());

    expect(rows).toHaveLength(1);
    expect(rows[0]?.escalation_policy?.services).toEqual([{ id: 'PSERVC1', summary: 'Payments API' }]);
  });

  it('keep times as PagerDuty wrote them, and say null where it did not name the services', async () => {
    await using server = await serve((_request, response) =>
      json(
        response,
        200,
        onCalls({ ...ROW, escalation_policy: { ...ROW.escalation_policy, services: undefined } }),
      ),
    );
    using client = aClient(server.url);

    const { rows } = await createOnCallDirectory(client).onCallsOf('PSAM1RE', null, anAsk());

    expect(rows).toEqual([
      {
        user: { id: 'PSAM1RE', summary: 'Sam One' },
        escalation_policy: { id: 'PPOLCY1', summary: 'Payments', services: null },
        escalation_level: 1,
        schedule: { id: 'PSCHED1', summary: 'PSCHED1' },
        start: '2026-03-02T09:00:00-05:00',
        end: '2026-03-09T09:00:00-05:00',
      },
    ]);
  });

  it.each([
    ['of another user', { ...ROW, user: { ...ROW.user, id: 'POTHER1' } }, /somebody else/],
    ['of what is no user', { ...ROW, user: { ...ROW.user, type: 'bot_user_reference' } }, /somebody else/],
    ['with a start that is no time', { ...ROW, start: 'yesterday' }, /field `oncalls\[0\]\.start`/],
    ['with a time without offset', { ...ROW, end: '2026-03-09T09:00:00' }, /field `oncalls\[0\]\.end`/],
    ['without end', { ...ROW, end: undefined }, /field `oncalls\[0\]\.end`/],
    ['at level 0', { ...ROW, escalation_level: 0 }, /field `oncalls\[0\]\.escalation_level`/],
  ])('%s are a malformed answer', async (_name, row, message) => {
    await using server = await serve((_request, response) => json(response, 200, onCalls(row)));
    using client = aClient(server.url);

    const failure = await failureOf(createOnCallDirectory(client).onCallsOf('PSAM1RE', null, anAsk()));

    expect(failure.kind).toBe('malformed');
    expect(failure.message).toMatch(message);
  });

  it('are malformed without a Date, because an answer without a time proves nothing', async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.faults.add({ kind: 'no-date' });
    using client = aClient(pagerDuty.url);

    const failure = await failureOf(createOnCallDirectory(client).onCallsOf('PSAM1RE', null, anAsk()));

    expect(failure.kind).toBe('malformed');
    expect(failure.message).toMatch(/no `Date` header/);
  });

  it('of no user id are refused without a call, because PagerDuty would answer for everybody', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);

    const failure = await failureOf(createOnCallDirectory(client).onCallsOf('', null, anAsk()));

    expect(failure.kind).toBe('refused');
    expect(pagerDuty.calls.all()).toEqual([]);
  });
});
