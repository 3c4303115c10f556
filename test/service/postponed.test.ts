import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { instantOf } from '../../src/core/values/instant.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startService, type Service } from '../../src/service/start-service.ts';
import { RecordingReporter } from './recording-reporter.ts';
import { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
const PATIENT = { escalate: { service: 'Access requests', decide_within: '5m' } };

/** PagerDuty does not say who is on call; pages can be opened. */
async function withoutFacts(): Promise<Stage> {
  const stage = await Stage.open({ rule: PATIENT });
  stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
  return stage;
}

/** The next process, started so much later by its own clock. */
async function restartedLater(
  stage: Stage,
  laterMs: number,
): Promise<AsyncDisposable & { readonly reports: RecordingReporter }> {
  await stage.stopService();
  const reports = new RecordingReporter();
  const service: Service = await startService({
    config: loadConfig(stage.configFile, {}),
    reporter: reports.reporter,
    signal: new AbortController().signal,
    clock: { now: () => instantOf(Date.now() + laterMs) },
  });
  return {
    reports,
    [Symbol.asyncDispose]: async () => {
      await service.stop();
    },
  };
}

async function openIn(stage: Stage): Promise<readonly string[]> {
  const ledger = new SqliteLedger(join(stage.folder, 'ledger.sqlite'));
  try {
    return await ledger.open();
  } finally {
    await ledger.close();
  }
}

describe('a decision that is put off for want of facts', () => {
  it('is in the ledger with the time from which it is waited for, once', async () => {
    await using stage = await withoutFacts();
    const asked = Date.now();
    const id = stage.request('sre-1');
    await stage.reports.when('postponed', ({ attempt }) => attempt === 2);

    const events = await stage.events(id);

    expect(events.map(({ kind }) => kind)).toEqual(['postponed']);
    const [event] = events;
    const since = event?.kind === 'postponed' ? Date.parse(event.since) : 0;
    expect(since).toBeGreaterThanOrEqual(asked);
    expect(event).toMatchObject({ why: expect.stringContaining('503') as unknown });
  });

  it('pages a person `decide_within` after it was first looked at, whatever restarts in between', async () => {
    await using stage = await withoutFacts();
    const id = stage.request('sre-1');
    await stage.reports.when('postponed');

    await using next = await restartedLater(stage, 6 * MINUTE_MS);
    await next.reports.when('effectDone', ({ key }) => key === 'page');

    expect(next.reports.of('postponed')).toEqual([]);
    expect(stage.state(id)).toBe('PENDING');
    expect(stage.incidents()).toHaveLength(1);
  });

  it('waits no longer for a replica whose clock was ahead', async () => {
    await using stage = await withoutFacts();
    stage.request('sre-1');
    await stage.reports.when('postponed');

    await using next = await restartedLater(stage, -60 * MINUTE_MS);
    const { retryInMs } = await next.reports.when('postponed');

    expect(retryInMs).toBeLessThanOrEqual(5 * MINUTE_MS);
  });

  it('is over with the request: its end is recorded, and it is not looked at again', async () => {
    await using stage = await withoutFacts();
    const id = stage.request('sre-2');
    await stage.reports.when('postponed');
    await expect.poll(() => openIn(stage)).toEqual([id]);

    stage.denyAs('sre-1', id);
    await stage.reports.when('ended');
    await stage.followUp(id);

    expect((await stage.events(id)).map(({ kind }) => kind)).toEqual(['postponed', 'ended']);
    expect(await openIn(stage)).toEqual([]);
  });
});
