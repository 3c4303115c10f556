import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRealLedger, type RealLedger } from './real-ledger.ts';
import { tamper } from './tampering.ts';
import { ledgerCommand } from './terminal.ts';

let real: RealLedger;
beforeAll(async () => {
  real = await aRealLedger();
}, 60_000);
afterAll(async () => {
  await real[Symbol.asyncDispose]();
});

interface ListedDecision {
  readonly requester: string;
  readonly verdict: string;
  readonly request_id: string;
  readonly decision_id: string;
}

async function listed(...options: string[]): Promise<readonly ListedDecision[]> {
  const { lines } = await ledgerCommand('list', '--ledger', real.file, '--json', ...options);
  return lines.map((line) => JSON.parse(line) as ListedDecision);
}

/** The configuration that the ledger was written under, with its only rule changed. */
async function changedRules(name: string, change: (rule: Record<string, unknown>) => void): Promise<string> {
  const config = parse(await readFile(real.configFile, 'utf8')) as { rules: Record<string, unknown>[] };
  config.rules.forEach(change);
  const file = join(real.stage.folder, name);
  await writeFile(file, stringify(config));
  return file;
}

describe('ledger list', () => {
  it('gives the newest first', async () => {
    expect((await listed()).map(({ requester, verdict }) => `${requester} ${verdict}`)).toEqual([
      'sre-1 approve',
      'outsider@example.com escalate',
      'sre-2 escalate',
      'sre-2 escalate',
      'sre-1 approve',
      'sre-1 escalate',
    ]);
  });

  it.each([
    [['--user', 'sre-1'], 3],
    [['--user', 'sre-*'], 5],
    [['--verdict', 'approve'], 2],
    [['--role', 'prodaccess', '--rule', 'prod-*'], 6],
    [['--rule', 'other'], 0],
    [['--since', '1h'], 6],
    [['--until', '2020-01-01'], 0],
    [['--limit', '2'], 2],
    [['--outcome', 'approved', '--approver', 'sre-*'], 1],
    [['--outcome', 'open'], 1],
    [['--request', 'no such'], 0],
    [['--reason', 'HELPING now'], 1],
    [['--resource', '*'], 0],
    [['--used', 'yes'], 0],
    [['--used', 'not-known', '--user', 'sre-1'], 3],
    [['--held-at', '2020-01-01'], 0],
  ])('with %j gives %i', async (options, count) => {
    expect(await listed(...options)).toHaveLength(count);
  });

  it('as CSV holds formulas off and keeps quotes inside their cell', async () => {
    const { lines } = await ledgerCommand('list', '--ledger', real.file, '--csv', '--user', 'sre-2');

    expect(lines[0]).toBe(
      '"at","decision","verdict","requester","roles","rules","request","reasons","seal_fault","outcome","approver","used","until","shadow"',
    );
    expect(lines[1]).toContain('"sre-2","prodaccess"');
  });

  it.each([
    [['--verdict', 'maybe'], '`--verdict maybe` is none'],
    [['--outcome', 'good'], '`--outcome good` is none'],
    [['--used', 'much'], '`--used much` is none'],
    [['--held-at', 'then'], '`--held-at then` is no moment'],
    [['--since', 'yesterday'], '`--since yesterday` is no moment'],
    [['--limit', 'many'], '`--limit many` is no number'],
  ])('with %j says what is wrong', async (options, words) => {
    const { exitCode, text } = await ledgerCommand('list', '--ledger', real.file, ...options);

    expect(text).toContain(words);
    expect(exitCode).toBe(2);
  });
});

describe('ledger show', () => {
  it('tells the whole story of a request in order, by any of its ids', async () => {
    const escalated = (await listed('--user', 'sre-2')).at(-1);
    const byRequest = await ledgerCommand('show', escalated?.request_id ?? '', '--ledger', real.file);
    const byDecision = await ledgerCommand('show', escalated?.decision_id ?? '', '--ledger', real.file);
    const byBeginning = await ledgerCommand(
      'show',
      (escalated?.decision_id ?? '').slice(0, 9).toLowerCase(),
      '--ledger',
      real.file,
    );

    expect(byDecision.text).toBe(byRequest.text);
    expect(byBeginning.text).toBe(byRequest.text);
    const order = [
      'sre-2 asks for prodaccess',
      "Reason: “helping sre-1 'now'”",
      'Decided: handed to people',
      'To do: page in PagerDuty',
      'Page in PagerDuty: the incident is open',
      'was approved by sre-1',
      'Closing note on the page: the note is written',
      'Resolution of the page: the incident is resolved',
    ].map((words) => byRequest.text.indexOf(words));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });

  it.each([
    ['zzz', 'knows no request and no decision'],
    ['OA-', 'knows no request and no decision'],
    ['0', 'is the beginning of several ids'],
  ])('of `%s` says what to write instead', async (id, words) => {
    const { exitCode, text } = await ledgerCommand('show', id, '--ledger', real.file);

    expect(text).toContain(words);
    expect(exitCode).toBe(1);
  });
});

describe('ledger replay', () => {
  it('under the same rules finds no difference', async () => {
    const { exitCode, text } = await ledgerCommand('replay', '--config', real.configFile, '--expect-none');

    expect(text).toBe('6 decisions, 6 the same, 0 different');
    expect(exitCode).toBe(0);
  });

  it('under rules for another service says who would not be let in, and that nobody can tell what was not looked up', async () => {
    const config = await changedRules('other-service.yaml', (rule) => {
      rule['on_call'] = { services: ['Search API'] };
    });

    const { exitCode, text } = await ledgerCommand('replay', '--config', config, '--expect-none');

    expect(text).toContain('approve → escalate: 2');
    expect(text).toContain('was not looked up');
    expect(exitCode).toBe(1);
  });

  it('under rules by schedule goes by what the stored rows say of it', async () => {
    const config = await changedRules('by-schedule.yaml', (rule) => {
      rule['on_call'] = { schedules: ['payments PRIMARY'] };
    });

    expect((await ledgerCommand('replay', '--config', config)).text).not.toContain('approve →');
  });

  it('under rules that deny tells how many', async () => {
    const config = await changedRules('deny.yaml', (rule) => {
      rule['otherwise'] = 'deny';
    });

    const { text } = await ledgerCommand('replay', '--config', config);

    expect(text).toContain('6 decisions, 3 the same, 3 different');
    expect(text).toContain('escalate → deny: 3');
  });

  it('leaves out what is older than it is asked for', async () => {
    const { text } = await ledgerCommand('replay', '--config', real.configFile, '--since', '2099-01-01');

    expect(text).toBe('0 decisions, 0 the same, 0 different');
  });

  it('proves what the rules claim', async () => {
    const config = await changedRules('claiming.yaml', () => undefined);
    const claims =
      'claims: [{ never: { approve: [prodaccess] } }, { never: { approve: [prodaccess], unless: [on_call: { services: [Payments API] }] } }]';
    await writeFile(config, `${await readFile(config, 'utf8')}${claims}\n`);

    const { exitCode, text } = await ledgerCommand('replay', '--config', config);
    const inJson = await ledgerCommand('replay', '--config', config, '--json');

    expect(text).toMatch(/0 different\nNOT PROVEN {2}never: \{approve: \[prodaccess\][^\n]*$/u);
    expect(JSON.parse(inJson.lines.at(-1) ?? '')).toMatchObject({
      summary: { different: 0, unproven: [expect.stringMatching(/^never: /u)] },
    });
    expect([exitCode, inJson.exitCode]).toEqual([1, 1]);
  });

  it('of a configuration that does not parse says so', async () => {
    const config = await changedRules('broken.yaml', (rule) => {
      rule['otherwise'] = 'perhaps';
    });

    const { exitCode, text } = await ledgerCommand('replay', '--config', config);

    expect(text).toMatch(/rules\[0\] \(.*\)\.otherwise/u);
    expect(exitCode).toBe(2);
  });
});

describe('ledger verify --against teleport,pagerduty', () => {
  const against = ['verify', '--against', 'teleport,pagerduty', '--config'] as const;

  it('finds reviews and notes as the ledger has them', async () => {
    const { exitCode, text } = await ledgerCommand(...against, real.configFile);

    expect(text).toMatch(/compared with Teleport: 5 requests/u);
    expect(text).toMatch(/compared with PagerDuty: \d+ incidents/u);
    expect(exitCode).toBe(0);
  });

  it('finds out that the end was cut off, by what Teleport still has', async () => {
    const config = join(real.stage.folder, 'cut.yaml');
    const file = await real.copy();
    await writeFile(
      config,
      (await readFile(real.configFile, 'utf8')).replace('sqlite: ledger.sqlite', `sqlite: ${file}`),
    );
    tamper(file, (db) =>
      db.exec("DELETE FROM entry WHERE seq >= (SELECT max(seq) FROM entry WHERE kind = 'decided')"),
    );

    const { exitCode, text } = await ledgerCommand(...against, config);

    expect(text).toMatch(
      /Teleport's review of request .* names decision OA-\w+, which the ledger does not hold/u,
    );
    expect(exitCode).toBe(1);
  });

  it('warns where the other side cannot be reached', async () => {
    real.stage.pagerDuty.faults.add({ kind: 'status', status: 403 });

    const { exitCode, text } = await ledgerCommand(...against, real.configFile);
    real.stage.pagerDuty.faults.clear();

    expect(text).toContain('PagerDuty could not be compared with');
    expect(exitCode).toBe(3);
  });
});
