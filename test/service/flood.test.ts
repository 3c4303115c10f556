import { describe, expect, it } from 'vitest';
import { mayAskForMore } from '../support/more-roles.ts';
import { Stage } from './stage.ts';

describe('a flood of requests of one person', () => {
  const FLOOD = Number(process.env['FLOOD'] ?? 150);

  it('keeps nobody else from being paged within seconds', async () => {
    await using stage = await Stage.open({ rule: { roles: ['prodaccess', 'extra-*'] } });
    mayAskForMore(stage.teleport.cluster);
    const askedAbout = (id: string) =>
      stage.reports.when(
        'effectDone',
        ({ requestId, key }) => requestId === id && key.startsWith('page'),
        30_000,
      );
    const flood = Array.from({ length: FLOOD }, (_, each) => {
      return stage.request('sre-2', {
        roles: [each % 2 === 0 ? 'prodaccess' : `extra-${each % 10}`],
        reason: `${each} ${'x'.repeat(4_000)}`,
      });
    });
    const began = performance.now();

    const id = stage.request('sre-3');
    await askedAbout(id);
    const pagedMs = Math.round(performance.now() - began);
    for (const each of flood) await askedAbout(each);

    expect(pagedMs).toBeLessThan(15_000);
    expect(stage.incidents().filter(({ status }) => status !== 'resolved').length).toBeLessThanOrEqual(5);
  }, 600_000);
});
