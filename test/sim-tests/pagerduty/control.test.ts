import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startPagerDuty, type SimulatedPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, column, get, textAt } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';
import { receiveWebhooks } from './webhook-receiver.ts';

const MAIN = fileURLToPath(new URL('../../sim/pagerduty/main.ts', import.meta.url));

async function control(pagerDuty: SimulatedPagerDuty, path: string, body: unknown = {}): Promise<unknown> {
  const reply = await call(pagerDuty.controlUrl ?? '', 'POST', path, { body });
  expect(reply).toMatchObject({ status: 200 });
  return reply.body;
}

describe('the control API', () => {
  it('plays the life of an incident, naming everything the way a person would', async () => {
    await using receiver = await receiveWebhooks();
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), controlPort: 0 });
    const { url, secrets } = { url: receiver.url, secrets: ['first'] };

    await control(pagerDuty, '/webhooks', { url, secrets, service: 'Payments API' });
    await control(pagerDuty, '/alert', { service: 'Payments API', title: 'down', incident_key: 'disk' });
    await control(pagerDuty, '/acknowledge', { incident: 'disk', user: 'sre-1@example.com' });
    await control(pagerDuty, '/unacknowledge', { incident: 'disk' });
    await control(pagerDuty, '/escalate', { incident: '1' });
    await control(pagerDuty, '/reassign', { incident: '1', users: ['Taylor Two'], by: 'Sam One' });
    const note = await control(pagerDuty, '/note', {
      incident: '1',
      user: 'PSAM1RE',
      content: 'approve 1234',
    });
    const noteId = textAt(note, 'note.id');
    await control(pagerDuty, '/note/edit', { incident: '1', note: noteId, content: 'hold on' });
    await control(pagerDuty, '/resolve', { incident: '1', user: 'Sam One' });
    const state = await get(pagerDuty.controlUrl ?? '', '/state');
    await control(pagerDuty, '/note/delete', { incident: '1', note: noteId });
    await pagerDuty.webhooks.idle();

    expect(at(state.body, 'incidents.0')).toMatchObject({ status: 'resolved', incident_key: 'disk' });
    expect(column(at(state.body, 'incidents.0'), 'notes', 'content')).toEqual(['hold on']);
    expect(pagerDuty.account.incidents.all()[0]?.notes).toEqual([]);
    expect(receiver.received).toHaveLength(7);
  });

  it('changes who is on call, the settings, and the time', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), controlPort: 0 });
    const onCall = async () => column((await get(pagerDuty.url, '/oncalls')).body, 'oncalls', 'user.summary');

    const override = await control(pagerDuty, '/override', {
      schedule: 'Payments primary',
      user: 'outsider@example.com',
      minutes: 60,
    });
    const during = await onCall();
    await control(pagerDuty, '/override/delete', {
      schedule: 'Payments primary',
      override: textAt(override, 'override.id'),
    });
    const after = await onCall();
    const clock = await control(pagerDuty, '/clock', { now: '2026-03-09T00:00:00Z' });
    const nextWeek = await onCall();
    await control(pagerDuty, '/service/disable', { service: 'Payments API' });
    await control(pagerDuty, '/maintenance', { services: ['Access requests'], minutes: 5 });
    await control(pagerDuty, '/user/delete', { user: 'sre-3@example.com' });
    const services = await get(pagerDuty.url, '/services');

    // Sam's shift ends where the override begins, and so is still among the rows of that instant.
    expect(during.slice(0, 2)).toEqual(['Sam One', 'Alex Outsider']);
    expect([after[0], nextWeek[0]]).toEqual(['Sam One', 'Taylor Two']);
    expect(at(clock, 'now')).toBe('2026-03-09T00:00:00.000Z');
    expect(column(services.body, 'services', 'status')).toEqual(['disabled', 'maintenance']);
    expect(pagerDuty.account.liveUser('PROB3RE')).toBeUndefined();
  });

  it('injects and clears faults, and shows the calls', async () => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), controlPort: 0 });

    await control(pagerDuty, '/faults', { kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    const faulty = await get(pagerDuty.url, '/oncalls');
    await control(pagerDuty, '/faults/clear');
    const fine = await get(pagerDuty.url, '/oncalls');
    const calls = await get(pagerDuty.controlUrl ?? '', '/calls');

    expect([faulty.status, fine.status]).toEqual([503, 200]);
    expect(column(calls.body, 'calls', 'status')).toEqual([503, 200]);
  });

  it.each([
    ['/alert', { service: 'Nothing', title: 'down' }, 'no service `Nothing`'],
    ['/alert', { service: 'Payments API' }, 'title'],
    ['/faults', { kind: 'meteor' }, 'kind'],
    ['/resolve', { incident: '99', user: 'Sam One' }, 'no incident `99`'],
    ['/override', { schedule: 'Payments primary', user: 'Sam One', hours: 1 }, 'hours'],
  ])('explains a mistake in %s', async (path, body, message) => {
    await using pagerDuty = await startPagerDuty({ account: referenceAccount(), controlPort: 0 });

    const reply = await call(pagerDuty.controlUrl ?? '', 'POST', path, { body });

    expect(reply.status).toBe(400);
    expect(textAt(reply.body, 'error.message')).toContain(message);
  });
});

describe('the simulator as a process', () => {
  it('prints where it listens, serves the reference world, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const { url, controlUrl } = JSON.parse(line) as { readonly url: string; readonly controlUrl: string };
      const onCall = await get(url, '/oncalls?include[]=users');
      const state = await get(controlUrl, '/state');

      expect(column(onCall.body, 'oncalls', 'user.email')).toEqual([
        'sre-1@example.com',
        'sre-3@example.com',
        'manager@example.com',
      ]);
      expect(at(state.body, 'incidents')).toEqual([]);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
  });

  it('serves a world from a YAML file, and says what is wrong with one it cannot use', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'world-'));
    const good = join(folder.path, 'good.yaml');
    const bad = join(folder.path, 'bad.yaml');
    await writeFile(good, WORLD);
    await writeFile(bad, WORLD.replace('services:', 'servces:'));

    const child = spawn(process.execPath, [MAIN, '--world', good], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const { url } = JSON.parse(line) as { readonly url: string };
      const { body } = await get(url, '/oncalls', { authorization: 'Token token=some-read-only-key-1' });
      expect(column(body, 'oncalls', 'user.summary')).toEqual(['Sam']);
    } finally {
      child.kill('SIGTERM');
    }
    const refused = await promisify(execFile)(process.execPath, [MAIN, '--world', bad]).catch(String);
    expect(refused).toContain('servces');
  });
});

const WORLD = `
users: [{ name: Sam, email: sam@example.com }]
schedules: [{ name: Rota, layers: [{ users: [sam@example.com] }] }]
escalation_policies: [{ name: Ops, levels: [{ targets: [{ schedule: Rota }] }] }]
services: [{ name: API, escalation_policy: Ops }]
keys: [{ key: some-read-only-key-1, kind: account-read-only }]
`;
