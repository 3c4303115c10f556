import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { Stage } from '../service/stage.ts';
import { freePort } from '../support/free-port.ts';
import { CapturedTerminal } from './captured-terminal.ts';

describe('`check`', () => {
  it('fails for a name that does not exist, and tells those that are near it', async () => {
    await using stage = await Stage.arranged(() => undefined, {
      rule: {
        on_call: {
          services: ['Payment API'],
          schedules: ['payments primery'],
          escalation_policies: ['Search'],
        },
      },
    });
    const terminal = new CapturedTerminal();

    expect(await check(stage.configFile, terminal)).toBe(1);

    expect(terminal.text).toMatch(
      /^FAIL {2}rule prod-oncall: .*`Payment API`.*; did you mean `Payments API`\?$/mu,
    );
    expect(terminal.text).toMatch(
      /^FAIL {2}rule prod-oncall: .*`payments primery`.*; did you mean `Payments primary`\?$/mu,
    );
    expect(terminal.text).toMatch(/^FAIL {2}rule prod-oncall: .*escalation policy `Search`.*rights$/mu);
  });

  it('tells in a line what will go wrong within two weeks', async () => {
    await using stage = await Stage.arranged(() => undefined, { listUsers: true });
    const terminal = new CapturedTerminal();
    await check(stage.configFile, terminal);
    const { directory } = stage.teleport.cluster;
    directory.deleteUser('sre-2');
    directory.keepLoginState('sre-2', null);
    await check(stage.configFile, terminal);

    expect(terminal.lines.filter((line) => line.includes('forecast:'))).toEqual([
      'ok    forecast: nothing goes wrong within 14 days, as far as it can be told',
      expect.stringMatching(
        /^warn  forecast: rule prod-oncall: whoever is on call would be refused \(Taylor Two\) from .* \(and 1 more\): .*`oncall-approver forecast` tells all of it$/u,
      ),
    ]);
  });

  it('says last and by their number what failed, or all of it as JSON', async () => {
    await using stage = await Stage.open({ start: false });
    await writeFile(join(stage.folder, 'pagerduty-key'), 'not-the-key');
    const [terminal, json] = [new CapturedTerminal(), new CapturedTerminal()];

    expect(await check(stage.configFile, terminal)).toBe(1);
    expect(await check(stage.configFile, json, { json: true })).toBe(1);

    expect(terminal.lines.at(-1)).toMatch(/ findings, 1 failed, \d+ warnings$/u);
    expect(terminal.lines.at(-2)).toMatch(/^FAIL {2}pagerduty: .*\(401\).*API Access Keys/u);
    expect(json.lines).toHaveLength(1);
    const told = JSON.parse(json.text) as { failed: number; findings: { state: string; subject: string }[] };
    expect(told.failed).toBe(1);
    expect(told.findings.filter(({ state }) => state === 'failed').map(({ subject }) => subject)).toEqual([
      'pagerduty',
    ]);
  });
});

describe('`check` of the machine', () => {
  const subjects = ['ledger', 'listener', 'log'];
  async function checked(stage: Stage): Promise<readonly string[]> {
    const terminal = new CapturedTerminal();
    await check(stage.configFile, terminal);
    return terminal.lines.filter((line) =>
      subjects.some((subject) => line.slice(6).startsWith(`${subject}:`)),
    );
  }

  it('passes before the first start and beside the running service, and leaves nothing behind', async () => {
    await using stage = await Stage.open({
      start: false,
      config: { http: { listen: `127.0.0.1:${await freePort()}` }, log: { output: 'log' } },
    });
    const before = await checked(stage);
    const files = await readdir(stage.folder);
    await stage.startService();

    expect(before.filter((line) => line.startsWith('ok'))).toEqual([
      expect.stringMatching(/ledger\.sqlite` holds none yet/u),
      expect.stringMatching(/listener: 127\.0\.0\.1:\d+ can be listened on/u),
      expect.stringMatching(/log` can be written to/u),
    ]);
    expect(files).toEqual(expect.not.arrayContaining(['ledger.sqlite', 'log']));
    expect((await checked(stage)).filter((line) => line.startsWith('ok'))).toEqual([
      expect.stringMatching(/ledger\.sqlite` can be opened/u),
      expect.stringMatching(/listener: the service answers at/u),
      expect.anything(),
    ]);
  });

  it('passes beside a service that was started at the same moment: one that did not answer yet when it was first asked', async () => {
    let asked = 0;
    const starting = createServer((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else response.end('oncall_approver_info{} 1\n');
    }).listen(0, '127.0.0.1');
    await once(starting, 'listening');
    const { port } = starting.address() as AddressInfo;
    try {
      await using stage = await Stage.open({
        start: false,
        config: { http: { listen: `127.0.0.1:${port}` } },
      });
      expect(await checked(stage)).toContainEqual(
        expect.stringMatching(/ok +listener: the service answers at/u),
      );
    } finally {
      starting.close();
    }
  });

  it('fails for what would keep the service from starting', async () => {
    await using taken = await startHttpServer({
      listen: { host: '127.0.0.1', port: 0 },
      plugins: [],
      onFailure: () => undefined,
    }).then((server) => ({ ...server, [Symbol.asyncDispose]: () => server.close() }));
    await using stage = await Stage.open({
      start: false,
      config: {
        ledger: { sqlite: 'absent/ledger.sqlite' },
        http: { listen: `127.0.0.1:${taken.listen.port}` },
        log: { output: 'absent/log' },
      },
    });

    const lines = await checked(stage);

    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([
      expect.stringMatching(/ledger: .*absent` does not exist: create it/u),
      expect.stringMatching(/listener: .*\(EADDRINUSE\): another process has the port/u),
      expect.stringMatching(/log: .*ENOENT.*: create its folder/u),
    ]);
  });

  it.each([
    ['no ledger', 'no ledger at all, but a text', /no SQLite database/u],
    ['the ledger of a newer version', null, /schema version 999/u],
  ])('fails for a file that is %s', async (_what, text, told) => {
    await using stage = await Stage.open({ start: false });
    const file = join(stage.folder, 'ledger.sqlite');
    if (text !== null) await writeFile(file, text.repeat(100));
    else new DatabaseSync(file).exec('PRAGMA user_version = 999');

    expect(await checked(stage)).toContainEqual(
      expect.stringMatching(new RegExp(`^FAIL.*${told.source}`, 'u')),
    );
  });
});
