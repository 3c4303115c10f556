import { ConfigError } from '../config/config-error.ts';
import { duration } from '../config/duration.ts';
import { loadConfig, type Config } from '../config/load.ts';
import type { AccessRequest, ResourceId } from '../core/access-request.ts';
import { instantOf, SECOND } from '../core/values/instant.ts';
import { sha256 } from '../ledger/chain.ts';
import { connectPagerDuty } from '../pagerduty/connect.ts';
import { nothingRemembered } from '../ports/first-addresses.ts';
import type { AccessRequests } from '../ports/teleport.ts';
import { explainRequest, requestOf, type Explanation, type Hypothesis } from '../review/explain-request.ts';
import { teleportOptions } from '../service/connections.ts';
import { connectTeleport } from '../teleport/connect.ts';
import { VERSION } from '../version.ts';
import { explanationLines } from './explanation-lines.ts';
import { momentOf } from './ledger/moment.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 30 * SECOND;

export interface ExplainOptions {
  readonly config: string;
  /** Id of a request that was made; instead of the user and what follows. */
  readonly request?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly reason?: string;
  readonly duration?: string;
  /** `kind/name` each. */
  readonly resource?: readonly string[];
  /** `name=value,value` each. */
  readonly annotation?: readonly string[];
  readonly at?: string;
  readonly json?: boolean;
}

/**
 * `explain`: asks the live systems what would be decided on a request, and why, and what would have to be true; changes
 * nothing. Gives exit code 0 whatever the verdict. Throws ConfigError, also for options that cannot be understood, and
 * TeleportError when Teleport cannot be reached at all.
 */
export async function explain(options: ExplainOptions, terminal: Terminal): Promise<number> {
  const config = loadConfig(options.config, terminal.environment);
  const clock = { now: () => instantOf(Date.now()) };
  const at = options.at === undefined ? null : momentOf('--at', options.at, Date.now());
  const asked = questionOf(options);
  const signal = AbortSignal.timeout(DEADLINE_MS);

  using stack = new DisposableStack();
  const teleport = stack.adopt(await connectTeleport(teleportOptions(config)), (each) => each.close());
  const pagerduty = stack.use(
    connectPagerDuty({ ...config.pagerduty, version: VERSION, clock, random: Math.random }),
  );
  const request =
    typeof asked === 'string'
      ? await existing(asked, teleport.requests, signal)
      : requestOf(asked, at ?? clock.now());
  const explanation = await explainRequest(
    request,
    { ...pagerduty, addresses: nothingRemembered, users: teleport.users, policy: config.policy, clock },
    { at, signal },
  );
  if (options.json === true) terminal.print(JSON.stringify(recordOf(explanation, config)));
  else for (const line of explanationLines(explanation, { at })) terminal.print(line);
  return 0;
}

/** The same content as a decision in the ledger has. */
function recordOf(explanation: Explanation, { policy }: Config): Explanation & { policyDigest: string } {
  return { ...explanation, policyDigest: sha256(JSON.stringify(policy)) };
}

async function existing(
  id: string,
  requests: Pick<AccessRequests, 'find'>,
  signal: AbortSignal,
): Promise<AccessRequest> {
  const request = await requests.find(id, signal);
  if (request === null) throw new ConfigError(`Teleport has no access request \`${id}\` (any more)`);
  return request;
}

/** The id of a request, or one made up of the options. */
function questionOf(options: ExplainOptions): string | Hypothesis {
  const { request, user, roles = [], reason = '' } = options;
  if (request !== undefined) return request;
  if (user === undefined || roles.length === 0) {
    throw new ConfigError('say who asks for what: `--user NAME --roles ROLE,ROLE`, or `--request ID`');
  }
  return {
    requester: user,
    roles,
    reason,
    durationMs: options.duration === undefined ? null : durationOf(options.duration),
    resources: (options.resource ?? []).map(resourceOf),
    annotations: Object.fromEntries((options.annotation ?? []).map(annotationOf)),
  };
}

function durationOf(text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success)
    throw new ConfigError(`\`--duration ${text}\` is no duration: write for instance 90m or 8h`);
  return parsed.data;
}

function resourceOf(text: string): ResourceId {
  const [, kind, name] = /^([^/]+)\/(.+)$/u.exec(text) ?? [];
  if (kind === undefined || name === undefined) {
    throw new ConfigError(`\`--resource ${text}\` is no resource: write kind/name, for instance node/db-1`);
  }
  return { cluster: '', kind, name, subResource: '' };
}

function annotationOf(text: string): [string, readonly string[]] {
  const [, name, values] = /^([^=]+)=(.+)$/u.exec(text) ?? [];
  if (name === undefined || values === undefined) {
    throw new ConfigError(`\`--annotation ${text}\` is no annotation: write name=value,value`);
  }
  return [name, values.split(',')];
}

/** For the option that lists roles between commas. */
export function rolesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}
