import type { AccessRequest } from '../core/access-request.ts';
import { decide } from '../core/decide.ts';
import type { Decision, Reason } from '../core/decision.ts';
import type { Facts } from '../core/facts.ts';
import { writtenResource } from '../core/resources/written-resource.ts';
import type { Policy } from '../core/rule.ts';
import { DAY, plusMs, type Instant } from '../core/values/instant.ts';
import { nothingRemembered, nothingPinned } from '../ports/pins.ts';
import { NOT_LISTENED } from '../core/silence.ts';
import { requestOf } from '../review/explain-request.ts';
import { gatherFacts } from '../review/facts/gather-facts.ts';
import { lookBackOf } from '../review/facts/read-on-call.ts';
import { nothingWatched } from '../ports/sightings.ts';
import type { Roster } from '../ports/roster.ts';
import { createRoster } from '../roster/create-roster.ts';
import { givenDirectory } from './given-directory.ts';
import { givenOwnership, givenIncidents, givenNodes, givenUsers } from './given-systems.ts';
import { CaseError, worldOf, type GivenWorld } from './given-world.ts';
import type { Given } from './case-schema.ts';
import type { Case } from './load-cases.ts';

/** Something that was to be so and is not. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export interface CaseResult {
  readonly case: Case;
  /** None for a case that passed. */
  readonly differences: readonly Difference[];
  readonly decision: Decision;
}

const FOR_EVER_MS = 365 * DAY;
/** As long as Teleport's certificates, unless the case says how long the access is to last. */
const DURATION_DEFAULT_MS = 12 * 3_600_000;

/**
 * Decides the case by the same code that decides real requests, in the world that it gives. Throws CaseError for a case that
 * contradicts itself.
 */
export async function runCase(testCase: Case, policy: Policy): Promise<CaseResult> {
  const { request, facts, now } = await askedIn(testCase.given, policy);
  const decision = decide(request, facts, policy, now);
  return { case: testCase, differences: differencesOf(testCase, decision), decision };
}

/** What is decided upon in a world. Throws CaseError for one that contradicts itself. */
export async function askedIn(
  given: Given,
  policy: Policy,
): Promise<{ readonly request: AccessRequest; readonly facts: Facts; readonly now: Instant }> {
  const world = worldOf(given);
  const request = requestIn(world);
  const clock = { now: () => world.time };
  const { signal } = new AbortController();
  const gathered = await gatherFacts(
    request,
    {
      users: givenUsers(world),
      nodes: givenNodes(world),
      rootCluster: rootClusterIn(world),
      roster: settledIn(
        world,
        createRoster({
          sightings: nothingWatched,
          pins: nothingPinned,
          directory: givenDirectory(world),
          clock,
          freshnessMs: 0,
          lookBackMs: () => lookBackOf(policy),
          signal,
        }),
      ),
      ownership: givenOwnership(world),
      addresses: nothingRemembered,
      incidents: givenIncidents(world),
      clock,
      policy,
    },
    { signal, reviewRefused: null },
  );
  return { request, facts: throughout(gathered, world), now: world.time };
}

/** Policies of services are as old as the case says, and for ever unless it does. */
function settledIn({ given, time, instantOf: momentOf }: GivenWorld, roster: Roster): Roster {
  return {
    ...roster,
    async onCall(...asked) {
      const sheet = await roster.onCall(...asked);
      const policies = (sheet.policies ?? []).map((each) => {
        const seen = given.services[each.service]?.policy_seen;
        return { ...each, since: seen === undefined ? plusMs(time, -FOR_EVER_MS) : momentOf(seen) };
      });
      return { ...sheet, policies };
    },
  };
}

/** What a case says was so all the time that the request waited: a decision is looked at as it is made in the end. */
function throughout(facts: Facts, { given, time: since }: GivenWorld): Facts {
  const lasting = { since, forMs: Number.MAX_SAFE_INTEGER, times: Number.MAX_SAFE_INTEGER };
  const cause = { code: 'unavailable', message: 'PagerDuty does not answer', transient: true } as const;
  const { approvers } = facts;
  return {
    ...facts,
    // Where only parts of it fail, PagerDuty is not silent.
    silence:
      given.pagerduty_fails === true
        ? { ...NOT_LISTENED, reads: { state: 'silent', cause, ...lasting } }
        : NOT_LISTENED,
    approvers: approvers.state === 'known' && !approvers.reachable ? { ...approvers, lasting } : approvers,
  };
}

function rootClusterIn({ given }: GivenWorld): string {
  return given.root_cluster ?? 'root';
}

function requestIn(world: GivenWorld): AccessRequest {
  const { given, time, instantOf: momentOf } = world;
  const {
    user,
    roles,
    reason = '',
    duration,
    resources = [],
    annotations = {},
    starts,
    dry_run,
  } = given.request;
  if (user === undefined || roles === undefined)
    throw new CaseError('the `request` needs `user` and `roles`');
  const hypothesis = {
    requester: user,
    roles,
    reason,
    durationMs: duration ?? DURATION_DEFAULT_MS,
    resources: resources.flatMap((text) => writtenResource(text, rootClusterIn(world)) ?? []),
    annotations,
  };
  return {
    ...requestOf(hypothesis, time),
    dryRun: dry_run ?? false,
    startsAt: starts === undefined ? null : momentOf(starts),
  };
}

function differencesOf({ expect }: Case, decision: Decision): readonly Difference[] {
  const { verdict, rules, reasons, break_glass: breakGlass, shadow, provisional } = expect;
  return [
    ...compared('verdict', verdict, decision.verdict),
    ...(rules === undefined ? [] : compared('rules', listOf(rules), listOf(decision.rules))),
    ...(reasons === undefined ? [] : compareReasons(reasons, decision.reasons)),
    ...compared('break_glass', String(breakGlass), String(decision.breakGlass)),
    ...(shadow === undefined
      ? []
      : compared('shadow', String(shadow), String(decision.shadow?.verdict ?? null))),
    ...(provisional === undefined
      ? []
      : compared('provisional', String(provisional), String(decision.provisional))),
  ];
}

function compared(what: string, expected: string, found: string): Difference[] {
  return expected === found ? [] : [{ what, expected, found }];
}

/** Each expected reason must be there, and each reason must be expected, by its code or by code and condition. */
function compareReasons(expected: readonly string[], found: readonly Reason[]): Difference[] {
  const names = found.map(({ code, condition }) => ({
    code,
    full: [code, condition ?? ''].join(' ').trim(),
  }));
  const allThere = expected.every((each) => names.some(({ code, full }) => each === code || each === full));
  const allExpected = names.every(({ code, full }) => expected.includes(code) || expected.includes(full));
  if (allThere && allExpected) return [];
  return [{ what: 'reasons', expected: listOf(expected), found: listOf(names.map(({ full }) => full)) }];
}

function listOf(items: readonly string[]): string {
  return [...new Set(items)].sort().join(', ');
}
