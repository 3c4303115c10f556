import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Part } from '../../demo/processes.ts';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { IMAGE_USER, runImage, type Mount } from './engine.ts';
import { freePort } from '../../support/free-port.ts';
import { giveToImageUser } from './placement.ts';
import type { Finished } from './tools.ts';

const CONFIG = 'oncall-approver.yaml';

describe('the image, set up wrongly, ends with a sentence', () => {
  let credentials: string;
  let teleport: Part;
  let addr: string;
  let folder: string;

  beforeAll(async () => {
    credentials = mkdtempSync(join(tmpdir(), 'oncall-approver-credentials-'));
    teleport = new Part('test/sim/teleport/main.ts', ['--identity-out', credentials], 'stdout');
    addr = String((await teleport.line('Teleport', () => true))['auth_addr']);
  });
  afterAll(async () => {
    await teleport[Symbol.asyncDispose]();
    rmSync(credentials, { recursive: true });
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oncall-approver-settings-'));
    cpSync(join(credentials, 'identity'), join(folder, 'identity'));
    writeFileSync(join(folder, 'pagerduty-key'), FULL_ACCESS_KEY);
    mkdirSync(join(folder, 'data'));
    writeSettings({});
    giveToImageUser(folder);
  });

  function writeSettings(more: object): void {
    const settings = {
      teleport: { addr, via: 'direct', identity: 'identity' },
      pagerduty: {
        api_url: 'http://127.0.0.1:9',
        api_key_file: 'pagerduty-key',
        from: 'oncall-approver@example.com',
      },
      identities: [{ trait: 'email' }],
      rules: [
        {
          name: 'prod-oncall',
          roles: ['prodaccess'],
          on_call: { services: ['PS'] },
          escalate: { service: 'Access requests' },
        },
      ],
      ...more,
    };
    writeFileSync(join(folder, CONFIG), stringify(settings));
    chmodSync(join(folder, CONFIG), 0o644);
  }

  function settingsMount(): Mount {
    return { from: folder, at: '/etc/oncall-approver' };
  }
  function ledgerMount(writable = true): Mount {
    return { from: join(folder, 'data'), at: '/var/lib/oncall-approver', writable };
  }
  function sentence({ code, stdout, stderr }: Finished): { code: number; last: string } {
    return {
      code,
      last: `${stdout}${stderr}`
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{'))
        .join('\n'),
    };
  }

  it('when the settings are not mounted', async () => {
    const { code, last } = sentence(await runImage([ledgerMount()]));
    expect(code).toBe(2);
    expect(last).toMatch(
      /the configuration `\/etc\/oncall-approver\/oncall-approver\.yaml` cannot be read \(ENOENT\): check the path/u,
    );
  });

  it('when a key may be read by root alone', async () => {
    chownSync(join(folder, 'pagerduty-key'), 0, 0);
    chmodSync(join(folder, 'pagerduty-key'), 0o600);
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount()]));
    expect(code).toBe(2);
    expect(last).toMatch(
      /pagerduty\.api_key_file: the secret file .* cannot be read \(EACCES\).*the user the service runs as may read it/u,
    );
  });

  it('when the settings folder may be entered by root alone', async () => {
    chownSync(folder, 0, 0);
    chmodSync(folder, 0o700);
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount()]));
    expect(code).toBe(2);
    expect(last).toMatch(/cannot be read \(EACCES\)/u);
  });

  it("when the ledger's volume is forgotten: nothing is kept where it would be lost", async () => {
    const { code, last } = sentence(await runImage([settingsMount()]));
    expect(code).toBe(1);
    expect(last).toMatch(/the ledger `\/var\/lib\/oncall-approver\/ledger\.sqlite` cannot be used: .*mount/u);
  });

  it("when the ledger's folder belongs to somebody else", async () => {
    execFileSync('chown', ['0:0', join(folder, 'data')]);
    chmodSync(join(folder, 'data'), 0o755);
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount()]));
    expect(code).toBe(1);
    expect(last).toMatch(/the ledger .* cannot be used: .*belongs to the user that the service runs as/u);
  });

  it("when the ledger's folder is mounted to be read only", async () => {
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount(false)]));
    expect(code).toBe(1);
    expect(last).toMatch(/the ledger .* cannot be used: .*mount/u);
  });

  it('when an existing ledger is mounted to be read only', async () => {
    writeFileSync(join(folder, 'data/ledger.sqlite'), '');
    chownSync(join(folder, 'data/ledger.sqlite'), IMAGE_USER, IMAGE_USER);
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount(false)]));
    expect(code).toBe(1);
    expect(last).toMatch(/the ledger .* cannot be used: .*mount the volume writable/u);
  });

  it('when the port is taken', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      writeSettings({ http: { listen: `127.0.0.1:${port}` } });
      const { code, last } = sentence(await runImage([settingsMount(), ledgerMount()]));
      expect(code).not.toBe(0);
      expect(last).toMatch(
        new RegExp(
          `127\\.0\\.0\\.1:${port} cannot be listened on \\(EADDRINUSE\\): another process has the port`,
          'u',
        ),
      );
    } finally {
      other.close();
    }
  });

  it('when the settings were written for a newer version', async () => {
    writeSettings({ weather: { forecast: true } });
    const { code, last } = sentence(await runImage([settingsMount(), ledgerMount()]));
    expect(code).toBe(2);
    expect(last).toMatch(/weather: unknown key.*newer version/u);
  });
});
