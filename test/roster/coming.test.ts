import { expect, it } from 'vitest';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { aClient, anAsk } from '../pagerduty/subjects.ts';
import { addServices, rosterOn } from './rosters.ts';

it('tells what begins next of all that the rules name by one read a minute', async () => {
  await using pagerDuty = await startPagerDuty();
  const targets = addServices(pagerDuty, 3);
  using client = aClient(pagerDuty.url);
  const stop = new AbortController();
  const ahead = { targets: () => targets, share: 0.05, limits: () => ({ key: 960, onCalls: null }) };
  const roster = rosterOn(client, 60_000, { ahead, signal: stop.signal });
  const running = roster.run();
  await roster.ready();
  const before = roster.health().reads.need;

  const sheets = [];
  for (const target of targets) sheets.push(await roster.coming([target], anAsk()));
  stop.abort();
  await running;

  expect(sheets.map(({ targets: [fact] }) => fact?.state)).toEqual(['known', 'known', 'known']);
  expect(sheets.every(({ rows }) => rows.length === 3)).toBe(true);
  expect(roster.health().reads.need - before).toBe(1);
});
