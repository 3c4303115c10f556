import { join } from 'node:path';
import { connectTeleport } from '../../../src/teleport/connect.ts';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { Observer } from './observer.ts';
import { BOT_EMAIL, BenchWorld } from './world.ts';

const ROUNDS = 8;
const AT_ONCE = 100;

/**
 * A real Teleport and a real PagerDuty run elsewhere, and are never just started. So that only what is measured is cold, both
 * simulators first answer the calls that the service and the reference worker make, to a client of the bench's own and in a world that
 * is thrown away: requests are watched, looked up and reviewed, and on-call rows read, and pages opened and written to.
 */
export async function warmUp(): Promise<void> {
  await using world = await BenchWorld.open({ latencyMs: 0 });
  const teleport = await connectTeleport({
    addr: world.teleport.authAddr,
    via: 'direct',
    identity: { file: join(world.folder, 'identity') },
  });
  const observer = new Observer(world);
  const stopped = new AbortController();
  const { signal } = stopped;
  const answer = async (id: string) => {
    await teleport.requests.find(id, signal);
    await teleport.requests.review({ id, propose: 'approved', reason: 'warm-up' }, signal);
  };
  const begun = Promise.withResolvers<undefined>();
  const watch = async () => {
    for await (const { kind } of teleport.requests.watch(signal)) {
      if (kind === 'init') begun.resolve(undefined);
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) begun.reject(error);
  });
  await begun.promise;
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = Array.from({ length: AT_ONCE }, () => observer.ask());
    await Promise.all([readAndPage(world), ...asked.map(({ id }) => answer(id))]);
  }
  stopped.abort();
  await watching;
  observer.close();
  teleport.close();
}

async function readAndPage({ pagerDuty }: BenchWorld): Promise<void> {
  const send = async (path: string, body?: object) => {
    const response = await fetch(`${pagerDuty.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Token token=${FULL_ACCESS_KEY}`,
        accept: 'application/vnd.pagerduty+json;version=2',
        ...(body === undefined ? {} : { from: BOT_EMAIL, 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Readonly<Record<string, { readonly id: string }>>;
  };
  const policies = pagerDuty.account.escalationPolicies
    .all()
    .map(({ id }) => `&escalation_policy_ids[]=${id}`);
  const rows = `/oncalls?limit=100&include[]=users&include[]=escalation_policies${policies.join('')}`;
  const service = pagerDuty.account.services.all().find(({ name }) => name === 'Access requests');
  for (let time = 0; time < 10; time += 1)
    await Promise.all(['/users', '/services', rows].map((path) => send(path)));
  const { incident } = await send('/incidents', {
    incident: { type: 'incident', title: 'warm-up', service: { id: service?.id, type: 'service_reference' } },
  });
  await send(`/incidents/${incident?.id ?? ''}`);
  await send(`/incidents/${incident?.id ?? ''}/notes`, { note: { content: 'warm-up' } });
}
