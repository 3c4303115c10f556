import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { call, get, newIncident } from './api-client.ts';

const MAIN = join(import.meta.dirname, '../../sim/pagerduty/main.ts');

describe('the simulated PagerDuty, started alone', () => {
  it('says with --help how to start it, and what to set in the service for it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);

    for (const option of ['--port', '--control-port', '--world', '--latency-ms', '--record']) {
      expect(stdout).toContain(option);
    }
    const { pagerduty } = parse(stdout.slice(stdout.indexOf('  pagerduty:'))) as { pagerduty: object };
    expect(Object.keys(pagerduty)).toEqual(['api_url', 'api_key_file', 'from']);
    expect(stdout).toContain(FULL_ACCESS_KEY);
  });

  it('records what it was asked and what it answered, without secrets', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'pagerduty-record-'));
    const file = join(folder.path, 'exchanges.jsonl');
    const process_ = spawn(process.execPath, [MAIN, '--record', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(process_.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(String(line)) as { url: string };

    await call(url, 'POST', '/incidents', { body: newIncident() });
    await get(url, '/users?query=sre-1');
    await fetch(`${url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'some-app', client_secret: 'hunter2' }),
    });
    process_.kill('SIGTERM');
    await once(process_, 'exit');

    const text = await readFile(file, 'utf8');
    const exchanges = text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as unknown);
    expect(exchanges).toMatchObject([
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
