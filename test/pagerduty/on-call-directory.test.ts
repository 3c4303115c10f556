import { describe, expect, it } from 'vitest';
import { covers, isPermanent } from '../../src/core/on-call.ts';
import type { PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import type { OnCallAnswer } from '../../src/ports/pagerduty.ts';
import { deleteUser, repointService } from '../sim/pagerduty/administration.ts';
import { aPolicy, aRule, aUser } from '../sim/pagerduty/builders.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

const ROW = {
  user: { id: 'PSAM1RE', type: 'user_reference', summary: 'Sam One' },
  escalation_policy: { id: 'PPOLCY1', type: 'escalation_policy', summary: 'Payments', services: [] },
  escalation_level: 1,
  schedule: { id: 'PSCHED1', type: 'schedule_v3_reference', summary: null },
  start: '2026-03-02T09:00:00-05:00',
  end: '2026-03-09T09:00:00-05:00',
};

function under(client: PagerDutyClient, ask = anAsk()): Promise<OnCallAnswer> {
  return createOnCallDirectory(client).onCallsUnder(['PPOLCY1'], null, ask);
}

function onCalls(...rows: readonly unknown[]): object {
  return { oncalls: rows, limit: 100, offset: 0, more: false, total: null };
}

describe('users by e-mail address', () => {
  it('are those of exactly that address, whatever its case, out of all that contain it', async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.account.addUser(aUser({ email: 'other.SRE-1@example.com' }));

    const users = await createOnCallDirectory(pagerDuty.client).usersByEmail('SRE-1@Example.com', anAsk());

    expect(users).toEqual([{ id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' }]);
  });

  it('are found on later pages too', async () => {
    await using pagerDuty = await aPagerDuty();
    for (let user = 0; user < 130; user += 1) {
      pagerDuty.account.addUser(aUser({ email: `${user}.doe@example.com` }));
    }
    const jane = pagerDuty.account.addUser(aUser({ email: 'doe@example.com' }));
    const ask = anAsk();

    const users = await createOnCallDirectory(pagerDuty.client).usersByEmail('doe@example.com', ask);

    expect(users.map(({ id }) => id)).toEqual([jane.id]);
    expect(ask.reads()).toBe(2);
  });

  it('are nobody, without a call, for no address', async () => {
    await using pagerDuty = await aPagerDuty();

    expect(await createOnCallDirectory(pagerDuty.client).usersByEmail(' ', anAsk())).toEqual([]);
    expect(pagerDuty.calls.all()).toEqual([]);
  });
});

describe('on-call rows', () => {
  it("are those of the policies, with everybody's address, the services at this moment and PagerDuty's time", async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.account.clock.setOffset(-3_600_000);
    const ask = anAsk();

    const { at, rows, people, broken } = await under(pagerDuty.client, ask);

    expect(ask.reads()).toBe(1);
    expect(Date.parse(at) - pagerDuty.account.clock.now().getTime()).toBeLessThanOrEqual(0);
    expect(Date.parse(at) - pagerDuty.account.clock.now().getTime()).toBeGreaterThan(-5_000);
    expect(rows[0]).toMatchObject({
      user: { id: 'PSAM1RE', summary: 'Sam One' },
      escalation_policy: { id: 'PPOLCY1', summary: 'Payments' },
      escalation_level: 1,
      schedule: { id: 'PSCHED1', summary: 'Payments primary' },
    });
    const services = rows[0]?.escalation_policy?.services?.map(({ id }) => id).toSorted();
    expect(services).toEqual(['PSERVC1', 'PSERVC2']);
    expect(rows.every((row) => covers(row, at))).toBe(true);
    expect(people.get('PSAM1RE')).toEqual({ id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' });
    expect(broken).toEqual([]);
    const on = await createOnCallDirectory(pagerDuty.client).onCallsOn(['PSCHED1'], null, anAsk());
    expect(on.rows).toEqual(rows.filter(({ schedule }) => schedule?.id === 'PSCHED1'));
  });

  it('show at once when a service goes to another policy', async () => {
    await using pagerDuty = await aPagerDuty();
    const rules = [aRule([{ kind: 'user', id: 'POUT4SD' }])];
    const other = pagerDuty.account.addEscalationPolicy(aPolicy({ name: 'Other', rules }));
    repointService(pagerDuty.account, 'PSERVC1', other.id);
    const directory = createOnCallDirectory(pagerDuty.client);

    const { rows } = await directory.onCallsUnder(['PPOLCY1', other.id], null, anAsk());
    const servicesOf = (userId: string) =>
      rows.find(({ user }) => user.id === userId)?.escalation_policy?.services?.map(({ id }) => id);

    expect(servicesOf('PSAM1RE')).toEqual(['PSERVC2']);
    expect(servicesOf('POUT4SD')).toEqual(['PSERVC1']);
  });

  it('of a direct target of the policy are permanent', async () => {
    await using pagerDuty = await aPagerDuty();

    const permanent = (await under(pagerDuty.client)).rows.filter(({ user }) => user.id === 'PMAN5GR');

    expect(permanent).toMatchObject([{ schedule: null, start: null, end: null, escalation_level: 3 }]);
    expect(permanent.every(isPermanent)).toBe(true);
  });

  it('are none for a deleted user whose stub is still in the schedule', async () => {
    await using pagerDuty = await aPagerDuty();
    deleteUser(pagerDuty.account, 'PSAM1RE');

    const { rows, people } = await under(pagerDuty.client);
    expect(rows.filter(({ user }) => user.id === 'PSAM1RE')).toEqual([]);
    expect(people.has('PSAM1RE')).toBe(false);
  });

  it('leave out deleted policies, schedules and services', async () => {
    const deleted_at = '2026-01-01T00:00:00Z';
    const services = [
      { id: 'PSERVC1', type: 'service_reference', summary: 'Payments API' },
      { id: 'PSERVC9', type: 'service_reference', summary: 'Gone', deleted_at },
    ];
    await using server = await answering(
      onCalls(
        { ...ROW, escalation_policy: { ...ROW.escalation_policy, services } },
        { ...ROW, escalation_policy: { ...ROW.escalation_policy, deleted_at } },
        { ...ROW, schedule: { ...ROW.schedule, deleted_at } },
      ),
    );

    const { rows } = await under(server.client);

    expect(rows).toHaveLength(1);
    expect(rows[0]?.escalation_policy?.services).toEqual([{ id: 'PSERVC1', summary: 'Payments API' }]);
  });

  it('keep times as PagerDuty wrote them, and say null where it did not name the services', async () => {
    await using server = await answering(
      onCalls({ ...ROW, escalation_policy: { ...ROW.escalation_policy, services: undefined } }),
    );

    expect((await under(server.client)).rows).toEqual([
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
    ['with a start that is no time', { start: 'yesterday' }, /field `start`/],
    ['with a time without offset', { end: '2026-03-09T09:00:00' }, /field `end`/],
    ['without end', { end: undefined }, /field `end`/],
    ['at level 0', { escalation_level: 0 }, /field `escalation_level`/],
    ['at a level that is no number', { escalation_level: 'first' }, /field `escalation_level`/],
  ])('%s are told apart from those that can be understood', async (_name, fields, why) => {
    const broken = { ...ROW, user: { ...ROW.user, id: 'POTHER1' }, ...fields };
    await using server = await answering(onCalls(broken, ROW, 'no row', { escalation_policy: 7 }));

    const answer = await under(server.client);

    expect(answer.rows.map(({ user }) => user.id)).toEqual(['PSAM1RE']);
    expect(answer.broken).toMatchObject([
      {
        policyId: 'PPOLCY1',
        scheduleId: 'PSCHED1',
        userId: 'POTHER1',
        why: expect.stringMatching(why) as string,
      },
      { policyId: null, scheduleId: null, userId: null },
      { policyId: null, scheduleId: null, userId: null },
    ]);
  });

  it('of another policy or schedule than was asked for are a malformed answer', async () => {
    await using server = await answering(onCalls(ROW));
    const directory = createOnCallDirectory(server.client);

    await using direct = await answering(onCalls({ ...ROW, schedule: null }));
    const other = { ...ROW, escalation_policy: { ...ROW.escalation_policy, id: 'PPOLCY2' } };
    await using mixed = await answering(onCalls(ROW, other));

    for (const ask of [
      () => directory.onCallsUnder(['PPOLCY2'], null, anAsk()),
      () => directory.onCallsOn(['PSCHED2'], null, anAsk()),
      () => createOnCallDirectory(direct.client).onCallsOn(['PSCHED1'], null, anAsk()),
      () => createOnCallDirectory(mixed.client).onCallsUnder(['PPOLCY1'], null, anAsk()),
    ])
      expect(await failureOf(ask())).toMatchObject({
        kind: 'malformed',
        message: expect.stringContaining('rows of another') as string,
      });
  });

  it('of what is no user, or of a user without an address, name nobody to be recognised', async () => {
    const bot = {
      ...ROW,
      user: { ...ROW.user, id: 'PBOT1', type: 'bot_user_reference', email: 'bot@example.com' },
    };
    await using server = await answering(onCalls(bot, ROW));

    const { rows, people } = await under(server.client);

    expect(rows.map(({ user }) => user.id)).toEqual(['PSAM1RE']);
    expect([...people]).toEqual([]);
  });

  describe('that take several pages', () => {
    const row = (index: number) => ({ ...ROW, user: { ...ROW.user, id: `PUSER${index}` } });

    /** PagerDuty with these rows, which are changed before the page of that number. */
    function paged(rows: object[], change: (page: number, rows: object[]) => unknown) {
      let page = 0;
      return serve(({ query }, response) => {
        change((page += 1), rows);
        const offset = Number(query.get('offset'));
        const more = rows.length > offset + 100;
        json(response, 200, { oncalls: rows.slice(offset, offset + 100), more });
      });
    }

    it.each<[string, (page: number, rows: object[]) => unknown]>([
      ['nothing changes', () => undefined],
      ['one goes from a page that was read', (page, rows) => (page === 2 ? rows.splice(3, 1) : rows)],
      ['one comes to a page already read', (page, rows) => (page === 2 ? rows.splice(3, 0, row(500)) : rows)],
    ])('are all of them where meanwhile %s', async (_what, change) => {
      const rows = Array.from({ length: 150 }, (_, index) => row(index));
      await using server = await paged(rows, change);
      using client = aClient(server.url);

      expect((await under(client)).rows.map(({ user }) => user.id)).toEqual(rows.map((each) => each.user.id));
    });

    it('are not known where they change each time', async () => {
      const rows = Array.from({ length: 150 }, (_, index) => row(index));
      await using server = await paged(rows, (page, all) => (page % 2 === 0 ? all.splice(3, 1) : all));
      using client = aClient(server.url);

      expect(await failureOf(under(client))).toMatchObject({ kind: 'malformed', transient: true });
    });
  });

  it('are malformed without a Date, because an answer without a time proves nothing', async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.faults.add({ kind: 'no-date' });

    const failure = await failureOf(under(pagerDuty.client));

    expect(failure.kind).toBe('malformed');
    expect(failure.message).toMatch(/no `Date` header/);
  });

  it('of no policy are refused without a call, because PagerDuty would answer for everybody', async () => {
    await using pagerDuty = await aPagerDuty();

    const directory = createOnCallDirectory(pagerDuty.client);
    for (const ids of [[], [''], ['PPOLCY1', '']]) {
      expect((await failureOf(directory.onCallsUnder(ids, null, anAsk()))).kind).toBe('refused');
      expect((await failureOf(directory.onCallsOn(ids, null, anAsk()))).kind).toBe('refused');
    }
    expect(pagerDuty.calls.all()).toEqual([]);
  });
});
