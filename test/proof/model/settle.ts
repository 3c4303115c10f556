import { setTimeout as pause } from 'node:timers/promises';
import type { Play } from './run.ts';

const DEADLINE_MS = 30_000;
/** What says that something is still to be done. */
const RESTLESS = [
  'effectFailed',
  'followUpFailed',
  'handlingFailed',
  'postponed',
  'effectDone',
  'decided',
] as const;

/**
 * Everything works again, and the service is asked to look until nothing comes of it any more. Throws when it does not come
 * to rest.
 */
export async function settle({ stage, host, requests }: Play): Promise<void> {
  stage.pagerDuty.faults.clear();
  stage.teleport.faults.clear();
  await host.comeHere();
  await stage.pagerDuty.webhooks.idle();
  const deadline = performance.now() + DEADLINE_MS;
  for (let quiet = 0; quiet < 2;) {
    if (performance.now() > deadline) {
      const last = stage.reports.events.slice(-20).map((each) => JSON.stringify(each).slice(0, 400));
      throw new Error(`the service does not come to rest:\n${last.join('\n')}`);
    }
    const before = restless();
    for (const { id } of requests) await stage.followUp(id);
    await stage.service.sweepNow();
    await stage.pagerDuty.webhooks.idle();
    quiet = restless() === before ? quiet + 1 : 0;
    if (quiet === 0) await pause(20);
  }

  function restless(): number {
    return RESTLESS.reduce((sum, name) => sum + stage.reports.of(name).length, 0);
  }
}
