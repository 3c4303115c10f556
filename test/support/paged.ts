import { answerCode } from '../../src/core/answers/answer.ts';
import type { Scene } from './scene.ts';
import { World, type WorldOptions } from './world.ts';

/** A page for sre-2 that waits for an answer. */
export function paged(options: WorldOptions = {}) {
  return pagedOn(World.open(options));
}

/** The same, whatever stands between people and the service. */
export async function pagedOn<S extends Scene & AsyncDisposable>(opened: Promise<S>) {
  const stage = await opened;
  const id = stage.request('sre-2');
  await stage.done('page');
  const [page] = stage.incidents();
  const [stop, pageId] = [() => stage[Symbol.asyncDispose](), page?.id ?? ''];
  return { stage, id, pageId, code: answerCode(id), [Symbol.asyncDispose]: stop };
}
