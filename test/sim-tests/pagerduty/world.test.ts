import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../sim/pagerduty/clock.ts';
import { IdSource } from '../../sim/pagerduty/ids.ts';
import { buildAccount, type World } from '../../sim/pagerduty/world.ts';

const SMALL: World = {
  users: [{ name: 'Sam', email: 'sam@example.com' }],
  schedules: [{ name: 'Rota', shifts: [{ users: ['sam@example.com'], start: '2026-01-01T00:00:00Z' }] }],
  escalation_policies: [{ name: 'Ops', levels: [{ targets: [{ schedule: 'Rota' }] }] }],
  services: [{ name: 'API', escalation_policy: 'Ops' }],
  keys: [{ key: 'full-access-key-0001', kind: 'account-full' }],
  webhooks: [{ url: 'http://127.0.0.1:9/hook', secrets: ['s'], service: 'API' }],
};

describe('a world file', () => {
  it('becomes an account whose objects name each other by id', () => {
    const account = buildAccount(SMALL, new SimulatedClock());
    const [service] = account.services.all();

    expect(account.onCallRows()).toMatchObject([
      { userId: account.userByEmail('SAM@example.com')?.id, end: null },
    ]);
    expect(account.webhookSubscriptions.all()[0]?.filter).toEqual({
      type: 'service_reference',
      id: service?.id,
    });
  });

  it.each([
    ['a name nothing has', { ...SMALL, services: [{ name: 'API', escalation_policy: 'Other' }] }],
    ['an e-mail nobody has', { ...SMALL, users: [] }],
    ['a key that is too short', { ...SMALL, keys: [{ key: 'short', kind: 'account-full' as const }] }],
    ['an unknown setting', { ...SMALL, teams: [] }],
  ])('is refused for %s', (_, world) => {
    expect(() => buildAccount(world, new SimulatedClock())).toThrow();
  });
});

describe('ids', () => {
  it('look like PagerDuty’s, never repeat, and come out the same every time', () => {
    const ids = new IdSource();
    const first = Array.from({ length: 5000 }, () => ids.short());
    const again = new IdSource();

    expect(new Set(first).size).toBe(5000);
    expect(first.every((id) => /^P[A-Z0-9]{6}$/.test(id))).toBe(true);
    expect(again.short()).toBe(first[0]);
    expect(ids.incident()).toMatch(/^Q[A-Z0-9]{13}$/);
  });
});
