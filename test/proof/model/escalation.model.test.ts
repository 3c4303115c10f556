import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Host } from './host.ts';
import { violationsOf } from './invariants.ts';
import { openStage, play } from './play.ts';
import { inWords, plans, type Plan } from './plan.ts';
import { settle } from './settle.ts';
import { Tally } from './tally.ts';

/*
 * MODEL_RUNS=500 MODEL_SEED=7 npx vitest run test/proof/model: more interleavings than the few of every day, of another seed. A tenth
 * of them kill the service as a process of its own. MODEL_SHRINK=1 looks for the shortest plan that fails, which takes its time.
 */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 20);
const SEED = Number(process.env['MODEL_SEED'] ?? 20261122);
const KILLED = Math.max(2, Math.round(RUNS / 10));
const RUN_MS = 10_000;

async function run({ setting, ...plan }: Plan, tally: Tally): Promise<readonly string[]> {
  await using stage = await openStage(setting);
  const copies = Math.max(1, setting.webhookCopies);
  stage.pagerDuty.webhooks.configure({ retryDelayMs: 20, maxAttempts: 3, copies });
  await using host = new Host(stage, { hasWebhooks: setting.webhookCopies > 0 });
  if (setting.inProcess) await host.startProcess();
  else await host.startHere();
  const played = await play({ setting, ...plan }, stage, host);
  await settle(played);
  await tally.add(played);
  return await violationsOf(played);
}

describe('whatever happens in whatever order', () => {
  it.each([
    ['stopped and started', false, RUNS],
    ['killed and started', true, KILLED],
  ])(
    'one page, one vote a person, and no approval that nothing accounts for; the service is %s',
    async (_how, inProcess, numRuns) => {
      const tally = new Tally();
      await fc.assert(
        fc.asyncProperty(plans(inProcess), async (plan) => {
          expect(await run(plan, tally), inWords(plan)).toEqual([]);
        }),
        { numRuns, seed: SEED, endOnFailure: process.env['MODEL_SHRINK'] === undefined },
      );
      if (process.env['MODEL_RUNS'] !== undefined) process.stdout.write(`${tally.toString()}\n`);
    },
    RUNS * RUN_MS,
  );
});
