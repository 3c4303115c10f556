import { allPages } from '../core/effects/asking-pages.ts';
import { knownEnd, lockInPlace } from '../core/effects/access-end.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import { storyOf, type Story } from '../core/record/story.ts';
import { DAY, plusMs, type Instant } from '../core/values/instant.ts';
import type { SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { decisionIn } from './replay.ts';
import { sealFaults } from './seal-check.ts';
import { entryOf } from './finding.ts';

/** A request that waits for somebody or something. */
export interface WaitingRequest {
  readonly requestId: string;
  /** Null where it is not decided yet, for want of facts. */
  readonly decided: RecordedDecision | null;
  readonly since: Instant;
  /** Why what is told of it is not all this service's; null where it is. */
  readonly forged: string | null;
  /** On which people are asked, of each team that is known to have one open; `team` as of `AskingPage`. */
  readonly pages: readonly {
    readonly team: string | null;
    readonly incidentId: string;
    readonly url: string | null;
  }[];
}

/** Access that goes on, as far as this record knows. */
export interface OpenAccess {
  readonly decided: RecordedDecision;
  readonly by: string | null;
  readonly forged: string | null;
  /** Null where nothing ends it that is known here. */
  readonly until: Instant | null;
}

export interface Present {
  readonly waiting: readonly WaitingRequest[];
  readonly access: readonly OpenAccess[];
  /** There may be more: no look at the ledger goes on for ever. */
  readonly cutShort: boolean;
}

const MOST_WAITING = 100;
const MOST_LOOKED_AT = 2_000;
/** Teleport gives no access for longer. */
const LONGEST_ACCESS_MS = 14 * DAY;

/** What the ledger knows of now: which requests wait, and which access goes on. Throws LedgerUnavailableError. */
export async function presentOf(
  history: SearchableHistory,
  now: Instant,
  seals: Seals | undefined,
): Promise<Present> {
  const ids = await history.open();
  const waiting: WaitingRequest[] = [];
  for (const requestId of ids.slice(0, MOST_WAITING)) {
    const { story, forged } = await storyAt(history, requestId, seals);
    const since = story.decided?.request.created ?? story.decided?.decidedAt ?? story.postponedSince;
    if (story.ended !== null || since === null) continue;
    waiting.push({ requestId, decided: story.decided, since, forged, pages: pagesIn(story) });
  }
  waiting.sort((one, other) => (one.since < other.since ? -1 : 1));
  const { access, cutShort } = await openAccess(history, now, seals);
  return { waiting, access, cutShort: cutShort || ids.length > MOST_WAITING };
}

async function storyAt(
  history: SearchableHistory,
  requestId: string,
  seals: Seals | undefined,
): Promise<{ readonly story: Story; readonly forged: string | null }> {
  const stored = await history.entriesOf(requestId);
  const [forged = null] = sealFaults(stored, seals).values();
  return { story: storyOf(stored.map(entryOf)), forged };
}

function pagesIn(story: Story): WaitingRequest['pages'] {
  const last = [...Map.groupBy(allPages(story), ({ team }) => team).values()].flatMap((each) =>
    each.slice(-1),
  );
  const open = last.filter(({ incident }) => !story.pagesResolved.includes(incident.id));
  const outcomes = [...story.effects.values()].map(({ done }) => done);
  return open.map(({ team, incident: { id: incidentId } }) => {
    const url = outcomes.find((done) => done?.incidentId === incidentId)?.url ?? null;
    return { team, incidentId, url };
  });
}

async function openAccess(
  history: SearchableHistory,
  now: Instant,
  seals: Seals | undefined,
): Promise<{ readonly access: readonly OpenAccess[]; readonly cutShort: boolean }> {
  const seen = new Set<string>();
  const access: OpenAccess[] = [];
  let looked = 0;
  const query = { since: plusMs(now, -LONGEST_ACCESS_MS), until: null, before: null };
  for await (const { eventText } of history.decisions(query)) {
    looked += 1;
    if (looked > MOST_LOOKED_AT) return { access, cutShort: true };
    const decided = decisionIn(eventText);
    if (decided === null || seen.has(decided.requestId)) continue;
    seen.add(decided.requestId);
    const { accessExpires } = decided.request;
    if (accessExpires !== null && accessExpires <= now) continue;
    const { story, forged } = await storyAt(history, decided.requestId, seals);
    const open = goingOn(story, now);
    if (open !== null) access.push({ ...open, forged });
  }
  return { access, cutShort: false };
}

function goingOn(story: Story, now: Instant): Omit<OpenAccess, 'forged'> | null {
  const { decided, ended } = story;
  if (decided === null || ended?.state !== 'approved') return null;
  // A denial that is set after the approval ends nothing in Teleport; our lock does, unless somebody took it away.
  const locked = lockInPlace(story) !== null;
  const promised = decided.endsAccess ?? [];
  const ends = [
    decided.request.accessExpires,
    promised.length === 0 ? null : knownEnd(story, decided, promised),
  ].filter((each) => each !== null);
  const until = ends.length === 0 ? null : ends.reduce((one, other) => (one < other ? one : other));
  if (locked || (until !== null && until <= now)) return null;
  return { decided, by: ended.by, until };
}
