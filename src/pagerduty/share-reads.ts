import { canonicalEmail, type PagerDutyUser } from '../core/identity.ts';
import { epochMsOf, instantOf, MINUTE, SECOND } from '../core/values/instant.ts';
import type { OnCallRow } from '../core/on-call.ts';
import type {
  Ask,
  Incident,
  Incidents,
  OnCallAnswer,
  OnCallDirectory,
  Schedule,
  Span,
} from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { coalesce } from './coalesce.ts';
import { newestFirst } from './incident-search.ts';
import { listUsers } from './on-call-directory.ts';
import { readOnCallRowsOf, readOnCallRowsUnder } from './on-call-rows.ts';

/** Before its question an answer may have been asked for so long, in milliseconds. */
const FRESH_MS = 2 * SECOND;
/** So that the rows of a batch, one or two per user, mostly fit on one page of 100. */
const MOST_PEOPLE = 50;
/** What the search for incidents takes in one call. */
const MOST_SERVICES = 100;
/** Up to so many addresses are looked up one by one: the list of all users is longer reading. */
const FEW_ADDRESSES = 3;
const MOST_ADDRESSES = 500;
/** Spans that end within the same 10 s are one question: the ends lie minutes away from what matters. */
const SPAN_STEP_MS = 10 * SECOND;
/** How long an account that proved too big to be listed is not tried again. */
const TOO_BIG_FOR_MS = 30 * MINUTE;

/** Rows of several people (or policies) → the answer about each; PagerDuty's time is the same for all. */
function divided(
  items: readonly string[],
  { at, rows }: OnCallAnswer,
  itemOf: (row: OnCallRow) => string | undefined,
): ReadonlyMap<string, OnCallAnswer> {
  return new Map(items.map((item) => [item, { at, rows: rows.filter((row) => itemOf(row) === item) }]));
}

/**
 * A directory whose concurrent questions share reads, so that a burst of decisions stays within PagerDuty's rate limit: on-call
 * rows of many people in one listing, many addresses by one list of all users, and the shifts of a schedule for all who ask. The answers are those of `directory`, asked
 * for no longer than `freshMs` before the question; a question that comes alone takes the same one read at the same moment.
 */
export function shareReads(
  directory: OnCallDirectory,
  client: PagerDutyClient,
  { freshMs = FRESH_MS }: { readonly freshMs?: number } = {},
): OnCallDirectory {
  const bySpan = new Map<string, (userId: string, ask: Ask) => Promise<OnCallAnswer>>();
  const underPolicies = coalesce<OnCallAnswer>({
    alone: (policyId, ask) => directory.onCallsUnder(policyId, ask),
    together: async (ids, ask) =>
      divided(ids, await readOnCallRowsUnder(client, ids, ask), (row) => row.escalation_policy?.id),
    few: 1,
    most: MOST_PEOPLE,
    atOnce: 2,
    freshMs,
  });

  /** Questions about different times cannot share a read. */
  function within(span: Span | null): (userId: string, ask: Ask) => Promise<OnCallAnswer> {
    const name = span === null ? 'now' : `${span.from} ${span.until}`;
    const known = bySpan.get(name);
    if (known !== undefined) return known;
    const asking = coalesce<OnCallAnswer>({
      alone: (userId, ask) => directory.onCallsOf(userId, span, ask),
      together: async (ids, ask) =>
        divided(ids, await readOnCallRowsOf(client, ids, span, ask), (row) => row.user.id),
      few: 1,
      most: MOST_PEOPLE,
      atOnce: 2,
      freshMs,
    });
    // Of spans only the latest few are asked about again.
    if (bySpan.size > 8) bySpan.delete([...bySpan.keys()].find((each) => each !== 'now') ?? '');
    bySpan.set(name, asking);
    return asking;
  }

  const shifts = coalesce<OnCallAnswer>({
    alone: (item, ask) => directory.shiftsOf(...(JSON.parse(item) as [Schedule, Span]), ask),
    together: () => Promise.resolve(null),
    few: Infinity,
    most: MOST_PEOPLE,
    atOnce: 2,
    freshMs,
  });

  return {
    ...directory,
    usersByEmail: shareUserList(directory, client, freshMs),
    onCallsUnder: underPolicies,
    onCallsOf: async (userId, span, ask) => {
      if (span === null) return await within(null)(userId, ask);
      const { at, rows } = await within(widened(span))(userId, ask);
      return { at, rows: rows.filter((row) => touches(row, span)) };
    },
    shiftsOf: async (schedule, span, ask) => {
      const { at, rows } = await shifts(JSON.stringify([schedule, widened(span)]), ask);
      return { at, rows: rows.filter((row) => touches(row, span)) };
    },
  };
}

/** Incidents whose concurrent searches by service share calls, in the same way. */
export function shareSearches(
  incidents: Incidents,
  { freshMs = FRESH_MS }: { readonly freshMs?: number } = {},
): Incidents {
  const onService = coalesce<readonly Incident[]>({
    alone: (serviceId, ask) => incidents.openOn([serviceId], ask),
    together: async (ids, ask) => {
      const open = Map.groupBy(await incidents.openOn(ids, ask), ({ service }) => service.id);
      return new Map(ids.map((id) => [id, open.get(id) ?? []]));
    },
    few: 1,
    most: MOST_SERVICES,
    atOnce: 2,
    freshMs,
  });
  return {
    ...incidents,
    openOn: async (serviceIds, ask) => {
      const found = await Promise.all([...new Set(serviceIds)].map((id) => onService(id, ask)));
      return newestFirst(found.flat());
    },
  };
}

function shareUserList(
  directory: OnCallDirectory,
  client: PagerDutyClient,
  freshMs: number,
): OnCallDirectory['usersByEmail'] {
  let list: { readonly since: number; readonly users: ReadonlyMap<string, readonly PagerDutyUser[]> } | null =
    null;
  let tooBigUntil = 0;

  function listed(email: string): readonly PagerDutyUser[] | null {
    if (list === null || performance.now() - list.since > freshMs) return null;
    return list.users.get(email) ?? [];
  }

  const byEmail = coalesce<readonly PagerDutyUser[]>({
    alone: async (email, ask) => listed(email) ?? (await directory.usersByEmail(email, ask)),
    together: async (emails, ask) => {
      const since = performance.now();
      if (since < tooBigUntil) return null;
      // A list of more pages than there are addresses is dearer than to ask for each.
      const users = await listUsers(client, emails.length, ask);
      if (users === null) {
        tooBigUntil = since + TOO_BIG_FOR_MS;
        return null;
      }
      list = { since, users: Map.groupBy(users, (user) => canonicalEmail(user.email)) };
      return new Map(emails.map((email) => [email, list?.users.get(email) ?? []]));
    },
    few: FEW_ADDRESSES,
    most: MOST_ADDRESSES,
    atOnce: 1,
    freshMs,
  });
  return (email, ask) => byEmail(canonicalEmail(email), ask);
}

function widened({ from, until }: Span): Span {
  return {
    from: instantOf(Math.floor(epochMsOf(from) / SPAN_STEP_MS) * SPAN_STEP_MS),
    until: instantOf(Math.ceil(epochMsOf(until) / SPAN_STEP_MS) * SPAN_STEP_MS),
  };
}

function touches({ start, end }: OnCallRow, { from, until }: Span): boolean {
  return (
    (start === null || Date.parse(start) <= epochMsOf(until)) &&
    (end === null || Date.parse(end) >= epochMsOf(from))
  );
}
