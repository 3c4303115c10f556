import { loadConfig } from '../config/load.ts';
import type { Ahead } from '../core/forecast/forecast.ts';
import type { Stretch } from '../core/forecast/stretch.ts';
import { plusMs, SECOND } from '../core/values/instant.ts';
import { readAhead } from '../review/facts/read-ahead.ts';
import { ownershipFor, rosterFor } from '../service/connections.ts';
import { livePagerDuty, liveTeleport } from './live.ts';
import { systemClock } from '../service/system-clock.ts';
import { rememberedSights } from './remembered-sights.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 120 * SECOND;
/** PagerDuty shows 90 days; some of them rules look back. */
export const MOST_DAYS = 85;

/** What a forecast for so long from now goes by, from the live systems. Throws ConfigError, TeleportError or PagerDutyError. */
export async function aheadOf(
  configFile: string,
  lengthMs: number,
  terminal: Terminal,
): Promise<{ readonly window: Stretch; readonly ahead: Ahead }> {
  const config = loadConfig(configFile, terminal.environment);
  using teleport = await liveTeleport(config);
  using pagerDuty = livePagerDuty(config);
  const from = systemClock.now();
  const window = { from, until: plusMs(from, lengthMs) };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const sights = await rememberedSights(config.ledger);
  const within = { clock: systemClock, signal };
  const foresight = {
    roster: rosterFor(config, pagerDuty.directory, sights, within),
    ownership: await ownershipFor(config, pagerDuty, sights, within),
    policy: config.policy,
    directory: pagerDuty.directory,
    users: teleport.users,
    pagerDuty: pagerDuty.lookAhead,
    teleport: teleport.lookAhead,
  };
  return { window, ahead: await readAhead(foresight, window, signal) };
}

export function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
