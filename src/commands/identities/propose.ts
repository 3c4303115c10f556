import { livePagerDuty, liveTeleport } from '../live.ts';
import { writeFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { SECOND } from '../../core/values/instant.ts';
import { proposeMap } from '../../config/propose-map.ts';
import type { Terminal } from '../terminal.ts';
import { messageOf } from '../../core/values/cause.ts';

const DEADLINE_MS = 120 * SECOND;

export interface ProposeOptions {
  readonly config: string;
  /** Where the map is written; it is printed without one. A file that is there is left as it is. */
  readonly output?: string;
}

/**
 * `identities propose`: a map of Teleport's users to PagerDuty's by equal addresses, for a person to look through. Gives exit code 0.
 * Throws ConfigError, and TeleportError or PagerDutyError where the users cannot be listed.
 */
export async function proposeIdentities(
  { config: file, output }: ProposeOptions,
  terminal: Terminal,
): Promise<number> {
  const config = loadConfig(file, terminal.environment);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  using teleport = await liveTeleport(config);
  using pagerduty = livePagerDuty(config);
  const [inTeleport, inPagerDuty] = await Promise.all([
    teleport.users.search(() => true, signal),
    pagerduty.admin.users({ signal }),
  ]);
  const { text, bound, open } = proposeMap(inTeleport, inPagerDuty, config.policy);
  if (output === undefined) {
    terminal.print(text.trimEnd());
    return 0;
  }
  write(output, text);
  terminal.print(
    `${output}: ${bound} are bound, ${open} Teleport users are not; look through it, then name it in \`identities: [{map_file: …}]\``,
  );
  return 0;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const why = messageOf(error);
    throw new ConfigError(`\`${path}\` cannot be written (${why}): name a file that is not there yet`);
  }
}
