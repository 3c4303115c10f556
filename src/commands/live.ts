import type { Config } from '../config/load.ts';
import { connectPagerDuty, type PagerDutyConnection } from '../pagerduty/connect.ts';
import { teleportOptions } from '../service/connections.ts';
import { systemClock } from '../service/system-clock.ts';
import { connectTeleport, type TeleportConnection } from '../teleport/connect.ts';
import { VERSION } from '../version.ts';

/** Throws TeleportError for an identity or an address that cannot be used. */
export async function liveTeleport(config: Config): Promise<TeleportConnection & Disposable> {
  const teleport = await connectTeleport(teleportOptions(config));
  return { ...teleport, [Symbol.dispose]: () => teleport.close() };
}

export function livePagerDuty({ pagerduty }: Config, { seesWebhooks = false } = {}): PagerDutyConnection {
  const own = { version: VERSION, clock: systemClock, random: Math.random, seesWebhooks };
  return connectPagerDuty({ ...pagerduty, ...own });
}
