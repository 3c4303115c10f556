import { expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { connectPagerDuty } from '../../src/pagerduty/connect.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { anAsk, READ_KEY, WRITE_KEY } from './subjects.ts';

it.each([
  ['has another key to read with, which may not write', false],
  ['has one key for both, which is no question', null],
])('a connection that %s', async (_what, mayWrite) => {
  await using pagerDuty = await startPagerDuty();
  const writeKey = { reveal: () => WRITE_KEY };
  const readKey = mayWrite === null ? writeKey : { reveal: () => READ_KEY };
  const told: string[] = [];
  using connection = connectPagerDuty({
    ...{ apiUrl: pagerDuty.url, from: 'oncall-approver@example.com', version: '1', random: () => 0 },
    ...{ readKey, writeKey },
    clock: { now: () => instantOf(pagerDuty.account.clock.now().getTime()) },
    onExchange: ({ doing }) => told.push(doing),
  });

  expect(await connection.admin.readKeyMayWrite(anAsk())).toBe(mayWrite);
  expect(await connection.admin.fromUser(anAsk())).toMatchObject({ id: 'PBOT6OA' });
  expect(told.at(-1)).toBe('look up a user by e-mail address');
});
