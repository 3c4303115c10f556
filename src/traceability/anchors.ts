import type { AccessRequest, RequestId } from '../core/access-request.ts';
import { storyOf, type Story } from '../core/record/story.ts';
import type { SearchableHistory, StoredEntry } from '../ports/ledger-history.ts';
import type { Ask, Incidents, Note } from '../ports/pagerduty.ts';
import { entryOf, fault, warning, type Finding } from './finding.ts';
import { answerCode } from '../core/answers/answer.ts';
import { parseAnswer } from '../core/answers/grammar.ts';
import type { RecordedAnswer } from '../core/record/ledger-entry.ts';

/** What was compared with what others keep, and what was found. */
export interface AnchorReport {
  /** Requests or incidents that still exist there and that the ledger knows. */
  readonly compared: number;
  /** Those that the ledger knows and that are gone there: nothing can be said of them. */
  readonly gone: number;
  readonly findings: readonly Finding[];
}

/** The line that stands in review reasons and notes: it names a decision and the beginning of its digest. */
const PROVENANCE = /oncall-approver decision (?<id>OA-[0-9A-F]{10}) digest (?<digest>[0-9a-f]{12})/gu;

export interface TeleportAnchors {
  /** The service's own name: only its reviews are compared. */
  readonly ownUser: string;
  /** Every request that Teleport still has, whatever its state. */
  readonly requests: readonly AccessRequest[];
}

/**
 * Compares with Teleport in both directions: every decision that a review of ours names must be in the ledger with that digest,
 * and every review that the ledger knows as given must be there. The first direction shows entries that were cut off.
 */
export async function compareWithTeleport(
  history: SearchableHistory,
  { requests, ownUser }: TeleportAnchors,
): Promise<AnchorReport> {
  const findings: Finding[] = [];
  let compared = 0;
  for (const request of requests) {
    const entries = await history.entriesOf(request.id);
    const texts = ownTexts(request, ownUser);
    if (entries.length === 0 && texts.length === 0) continue;
    compared += 1;
    const where = `Teleport's review of request ${request.id}`;
    findings.push(...texts.flatMap((text) => namedElsewhere(text, entries, where, 'teleport')));
    const story = storyIn(entries);
    const given = [...story.effects.values()].some(
      ({ intended, done }) => intended.kind === 'review' && done?.ours === true,
    );
    if (given && texts.length === 0) {
      const text = `the ledger says that request ${request.id} was reviewed by ${ownUser}, Teleport has no such review`;
      findings.push(fault('teleport', entries.at(-1)?.seq ?? null, text));
    }
  }
  return { compared, gone: 0, findings };
}

/** Reasons written by the service: those of its reviews, or where the state was set instead, the resolve reason. */
function ownTexts({ reviews, resolveReason }: AccessRequest, ownUser: string): readonly string[] {
  const reasons = reviews.filter(({ author }) => author === ownUser).map(({ reason }) => reason);
  return reasons.length > 0 ? reasons : [resolveReason].filter((text) => text.match(PROVENANCE) !== null);
}

export interface PagerDutyAnchors {
  readonly incidents: Pick<Incidents, 'find' | 'notes' | 'timeline'>;
  readonly ask: Ask;
  /** Requests whose incidents are looked at. */
  readonly requestIds: readonly RequestId[];
  readonly onProgress?: (requests: number) => void;
}

/**
 * Compares the notes that the ledger says were written with those on the incidents, what they name with the ledger, and every
 * answer that counted with what PagerDuty has of it.
 */
export async function compareWithPagerDuty(
  history: SearchableHistory,
  { incidents, ask, requestIds, onProgress }: PagerDutyAnchors,
): Promise<AnchorReport> {
  const findings: Finding[] = [];
  let [compared, gone, looked] = [0, 0, 0];
  for (const requestId of requestIds) {
    const entries = await history.entriesOf(requestId);
    for (const [incidentId, markers] of notesWritten(storyIn(entries))) {
      if ((await incidents.find(incidentId, ask)) === null) {
        gone += 1;
        continue;
      }
      compared += 1;
      const notes = await incidents.notes(incidentId, ask);
      findings.push(...noteFindings({ incidentId, markers, notes, entries, requestId }));
    }
    findings.push(...(await compareAnswers(entries, incidents, ask)));
    looked += 1;
    onProgress?.(looked);
  }
  return { compared, gone, findings };
}

/** Incident → the decision ids that its notes must name. */
function notesWritten({ effects }: Story): ReadonlyMap<string, readonly string[]> {
  const written = new Map<string, string[]>();
  for (const { intended, done } of effects.values()) {
    if (!('marker' in intended) || done?.ours !== true || done.incidentId === null) continue;
    const markers = written.get(done.incidentId) ?? [];
    written.set(done.incidentId, [...markers, intended.marker]);
  }
  return written;
}

interface NotesToCompare {
  readonly incidentId: string;
  readonly markers: readonly string[];
  readonly notes: readonly Note[];
  readonly entries: readonly StoredEntry[];
  readonly requestId: RequestId;
}

function noteFindings({ incidentId, markers, notes, entries, requestId }: NotesToCompare): Finding[] {
  const seq = entries.at(-1)?.seq ?? null;
  const where = `the note on incident ${incidentId} for request ${requestId}`;
  const absent = markers.filter((marker) => !notes.some(({ content }) => content.includes(marker)));
  const ours = notes.filter(({ content }) => markers.some((marker) => content.includes(marker)));
  return [
    ...absent.map((marker) =>
      warning(
        'pagerduty',
        seq,
        `the ledger says that a note on incident ${incidentId} names decision ${marker}, there is none: it was removed or edited in PagerDuty`,
      ),
    ),
    ...ours.flatMap(({ content }) => namedElsewhere(content, entries, where, 'pagerduty')),
  ];
}

/** Every decision that a text names must be in the ledger, with that digest. */
function namedElsewhere(
  text: string,
  entries: readonly StoredEntry[],
  where: string,
  code: 'teleport' | 'pagerduty',
): Finding[] {
  return [...text.matchAll(PROVENANCE)].flatMap(({ groups }) => {
    const { id = '', digest = '' } = groups ?? {};
    const entry = entries.find(({ eventText }) => eventText.includes(`"decisionId":"${id}"`));
    if (entry === undefined) {
      const text = `${where} names decision ${id}, which the ledger does not hold: its entry is missing`;
      return [fault(code, null, text)];
    }
    const stored = /"digest":"(?<digest>[0-9a-f]{64})"/u.exec(entry.eventText)?.groups?.['digest'] ?? '';
    if (stored.startsWith(digest)) return [];
    const text = `${where} names decision ${id} with digest ${digest}, entry ${entry.seq} has ${stored.slice(0, 12)}: one of the two was changed`;
    return [fault(code, entry.seq, text)];
  });
}

function storyIn(entries: readonly StoredEntry[]): Story {
  return storyOf(entries.map(entryOf));
}

/**
 * Asks PagerDuty for what is behind every answer of a request that counted: the note by its id, its author and its words, or the
 * acknowledgement by who and when. Throws PagerDutyError.
 */
export async function compareAnswers(
  entries: readonly StoredEntry[],
  incidents: Pick<Incidents, 'find' | 'notes' | 'timeline'>,
  ask: Ask,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const stored of entries) {
    const { seq, event } = entryOf(stored);
    if (event.kind !== 'answered' || !event.counted) continue;
    findings.push(...(await behind(event, seq, incidents, ask)));
  }
  return findings;
}

async function behind(
  { answer, requestId }: RecordedAnswer,
  seq: number,
  incidents: Pick<Incidents, 'find' | 'notes' | 'timeline'>,
  ask: Ask,
): Promise<readonly Finding[]> {
  const { id, how, by, at, propose, incidentId } = answer;
  const said = `entry ${seq} says that ${by.id} answered \`${propose}\` to request ${requestId} on incident ${incidentId}`;
  const wrong = (text: string) => [fault('pagerduty', seq, `${said}: ${text}`)];
  if ((await incidents.find(incidentId, ask)) === null) return wrong('PagerDuty has no such incident');
  if (how === 'acknowledge') {
    const timeline = await incidents.timeline(incidentId, ask);
    const was = timeline?.acknowledgements.some((each) => each.by.id === by.id && each.at === at) === true;
    return was ? [] : wrong(`PagerDuty knows of no acknowledgement at ${at}`);
  }
  const note = (await incidents.notes(incidentId, ask)).find((each) => each.id === id);
  if (note === undefined) {
    return wrong(`PagerDuty has no note ${id}: it was removed there since, or was never written`);
  }
  if (note.author.id !== by.id) return wrong(`note ${id} is by ${note.author.id}`);
  const listed = { requestId, code: answer.code ?? answerCode(requestId) };
  const parsed = parseAnswer(note.content, listed);
  const isSame = parsed.propose === propose && parsed.codeIsRight;
  if (isSame && wordsOf(parsed) === wordsOf(answer)) return [];
  if (note.updatedAt === null || note.updatedAt <= note.createdAt)
    return wrong(`note ${id} says something else`);
  const text = `${said}: note ${id} was edited at ${note.updatedAt}, and says something else now`;
  return [warning('pagerduty', seq, text)];
}

/** Earlier versions took a dash before the words for a part of them. */
function wordsOf({ reason }: { readonly reason: string }): string {
  return reason.replace(/^[^\p{L}\p{N}]+/u, '');
}
