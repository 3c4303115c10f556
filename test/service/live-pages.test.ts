import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { fromNow, PRIMARY, TAYLOR } from '../support/situation.ts';
import { Stage } from './stage.ts';

const TOKEN = 'a-token-that-nobody-guesses-0123456789';

it('the pages of a running service show whom a page asks and who is next, who is on call, what is to come, and what would be decided', async () => {
  const http = { listen: '127.0.0.1:0', pages: { token_file: 'token' } };
  await using stage = await Stage.open({ config: { http }, start: false, listUsers: true });
  await writeFile(join(stage.folder, 'token'), TOKEN, { mode: 0o600 });
  await stage.startService();
  const shown = async (path: string): Promise<string> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${stage.service.url ?? ''}${path}`, { headers });
    expect(answer.status).toBe(200);
    return (await answer.text()).replaceAll(/<[^>]*>/gu, ' ').replaceAll(/\s+/gu, ' ');
  };
  const id = stage.request('sre-2');
  await stage.done('page', id);

  await expect.poll(() => shown('/now'), { timeout: 10_000 }).toContain('Sam One ✓ would be approved until');
  const now = await shown('/');
  expect(now).toContain('sre-2 prodaccess waits since');
  expect(now).toMatch(/Asked now: Sam One\. Next: Robin Three, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \./u);
  expect(now).toContain('watch ✓ works');
  expect(await shown('/forecast')).toContain('Taylor Two could be approved');
  expect(await shown('/explain?user=sre-2&roles=prodaccess&reason=broken')).toContain('Handed to people');
  expect(await shown('/explain?user=sre-1&roles=prodaccess&reason=broken')).toContain('Approved');

  const { account } = stage.pagerDuty;
  const taylors = { scheduleId: PRIMARY, userId: TAYLOR };
  const end = fromNow(account, 5 * MINUTE);
  setOverride(account, { ...taylors, end });
  setOverride(account, { ...taylors, start: fromNow(account, 10 * MINUTE) });
  // By the rows of this moment, long before the rota of the days to come is read anew.
  await expect
    .poll(() => shown('/now'), { timeout: 10_000 })
    .toContain(
      `Taylor Two ✕ would not be approved until ${end.toISOString().slice(0, 19).replace('T', ' ')}`,
    );
  const scrape = await (await fetch(`${stage.service.url ?? ''}/metrics`)).text();
  expect(scrape).toContain('oncall_approver_gap_hours{rule="prod-oncall",kind="approval"} 0');
  expect(scrape).toContain('oncall_approver_unmapped_people 0');
  expect(scrape).toMatch(/^oncall_approver_roster_reads_total\{cause="ahead"\} [1-9]/mu);
  expect(scrape).toMatch(/^oncall_approver_roster_age_seconds \d/mu);
  expect(scrape).toContain('oncall_approver_roster_late 0\n');
  expect(scrape).toContain('oncall_approver_roster_targets_unread 0\n');
});
