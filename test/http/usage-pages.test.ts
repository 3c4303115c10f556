import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { aRecordedDecision, aRecordedUse, aRequest, NOW, someEvidence } from '../support/builders.ts';
import { bearer, byToken, pagesWith, TOKEN } from './pages-under-test.ts';

let folder = '';
let file = '';

/** One access that was used, on hosts with hostile names, and one of which nothing is known. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usage-pages-'));
  file = join(folder, 'ledger.sqlite');
  const ledger = new SqliteLedger(file);
  for (const requestId of ['used', 'open']) {
    await ledger.append([aRecordedDecision({ request: aRequest({ id: requestId }) })], NOW);
    if (requestId === 'open') continue;
    await ledger.append(
      [{ kind: 'ended', requestId, ending: { state: 'approved', by: 'sre-3', reason: '' } }],
      NOW,
    );
    const names = ['<script>alert(1)</script>', '\u202egnp.web\u001b[2J'];
    const events = names.flatMap((name, index) => [
      ...[
        {
          type: 'session.start',
          uid: `s${index}`,
          time: plusMs(NOW, MINUTE),
          user: 'sre-1',
          sid: `${index}`,
        },
      ].map((event) => ({ ...event, resource: { kind: 'node', name }, login: '=cmd()' })),
      ...(index === 0
        ? [{ type: 'session.end', uid: 'e', time: plusMs(NOW, 9 * MINUTE), user: 'sre-1', sid: '0' }]
        : []),
    ]);
    await ledger.append(
      [aRecordedUse({ requestId, evidence: someEvidence({ events }) })],
      plusMs(NOW, MINUTE),
    );
  }
  await ledger.close();
});

afterAll(() => rm(folder, { recursive: true }));

async function text(path: string): Promise<string> {
  await using pages = await pagesWith(file, byToken);
  const answer = await pages.get(path, bearer(TOKEN));
  expect(answer.status).toBe(200);
  return await answer.text();
}

describe('what an access was used for, on its page', () => {
  it('is drawn and listed, whatever hosts and logins are called', async () => {
    const page = await text('/decisions/used');

    expect(page).toContain('What it was used for');
    expect(page).toContain('2 SSH sessions');
    expect(page).toContain('not seen to end');
    expect(page).toMatch(/<svg[^>]*use-title/u);

    expect(page).not.toMatch(/<script|[\u202e\u001b]/u);
  });

  it('is summed up in the month, by rule and role', async () => {
    const page = await text('/decisions/month/2026-03');
    expect(page).toContain('What access was used for');
    expect(page.replaceAll(/\s+/gu, ' ')).toMatch(
      /prod-oncall, prodaccess<\/th> ?<td class>1<\/td> ?<td class>1<\/td>/u,
    );
  });

  it('is not there where there is no account', async () => {
    expect(await text('/decisions/open')).not.toContain('What it was used for');
  });
});

it.each([
  ['', ['used', 'open']],
  ['?outcome=approved&used=yes', ['used']],
  ['?held=2026-03-03T03:00', ['used']],
  ['?held=2026-03-03T01:00', []],
  ['?approver=sre-*&reason=payments&request=us', ['used']],
  ['?resource=*script*', ['used']],
  ['?outcome=nonsense&held=then', ['used', 'open']],
])('the list of decisions with %s has what passes, on the page and as a file', async (query, ids) => {
  const page = await text(`/decisions${query}`);
  const csv = await text(`/decisions.csv${query}`);

  expect(page).toContain('/decisions.csv?');
  expect(page.match(/class="badge/gu) ?? []).toHaveLength(ids.length);
  const lines = csv.trimEnd().split('\r\n');
  expect(lines[0]).toContain('"outcome","approver","used","until"');
  for (const id of ids) expect(csv).toContain(`"${id}"`);
  expect(lines).toHaveLength(ids.length + 1);
});
