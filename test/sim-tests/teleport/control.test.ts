import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ControlServer } from '../../sim/teleport/control-server.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';

async function startControlled() {
  const teleport = await startTeleport();
  const control = new ControlServer(teleport);
  await control.start(0);
  return {
    teleport,
    send: async (method: string, path: string, body?: object) => {
      const response = await fetch(`http://${control.addr}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    [Symbol.asyncDispose]: async () => {
      await control.stop();
      await teleport[Symbol.asyncDispose]();
    },
  };
}

describe('the control server', () => {
  it('creates, reviews and deletes requests for another process', async () => {
    await using controlled = await startControlled();
    const { send } = controlled;

    const created = await send('POST', '/requests', {
      user: 'sre-2',
      roles: ['prodaccess'],
      reason: 'INC-1',
    });
    const path = `/requests/${String(created.body['id'])}`;
    const reviewed = await send('POST', `${path}/reviews`, { author: 'sre-1', state: 'APPROVED' });
    const deleted = await send('DELETE', path);

    expect(created).toMatchObject({ status: 200, body: { state: 'PENDING', requestReason: 'INC-1' } });
    expect(reviewed.body).toMatchObject({ state: 'APPROVED' });
    expect(deleted.status).toBe(200);
    expect((await send('GET', '/state')).body).toMatchObject({ requests: [], watchers: [] });
  });

  it('obeys the rules of the cluster, and says what it cannot read', async () => {
    await using controlled = await startControlled();
    const { send } = controlled;

    expect(await send('POST', '/requests', { user: 'visitor', roles: ['prodaccess'] })).toMatchObject({
      status: 409,
      body: { code: 'INVALID_ARGUMENT' },
    });
    expect(await send('POST', '/requests', { user: 'sre-2' })).toMatchObject({ status: 400 });
    expect(await send('POST', '/nonesuch')).toMatchObject({ status: 404 });
  });

  it('arms and disarms faults, and restarts the auth server', async () => {
    await using controlled = await startControlled();
    const { teleport, send } = controlled;

    await send('POST', '/faults', { method: 'Ping', kind: 'latency', ms: 5 });
    const armed = teleport.faults.take('Ping');
    await send('DELETE', '/faults');

    expect(armed).toMatchObject({ kind: 'latency', ms: 5 });
    expect(teleport.faults.take('Ping')).toBeUndefined();
    expect((await send('POST', '/restart')).status).toBe(200);
  });
});

describe('the simulator as a process', () => {
  it('writes credentials for its owner alone, prints its addresses, and ends on SIGTERM', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'simulated-teleport-'));
    const main = fileURLToPath(new URL('../../sim/teleport/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--identity-out', directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');

    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { identity, control_addr: controlAddr } = JSON.parse(line) as Record<string, string>;
    const state = await fetch(`http://${String(controlAddr)}/state`);
    child.kill('SIGTERM');

    expect(await exited).toEqual([0, null]);
    expect(state.status).toBe(200);
    expect(await readFile(String(identity), 'utf8')).toContain('-----BEGIN CERTIFICATE-----');
    expect((await stat(String(identity))).mode & 0o777).toBe(0o600);
    await rm(directory, { recursive: true });
  });
});
