import { describe, expect, it } from 'vitest';
import { createPagerDutyAdmin } from '../../src/pagerduty/admin.ts';
import type { PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { aShiftSchedule } from '../sim/pagerduty/builders.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { aClient, anAsk, answering, aPagerDuty, failureOf, READ_KEY, WRITE_KEY } from './subjects.ts';

const FROM = 'oncall-approver@example.com';

function anAdmin(client: PagerDutyClient) {
  return createPagerDutyAdmin(client, createOnCallDirectory(client));
}

describe('PagerDuty', () => {
  it.each([
    ['an account key', 'token', 'read-only-key-000001'],
    ['an OAuth token', 'bearer', 'pdus+app-token-00001'],
  ] as const)('is reachable with %s, and tells its time', async (_name, tokenType, key) => {
    await using pagerDuty = await startPagerDuty();
    pagerDuty.account.clock.setOffset(600_000);
    using client = aClient(pagerDuty.url, { tokenType, readKey: () => key });

    const { at } = await anAdmin(client).reachable(anAsk());

    expect(Math.abs(Date.parse(at) - pagerDuty.account.clock.now().getTime())).toBeLessThan(5_000);
  });

  it('does not accept a wrong key', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url, { readKey: () => 'no-such-key-00000001' });

    const failure = await failureOf(anAdmin(client).reachable(anAsk()));

    expect(failure.kind).toBe('unauthorised');
    expect(failure.message).not.toContain('no-such-key');
  });

  it('tells a key that may write from one that may not, and opens nothing', async () => {
    await using pagerDuty = await startPagerDuty();
    using full = aClient(pagerDuty.url);
    using readOnly = aClient(pagerDuty.url, { writeKey: () => 'read-only-key-000001' });

    await anAdmin(full).mayWrite(anAsk());
    expect((await failureOf(anAdmin(readOnly).mayWrite(anAsk()))).kind).toBe('forbidden');
    expect(pagerDuty.account.incidents.all()).toHaveLength(0);
  });

  it('tells of the reading key whether it may write, where that is another key', async () => {
    await using pagerDuty = await startPagerDuty();
    using client = aClient(pagerDuty.url);
    const mayWrite = async (key: string) => {
      using reading = aClient(pagerDuty.url, { writeKey: () => key });
      const admin = createPagerDutyAdmin(client, createOnCallDirectory(client), reading);
      return await admin.readKeyMayWrite(anAsk());
    };

    expect(await mayWrite(READ_KEY)).toBe(false);
    expect(await mayWrite(WRITE_KEY)).toBe(true);
    expect((await failureOf(mayWrite('no-such-key-00000001'))).kind).toBe('unauthorised');
    expect(await anAdmin(client).readKeyMayWrite(anAsk())).toBeNull();
  });

  it('names nothing that was deleted', async () => {
    const row = { id: 'PSERVC1', name: 'Payments API', deleted_at: '2026-01-01T00:00:00Z' };
    await using server = await answering({ services: [row, { ...row, deleted_at: null }], more: false });

    expect(await anAdmin(server.client).namesOf('service', anAsk())).toEqual(['Payments API']);
  });

  it('that has several users of the address knows no `from` user', async () => {
    const [one, other] = ['PBOT6OA', 'PBOT7OA'].map((id) => ({ id, name: 'Bot', email: FROM }));
    await using server = await answering({ users: [one, other], more: false });

    expect((await failureOf(anAdmin(server.client).fromUser(anAsk()))).kind).toBe('ambiguous');
  });

  it('names everything of a kind, schedules of both kinds among them', async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.account.addSchedule(aShiftSchedule({ name: 'Follow the sun' }));

    const admin = anAdmin(pagerDuty.client);

    expect(await admin.namesOf('service', anAsk())).toEqual(['Payments API', 'Access requests']);
    expect(await admin.namesOf('escalation policy', anAsk())).toEqual(['Payments']);
    expect(await admin.namesOf('schedule', anAsk())).toEqual([
      'Payments primary',
      'Payments secondary',
      'Follow the sun',
    ]);
  });

  it('knows the `from` user, or that there is none', async () => {
    await using pagerDuty = await aPagerDuty();
    using nobody = aClient(pagerDuty.url, { from: 'gone@example.com' });

    expect(await anAdmin(pagerDuty.client).fromUser(anAsk())).toMatchObject({ id: 'PBOT6OA' });
    expect(await anAdmin(nobody).fromUser(anAsk())).toBeNull();
  });
});
