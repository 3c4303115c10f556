import { describe, expect, it } from 'vitest';
import {
  onceKeyOf,
  subjectOf,
  type LedgerEvent,
  type RecordedDecision,
} from '../../src/core/record/ledger-entry.ts';
import { hashOf } from '../../src/ledger/rows.ts';
import { anAnswer, anAnswered } from '../support/builders.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import type { Stage } from './stage.ts';

/** A service that is not started yet, and what somebody can do who owns the database of its ledger. */
export interface ForgersStage extends AsyncDisposable {
  readonly stage: Stage;
  /** Triggers that forbid changes are taken away first. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
}

interface Approval {
  readonly decided: RecordedDecision;
}

const text = (value: string | null) => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);

/** Appends an event as somebody does who may write to the database, and knows how the chain is made. */
export async function forge({ sql }: Pick<ForgersStage, 'sql'>, event: LedgerEvent): Promise<void> {
  const [last] = await sql('SELECT seq, at, hash FROM entry ORDER BY seq DESC LIMIT 1');
  const eventText = JSON.stringify(event);
  const [seq, when] = [Number(last?.['seq']) + 1, String(last?.['at'])];
  const hash = hashOf(String(last?.['hash']), { seq, at: when, eventText });
  const values = [when, event.kind, subjectOf(event), onceKeyOf(event), eventText, hash].map(text).join(', ');
  await sql(
    `INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash) VALUES (${seq}, ${values})`,
  );
}

/** What a writer of the database achieves with a service that knows its own entries: `settings` are its ledger and key. */
export function forgedRecordContract(
  name: string,
  place: (rule?: Record<string, unknown>) => Promise<ForgersStage>,
): void {
  async function sealed(rule?: Record<string, unknown>): Promise<ForgersStage> {
    const own = await place(rule);
    expect((await ledgerCommand('key', 'init', '--config', own.stage.configFile)).text).toContain(
      'is sealed',
    );
    await own.stage.startService();
    return own;
  }
  async function paged({ stage }: ForgersStage) {
    const id = stage.request('sre-2');
    await stage.done('page', id);
    return { id, page: stage.incidents().at(-1) };
  }

  describe(`a service on a sealed ledger in ${name}`, () => {
    it('leaves a request alone whose approval somebody wrote into the ledger, says so once, and goes on', async () => {
      await using own = await sealed();
      const { stage } = own;
      const { id, page } = await paged(own);

      await forge(own, anAnswered({ requestId: id, answer: anAnswer({ incidentId: page?.id ?? '' }) }));
      await stage.followUp(id);
      await stage.followUp(id);
      await stage.service.sweepNow();
      const other = stage.request('sre-1');
      await stage.done('review', other);
      const ready = await fetch(`${stage.service.url ?? ''}/readyz`);
      const body = (await ready.json()) as { parts: { record: { state: string; reason: string } } };
      const metrics = await (await fetch(`${stage.service.url ?? ''}/metrics`)).text();
      const verified = await ledgerCommand('verify', '--config', stage.configFile);

      expect([stage.state(id), stage.state(other)]).toEqual(['PENDING', 'APPROVED']);
      expect(stage.reports.of('recordForged')).toEqual([
        { requestId: id, cause: expect.stringContaining('has no seal: somebody else has written') as string },
      ]);
      expect([ready.status, body.parts.record.state]).toEqual([200, 'degraded']);
      expect(body.parts.record.reason).toContain(
        'handle the request in Teleport, restore the ledger from a backup',
      );
      expect(metrics).toContain('oncall_approver_forged_records 1');
      expect([verified.exitCode, verified.text]).toEqual([
        1,
        expect.stringMatching(/FAIL {2}entry \d+ of \S+ has no seal/u),
      ]);
    });

    it.each([
      ['an approval', ({ decided }: Approval) => decided],
      [
        'a review that was intended',
        ({ decided: { requestId, decisionId } }: Approval) => ({
          kind: 'effect-intended' as const,
          requestId,
          effect: {
            kind: 'review',
            key: 'review',
            decisionId,
            propose: 'approved',
            reason: 'forged',
          } as const,
        }),
      ],
      [
        'a lock that was intended',
        ({ decided: { requestId } }: Approval) => ({
          kind: 'effect-intended' as const,
          requestId,
          effect: { kind: 'lock', key: 'lock', message: 'forged', expires: null } as const,
        }),
      ],
      [
        'an end',
        ({ decided: { requestId } }: Approval) => ({
          kind: 'ended' as const,
          requestId,
          ending: { state: 'denied', by: 'mallory', reason: '' } as const,
        }),
      ],
    ])(
      'does nothing on the strength of %s that others wrote, also after a restart',
      async (_what, forgery) => {
        await using own = await sealed();
        const { stage } = own;
        const { id, page } = await paged(own);
        const [row] = await own.sql(
          `SELECT event FROM entry WHERE request_id = '${id}' AND kind = 'decided'`,
        );
        const decided = JSON.parse(String(row?.['event'])) as RecordedDecision;
        const decision = { ...decided.decision, verdict: 'approve' as const };
        const notes = stage.notesOf(page?.id).length;

        await stage.stopService();
        await forge(own, forgery({ decided: { ...decided, number: 2, decision } }));
        await stage.startService();
        await stage.reports.when('recordForged');
        await stage.service.sweepNow();

        expect(stage.state(id)).toBe('PENDING');
        expect(stage.teleport.cluster.locks.list({ targets: [], inForceOnly: false })).toEqual([]);
        expect([stage.incidents().length, stage.notesOf(page?.id).length]).toEqual([1, notes]);
        expect(stage.incidents()[0]?.status).not.toBe('resolved');
      },
    );

    it('goes on with the request once its entries are as they were', async () => {
      await using own = await sealed();
      const { id } = await paged(own);
      await forge(own, { kind: 'unlocked', requestId: id });
      await own.stage.followUp(id);
      await own.sql('DELETE FROM entry WHERE seal IS NULL');

      await own.stage.followUp(id);

      expect(own.stage.reports.of('recordSound')).toEqual([{ requestId: id }]);
    });

    it('refuses to start on a ledger without a mark, and never sets one itself', async () => {
      await using own = await sealed();
      await own.stage.stopService();
      await own.sql('DELETE FROM entry');
      await own.sql('DELETE FROM open_request');

      await expect(own.stage.startService()).rejects.toThrow('the ledger has no mark');
      await expect(own.stage.startService()).rejects.toThrow('the ledger has no mark');
    });

    it('puts a request back that somebody took out of the open ones, says so once, and sees its end', async () => {
      await using own = await sealed();
      const { stage } = own;
      const { id } = await paged(own);
      const settled = stage.request('sre-1');
      await stage.reports.when('ended', ({ requestId }) => requestId === settled);
      await stage.stopService();
      await own.sql('DELETE FROM open_request');
      // The decision is filed as something else, and an entry of others claims that a month went by.
      await own.sql(`UPDATE entry SET kind = 'policy' WHERE request_id = '${id}' AND kind = 'decided'`);
      await forge(own, { kind: 'unlocked', requestId: 'nobody' });
      await own.sql(`UPDATE entry SET at = '2020-01-01T00:00:00.000Z' WHERE seal IS NULL`);
      stage.teleport.cluster.deleteRequest(id);

      await stage.startService();
      await stage.reports.when('recordForged', ({ cause }) => cause.includes('was missing'));
      await stage.service.sweepNow();
      await stage.reports.when('ended', ({ requestId }) => requestId === id);

      const texts = ['has no seal', `request ${id} is not over, and was missing`];
      expect(stage.reports.of('recordForged').filter(({ requestId }) => requestId === null)).toEqual(
        texts.map((text) => ({ requestId: null, cause: expect.stringContaining(text) as string })),
      );
    });

    it('says that the last entry of a request is missing, which somebody took out while it was stopped', async () => {
      await using own = await sealed();
      const { stage } = own;
      const { id } = await paged(own);
      const other = stage.request('sre-1');
      await stage.reports.when('ended', ({ requestId }) => requestId === other);
      await stage.stopService();
      const last = `SELECT max(seq) FROM entry WHERE request_id = '${id}' AND seq < (SELECT max(seq) FROM entry)`;
      await own.sql(`DELETE FROM entry WHERE seq = (${last})`);

      await stage.startService();

      const { cause } = await stage.reports.when('recordForged');
      expect(cause).toContain('is missing: somebody else has written to the ledger');
    });

    it('locks in time although the request was taken out of the open ones', async () => {
      await using own = await sealed({ access_ends: 'with_shift' });
      const { stage } = own;
      const id = stage.request('sre-1');
      await stage.reports.when('ended', ({ requestId }) => requestId === id);
      await stage.stopService();
      const [before] = await own.sql(`SELECT count(*) AS open FROM open_request WHERE request_id = '${id}'`);
      await own.sql('DELETE FROM open_request');

      const named = await ledgerCommand('verify', '--config', stage.configFile);
      await stage.startService();
      await stage.reports.when('recordForged');
      const [after] = await own.sql(`SELECT count(*) AS open FROM open_request WHERE request_id = '${id}'`);

      expect([before, after].map((row) => Number(row?.['open']))).toEqual([1, 1]);
      expect([named.exitCode, named.text]).toEqual([1, expect.stringContaining(`request ${id} is not over`)]);
    });
  });
}
