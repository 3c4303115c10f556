import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { openHistory } from '../../src/ledger/open-ledger.ts';
import type { SearchableHistory } from '../../src/ports/ledger-history.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { becameOf } from '../../src/traceability/replay.ts';
import { searchDecisions, type DecisionFilter } from '../../src/traceability/search.ts';
import { ledgerCommand } from './terminal.ts';
import { aRecordedDecision, aRecordedUse, aRequest, NOW, someEvidence } from '../support/builders.ts';

const ALL: DecisionFilter = {
  ...{ user: null, role: null, rule: null, verdict: null, since: null, until: null },
};
const END = plusMs(NOW, 8 * HOUR);
let folder = '';
let history: SearchableHistory;

/** One of each outcome, all decided in the same second. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'became-'));
  const ledger = new SqliteLedger(join(folder, 'ledger.sqlite'));
  const ids = ['used', 'unused', 'cut-short', 'no-account', 'denied', 'open'];
  for (const id of ids) {
    const requestId = id;
    const resources = [{ cluster: 'root', kind: 'db', name: `of ${id}`, subResource: '' }];
    await ledger.append(
      [aRecordedDecision({ request: aRequest({ id, resources, reason: `Checkout ${id}` }) })],
      NOW,
    );
    if (id === 'open') continue;
    const state = id === 'denied' ? 'denied' : 'approved';
    await ledger.append([{ kind: 'ended', requestId, ending: { state, by: 'sre-3', reason: '' } }], NOW);
    const event = { type: 'session.start', uid: id, time: NOW, user: 'sre-1', sid: id };
    const resource = { kind: 'node', name: 'web-1' };
    if (id === 'used')
      await ledger.append(
        [aRecordedUse({ requestId, evidence: someEvidence({ events: [{ ...event, resource }] }) })],
        END,
      );
    if (id === 'unused') await ledger.append([aRecordedUse({ requestId })], END);
    if (id === 'cut-short')
      await ledger.append(
        [aRecordedUse({ requestId, evidence: someEvidence({ until: plusMs(NOW, HOUR) }) })],
        END,
      );
  }
  await ledger.close();
  history = await openHistory({ sqlite: join(folder, 'ledger.sqlite') });
});

afterAll(async () => {
  await history.close();
  await rm(folder, { recursive: true });
});

describe('decisions, by what became of them', () => {
  it.each<[Partial<DecisionFilter>, readonly string[]]>([
    [{}, ['open', 'denied', 'no-account', 'cut-short', 'unused', 'used']],
    [{ outcome: 'denied' }, ['denied']],
    [{ outcome: 'open' }, ['open']],
    [{ approver: 'sre-*', outcome: 'denied' }, ['denied']],
    [{ approver: 'nobody' }, []],
    [{ request: 'un' }, ['unused']],
    [{ reason: 'checkout  USED' }, ['unused', 'used']],
    [{ resource: 'of un*' }, ['unused']],
    [{ resource: 'web-1' }, ['used']],
    [{ used: 'yes' }, ['used']],
    [{ used: 'no' }, ['cut-short', 'unused']],
    [{ used: 'not-known' }, ['no-account']],
    [{ heldAt: plusMs(NOW, 2 * HOUR) }, ['no-account', 'unused', 'used']],
    [{ heldAt: NOW }, ['no-account', 'cut-short', 'unused', 'used']],
    [{ heldAt: END }, []],
    [{ heldAt: plusMs(NOW, -1) }, []],
  ])('that pass %j', async (filter, expected) => {
    const found: string[] = [];
    for await (const { decided } of searchDecisions(history, { ...ALL, ...filter }))
      found.push(decided.requestId);
    expect(found).toEqual(expected);
  });

  it('are summed up by rule and role for a review, with what a person should look at', async () => {
    const place = ['usage', '--ledger', join(folder, 'ledger.sqlite')];
    const table = await ledgerCommand(...place);
    expect(table).toMatchObject({ exitCode: 0 });
    expect(table.lines[0]).toMatch(/^RULE +ROLE +GIVEN +USED +NEVER USED +NOT KNOWN +OUTSIDE +RAN-ON/u);
    expect(table.lines[1]).toMatch(/^\(people\) +prodaccess +4 +1 +0 +3 +1 +0 +0$/u);
    expect(table.lines[2]).toMatch(/^used .+: used outside of what was asked for\..+ web-1 from /u);
    const { lines: csv } = await ledgerCommand(...place, '--csv');
    expect(csv.map((line) => line.split('","')[0])).toEqual([
      '"request',
      '"no-account',
      '"cut-short',
      '"unused',
      '"used',
    ]);
    expect(csv.at(-1)).toContain('"used","1","web-1","provisional","outside: ');
    const { lines: json } = await ledgerCommand(...place, '--json', '--since', '2026-03-03');
    expect(json.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ request_id: 'no-account', used: 'open', account: null, findings: [] }),
    );
    expect((await ledgerCommand(...place, '--until', '2026-03-03')).lines).toEqual([
      'no access was given in this time',
    ]);
  });

  it('have who decided, until when, and what it was used for', async () => {
    expect(await becameOf(history, 'used')).toEqual({
      ...{ outcome: 'approved', approver: 'sre-3', used: 'used', usedOn: ['web-1'] },
      held: { from: NOW, until: END },
    });
    expect(await becameOf(history, 'open')).toEqual({
      ...{ outcome: 'open', approver: null, used: null, usedOn: [], held: null },
    });
  });
});
