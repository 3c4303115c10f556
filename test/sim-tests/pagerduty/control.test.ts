import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { call, get, newIncident } from './api-client.ts';
import { opened, type Opened } from './opened.ts';
import { receiveWebhooks } from './webhook-receiver.ts';

const MAIN = join(import.meta.dirname, '../../sim/pagerduty/main.ts');
const run = promisify(execFile);

/** The simulator as a process, until the end of the test: where it listens, and how it ended on SIGTERM. */
async function started(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const end = () => {
    child.kill('SIGTERM');
    return exited;
  };
  const { url, controlUrl } = JSON.parse(line) as { readonly url: string; readonly controlUrl: string };
  return { url, controlUrl, end, [Symbol.asyncDispose]: () => end().then(() => undefined) };
}

const control = ({ pagerDuty }: Opened, path: string, body: unknown = {}) =>
  call(pagerDuty.controlUrl ?? '', 'POST', path, { body });

describe('the control API', () => {
  it('plays what people and events do, naming everything the way a person would', async () => {
    await using receiver = await receiveWebhooks();
    await using api = await opened({ controlPort: 0 });
    const shift = { schedule: 'Payments primary', user: 'outsider@example.com', minutes: 60 };
    const made = await control(api, '/webhooks', { url: receiver.url, secrets: ['first'] });

    for (const [path, body] of [
      ['/alert', { service: 'Payments API', title: 'down' }],
      ['/acknowledge', { incident: '1', user: 'sre-1@example.com' }],
      ['/note', { incident: '1', user: 'Sam One', content: 'approve 1234' }],
      ['/override', shift],
    ] as const)
      expect(await control(api, path, body)).toMatchObject({ status: 200 });
    await api.pagerDuty.webhooks.idle();
    await control(api, '/webhooks/delete', { id: made.text('webhook_subscription.id') });
    await control(api, '/clock', { advance_ms: 1_000 });
    const state = await get(api.pagerDuty.controlUrl ?? '', '/state');

    expect(state.at('incidents.0')).toMatchObject({
      status: 'acknowledged',
      notes: [{ content: 'approve 1234' }],
    });
    expect((await api.get('/oncalls')).column('oncalls', 'user.summary')[0]).toBe('Alex Outsider');
    expect(receiver.received).toHaveLength(3);
    expect(api.account.webhookSubscriptions.all()).toEqual([]);
  });

  it('injects and clears faults, and shows the calls', async () => {
    await using api = await opened({ controlPort: 0 });

    await control(api, '/faults', { kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    await api.get('/oncalls');
    await control(api, '/faults/clear');
    await api.get('/oncalls');
    const calls = await get(api.pagerDuty.controlUrl ?? '', '/calls');

    expect(calls.column('calls', 'status')).toEqual([503, 200]);
  });

  it.each([
    ['/alert', { service: 'Nothing', title: 'down' }, 'no service `Nothing`'],
    ['/alert', { service: 'Payments API' }, 'title'],
    ['/faults', { kind: 'meteor' }, 'kind'],
    ['/acknowledge', { incident: '99', user: 'Sam One' }, 'no incident `99`'],
    ['/override', { schedule: 'Payments primary', user: 'Sam One', hours: 1 }, 'hours'],
  ])('explains a mistake in %s', async (path, body, message) => {
    await using api = await opened({ controlPort: 0 });

    const reply = await control(api, path, body);

    expect([reply.status, reply.text('error.message')]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('the simulated PagerDuty, started alone', () => {
  it('says with --help how to start it, and what to set in the service for it', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--help']);

    for (const option of ['--port', '--control-port', '--world', '--latency-ms', '--record']) {
      expect(stdout).toContain(option);
    }
    const { pagerduty } = parse(stdout.slice(stdout.indexOf('  pagerduty:'))) as { pagerduty: object };
    expect(Object.keys(pagerduty)).toEqual(['api_url', 'api_key_file', 'from']);
    expect(stdout).toContain(FULL_ACCESS_KEY);
  });

  it('serves the reference world, or one from a YAML file, and says what is wrong with one it cannot use', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'world-'));
    const [good, bad] = [join(folder.path, 'good.yaml'), join(folder.path, 'bad.yaml')];
    await writeFile(good, WORLD);
    await writeFile(bad, WORLD.replace('services:', 'servces:'));
    await using reference = await started();
    await using other = await started('--world', good);

    const onCall = await get(reference.url, '/oncalls?include[]=users');
    const sam = await get(other.url, '/oncalls', { authorization: 'Token token=some-read-only-key-1' });

    expect(onCall.column('oncalls', 'user.email')).toEqual(
      ['sre-1', 'sre-3', 'manager'].map((name) => `${name}@example.com`),
    );
    expect((await get(reference.controlUrl, '/state')).at('incidents')).toEqual([]);
    expect(sam.column('oncalls', 'user.summary')).toEqual(['Sam']);
    expect(await run(process.execPath, [MAIN, '--world', bad]).catch(String)).toContain('servces');
    expect(await reference.end()).toEqual([0, null]);
  });

  it('records what it was asked and what it answered, without secrets', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'pagerduty-record-'));
    const file = join(folder.path, 'exchanges.jsonl');
    const { url, end } = await started('--record', file);

    await call(url, 'POST', '/incidents', { body: newIncident() });
    await get(url, '/users?query=sre-1');
    const body = new URLSearchParams({ client_id: 'some-app', client_secret: 'hunter2' });
    await fetch(`${url}/oauth/token`, { method: 'POST', body });
    await end();

    const text = await readFile(file, 'utf8');
    expect(
      text
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each) as unknown),
    ).toMatchObject([
      {
        request: { method: 'POST', path: '/incidents', body: newIncident() },
        response: { status: 201, body: { incident: { type: 'incident' } } },
      },
      {
        request: { method: 'GET', path: '/users', query: '?query=sre-1' },
        response: { status: 200, headers: { 'ratelimit-limit': '960' } },
      },
      { request: { path: '/oauth/token', body: { client_id: 'some-app', client_secret: '[left out]' } } },
    ]);
    expect(text).not.toContain(FULL_ACCESS_KEY);
    expect(text).not.toContain('hunter2');
  });
});

const WORLD = `
users: [{ name: Sam, email: sam@example.com }]
schedules: [{ name: Rota, layers: [{ users: [sam@example.com] }] }]
escalation_policies: [{ name: Ops, levels: [{ targets: [{ schedule: Rota }] }] }]
services: [{ name: API, escalation_policy: Ops }]
keys: [{ key: some-read-only-key-1, kind: account-read-only }]
`;
