import { lockNameOf } from '../../../src/core/effects/access-end.ts';
import type { Verdict } from '../../../src/core/decision.ts';
import type { LedgerEntry } from '../../../src/core/record/ledger-entry.ts';
import { isOpen, type Incident } from '../../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { brokenInvariants, notesByDecision } from '../invariants.ts';
import { glassPagesByRequest, isBeforeItsRequest, isOpenedFor, pagesByRequest } from '../pages.ts';
import type { Arena, Made } from './arena.ts';
import { isByGlass, wrongApprovals } from './evidence.ts';
import { resolutionsOf } from './resolutions.ts';
import { POLICIES } from './world.ts';

/** What is wrong, as sentences, each beginning with the request's id. */
export interface Audit {
  /** Requests that are not where they must come to: not decided, without their note, with a page that should be closed. */
  readonly lost: readonly string[];
  /** Reviews, incidents and notes that are there twice. */
  readonly duplicates: readonly string[];
  readonly wrongApprovals: readonly string[];
}

/** Looks at both simulators and the ledger from outside. */
export function audit(arena: Arena, entries: readonly LedgerEntry[]): Audit {
  const incidents = arena.stage.incidents();
  const byRequest = Map.groupBy(entries, ({ event }) => ('requestId' in event ? event.requestId : ''));
  const notes = notesByDecision(incidents);
  const pages = pagesByRequest(incidents);
  const glassPages = glassPagesByRequest(incidents);
  const ours = [...arena.made.values()].filter(({ fate }) => fate.requester !== 'not-ours');
  const requestIds = ours.map(({ id }) => id);
  const resolved = (id: string) => resolutionsOf({ id }, arena);
  const broken = brokenInvariants({ stage: arena.stage, entries, requestIds, resolutionsOf: resolved });
  const lost: string[] = [];
  const duplicates: string[] = [];
  const wrong: string[] = [];
  for (const made of arena.made.values()) {
    const events = (byRequest.get(made.id) ?? []).map(({ event }) => event);
    const found: Found = {
      verdict: events.findLast((event) => event.kind === 'decided')?.decision.verdict,
      pages: pages.get(made.id) ?? [],
      glassPages: glassPages.get(made.id) ?? [],
      byGlass: isByGlass(made, arena, events),
      notes: events.flatMap((event) => (event.kind === 'decided' ? (notes.get(event.decisionId) ?? []) : [])),
    };
    const name = ({ id, fate }: Made, text: string) => `${id} of ${fate.user} (${fate.answer}): ${text}`;
    const of = broken.get(made.id) ?? { lost: [], doubled: [] };
    lost.push(...[...of.lost, ...unfinished(made, arena, found)].map((text) => name(made, text)));
    duplicates.push(...[...of.doubled, ...glassTwice(made, found)].map((text) => name(made, text)));
    wrong.push(...wrongApprovals(made, arena, events).map((text) => name(made, text)));
  }
  return { lost, duplicates, wrongApprovals: wrong };
}

interface Found {
  /** Of the last decision; undefined without one. */
  readonly verdict: Verdict | undefined;
  /** Those that ask people. */
  readonly pages: readonly Incident[];
  /** Those by which people hear of broken glass. */
  readonly glassPages: readonly Incident[];
  /** Whether the service has let the requester in by broken glass. */
  readonly byGlass: boolean;
  /** `incident id: (note key)` of every note about the request. */
  readonly notes: readonly string[];
}

/** What should have come of it by what the requester is, and by what people did. */
function unfinished(made: Made, arena: Arena, found: Found): readonly string[] {
  const { fate, deeds } = made;
  const { pages, notes, byGlass, verdict } = found;
  const state = arena.stage.teleport.cluster.findRequest(made.id)?.state ?? 'GONE';
  if (fate.requester === 'not-ours') return verdict === 'abstain' ? [] : ['no decision to abstain'];
  if (verdict === undefined) return [];

  const says: string[] = [];
  if (fate.requester === 'on-call' && state !== 'APPROVED') says.push('the engineer on call is not let in');
  if (state === 'PENDING') {
    if (fate.answer !== 'nobody-answers') says.push('it is pending still');
  } else {
    // Where the next page may not have been opened, the one before it has it.
    const hasClosingNote = notes.some((note) => /\(closing-note( on page \d)?\)$/u.test(note));
    // On the page of another request it is said what somebody did, and not that it expired; and on one that may be anybody's nothing.
    const isOwn = (page: Incident) => isOpenedFor(made.id, page) && !isBeforeItsRequest(made.id, page);
    if (pages.some(isOwn) && !hasClosingNote) says.push('its page has no closing note');
    const ours = resolutionsOf(made, arena).some(({ author }) => author === BOT_USER);
    const answers = ['approved by note', 'denied by note', 'acknowledged'];
    const byRule = ours && !byGlass && verdict === 'approve' && !deeds.some((deed) => answers.includes(deed));
    if (state === 'APPROVED' && byRule && !has(notes, 'live-note')) says.push('its live note is missing');
    if (state === 'APPROVED' && byRule) says.push(...goesOnTooLong(made, arena));
  }
  return [...says, ...untoldGlass(found)];
}

/** Of broken glass people hear by one page, which stays open until somebody has looked at it; nobody does in a run. */
function untoldGlass({ glassPages, byGlass }: Found): readonly string[] {
  const open = glassPages.filter(isOpen).length;
  if (!byGlass) return open > 0 ? ['its page about broken glass is open, and it let nobody in'] : [];
  if (glassPages.length === 0) return ['it is approved by broken glass, and nobody is told'];
  return open === 0 ? ['its page about broken glass is closed, and nobody has looked at it'] : [];
}

/** Access that a shift gave ends with it, where the rule says so. */
function goesOnTooLong({ id, fate, deeds }: Made, { setting, stage, truth }: Arena): readonly string[] {
  if (!setting.withShift || fate.pagerDutyId === null || deeds.includes('lock lifted')) return [];
  const now = stage.pagerDuty.account.clock.now();
  const locked = stage.locks().some(({ name }) => name === lockNameOf(id));
  return locked || truth.wasOnCall(fate.pagerDutyId, POLICIES, now)
    ? []
    : ['its access goes on although the shift is over'];
}

/** One that is older by PagerDuty's clock than what it is about may be anybody's: the service opens its own. */
function glassTwice({ id }: Made, { glassPages }: Found): readonly string[] {
  const timely = glassPages.filter((page) => !isBeforeItsRequest(id, page));
  return timely.length > 1 ? [`${timely.length} pages about broken glass`] : [];
}

function has(notes: readonly string[], key: string): boolean {
  return notes.some((note) => note.endsWith(`(${key})`));
}
