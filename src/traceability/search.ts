import type { RequestId } from '../core/access-request.ts';
import type { Verdict } from '../core/decision.ts';
import type { UseOutcome } from '../core/usage/account.ts';
import { DAY, plusMs, type Instant } from '../core/values/instant.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import { matchesPattern } from '../core/values/pattern.ts';
import type { DecisionsQuery, SearchableHistory, StoredEntry, Seals } from '../ports/ledger-history.ts';
import { becameOf, decisionIn, type Became } from './replay.ts';

/** Which decisions are wanted; absent parts are null and hold for all. User, role and rule may have `*` for any text. */
export interface DecisionFilter {
  readonly user: string | null;
  readonly role: string | null;
  readonly rule: string | null;
  readonly verdict: Verdict | null;
  readonly since: Instant | null;
  readonly until: Instant | null;
  /** The beginning of the request's id. */
  readonly request?: string | null;
  /** Words that all stand in the requester's reason, in whatever case. */
  readonly reason?: string | null;
  /** Of what was asked for or used, by name. */
  readonly resource?: string | null;
  readonly outcome?: Became['outcome'] | null;
  readonly approver?: string | null;
  readonly used?: 'yes' | 'no' | 'not-known' | null;
  /** Whoever had the access then, whenever it was given: the last decision of each request. */
  readonly heldAt?: Instant | null;
}

/** A decision and its place in the ledger. */
export interface FoundDecision {
  readonly seq: number;
  readonly at: string;
  readonly decided: RecordedDecision;
  /** Why it is not this service's, as the end of a sentence; null where it is, and absent where nobody can tell. */
  readonly fault?: string | null;
  readonly became: Became;
}

/** Teleport gives access for two weeks at most, to a request that waits for one at most. */
const BEFORE_MS = 22 * DAY;

/** Decisions that pass the filter, newest first, one at a time. Throws LedgerUnavailableError. */
export async function* searchDecisions(
  history: SearchableHistory,
  filter: DecisionFilter,
  seals?: Seals,
): AsyncIterable<FoundDecision> {
  const look = looking(history, filter, seals);
  for await (const entry of history.decisions({ ...look.bounds, before: null })) {
    const found = await look.at(entry);
    if (found !== null) yield found;
  }
}

/** Looks at decisions, newest first: null for one that does not pass. What became of a request is read for what passes else. */
function looking(history: SearchableHistory, filter: DecisionFilter, seals: Seals | undefined) {
  const { since, until, heldAt = null } = filter;
  const seen = new Set<RequestId>();
  let stories = 0;
  return {
    stories: () => stories,
    bounds:
      heldAt === null ? { since, until } : { since: plusMs(heldAt, -BEFORE_MS), until: plusMs(heldAt, 1) },
    async at(entry: StoredEntry): Promise<FoundDecision | null> {
      const decided = decisionIn(entry.eventText);
      if (decided === null || !passes(decided, filter)) return null;
      if (heldAt !== null && seen.has(decided.requestId)) return null;
      seen.add(decided.requestId);
      stories += 1;
      const became = await becameOf(history, decided.requestId);
      if (!cameToPass(became, decided, filter)) return null;
      const { seq, at } = entry;
      return { seq, at, decided, became, ...(seals === undefined ? {} : { fault: seals.faultIn(entry) }) };
    },
  };
}

/** How many decisions are wanted, from where on. */
export interface Screen {
  readonly before: DecisionsQuery['before'];
  readonly size: number;
  readonly seals?: Seals | undefined;
}

/** One screen of them, and where the next one begins. */
export interface DecisionPage {
  readonly found: readonly FoundDecision[];
  /** Where to go on; null when there is no more. */
  readonly next: DecisionsQuery['before'];
  /** The search ended before the page was full: it looked at as many decisions as one search may. */
  readonly cutShort: boolean;
}

/** One search looks at no more than so many decisions, so that nobody can keep the ledger busy with a question. */
const LOOKED_AT_MOST = 20_000;
/** And so many stories it reads, which is more work. */
const STORIES_MOST = 2_000;

export async function pageOfDecisions(
  history: SearchableHistory,
  filter: DecisionFilter,
  { before, size, seals }: Screen,
): Promise<DecisionPage> {
  const found: FoundDecision[] = [];
  let looked = 0;
  let last: { readonly at: string; readonly seq: number } | null = null;
  const look = looking(history, filter, seals);
  for await (const entry of history.decisions({ ...look.bounds, before })) {
    const { seq, at } = entry;
    if (found.length === size || looked === LOOKED_AT_MOST || look.stories() >= STORIES_MOST) {
      return { found, next: last, cutShort: found.length < size };
    }
    looked += 1;
    last = { at, seq };
    const one = await look.at(entry);
    if (one !== null) found.push(one);
  }
  return { found, next: null, cutShort: false };
}

function passes({ request, decision }: RecordedDecision, filter: DecisionFilter): boolean {
  const { user, role, rule, verdict, request: id = null, reason = null } = filter;
  const words = reason === null ? [] : reason.toLowerCase().split(/\s+/u);
  const rules = [...decision.rules, ...decision.outcomes.map((outcome) => outcome.rule)];
  return (
    (verdict === null || decision.verdict === verdict) &&
    (user === null || matchesPattern(user, request.requester)) &&
    (role === null || request.roles.some((each) => matchesPattern(role, each))) &&
    (rule === null || rules.some((each) => matchesPattern(rule, each))) &&
    (id === null || request.id.startsWith(id)) &&
    words.every((word) => request.reason.toLowerCase().includes(word))
  );
}

const USED: Readonly<Record<UseOutcome, NonNullable<DecisionFilter['used']>>> = {
  used: 'yes',
  assumed: 'no',
  'never-assumed': 'no',
  'not-known': 'not-known',
};

function cameToPass(
  { outcome, approver, used, usedOn, held }: Became,
  { request }: RecordedDecision,
  filter: DecisionFilter,
): boolean {
  const { resource = null, heldAt = null } = filter;
  const known = used === null ? (held === null ? null : 'not-known') : USED[used];
  const things = [...request.resources.map(({ name }) => name), ...usedOn];
  const by = filter.approver ?? null;
  return (
    (filter.outcome ?? outcome) === outcome &&
    (by === null || (approver !== null && matchesPattern(by, approver))) &&
    (filter.used ?? known) === known &&
    (resource === null || things.some((name) => matchesPattern(resource, name))) &&
    (heldAt === null ||
      (held !== null && held.from <= heldAt && (held.until === null || heldAt < held.until)))
  );
}

/** Several requests could be meant, or none. */
export class NoSuchRequestError extends Error {
  override readonly name = 'NoSuchRequestError';
}

const DECISION_ID = /^OA-[0-9A-F]{1,10}$/u;
const CANDIDATES = 5;

/**
 * The request that a person means by its id, by the id of one of its decisions, or by the beginning of either, where only one
 * begins so. Throws NoSuchRequestError with what to do, LedgerUnavailableError.
 */
export async function requestMeant(history: SearchableHistory, text: string): Promise<RequestId> {
  const asked = text.trim();
  if (asked === '') throw new NoSuchRequestError('an id, or the beginning of one, is needed');
  const candidates = DECISION_ID.test(asked.toUpperCase())
    ? await requestsByDecision(history, asked.toUpperCase())
    : await history.requestIds(asked, CANDIDATES);
  const [only] = candidates;
  if (only === undefined) {
    const problem = `the ledger knows no request and no decision whose id begins with \`${asked}\``;
    throw new NoSuchRequestError(problem);
  }
  if (candidates.length > 1 && !candidates.includes(asked)) {
    const problem = `\`${asked}\` is the beginning of several ids, write more of it: ${candidates.join(', ')}`;
    throw new NoSuchRequestError(problem);
  }
  return candidates.includes(asked) ? asked : only;
}

async function requestsByDecision(history: SearchableHistory, prefix: string): Promise<readonly RequestId[]> {
  const found = new Set<RequestId>();
  for await (const { eventText } of history.decisions({ since: null, until: null, before: null })) {
    if (!eventText.includes(`"decisionId":"${prefix}`)) continue;
    const decided = decisionIn(eventText);
    if (decided?.decisionId.startsWith(prefix) === true) found.add(decided.requestId);
    if (found.size === CANDIDATES) break;
  }
  return [...found];
}
