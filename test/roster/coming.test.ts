import { expect, it } from 'vitest';
import { covers } from '../../src/core/on-call.ts';
import { MINUTE } from '../../src/core/values/instant.ts';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { aClient, anAsk } from '../pagerduty/subjects.ts';
import { fromNow, PRIMARY, SAM, TAYLOR } from '../support/situation.ts';
import { rosterOn } from './rosters.ts';

it('tells by the read of those who are on call who will be within a quarter of an hour, and is not yet', async () => {
  await using pagerDuty = await startPagerDuty();
  const { account } = pagerDuty;
  const start = fromNow(account, 15 * MINUTE);
  setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start });
  using client = aClient(pagerDuty.url);

  const { at, rows } = await rosterOn(client).onCall([{ kind: 'service', asked: 'Payments API' }], anAsk());
  const coming = rows.filter(({ user, schedule }) => user.id === TAYLOR && schedule?.id === PRIMARY);
  const now = rows.filter((row) => at !== null && covers(row, at) && row.schedule?.id === PRIMARY);

  expect(coming.map((row) => Date.parse(row.start ?? ''))).toEqual([start.getTime()]);
  expect(now.map(({ user }) => user.id)).toEqual([SAM]);
  expect(pagerDuty.calls.matching('GET', '/oncalls')).toHaveLength(1);
});
