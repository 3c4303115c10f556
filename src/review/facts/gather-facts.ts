import type { AccessRequest } from '../../core/access-request.ts';
import type { Cause } from '../../core/values/cause.ts';
import { candidateRules, needsUser } from '../../core/coverage.ts';
import { concerning, labelsAskedBy, policyFor } from '../../core/ownership.ts';
import { requesterIsOnCall } from '../../core/conditions/on-call-condition.ts';
import { incidentIsOpen } from '../../core/conditions/open-incident-condition.ts';
import type { Facts, IncidentsReading, UserReading } from '../../core/facts.ts';
import type { Identity } from '../../core/identity.ts';
import { NOT_LISTENED } from '../../core/silence.ts';
import { SECOND, type Instant } from '../../core/values/instant.ts';
import type { OnCallReading } from '../../core/on-call.ts';
import { policiesIn } from '../../core/roster/sheet.ts';
import { needsUserRecord, targetsOf, type Policy, type Rule } from '../../core/rule.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';
import { within } from '../deadline.ts';
import { askersIn, readOpenIncidents, readReach, type IncidentReads } from './read-incidents.ts';
import { readOnCall, type Moment } from './read-on-call.ts';
import { mapRequester } from './map-requester.ts';
import { readTeleportUser } from './read-teleport-user.ts';
import { needsHostName, type HostNamesReading, type ResourceFacts } from '../../core/resources/host-names.ts';
import type { NodeNames } from '../../ports/teleport.ts';
import { causeOfMissingFact } from '../cause-of.ts';
import { labelledAs } from '../../core/resources/labels.ts';

/**
 * How long all look-ups for one decision may take together; what has no answer by then is unknown. Big accounts have listings of 5 to
 * 10 s, and two may come after one another; but no longer than a person is to be waited for, or little longer.
 */
const GATHER_DEADLINE_MS = { most: 30 * SECOND, least: 10 * SECOND };

export type Gathering = Pick<
  Dependencies,
  'users' | 'nodes' | 'rootCluster' | 'roster' | 'ownership' | 'addresses' | 'clock'
> & {
  readonly incidents: IncidentReads;
  readonly policy: Policy;
};

export interface GatherContext {
  readonly signal: AbortSignal;
  readonly reviewRefused: Cause | null;
  /** How long facts are waited for before a person is asked, in milliseconds. */
  readonly leftMs?: number;
  /** Another time than now, for `explain --at`. */
  readonly at?: Instant;
}

/**
 * Looks up what `decide` needs for this request: who the requester is in PagerDuty, what the configured names mean, the
 * requester's on-call rows, and what else the rules ask for. With names already known the ordinary rule takes one read.
 * Whatever cannot be had becomes `unknown` with its cause; this function does not throw for it. A request that no rule covers
 * costs nothing.
 */
export function gatherFacts(
  request: AccessRequest,
  gathering: Gathering,
  context: GatherContext,
): Promise<Facts> {
  const { most, least } = GATHER_DEADLINE_MS;
  const deadlineMs = Math.min(most, Math.max(least, context.leftMs ?? most));
  return within(deadlineMs, context.signal, (signal) => gather(request, gathering, { ...context, signal }));
}

async function gather(
  request: AccessRequest,
  { users, nodes, rootCluster, roster, ownership, addresses, incidents, policy, clock }: Gathering,
  { signal, ...context }: GatherContext,
): Promise<Facts> {
  let reads = 0;
  const ask: Ask = { signal, onRead: () => (reads += 1), for: request.requester };
  const asked = candidateRules(request, policy.rules);
  const hostNamesRead = readHostNames(
    request,
    { nodes: asked.length === 0 ? null : nodes, rootCluster },
    signal,
  );
  const owned = ownership.reading(asked);
  const names = labelsAskedBy(asked, owned);
  const labels = await readLabels(request, { nodes, rootCluster, names }, signal);
  const byOwner = asked.some(({ onCall }) => onCall.owner !== undefined);
  const resources = {
    rootCluster,
    ...(byOwner ? { hostNames: await hostNamesRead } : {}),
    ...labels,
    ...(owned === undefined ? {} : { ownership: owned }),
  };
  const rulesBy = (known: Parameters<typeof policyFor>[2]): readonly Rule[] =>
    candidateRules(request, policyFor({ ...policy, rules: asked }, request, known).rules);
  const looked = rulesBy(resources);
  const bySightings = looked.some(({ onCall: { settled } }) => settled !== undefined);
  const moment: Moment = { now: clock.now, at: context.at ?? null };

  const userRead = readUser(request, looked, policy, users, ask);
  const targets = looked.flatMap((rule) => targetsOf(rule, request));
  const sheetRead = roster.onCall(targets, ask, context.at);
  const settledRead = sheetRead.then((sheet) => {
    const policies = bySightings ? policiesIn(sheet) : {};
    return { policies, rules: rulesBy({ ...resources, targets: sheet.targets, ...policies }) };
  });
  const [user, requester, sheet, { policies, rules }, approvers, hostNames] = await Promise.all([
    userRead,
    looked.length === 0
      ? nobody()
      : mapRequester(
          request.requester,
          { user: userRead, roster, sheet: sheetRead, addresses, clock, policy },
          ask,
        ),
    sheetRead,
    settledRead,
    bySightings
      ? settledRead.then((settled) => readReach(request, settled.rules, roster, ask))
      : readReach(request, looked, roster, ask),
    hostNamesRead,
  ]);
  const own = requester.state === 'recognised' ? [requester.id] : [];
  const now = clock.now();
  const { reading: onCall, targets: known } = readOnCall(own, sheet, moment);
  const isEnough = (reading: IncidentsReading): boolean => {
    const told = { requester, targets: known, incidents: reading, onCall, ...policies };
    return rules.every((rule) => {
      const wanted = rule.require.openIncident;
      const question = { rule, request, facts: told, now };
      const isEntitled =
        !rule.responders ||
        requesterIsOnCall(question).condition.answer === 'met' ||
        own.some((id) => askersIn(reading, [rule], id).length > 0);
      return isEntitled && (wanted === null || incidentIsOpen(question, wanted).answer === 'met');
    });
  };
  const open = await readOpenIncidents(
    rules,
    sheet.targets,
    { incidents, now, userId: own[0] ?? null, isEnough },
    ask,
  );
  const askers = own.flatMap((id) => askersIn(open, rules, id));
  const { reading: helped, targets: judged } = readOnCall(askers, { ...sheet, targets: known }, moment);
  return {
    requester: withName(requester, onCall),
    user,
    targets: judged,
    onCall,
    ...policies,
    ...(owned === undefined
      ? {}
      : { ownership: concerning(owned, request, { ...resources, targets: judged }, asked) }),
    incidents: open,
    helped,
    approvers,
    silence: NOT_LISTENED,
    rootCluster,
    hostNames,
    ...labels,
    reviewRefused: context.reviewRefused,
    reads,
  };
}

async function readUser(
  { requester }: AccessRequest,
  rules: readonly Rule[],
  policy: Policy,
  users: Gathering['users'],
  ask: Ask,
): Promise<UserReading> {
  const byTrait = policy.identities.some(({ kind }) => kind === 'trait');
  const withLogin = byTrait || rules.some(needsUser);
  if (rules.length === 0 || !(needsUserRecord(policy) || withLogin)) return { state: 'not-asked' };
  return readTeleportUser(requester, users, { withLogin, signal: ask.signal });
}

function nobody(): Promise<Identity> {
  return Promise.resolve({ state: 'unrecognised', why: 'not asked: no rule covers the request' });
}

/** A mapped id comes without a name: PagerDuty's rows have it. */
function withName(requester: Identity, onCall: OnCallReading): Identity {
  if (requester.state !== 'recognised' || requester.name !== null || onCall.state !== 'known')
    return requester;
  const name = onCall.rows.find((row) => row.user.id === requester.id)?.user.summary ?? null;
  return { ...requester, name };
}

/** People can do without host names, and whoever waits for an approval must not wait for them. */
const HOST_NAMES_DEADLINE_MS = 3 * SECOND;

/** What the requested nodes of the root cluster are called. Whatever cannot be had is `unknown`: nothing is thrown for it. */
export async function readHostNames(
  { resources }: AccessRequest,
  { nodes, rootCluster }: { readonly nodes: NodeNames | null; readonly rootCluster: string | null },
  signal: AbortSignal,
): Promise<HostNamesReading> {
  const ids = resources.filter((each) => needsHostName(each, rootCluster)).map(({ name }) => name);
  if (nodes === null || ids.length === 0) return { state: 'not-asked' };
  try {
    const found = await within(HOST_NAMES_DEADLINE_MS, signal, (each) =>
      nodes.hostNames([...new Set(ids)], each),
    );
    return { state: 'known', names: [...found].map(([id, hostname]) => ({ id, hostname })) };
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

/** Labels decide, so they are waited for longer than names; but a person is asked in time. */
const LABELS_DEADLINE_MS = 5 * SECOND;

/**
 * The labels of these names that the requested resources have, by one call for each kind. Nothing where no rule asks for any; whatever
 * cannot be had is `unknown`: nothing is thrown for it.
 */
export async function readLabels(
  { resources }: AccessRequest,
  {
    nodes,
    rootCluster,
    names,
  }: {
    readonly nodes: NodeNames | null;
    readonly rootCluster: string | null;
    readonly names: readonly string[];
  },
  signal: AbortSignal,
): Promise<Pick<ResourceFacts, 'labels'>> {
  const bearers = Map.groupBy(
    resources.flatMap((each) => labelledAs(each, rootCluster) ?? []),
    ({ kind }) => kind,
  );
  if (nodes === null || names.length === 0 || bearers.size === 0) return {};
  try {
    const read = await within(LABELS_DEADLINE_MS, signal, (each) =>
      Promise.all(
        [...bearers].map(async ([kind, those]) => {
          const wanted = { kind, resources: [...new Set(those.map(({ name }) => name))], names };
          const found = await nodes.labels(wanted, each);
          return [...found].map(([name, labels]) => ({ kind, name, labels }));
        }),
      ),
    );
    return { labels: { state: 'known', asked: names, resources: read.flat() } };
  } catch (error) {
    return { labels: { state: 'unknown', cause: causeOfMissingFact(error) } };
  }
}
