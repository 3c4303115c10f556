import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, filesIn } from '../../src/commands/ledger/archive.ts';
import { hashOf } from '../../src/ledger/chain.ts';
import { entryInLine } from '../../src/ledger/export-line.ts';
import type { RequestProof } from '../../src/traceability/request-proof.ts';
import { aRealLedger, type RealLedger } from './real-ledger.ts';
import { editEvent, tamper } from './tampering.ts';
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

describe('what goes out of the ledger', () => {
  it('is all about one request, with its proof, in a page that asks nobody for anything', async () => {
    const [first] = await listed('--verdict', 'approve');
    const out = join(real.folder, 'evidence.tar');
    const said = await ledgerCommand(
      'evidence',
      first?.decision_id ?? '',
      '--ledger',
      real.file,
      '--out',
      out,
    );
    expect(said).toMatchObject({ exitCode: 0 });
    const files = filesIn(await readFile(out)) ?? new Map<string, string>();
    const read = (name: string) => files.get(name) ?? '';
    const proof = JSON.parse(read('proof.json')) as RequestProof;
    const lines = read('entries.jsonl')
      .trimEnd()
      .split('\n')
      .flatMap((line) => entryInLine(line) ?? []);
    expect(lines.length).toBeGreaterThan(3);
    for (const [index, { before, hash }] of proof.entries.entries()) {
      const entry = lines[index];
      expect(entry && hashOf(before ?? '', entry)).toBe(hash);
    }
    expect(proof).toMatchObject({ faults: [], summary: { last: { seq: expect.any(Number) as number } } });
    const [policy] = Object.values(
      JSON.parse(read('rules.json')) as Record<string, { rules: { name: string }[] }>,
    );
    expect(policy?.rules.map(({ name }) => name)).toEqual(['prod-oncall']);
    expect(JSON.parse(read('usage.json'))).toEqual({ accounts: [], findings: [] });
    const page = read('index.html');
    expect(page).toContain('sre-1 asked for prodaccess');
    expect(page).toContain('--ground: #fbfaf8;');
    expect(page).not.toMatch(/(?:href|src)="\/|<script|<link/u);
    expect((await stat(out)).mode & 0o077).toBe(0);

    await promisify(execFile)('tar', ['-xf', out], { cwd: real.folder });
    expect(await readFile(join(real.folder, 'entries.jsonl'), 'utf8')).toBe(read('entries.jsonl'));
    await promisify(execFile)('sha256sum', ['-c', 'SHA256SUMS'], { cwd: real.folder });

    const again = await ledgerCommand(
      'evidence',
      first?.decision_id ?? '',
      '--ledger',
      real.file,
      '--out',
      out,
    );
    expect(again).toMatchObject({ exitCode: 2, text: expect.stringContaining('is there already') as string });
  });

  it('says where the ledger is not what was written', async () => {
    const [first] = await listed('--verdict', 'approve');
    const file = await real.copy();
    tamper(file, (db) => {
      editEvent(db, "kind = 'policy'", (event) => (event['digest'] = 'another'));
    });
    const out = join(real.folder, 'evidence-of-forgery.tar');
    const said = await ledgerCommand('evidence', first?.request_id ?? '', '--ledger', file, '--out', out);
    expect(said).toMatchObject({ exitCode: 1, text: expect.stringContaining('FAIL') as string });
    expect((filesIn(await readFile(out)) ?? new Map<string, string>()).get('proof.json')).toMatch(
      /"faults": \[\s+"/u,
    );
  });

  it.each<readonly [string, (files: Map<string, string>) => unknown, string]>([
    [
      'text of an entry',
      (files) => files.set('entries.jsonl', (files.get('entries.jsonl') ?? '').replace('sre-1', 'sre-9')),
      'has not the hash that its proof says',
    ],
    ['entry that is left out', (files) => files.set('entries.jsonl', ''), 'is missing'],
    ['proof', (files) => files.set('proof.json', '{}'), 'proof.json is missing, or has another form'],
    ['proof of an entry', (files) => files.set('proof.json', '{"request":"a","entries":[]}'), 'has no proof'],
  ])('shows that an archive was changed: %s', async (what, change, why) => {
    const [first] = await listed('--verdict', 'approve');
    const out = join(real.folder, `${what.replaceAll(' ', '-')}.tar`);
    await ledgerCommand('evidence', first?.request_id ?? '', '--ledger', real.file, '--out', out);
    const verified = (...options: string[]) => ledgerCommand('evidence', '--verify', out, ...options);
    expect(await verified()).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/^OK .*name the ledger/u) as string,
    });
    expect((await verified('--ledger', real.file)).text).toContain('the ledger holds each of them');
    const other = await real.copy();
    tamper(other, (db) => void db.exec("DELETE FROM entry WHERE kind = 'decided'"));
    expect((await verified('--ledger', other)).text).toContain('FAIL  the ledger has no entry');

    const files = new Map(filesIn(await readFile(out)));
    files.delete('SHA256SUMS');
    change(files);
    await writeFile(out, archiveOf(files, new Date(0)));
    expect(await verified()).toMatchObject({ exitCode: 1, text: expect.stringContaining(why) as string });
    const archive = await readFile(out);
    archive.write('x', 512);
    await writeFile(out, archive);
    expect((await verified()).text).toContain('README.txt is not what was written');
    for (const broken of [archive.subarray(0, 700), Buffer.from('x'.repeat(600)), Buffer.alloc(0)]) {
      await writeFile(out, broken);
      expect((await verified()).text).toContain('it is no archive');
    }
  });

  it('asks for what it lacks', async () => {
    expect(await ledgerCommand('evidence', 'request')).toMatchObject({
      exitCode: 2,
      text: expect.stringContaining('`ID --out FILE`') as string,
    });
    expect((await ledgerCommand('evidence', '--verify', join(real.folder, 'none'))).exitCode).toBe(2);
  });

  it('is for a SIEM what was given and refused, from any entry on', async () => {
    const out = join(real.folder, 'events.jsonl');
    const place = ['export', '--ledger', real.file, '--format', 'ocsf', '--out', out];
    const said = await ledgerCommand(...place);
    const types = (await readFile(out, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type_uid: number });
    expect(said).toMatchObject({ exitCode: 0 });
    expect(types.map((each) => each.type_uid)).toEqual(types.map(() => 300_501));
    expect(types).toHaveLength(
      new Set((await listed('--outcome', 'approved')).map((each) => each.request_id)).size,
    );
    const last = /--after (?<last>\d+)$/u.exec(said.text)?.groups?.['last'] ?? '';
    expect((await ledgerCommand(...place, '--after', last)).text).toMatch(/^0 events/u);
    expect((await ledgerCommand(...place, '--after', 'then')).exitCode).toBe(2);
  });
});

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
      '"at","decision","verdict","requester","roles","rules","request","reasons","seal_fault","outcome","approver","used","until"',
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

    const { text } = await ledgerCommand('replay', '--config', config);

    expect(text).not.toContain('approve →');
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

    expect(text).toMatch(/0 different\nNOT PROVEN {2}\{"never":\{"approve":\["prodaccess"\][^\n]*$/u);
    expect(JSON.parse(inJson.lines.at(-1) ?? '')).toMatchObject({
      summary: { different: 0, unproven: [expect.stringMatching(/^\{"never"/u)] },
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
