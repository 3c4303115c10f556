import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, filesIn } from '../../src/commands/ledger/archive.ts';
import { evidenceFiles, type EvidenceProof } from '../../src/commands/ledger/evidence-files.ts';
import { hashOf, sha256 } from '../../src/ledger/rows.ts';
import { entryInLine } from '../../src/ledger/export.ts';
import type { RequestProof } from '../../src/traceability/summary.ts';
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

const text = (files: ReadonlyMap<string, string>) => files.get('entries.jsonl') ?? '';

const withoutProof = (files: Map<string, string>) =>
  files.set(
    'proof.json',
    JSON.stringify({ ...(JSON.parse(files.get('proof.json') ?? '') as object), entries: [] }),
  );

describe('what goes out of the ledger', () => {
  it('is all about one request, with its proof, in a page that asks nobody for anything', async () => {
    const [first] = await listed('--verdict', 'approve');
    const out = join(real.folder, 'evidence.tar');
    expect(
      await ledgerCommand('evidence', first?.decision_id ?? '', '--ledger', real.file, '--out', out),
    ).toMatchObject({ exitCode: 0 });
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

    expect(
      await ledgerCommand('evidence', first?.decision_id ?? '', '--ledger', real.file, '--out', out),
    ).toMatchObject({ exitCode: 2, text: expect.stringContaining('is there already') as string });
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
    ['proof of an entry', withoutProof, 'has no proof'],
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
    tamper(other, (db) => {
      db.exec("DELETE FROM entry WHERE kind = 'decided'");
    });
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

  it.each<readonly [string, (files: Map<string, string>) => unknown, string]>([
    [
      'a second entry of the same number, with the hash of the true one',
      (files) =>
        files.set(
          'entries.jsonl',
          text(files).replace(/^.*\n/u, (line) => `${line.replace('sre-1', 'sre-9')}${line}`),
        ),
      'is there twice',
    ],
    [
      'a line that is no entry',
      (files) => files.set('entries.jsonl', `${text(files)}{"seq": 1, "event": {"kind": "ended"}}\n`),
      'entries.jsonl is not what its entries give',
    ],
    ['a file of another name', (files) => files.set('../index.html', 'x'), '../index.html is no file of'],
    ['no page', (files) => files.delete('index.html'), 'index.html is missing'],
    ['no entry at all', (files) => withoutProof(files).set('entries.jsonl', ''), 'it has no entry'],
    [
      'another page',
      (files) => files.set('index.html', (files.get('index.html') ?? '').replaceAll('sre-1', 'sre-9')),
      'index.html is not what its entries give',
    ],
    ['another account', (files) => files.set('usage.json', '{}'), 'usage.json is not what its entries give'],
    ['another way to check it', (files) => files.set('README.txt', 'It is whole.'), 'README.txt is not what'],
    [
      'other rules',
      (files) =>
        files.set('rules.json', (files.get('rules.json') ?? '').replace('prod-oncall', 'prod-forged')),
      'rules.json has not the rules that its decisions name',
    ],
    ['no rules', (files) => files.set('rules.json', '{}\n'), 'rules.json has not the rules'],
    [
      'a proof that says more than is read of it',
      (files) =>
        files.set('proof.json', (files.get('proof.json') ?? '').replace('{', '{"request": "another",')),
      'proof.json is not what its entries give',
    ],
    [
      'another time of making',
      (files) =>
        files.set('proof.json', (files.get('proof.json') ?? '').replace(/"made": "2/u, '"made": "1')),
      'the summary in proof.json has not its digest',
    ],
    [
      'the request of somebody else',
      (files) =>
        files.set('proof.json', (files.get('proof.json') ?? '').replace(/"request": "./u, '"request": "x')),
      'is of another request',
    ],
  ])('goes by nothing that was put in or left out: %s', async (what, change, why) => {
    const [first] = await listed('--verdict', 'approve');
    const out = join(real.folder, `hostile-${what.replaceAll(' ', '-')}.tar`);
    await ledgerCommand('evidence', first?.request_id ?? '', '--ledger', real.file, '--out', out);
    const files = new Map(filesIn(await readFile(out)));
    files.delete('SHA256SUMS');
    change(files);
    await writeFile(out, archiveOf(files, new Date(0)));
    expect(await ledgerCommand('evidence', '--verify', out, '--ledger', real.file)).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(new RegExp(why, 'u')) as string,
    });
  });

  it('says what the ledger has of the request beyond the archive', async () => {
    const [first] = await listed('--verdict', 'approve');
    const out = join(real.folder, 'cut-off.tar');
    await ledgerCommand('evidence', first?.request_id ?? '', '--ledger', real.file, '--out', out);
    const files = new Map(filesIn(await readFile(out)));
    files.delete('SHA256SUMS');
    const entries = text(files)
      .split('\n')
      .flatMap((line) => entryInLine(line) ?? []);
    const proof = JSON.parse(files.get('proof.json') ?? '') as EvidenceProof;
    const made = (stored: typeof entries, { summary = proof.summary } = {}) => {
      const proven = stored.flatMap(({ seq }) => proof.entries.find((each) => each.seq === seq) ?? []);
      return new Map([...files, ...evidenceFiles(stored, { ...proof, entries: proven, summary })]);
    };
    const without = (index: number) => made(entries.toSpliced(index, 1));
    const verified = async (changed: Map<string, string>) => {
      await writeFile(out, archiveOf(changed, new Date(0)));
      return await ledgerCommand('evidence', '--verify', out, '--ledger', real.file);
    };
    expect(await verified(without(1))).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(
        /FAIL {2}the ledger has entry \d+ of the request, the archive has not/u,
      ) as string,
    });
    expect(await verified(without(-1))).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('1 further entry') as string,
    });
    const content = { ...proof.summary, program: '0.0.1', digest: undefined };
    const older = made(entries, { summary: { ...content, digest: sha256(JSON.stringify(content)) } });
    expect(await verified(older)).toMatchObject({ exitCode: 0 });
    older.set('index.html', 'in other words');
    expect(await verified(older)).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('WARN  index.html is not what version') as string,
    });
    expect(await verified(older.set('rules.json', '{}\n'))).toMatchObject({ exitCode: 1 });
  });

  it('takes for an archive only what tar reads in the same way', () => {
    const files = new Map([['README.txt', 'a']]);
    const archive = archiveOf(files, new Date(0));
    expect(filesIn(archive)?.get('README.txt')).toBe('a');
    for (const [at, byte] of [
      [156, '2'],
      [345, 'x'],
      [512, '\u00ff'],
      [archive.length - 1, 'x'],
    ] as const) {
      const other = Buffer.from(archive);
      other.write(byte, at, 'latin1');
      const sum = other
        .subarray(0, 512)
        .reduce((all, each, index) => all + (index >= 148 && index < 156 ? 32 : each), 0);
      other.write(sum.toString(8).padStart(6, '0'), 148);
      expect(filesIn(other)).toBeNull();
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
