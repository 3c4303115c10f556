import { expect, it } from 'vitest';
import { aLayer, aPolicy, aRule, aSchedule, aService, aUser } from '../sim/pagerduty/builders.ts';
import { Stage } from '../service/stage.ts';

const ENGINEERS = 50;
const SERVICES = 20;
const REQUESTS = 1_000;
const LATENCY_MS = 80;
/** For a machine that has other things to do: how long it takes is measured by `npm run bench`. */
const DEADLINE_MS = 120_000;

const roleOf = (service: number): string => `prod-${service}`;

/** Each engineer is on call for one of the services, and each service has its own role and rule. */
async function aBigStage(): Promise<Stage> {
  const stage = await Stage.open({
    start: false,
    config: {
      rules: Array.from({ length: SERVICES }, (_, service) => ({
        name: `rule-${service}`,
        roles: [roleOf(service)],
        on_call: { services: [`Service ${service}`] },
        escalate: { service: 'Access requests' },
      })),
    },
  });
  const { account } = stage.pagerDuty;
  const { directory } = stage.teleport.cluster;
  const roles = Array.from({ length: SERVICES }, (_, service) => roleOf(service));
  for (const name of roles) directory.putRole({ name, allow: {} });
  directory.putRole({ name: 'engineers', allow: { request: { roles } } });
  const { allow } = directory.role('access-reviewer');
  directory.putRole({ name: 'access-reviewer', allow: { ...allow, reviewRequests: { roles } } });

  const schedules = Array.from({ length: ENGINEERS }, (_, index) => {
    const email = `engineer-${index}@example.com`;
    const user = account.addUser(aUser({ email }));
    directory.putUser({
      name: email,
      roles: ['engineers'],
      traits: { email: [email] },
      connector: { type: 'saml', id: 'okta', identity: email },
    });
    return account.addSchedule(
      aSchedule({ name: `Schedule ${index}`, layers: [aLayer({ userIds: [user.id] })] }),
    );
  });
  for (let service = 0; service < SERVICES; service += 1) {
    const own = schedules.filter((_, index) => index % SERVICES === service);
    const rules = [aRule(own.map(({ id }) => ({ kind: 'schedule', id })))];
    const policy = account.addEscalationPolicy(aPolicy({ name: `Policy ${service}`, rules }));
    account.addService(aService({ name: `Service ${service}`, escalationPolicyId: policy.id }));
  }
  return stage;
}

it(
  'a burst of 1,000 requests from 50 engineers over 20 services is decided by at most 60 reads, none of which PagerDuty refuses',
  async () => {
    await using stage = await aBigStage();
    stage.pagerDuty.setLatency(LATENCY_MS);
    await stage.startService();

    const ids = Array.from({ length: REQUESTS }, (_, index) => {
      const engineer = index % ENGINEERS;
      const user = `engineer-${engineer}@example.com`;
      return stage.request(user, { roles: [roleOf(engineer % SERVICES)] });
    });
    await expect.poll(() => stage.reports.of('decided').length, { timeout: DEADLINE_MS }).toBe(REQUESTS);
    const reads = stage.pagerDuty.calls.all().filter(({ method }) => method === 'GET');
    await expect
      .poll(() => ids.filter((id) => stage.state(id) !== 'APPROVED').length, { timeout: DEADLINE_MS })
      .toBe(0);

    expect(reads.length).toBeLessThanOrEqual(60);
    expect(stage.pagerDuty.calls.all().filter(({ status }) => status === 429)).toEqual([]);
  },
  2 * DEADLINE_MS,
);
