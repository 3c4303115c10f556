import { answerCode } from '../../src/core/answers/answer.ts';
import { Stage, type StageOptions } from './stage.ts';

/** A page for sre-2 that waits for an answer. */
export async function paged(options: StageOptions = {}) {
  const stage = await Stage.open(options);
  const id = stage.request('sre-2');
  await stage.reports.when('effectDone', ({ key }) => key === 'page');
  const [page] = stage.incidents();
  const [stop, pageId] = [() => stage[Symbol.asyncDispose](), page?.id ?? ''];
  return { stage, id, pageId, code: answerCode(id), [Symbol.asyncDispose]: stop };
}
