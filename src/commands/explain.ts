import { livePagerDuty, liveTeleport } from './live.ts';
import { systemClock } from '../service/system-clock.ts';
import { ConfigError } from '../config/config-error.ts';
import { duration } from '../config/written-values.ts';
import { loadConfig, type Config } from '../config/load.ts';
import type { AccessRequest } from '../core/access-request.ts';
import type { ResourceId } from '../core/resources/resource.ts';
import { RESOURCE_FORM, writtenResource } from '../core/resources/written-resource.ts';
import { SECOND } from '../core/values/instant.ts';
import { sha256 } from '../ledger/rows.ts';
import { nothingRemembered } from '../ports/pins.ts';
import { sanitise } from '../core/values/words.ts';
import { meant, nearest } from '../doctor/near-names.ts';
import { orNull } from '../doctor/finding.ts';
import { TeleportError, type AccessRequests, type TeleportUsers } from '../ports/teleport.ts';
import { readTeleportUser } from '../review/facts/read-teleport-user.ts';
import { explainRequest, requestOf, type Explanation, type Hypothesis } from '../review/explain-request.ts';
import { ownershipFor, rosterFor, rootClusterOf } from '../service/connections.ts';
import { explanationLines } from './explanation-lines.ts';
import { momentOf } from './ledger/moment.ts';
import { rememberedSights } from './remembered-sights.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 30 * SECOND;
const UNREMEMBERED = [
  'The ledger cannot be read from here: an address that was changed in PagerDuty, or a name that was given to something else, is not told from the first one.',
  'Nor is it known since when the service has seen somebody on call: shifts are taken to be as old as PagerDuty says.',
];

export interface ExplainOptions {
  readonly config: string;
  /** Id of a request that was made; instead of the user and what follows. */
  readonly request?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly reason?: string;
  readonly duration?: string;
  /** As Teleport writes it, or `kind/name` in the root cluster. */
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
  const clock = systemClock;
  const at = options.at === undefined ? null : momentOf('--at', options.at, Date.now());
  const signal = AbortSignal.timeout(DEADLINE_MS);

  using teleport = await liveTeleport(config);
  using pagerduty = livePagerDuty(config);
  const sights = await rememberedSights(config.ledger);
  const roster = rosterFor(config, pagerduty.directory, sights, { clock, signal });
  // Unknown while Teleport is silent: then no resource is approved, and requests without any are judged as ever.
  const cluster = await orNull(teleport.admin.ping(signal), TeleportError);
  const rootCluster = cluster === null ? null : rootClusterOf(cluster);
  const asked = questionOf(options, rootCluster ?? '');
  const request =
    typeof asked === 'string'
      ? await existing(asked, teleport.requests, signal)
      : requestOf(asked, at ?? clock.now());
  const { users, nodes } = teleport;
  const within = { clock, signal, resources: nodes };
  const ownership = await ownershipFor(config, pagerduty, sights, within);
  const explanation = await explainRequest(
    request,
    {
      ...{ ...pagerduty, roster, ownership, users, nodes, rootCluster, policy: config.policy, clock },
      addresses: sights?.addresses ?? nothingRemembered,
    },
    { at, signal },
  );
  if (options.json === true) terminal.print(JSON.stringify(recordOf(explanation, config)));
  else {
    for (const line of explanationLines(explanation, { at })) terminal.print(line);
    if (options.request === undefined) {
      for (const line of await spellingOf(request.requester, users, signal)) terminal.print(line);
    }
    if (sights === null) for (const line of UNREMEMBERED) terminal.print(line);
  }
  return 0;
}

/** The same content as a decision in the ledger has. */
function recordOf(explanation: Explanation, { policy }: Config): Explanation & { policyDigest: string } {
  return { ...explanation, policyDigest: sha256(JSON.stringify(policy)) };
}

/** A name that Teleport does not know is more likely mistyped than that of somebody whom no map names. */
async function spellingOf(
  name: string,
  users: Pick<TeleportUsers, 'user' | 'loginState' | 'search'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { state } = await readTeleportUser(name, users, { withLogin: false, signal });
  if (state !== 'absent') return [];
  const known =
    (await orNull(
      users.search(() => true, signal),
      TeleportError,
    )) ?? [];
  const near = nearest(
    name,
    known.map((user) => user.name),
  );
  const others = near.length === 0 ? '' : `; ${meant(near)}`;
  return [
    '',
    `Teleport has no user \`${sanitise(name, 100)}\` now: mistyped, or a user of single sign-on who has to log in first${others}`,
  ];
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
function questionOf(options: ExplainOptions, rootCluster: string): string | Hypothesis {
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
    resources: (options.resource ?? []).map((text) => resourceOf(text, rootCluster)),
    annotations: Object.fromEntries((options.annotation ?? []).map(annotationOf)),
  };
}

function durationOf(text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success)
    throw new ConfigError(`\`--duration ${text}\` is no duration: write for instance 90m or 8h`);
  return parsed.data;
}

function resourceOf(text: string, rootCluster: string): ResourceId {
  const resource = writtenResource(text, rootCluster);
  if (resource === null) {
    throw new ConfigError(`\`--resource ${text}\` is no resource: write ${RESOURCE_FORM}`);
  }
  return resource;
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
