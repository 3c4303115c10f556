import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { Stage } from '../service/stage.ts';

export interface RealLedger extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly configFile: string;
  /** The stage it was written on; the service has stopped, Teleport and PagerDuty are there still. */
  readonly stage: Stage;
  /** A further copy of the file, for a test to spoil. */
  copy(): Promise<string>;
}

/** The ledger of the reference story, as the real service wrote it between both simulators. */
export async function aRealLedger(): Promise<RealLedger> {
  await using resources = new AsyncDisposableStack();
  const stage = resources.use(await Stage.open({ freshness: '0s' }));
  await playScenes(stage);
  await stage.stopService();
  const folder = await mkdtemp(join(tmpdir(), 'real-ledger-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const file = join(stage.folder, 'ledger.sqlite');
  const owned = resources.move();
  let copies = 0;
  return {
    folder,
    file,
    configFile: stage.configFile,
    stage,
    async copy() {
      copies += 1;
      const copy = join(folder, `copy-${copies}.sqlite`);
      await copyFile(file, copy);
      return copy;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

/** An outage, and what came after; paged, approved by a person in Teleport, then in PagerDuty, tidied up; an outsider left waiting; approved with a note. */
async function playScenes(stage: Stage): Promise<void> {
  triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });
  stage.pagerDuty.faults.add({ kind: 'status', status: 503 });
  const during = stage.request('sre-1');
  await stage.reports.when('effectFailed', ({ key, requestId }) => key === 'page' && requestId === during);
  stage.pagerDuty.faults.clear();
  await stage.done('live-note', during);

  const helped = stage.request('sre-2', { reason: 'helping sre-1 “now”' });
  await stage.done('page', helped);
  stage.approveAs('sre-1', helped, 'she helps me');
  await stage.done('close-page', helped);

  const answered = stage.request('sre-2', { reason: 'and again' });
  const { outcome: page } = await stage.done('page', answered);
  const answer = `approve ${answerCode(answered)} she helps me`;
  addNote(stage.pagerDuty.account, page.incidentId ?? '', answer, SAM);
  await stage.followUp(answered);
  await stage.done('close-page', answered);

  const outsider = stage.request('outsider@example.com');
  await stage.done('page', outsider);

  const again = stage.request('sre-1', { reason: 'again' });
  await stage.done('live-note', again);
}
