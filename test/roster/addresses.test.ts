import { expect, it } from 'vitest';
import type { Target } from '../../src/core/rule.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import type { OnCallDirectory, Priority } from '../../src/ports/pagerduty.ts';
import { aLayer, aSchedule, aUser } from '../sim/pagerduty/builders.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { aClient, anAsk, failureOf } from '../pagerduty/subjects.ts';
import { TAYLOR } from '../support/situation.ts';
import { addServices, rosterOn } from './rosters.ts';

const PAYMENTS_API: Target = { kind: 'service', asked: 'Payments API' };

function lookUps({ calls }: SimulatedPagerDuty): number {
  return calls.matching('GET', '/users').length;
}

function idOf({ account }: SimulatedPagerDuty, email: string): string {
  return account.users.find((user) => user.email === email)?.id ?? '';
}

const recognised = async (pagerDuty: SimulatedPagerDuty, email: string) => {
  using client = aClient(pagerDuty.url);
  const roster = rosterOn(client);
  const find = () => roster.usersByEmail(email, roster.onCall([PAYMENTS_API], anAsk()), anAsk());
  await find();
  const before = lookUps(pagerDuty);
  const users = await find();
  return { users: users.map(({ id }) => id), reads: lookUps(pagerDuty) - before };
};

it('who has an address is told by the rows without a read, where nobody else has it', async () => {
  await using pagerDuty = await startPagerDuty();

  expect(await recognised(pagerDuty, 'SRE-1@example.com')).toEqual({ users: ['PSAM1RE'], reads: 0 });
});

it('who has an address is several users where others have it who are not on call', async () => {
  await using pagerDuty = await startPagerDuty();
  const { id } = pagerDuty.account.addUser(aUser({ email: 'Sre-1@example.com' }));

  expect((await recognised(pagerDuty, 'sre-1@example.com')).users).toEqual(['PSAM1RE', id]);
});

it('who has an address is asked for where nobody on call has it', async () => {
  await using pagerDuty = await startPagerDuty();

  expect((await recognised(pagerDuty, 'sre-2@example.com')).users).toEqual(['PTAY2RE']);
  expect((await recognised(pagerDuty, 'nobody@example.com')).users).toEqual([]);
});

it('who has an address is not known while PagerDuty does not say', async () => {
  await using pagerDuty = await startPagerDuty();
  pagerDuty.faults.add({ kind: 'status', status: 403, match: { pathPrefix: '/users' } });
  using client = aClient(pagerDuty.url);
  const roster = rosterOn(client);
  const sheet = roster.onCall([PAYMENTS_API], anAsk());

  expect((await failureOf(roster.usersByEmail('sre-1@example.com', sheet, anAsk()))).kind).toBe('forbidden');
});

it.each([
  ['has it, but not alone', 'sre-1@example.com', PAYMENTS_API, 'decision'],
  [
    'has it, and is not told of with it',
    'sre-2@example.com',
    { kind: 'schedule', asked: 'Loose' },
    'decision',
  ],
  ['does not', 'sre-2@example.com', PAYMENTS_API, 'person'],
] as const)(
  'who has an address is asked for anew where somebody on call %s, as urgently as they may be approved',
  async (_who, email, target, urgency) => {
    await using pagerDuty = await startPagerDuty();
    const { account } = pagerDuty;
    account.addUser(aUser({ email: 'Sre-1@example.com' }));
    account.addSchedule(aSchedule({ name: 'Loose', layers: [aLayer({ userIds: [TAYLOR] })] }));
    using client = aClient(pagerDuty.url);
    const directory = createOnCallDirectory(client);
    const asked: (Priority | undefined)[] = [];
    const usersByEmail: OnCallDirectory['usersByEmail'] = (address, ask) => {
      asked.push(ask.priority);
      return directory.usersByEmail(address, ask);
    };
    const roster = rosterOn(client, 0, { directory: { ...directory, usersByEmail } });
    const find = () =>
      roster.usersByEmail(email, roster.onCall([target], anAsk()), { ...anAsk(), priority: 'decision' });

    await find();
    await find();

    // The first time nothing is known of anybody.
    expect(asked).toEqual(['decision', urgency]);
  },
);

it.each([
  ['is told by other rows, without a read', 'engineer-1@example.com', 60_000, ['engineer-1'], 0],
  ['is told by them where they know it first', 'new@example.com', 60_000, ['engineer-2'], 0],
  ['is asked for anew where they say that it was changed', 'engineer-2@example.com', 60_000, [], 1],
  ['is asked for anew where they are too old', 'engineer-1@example.com', 0, ['engineer-1'], 1],
])(
  'who has an address and is on call for something else %s',
  async (_how, email, freshnessMs, whose, asked) => {
    await using pagerDuty = await startPagerDuty();
    const targets = addServices(pagerDuty, 3).slice(0, 1);
    using client = aClient(pagerDuty.url);
    const stop = new AbortController();
    const ahead = { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) };
    const roster = rosterOn(client, freshnessMs, { ahead, signal: stop.signal });
    const running = roster.run();
    await roster.ready();
    const find = (address: string) => roster.usersByEmail(address, roster.onCall(targets, anAsk()), anAsk());
    // That waits until all are listed.
    await find('nobody@example.com');
    const { users } = pagerDuty.account;
    users.put({ ...users.require(idOf(pagerDuty, 'engineer-2@example.com')), email: 'new@example.com' });
    const rotas = ['Rota 1', 'Rota 2'].map((rota): Target => ({ kind: 'schedule', asked: rota }));
    await roster.onCall(rotas, anAsk());
    const before = lookUps(pagerDuty);

    const found = await find(email);
    stop.abort();
    await running;

    expect(found.map(({ name }) => name)).toEqual(whose);
    expect(lookUps(pagerDuty) - before).toBe(asked);
  },
);
