import { expect, it } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { soleClaim } from '../../src/ports/claims.ts';
import { createStoryWriter } from '../../src/review/story-writer.ts';
import { aFailure } from '../ledger/some-events.ts';
import { NOW } from '../support/builders.ts';

it('what others write of a request while it is handled keeps it open, and brings it back', async () => {
  const ledger = new SqliteLedger(':memory:');
  const writer = createStoryWriter('a', { ledger, clock: { now: () => NOW } }, soleClaim);
  await ledger.append([aFailure('a')], NOW);
  const story = await writer.read();
  await ledger.append([aFailure('a')], NOW);
  await writer.write(story, [aFailure('a')]);

  await writer.settle(true);
  expect(await ledger.open()).toEqual(['a']);

  const whole = await writer.read();
  await writer.write(whole, [aFailure('a'), aFailure('a')]);
  await writer.settle(false);
  expect(await ledger.open()).toEqual(['a']);
  await writer.settle(true);
  expect(await ledger.open()).toEqual([]);
  await writer.settle(false);
  expect(await ledger.open()).toEqual(['a']);
});
