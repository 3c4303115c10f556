import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { connectTeleport } from '../../../src/teleport/connect.ts';
import { ControlServer } from '../../sim/teleport/control-server.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';

it('the control server creates and reviews requests for another process, by the rules of the cluster', async () => {
  await using teleport = await startTeleport();
  const control = new ControlServer(teleport);
  await control.start(0);
  const send = async (path: string, body?: object) => {
    const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`http://${control.addr}${path}`, asked);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  const created = await send('/requests', { user: 'sre-2', roles: ['prodaccess'], reason: 'INC-1' });
  const review = { author: 'sre-1', state: 'APPROVED' };
  const reviewed = await send(`/requests/${String(created.body['id'])}/reviews`, review);

  expect(created).toMatchObject({ status: 200, body: { state: 'PENDING', requestReason: 'INC-1' } });
  expect(reviewed.body).toMatchObject({ state: 'APPROVED' });
  expect((await send('/state')).body).toMatchObject({ requests: [{ state: 'APPROVED' }], watchers: [] });
  expect(await send('/requests', { user: 'visitor', roles: ['prodaccess'] })).toMatchObject({
    ...{ status: 409, body: { code: 'INVALID_ARGUMENT' } },
  });
  expect(await send('/requests', { user: 'sre-2' })).toMatchObject({ status: 400 });
  expect(await send('/nonesuch', {})).toMatchObject({ status: 404 });
  await control.stop();
});

const MAIN = join(import.meta.dirname, '../../sim/teleport/main.ts');

describe('the simulated Teleport, started alone', () => {
  it('says with --help how to start it, and how requests are made', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);

    const ports = ['port', 'proxy-port', 'control-port'];
    const world = ['edition', 'server-version', 'submit-for-users', 'mfa-for-admin-actions', 'annotation'];
    for (const option of [...ports, ...world, 'identity-out']) expect(stdout).toContain(`--${option}`);
    expect(stdout).toContain('http://CONTROL_ADDR/requests');
  });

  it('writes credentials for its owner alone, says what to set, which is enough, and ends on SIGTERM', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'simulated-teleport-'));
    const child = spawn(process.execPath, [MAIN, '--identity-out', folder.path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    let said = '';
    for await (const line of createInterface(child.stderr)) {
      said += `${line}\n`;
      if (line.startsWith('requests:')) break;
    }
    const { teleport: set, requests: control } = parse(said) as {
      teleport: { addr: string; identity: string };
      requests: string;
    };
    const [, proxy = '', proxyCaFile = ''] = /# or (\S+) with proxy_ca: (\S+)/u.exec(said) ?? [];
    const body = JSON.stringify({ user: 'sre-1', roles: ['prodaccess'] });
    await fetch(`${control}/requests`, { method: 'POST', body });

    for (const addr of [set.addr, proxy]) {
      const connection = await connectTeleport({ addr, identity: { file: set.identity }, proxyCaFile });
      const pending = await connection.requests.listPending(new AbortController().signal, () => undefined);
      connection.close();
      expect(pending).toMatchObject([{ requester: 'sre-1' }]);
    }
    expect((await stat(set.identity)).mode & 0o777).toBe(0o600);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
