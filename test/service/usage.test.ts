import { expect, it } from 'vitest';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { person } from '../sim/teleport/people.ts';
import { Stage } from './stage.ts';

it('follows what an access is used for, over both protocols, and tells it where the work was', async () => {
  await using stage = await Stage.open({
    config: { usage: { settles: '1s' } },
    readAuditLog: true,
    start: false,
  });
  const { cluster } = stage.teleport;
  const live = triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });
  await stage.startService();
  const id = stage.request('sre-1', { maxDuration: new Date(Date.now() + 5_000) });
  await stage.done('find-live-incident');
  const sam = person(cluster, 'sre-1');
  sam.assume(id);
  sam.ssh('web-1', { commands: 2 }).end();
  sam.database('payments-main', 700).end();

  expect((await stage.reports.when('used', undefined, 30_000)).recorded).toMatchObject({
    ...{ requestId: id, outcome: 'used', totals: { sessions: 2, counts: { commands: 2, queries: 700 } } },
    evidence: { gaps: [] },
  });
  await stage.service.sweepNow();
  expect(stage.notesOf(live?.id).at(-1)).toContain('1 SSH session (web-1)');
}, 60_000);
