import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { shareReads, shareSearches } from '../../src/pagerduty/share-reads.ts';
import { deleteUser } from '../sim/pagerduty/administration.ts';
import { aUser } from '../sim/pagerduty/builders.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { json, serve } from './http-server.ts';
import { aClient, anAsk, failureOf } from './subjects.ts';

const NOON_MS = Date.parse('2026-03-03T12:00:00Z');
const EVERYBODY = ['PSAM1RE', 'PTAY2RE', 'PMAN5GR', 'POUT4SD'];

/** Both directories on the same simulator: the one that shares, and the one that it must agree with. */
function directories(pagerDuty: SimulatedPagerDuty, freshMs = 2_000) {
  const client = aClient(pagerDuty.url);
  const plain = createOnCallDirectory(client);
  return {
    plain,
    shared: shareReads(plain, client, { freshMs }),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

function addUsers(pagerDuty: SimulatedPagerDuty, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const email = `engineer-${index}@example.com`;
    pagerDuty.account.addUser(aUser({ email }));
    return email;
  });
}

describe('the shifts of a schedule that no policy uses', () => {
  it('take one read for a thousand who ask, at times that differ by seconds', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { plain, shared } = subject;
    const schedule = { id: 'PSCHED1', summary: 'Payments primary', kind: 'layers', attached: false } as const;
    const span = (ms: number) => ({
      from: instantOf(NOON_MS + ms),
      until: instantOf(NOON_MS + 240_000 + ms),
    });

    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => shared.shiftsOf(schedule, span(1 + index), anAsk())),
    );

    expect(pagerDuty.calls.matching('GET', '/schedules')).toHaveLength(1);
    expect(answers[999]?.rows).toEqual((await plain.shiftsOf(schedule, span(1_000), anAsk())).rows);
  });
});

describe('on-call rows that are asked for together', () => {
  it('are those that each would have got alone', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { plain, shared } = subject;

    const together = await Promise.all(EVERYBODY.map((id) => shared.onCallsOf(id, null, anAsk())));

    for (const [index, id] of EVERYBODY.entries()) {
      expect(together[index]?.rows).toEqual((await plain.onCallsOf(id, null, anAsk())).rows);
    }
    expect(together.some(({ rows }) => rows.length > 0)).toBe(true);
  });

  it('take two reads for a hundred people, however many ask', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { shared } = subject;
    const people = Array.from({ length: 100 }, (_, index) => `PNOBODY${index}`);

    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => shared.onCallsOf(people[index % 100] ?? '', null, anAsk())),
    );

    expect(pagerDuty.calls.matching('GET', '/oncalls')).toHaveLength(2);
  });

  it('are counted on one account, and cost the others nothing', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { shared } = subject;
    const asks = EVERYBODY.map(() => anAsk());

    await Promise.all(EVERYBODY.map((id, index) => shared.onCallsOf(id, null, asks[index] ?? anAsk())));

    expect(asks.map((ask) => ask.reads())).toEqual([1, 0, 0, 0]);
  });

  it('fail only for the one whom PagerDuty garbles', async () => {
    const row = {
      user: { id: 'PTAY2RE', type: 'user_reference', summary: 'Taylor' },
      escalation_policy: { id: 'PPOLCY1', type: 'escalation_policy_reference', summary: 'Payments' },
      escalation_level: 1,
      schedule: null,
      start: 'no time',
      end: null,
    };
    await using server = await serve(({ query }, response) =>
      json(response, 200, {
        oncalls: query.getAll('user_ids[]').includes('PTAY2RE') ? [row] : [],
        more: false,
      }),
    );
    using client = aClient(server.url);
    const shared = shareReads(createOnCallDirectory(client), client);

    const outcomes = await Promise.allSettled(EVERYBODY.map((id) => shared.onCallsOf(id, null, anAsk())));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it('fail for all together when PagerDuty fails, without asking for each', async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.faults.add({ kind: 'status', status: 503 });
    using subject = directories(pagerDuty);
    const { shared } = subject;

    const outcomes = await Promise.allSettled(EVERYBODY.map((id) => shared.onCallsOf(id, null, anAsk())));

    expect(outcomes.map(({ status }) => status)).toEqual(EVERYBODY.map(() => 'rejected'));
    expect(pagerDuty.calls.all()).toHaveLength(3);
  });

  it('are cut to the span that each asked for', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { plain, shared } = subject;
    const now = pagerDuty.account.clock.now().getTime();
    const spans = [0, 1, 2].map((hours) => ({
      from: new Date(now - hours * 3_600_000 - 1_234).toISOString() as never,
      until: new Date(now + 1_234).toISOString() as never,
    }));

    for (const span of spans) {
      const { rows } = await shared.onCallsOf('PSAM1RE', span, anAsk());
      expect(rows).toEqual((await plain.onCallsOf('PSAM1RE', span, anAsk())).rows);
    }
  });
});

describe('an answer', () => {
  it('is given again while it is fresh, with the time that PagerDuty gave it', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty);
    const { shared } = subject;

    const first = await shared.onCallsOf('PSAM1RE', null, anAsk());
    const second = await shared.onCallsOf('PSAM1RE', null, anAsk());

    expect(second).toBe(first);
    expect(pagerDuty.calls.all()).toHaveLength(1);
  });

  it('is never given again beyond its freshness', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty, 50);
    const { shared } = subject;

    expect((await shared.onCallsOf('PSAM1RE', null, anAsk())).rows).not.toEqual([]);
    deleteUser(pagerDuty.account, 'PSAM1RE');
    await delay(51);

    expect((await shared.onCallsOf('PSAM1RE', null, anAsk())).rows).toEqual([]);
  });

  it('ages from when it was asked for, not from when it came', async () => {
    await using pagerDuty = await startPagerDuty({ latencyMs: 100 });
    using subject = directories(pagerDuty, 50);
    const { shared } = subject;

    await shared.onCallsOf('PSAM1RE', null, anAsk());
    await shared.onCallsOf('PSAM1RE', null, anAsk());

    expect(pagerDuty.calls.all()).toHaveLength(2);
  });

  it('that is asked for again and again is read anew along with others, before its time is over', async () => {
    await using pagerDuty = await startPagerDuty();
    using subject = directories(pagerDuty, 400);
    const { shared } = subject;
    const users = () => pagerDuty.calls.all().map(({ query }) => query['user_ids[]']);
    await shared.onCallsOf('PSAM1RE', null, anAsk());
    await shared.onCallsOf('PSAM1RE', null, anAsk());
    await shared.onCallsOf('PMAN5GR', null, anAsk());

    await delay(250);
    await shared.onCallsOf('PTAY2RE', null, anAsk());
    await delay(200);
    await shared.onCallsOf('PSAM1RE', null, anAsk());

    expect(users()).toEqual([['PSAM1RE'], ['PMAN5GR'], ['PTAY2RE', 'PSAM1RE']]);
  });

  it('that failed is not kept', async () => {
    await using pagerDuty = await startPagerDuty();
    const fault = pagerDuty.faults.add({ kind: 'status', status: 400 });
    using subject = directories(pagerDuty);
    const { shared } = subject;
    await failureOf(shared.onCallsOf('PSAM1RE', null, anAsk()));

    fault.remove();

    expect((await shared.onCallsOf('PSAM1RE', null, anAsk())).rows).not.toEqual([]);
  });
});

describe('an asker whose time is over', () => {
  it('takes the answer from nobody else', async () => {
    await using pagerDuty = await startPagerDuty({ latencyMs: 150 });
    using subject = directories(pagerDuty);
    const { shared } = subject;
    const hasty = shared.onCallsOf('PSAM1RE', null, anAsk(AbortSignal.timeout(20)));
    const patient = shared.onCallsOf('PSAM1RE', null, anAsk());

    expect((await failureOf(hasty)).kind).toBe('timeout');
    expect((await patient).rows).not.toEqual([]);
    expect(pagerDuty.calls.all()).toHaveLength(1);
  });

  it('ends the read when it was the last one, and later askers start their own', async () => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.faults.add({ kind: 'stall-headers', times: 1 });
    using subject = directories(pagerDuty);
    const { shared } = subject;

    await failureOf(shared.onCallsOf('PSAM1RE', null, anAsk(AbortSignal.timeout(50))));

    expect((await shared.onCallsOf('PSAM1RE', null, anAsk())).rows).not.toEqual([]);
  });
});

describe('e-mail addresses that are asked for together', () => {
  it('take one query and one list of all users', async () => {
    await using pagerDuty = await startPagerDuty({ latencyMs: 20 });
    const emails = addUsers(pagerDuty, 50);
    using subject = directories(pagerDuty);
    const { shared } = subject;

    const alone = shared.usersByEmail(emails[0] ?? '', anAsk());
    await pagerDuty.until(() => pagerDuty.calls.all().length === 1);
    const found = await Promise.all(emails.map((email) => shared.usersByEmail(email.toUpperCase(), anAsk())));

    expect(await alone).toEqual(found[0]);
    expect(found.map((users) => users.map(({ email }) => email))).toEqual(emails.map((email) => [email]));
    expect(pagerDuty.calls.matching('GET', '/users')).toHaveLength(2);
  });

  it('are each asked for in an account too big to be listed, and the list is not tried again', async () => {
    await using pagerDuty = await startPagerDuty();
    const emails = addUsers(pagerDuty, 650);
    using subject = directories(pagerDuty);
    const { shared } = subject;
    const few = emails.slice(0, 5);

    const found = await Promise.all(few.map((email) => shared.usersByEmail(email, anAsk())));
    const listed = pagerDuty.calls.all().filter(({ query }) => query['query'] === undefined).length;
    await Promise.all(emails.slice(10, 15).map((email) => shared.usersByEmail(email, anAsk())));

    expect(found.map((users) => users[0]?.email)).toEqual(few);
    expect(listed).toBe(5);
    expect(pagerDuty.calls.all()).toHaveLength(listed + 5 + 5);
  });

  it('say when several users have one of them', async () => {
    await using pagerDuty = await startPagerDuty();
    const emails = addUsers(pagerDuty, 5);
    pagerDuty.account.addUser(aUser({ email: (emails[3] ?? '').toUpperCase() }));
    using subject = directories(pagerDuty);
    const { shared } = subject;

    const found = await Promise.all(emails.map((email) => shared.usersByEmail(email, anAsk())));

    expect(found.map((users) => users.length)).toEqual([1, 1, 1, 2, 1]);
  });
});

describe('searches for incidents that are made together', () => {
  it('share a call, and each gets those of its own services, newest first', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const shared = shareSearches(createIncidents(client));
    for (const [second, serviceId] of ['PSERVC1', 'PSERVC2', 'PSERVC1'].entries()) {
      pagerDuty.account.clock.setOffset(second * 1_000);
      triggerAlert(pagerDuty.account, { serviceId, title: `trouble on ${serviceId}` });
    }

    const [one, two, both] = await Promise.all([
      shared.openOn(['PSERVC1'], anAsk()),
      shared.openOn(['PSERVC2'], anAsk()),
      shared.openOn(['PSERVC1', 'PSERVC2'], anAsk()),
    ]);

    expect(one.map(({ service }) => service.id)).toEqual(['PSERVC1', 'PSERVC1']);
    expect(two.map(({ service }) => service.id)).toEqual(['PSERVC2']);
    expect(both.map(({ id }) => id)).toEqual(
      (await createIncidents(client).openOn(['PSERVC1', 'PSERVC2'], anAsk())).map(({ id }) => id),
    );
    expect(pagerDuty.calls.matching('GET', '/incidents')).toHaveLength(2);
  });
});
