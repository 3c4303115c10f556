import { afterEach, describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { ServiceProcess } from './process.ts';
import { Stage, type StageOptions } from './stage.ts';

const running: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
});

async function startProcess(stage: Stage): Promise<ServiceProcess> {
  const service = new ServiceProcess(stage.configFile);
  running.push(service);
  await service.watching();
  return service;
}

function doneKeys(events: readonly LedgerEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === 'effect-done' ? [event.key] : []));
}

const EDITIONS: [string, StageOptions, string][] = [
  ['Enterprise', { edition: 'enterprise' }, 'SubmitAccessReview'],
  ['Community', { edition: 'community' }, 'SetAccessRequestState'],
];

/** Each starts the service twice, as a process. */
const DEADLINE_MS = 60_000;

describe.each(EDITIONS)('kill -9 on %s', { timeout: DEADLINE_MS }, (_name, options, method) => {
  it.each([
    ['before Teleport has the review', 'stall-before', false],
    ['after Teleport has the review, before the ledger says so', 'stall-after', false],
    ['the same, and the listing shows it as it was before', 'stall-after', true],
  ] as const)('%s: the next start leaves exactly one', async (_when, kind, isStale) => {
    await using stage = await Stage.open({ ...options, start: false });
    stage.teleport.faults.add({ method, kind, times: 1 });
    const first = await startProcess(stage);
    const id = stage.request('sre-1');
    if (isStale) stage.teleport.cluster.keepListingStale();
    await stage.teleport.calls.arrived(method);
    await first.end('SIGKILL');
    expect(await stage.events(id)).toMatchObject([{ kind: 'decided' }, { kind: 'effect-intended' }]);

    await startProcess(stage);
    await expect
      .poll(async () => (await stage.events(id)).map(({ kind: each }) => each))
      .toContain('effect-done');

    expect(stage.state(id)).toBe('APPROVED');
    const granted = stage.teleport.calls.of(method).length - (kind === 'stall-before' ? 1 : 0);
    expect(granted).toBe(1);
    expect(stage.decidedEvents(await stage.events(id))).toHaveLength(1);
  });
});

it.each([
  ['before PagerDuty has the incident', false],
  ['after PagerDuty has the incident, before the ledger says so', true],
])(
  'kill -9 while a page is opened %s: the next start leaves exactly one',
  { timeout: DEADLINE_MS },
  async (_when, after) => {
    await using stage = await Stage.open({ start: false });
    stage.pagerDuty.faults.add({ kind: 'stall-headers', match: { method: 'POST' }, times: 1, after });
    const first = await startProcess(stage);
    const id = stage.request('sre-2');
    await stage.pagerDuty.until(() => stage.pagerDuty.calls.matching('POST', '/incidents').length > 0);
    await first.end('SIGKILL');

    await startProcess(stage);
    await expect.poll(async () => (await stage.events(id)).map(({ kind }) => kind)).toContain('effect-done');

    expect(stage.incidents()).toHaveLength(1);
  },
);

it(
  'kill -9 while a note is on its way waits until PagerDuty has it, however slow it is: the next start leaves exactly one',
  { timeout: DEADLINE_MS },
  async () => {
    await using stage = await Stage.open({ start: false });
    const alert = triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });
    const match = { method: 'POST', pathPrefix: '/incidents/' };
    stage.pagerDuty.faults.add({ kind: 'latency', ms: 4_500, match, times: 1 });
    const posts = () => stage.pagerDuty.calls.matching('POST', `/incidents/${alert?.id ?? ''}/notes`);
    const first = await startProcess(stage);
    const id = stage.request('sre-1');
    await stage.pagerDuty.until(() => posts().length > 0);
    await first.end('SIGKILL');

    await startProcess(stage);
    await expect
      .poll(async () => doneKeys(await stage.events(id)), { timeout: 15_000 })
      .toContain('live-note');

    await stage.pagerDuty.until(() => posts().every(({ status }) => status !== null));

    expect(stage.notesOf(alert?.id)).toHaveLength(1);
  },
);

describe('SIGTERM', () => {
  it('ends the process with exit code 0 and says that nothing is left', async () => {
    await using stage = await Stage.open({ start: false });
    const service = await startProcess(stage);
    stage.request('sre-1');
    await stage.teleport.calls.ended('SubmitAccessReview');

    expect(await service.end('SIGTERM')).toBe(0);
    expect(JSON.parse(service.lines.at(-1) ?? '{}')).toMatchObject({ msg: 'stopped', unfinished: 0 });
  });
});

describe('a start', () => {
  it('goes on while PagerDuty refuses every call by a rate limit', async () => {
    await using stage = await Stage.open({ start: false });
    stage.pagerDuty.faults.add({ kind: 'rate-limited', headers: false });

    const service = await startProcess(stage);

    expect(await service.end('SIGTERM')).toBe(0);
  });
});
