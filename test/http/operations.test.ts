import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.ts';
import { READ_SCOPES } from '../../src/pagerduty/http/oauth.ts';
import { startService } from '../../src/service/start-service.ts';
import { RecordingReporter } from '../service/recording-reporter.ts';
import { Stage } from '../service/stage.ts';
import { OAUTH_CLIENT } from '../sim/pagerduty/reference-world.ts';

const HTTP = { http: { listen: '127.0.0.1:0' } };

const Ready = z.object({
  status: z.string(),
  version: z.string(),
  parts: z.record(
    z.string(),
    z.object({ state: z.string(), age_seconds: z.number().nullable(), reason: z.string() }),
  ),
});

async function readiness(url: string | null): Promise<{ status: number; body: z.infer<typeof Ready> }> {
  const answer = await fetch(`${url ?? ''}/readyz`);
  return { status: answer.status, body: Ready.parse(await answer.json()) };
}

describe('a running service', () => {
  it('is alive and ready, and says how each part is', async () => {
    await using stage = await Stage.open({ config: HTTP });
    const { url } = stage.service;

    expect(await (await fetch(`${url ?? ''}/healthz`)).json()).toMatchObject({ status: 'ok' });
    await expect.poll(async () => (await readiness(url)).status, { timeout: 5_000 }).toBe(200);
    const { body } = await readiness(url);

    expect(body.status).toBe('ready');
    expect(Object.entries(body.parts).map(([name, { state }]) => [name, state])).toEqual([
      ['watch', 'ok'],
      ['identity', 'ok'],
      ['pagerduty', 'ok'],
      ['credentials', 'ok'],
      ['ledger', 'ok'],
      ['login-states', 'ok'],
      ['locks', 'ok'],
      ['pages', 'ok'],
      ['roster', 'ok'],
    ]);
    expect(body.parts['pagerduty']?.age_seconds).toBeLessThan(30);
  });

  it('answers while Teleport cannot be reached, and says so', async () => {
    await using stage = await Stage.open({ config: HTTP, start: false });
    await stage.teleport.auth.stop();
    const stop = new AbortController();
    const reports = new RecordingReporter();
    const config = loadConfig(stage.configFile, {});
    const starting = startService({ config, reporter: reports.reporter, signal: stop.signal });
    await reports.when('watchLost');
    const { url } = await reports.when('listening');

    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const { status, body } = await readiness(url);

    expect(status).toBe(503);
    expect(body.parts['watch']).toMatchObject({ state: 'starting', age_seconds: null });
    expect(body.parts['watch']?.reason).toContain('cannot be reached');

    stop.abort();
    await expect(starting).rejects.toThrow();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await stage.teleport.auth.start();
  });

  it('counts what it decides and does, and never by the name of a person', async () => {
    await using stage = await Stage.open({ config: HTTP });
    const approved = stage.request('sre-1');
    const escalated = stage.request('sre-2');
    await stage.done('review', approved);
    await stage.reports.when('effectDone', ({ requestId }) => requestId === escalated);

    const answer = await fetch(`${stage.service.url ?? ''}/metrics`);
    const page = await answer.text();

    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(page).toContain('oncall_approver_decisions_total{verdict="approve",rule="prod-oncall"} 1');
    expect(page).toContain('oncall_approver_decisions_total{verdict="escalate",rule="prod-oncall"} 1');
    expect(page).toContain('oncall_approver_effects_total{effect="review",outcome="done"} 1');
    expect(page).toContain('oncall_approver_watch_live 1');
    expect(page).toContain('oncall_approver_watch_lag_seconds_count 2');
    expect(page).toMatch(
      /oncall_approver_pagerduty_requests_total\{operation="[a-z' -]+",outcome="ok"\} \d+/u,
    );
    expect(page).toMatch(/^oncall_approver_ledger_entries [1-9]\d*$/mu);
    expect(page).toMatch(/^oncall_approver_pagerduty_budget_remaining \d+$/mu);
    expect(page).not.toMatch(/sre-1|sre-2|example\.com/iu);
    expect(page).not.toContain(approved);
  });

  it('has its OAuth tokens before they are needed, and says which scopes they lack', async () => {
    const { client_id: id, client_secret: secret } = OAUTH_CLIENT;
    await using stage = await Stage.open({
      start: false,
      config: {
        ...HTTP,
        pagerduty: {
          api_url: 'http://127.0.0.1:1',
          oauth: {
            client_id: id,
            client_secret_file: 'client-secret',
            subdomain: 'acme',
            token_url: 'http://127.0.0.1:1/oauth/token',
          },
          from: 'oncall-approver@example.com',
        },
      },
    });
    await writeFile(join(stage.folder, 'client-secret'), secret, { mode: 0o600 });
    const config = await readFile(stage.configFile, 'utf8');
    await writeFile(stage.configFile, config.replaceAll('http://127.0.0.1:1', stage.pagerDuty.url));
    const { account } = stage.pagerDuty;
    account.oauthClients.put({ id, secret, scopes: [...READ_SCOPES] });
    await stage.startService();
    const { url } = stage.service;
    const credentials = async () => (await readiness(url)).body.parts['credentials'];

    await expect.poll(async () => (await credentials())?.state, { timeout: 5_000 }).toBe('degraded');
    expect((await credentials())?.reason).toBe('the OAuth app was not granted incidents.write');
    const page = await (await fetch(`${url ?? ''}/metrics`)).text();
    expect(page).toMatch(/^oncall_approver_pagerduty_scopes_missing 1$/mu);
    expect(page).toMatch(/^oncall_approver_pagerduty_token_expiry_timestamp_seconds \d+/mu);
    expect(page).toMatch(/^oncall_approver_ready\{part="credentials"\} 1$/mu);
  });

  it('that has no http section listens nowhere', async () => {
    await using stage = await Stage.open();

    expect(stage.service.url).toBeNull();
  });

  it('gives its port back when it stops', async () => {
    await using stage = await Stage.open({ config: HTTP });
    const { url } = stage.service;

    await stage.stopService();

    await expect(fetch(`${url ?? ''}/healthz`)).rejects.toThrow();
  });

  it('says that the identity on disk is gone, and is ready with the one it has', async () => {
    await using stage = await Stage.open({ config: HTTP });
    const { url } = stage.service;
    await expect.poll(async () => (await readiness(url)).status, { timeout: 5_000 }).toBe(200);
    const identity = join(stage.folder, 'identity');
    await rm(identity);
    stage.teleport.proxy.cutConnections();
    await stage.teleport.restart();
    await stage.reports.when('identityProblem');

    await expect
      .poll(async () => (await readiness(url)).body.parts['identity']?.state, { timeout: 5_000 })
      .toBe('degraded');

    await writeFile(identity, stage.teleport.identityFileFor('oncall-approver'), { mode: 0o600 });
  });
});

it('a port that is taken ends the start with a sentence', async () => {
  await using stage = await Stage.open({ config: HTTP });
  const taken = new URL(stage.service.url ?? '').port;
  const file = join(stage.folder, 'second.yaml');
  const config = loadConfig(stage.configFile, {});

  await expect(
    startService({
      config: {
        ...config,
        ledger: { sqlite: `${file}.sqlite`, key: undefined, keyFile: undefined },
        http: { listen: { host: '127.0.0.1', port: Number(taken) } },
      },
      reporter: new RecordingReporter().reporter,
      signal: new AbortController().signal,
    }),
  ).rejects.toThrow(`\`http.listen\` 127.0.0.1:${taken} cannot be listened on (EADDRINUSE)`);
});
