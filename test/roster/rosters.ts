import { instantOf } from '../../src/core/values/instant.ts';
import type { Target } from '../../src/core/rule.ts';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import type { PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import { nothingPinned } from '../../src/ports/pins.ts';
import { nothingWatched } from '../../src/ports/sightings.ts';
import { createRoster, type RosterOptions } from '../../src/roster/create-roster.ts';
import { aLayer, aPolicy, aRule, aSchedule, aService, aUser } from '../sim/pagerduty/builders.ts';
import type { SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';

export function rosterOn(client: PagerDutyClient, freshnessMs = 2_000, more: Partial<RosterOptions> = {}) {
  const clock = { now: () => instantOf(Date.now()) };
  const { signal } = new AbortController();
  return createRoster({
    directory: createOnCallDirectory(client),
    clock,
    freshnessMs,
    sightings: nothingWatched,
    pins: nothingPinned,
    lookBackMs: () => 0,
    signal,
    ...more,
  });
}

/** So many services, each with a policy of its own and somebody on call. */
export function addServices(pagerDuty: SimulatedPagerDuty, count: number): readonly Target[] {
  const { account } = pagerDuty;
  return Array.from({ length: count }, (_, index) => {
    const user = account.addUser(aUser({ email: `engineer-${index}@example.com` }));
    const { id } = account.addSchedule(
      aSchedule({ name: `Rota ${index}`, layers: [aLayer({ userIds: [user.id] })] }),
    );
    const rules = [aRule([{ kind: 'schedule', id }])];
    const policy = account.addEscalationPolicy(aPolicy({ name: `Policy ${index}`, rules }));
    account.addService(aService({ name: `Service ${index}`, escalationPolicyId: policy.id }));
    return { kind: 'service', asked: `Service ${index}` };
  });
}
