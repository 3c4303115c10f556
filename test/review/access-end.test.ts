import { describe, expect, it } from 'vitest';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { openIncident } from '../sim/pagerduty/incident-opening.ts';
import { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const WITH_SHIFT = { access_ends: 'with_shift' };

/** sre-2 by an override that has `seconds` to go. */
function takeOver(stage: World, seconds: number): void {
  const { account } = stage.pagerDuty;
  const now = account.clock.now().getTime();
  setOverride(account, {
    scheduleId: 'PSCHED1',
    userId: 'PTAY2RE',
    start: new Date(now - 3_600_000),
    end: new Date(now + seconds * 1_000),
  });
}

async function granted(stage: World): Promise<string> {
  const id = stage.request('sre-2');
  await stage.done('find-live-incident', id);
  expect(stage.state(id)).toBe('APPROVED');
  return id;
}

describe('access that ends with the shift', () => {
  it('is locked when the shift is over, until its own end', async () => {
    await using stage = await World.open({ rule: WITH_SHIFT });
    takeOver(stage, 3);
    const id = await granted(stage);

    await stage.done('lock');

    const [lock] = stage.locks();
    expect(lock?.target).toMatchObject({ accessRequest: id });
    expect(lock?.message).toContain('Access ended with the shift');
    expect(lock?.expires).toEqual(stage.teleport.cluster.request(id).expires);
    expect((await stage.events(id)).map(({ kind }) => kind)).toContain('access-checked');
  });
});

describe('access that was locked with its shift', () => {
  /** A colleague takes the shift over, until it is theirs again. */
  const others = (stage: World, fromSeconds: number, seconds: number) => {
    const { account } = stage.pagerDuty;
    const now = account.clock.now().getTime();
    setOverride(account, {
      scheduleId: 'PSCHED1',
      userId: 'PROB3RE',
      start: new Date(now + fromSeconds * 1_000),
      end: new Date(now + (fromSeconds + seconds) * 1_000),
    });
  };
  const locked = async (rule: Record<string, unknown> = WITH_SHIFT) => {
    const stage = await World.open({
      rule: { ...rule, on_call: { services: ['Payments API'], min_shift_age: '5m' } },
    });
    takeOver(stage, 36_000);
    openIncident(stage.pagerDuty.account, { title: 'checkout fails', serviceId: 'PSERVC1' }, SAM);
    const id = await granted(stage);
    others(stage, 1, 300);
    await stage.done('lock', null, 900_000);
    expect(stage.locks()).toHaveLength(1);
    return { stage, id, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
  };
  const later = (stage: World, minutes: number) => stage.time.until(() => undefined, minutes * 60_000);

  it('is given back if the shift goes on, and is locked again at its end', async () => {
    await using waiting = await locked();
    const { stage, id } = waiting;

    await stage.done('unlock', null, 1_800_000);
    expect(stage.locks()).toEqual([]);
    await stage.time.advance(1_000);
    const [live] = stage.incidents();
    const told = stage.notesOf(live?.id).filter((note) => note.includes('is given back'));
    expect(told).toEqual([expect.stringContaining('The access of sre-2 to role prodaccess is given back')]);
    others(stage, 1, 36_000);
    await stage.done('lock 2', null, 900_000);

    expect(stage.locks()).toMatchObject([{ target: { accessRequest: id } }]);
    const checks = (await stage.events(id)).filter(({ kind }) => kind === 'access-checked');
    expect(checks).toMatchObject([{ ends: true }, { ends: false }, { ends: true, number: 2 }]);
  });

  it.each<readonly [string, (stage: World, id: string) => void]>([
    [
      'somebody denied it since',
      (stage, id) => void stage.teleport.cluster.setRequestState({ id, state: 'DENIED', reason: '' }),
    ],
    [
      'somebody made the lock theirs',
      (stage) => {
        const [lock] = stage.locks();
        if (lock !== undefined)
          stage.teleport.cluster.locks.upsert({ ...lock, message: 'keep out' }, 'admin');
      },
    ],
    [
      'somebody made it last longer',
      (stage) => {
        const [lock] = stage.locks();
        const expires = new Date(stage.time.epochMs + 30 * 86_400_000);
        if (lock !== undefined) stage.teleport.cluster.locks.upsert({ ...lock, expires }, 'admin');
      },
    ],
    ['the colleague keeps the shift for longer than an hour', (stage) => others(stage, 1, 7_200)],
  ])('is not given back where %s', async (_what, change) => {
    await using waiting = await locked();
    const { stage, id } = waiting;
    change(stage, id);

    await later(stage, 150);

    expect(stage.locks()).toHaveLength(1);
  });
});
