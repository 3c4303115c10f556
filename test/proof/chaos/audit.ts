import { lockNameOf } from '../../../src/core/effects/access-end.ts';
import { dueEffects } from '../../../src/core/effects/due-effects.ts';
import { CLOCKS_DIFFER_MS, instantOf } from '../../../src/core/values/instant.ts';
import type { LedgerEntry } from '../../../src/core/record/ledger-entry.ts';
import type { Policy } from '../../../src/core/rule.ts';
import { storyOf } from '../../../src/core/record/story.ts';
import { isOpen, type Incident } from '../../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import type { Arena, Made } from './arena.ts';
import { isByGlass, wrongApprovals } from './evidence.ts';
import { glassPagesByRequest, pagesByRequest, requestsOn } from './people.ts';
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

const MARKER = /^oncall-approver decision (OA-\w+) digest \w+ (\(.+\))$/gmu;

/** Looks at both simulators and the ledger from outside. */
export function audit(arena: Arena, entries: readonly LedgerEntry[]): Audit {
  const incidents = arena.stage.incidents();
  const byRequest = Map.groupBy(entries, ({ event }) => ('requestId' in event ? event.requestId : ''));
  const policy = entries.map(({ event }) => event).findLast((event) => event.kind === 'policy')?.policy;
  const notes = notesByDecision(incidents);
  const pages = pagesByRequest(incidents);
  const glassPages = glassPagesByRequest(incidents);
  const lost: string[] = [];
  const duplicates: string[] = [];
  const wrong: string[] = [];
  for (const made of arena.made.values()) {
    const told = byRequest.get(made.id) ?? [];
    const events = told.map(({ event }) => event);
    const found: Found = {
      entries: told,
      pages: pages.get(made.id) ?? [],
      glassPages: glassPages.get(made.id) ?? [],
      byGlass: isByGlass(made, arena, events),
      notes: decisionsIn(told).flatMap((id) => notes.get(id) ?? []),
    };
    const name = ({ id, fate }: Made, text: string) => `${id} of ${fate.user} (${fate.answer}): ${text}`;
    lost.push(...unfinished(made, arena, found, policy).map((text) => name(made, text)));
    duplicates.push(...doubled(made, arena, found).map((text) => name(made, text)));
    wrong.push(...wrongApprovals(made, arena, events).map((text) => name(made, text)));
  }
  return { lost, duplicates, wrongApprovals: wrong };
}

interface Found {
  readonly entries: readonly LedgerEntry[];
  /** Those that ask people. */
  readonly pages: readonly Incident[];
  /** Those by which people hear of broken glass. */
  readonly glassPages: readonly Incident[];
  /** Whether the service has let the requester in by broken glass. */
  readonly byGlass: boolean;
  /** `incident id: (note key)` of every note about the request. */
  readonly notes: readonly string[];
}

function unfinished(made: Made, arena: Arena, found: Found, policy: Policy | undefined): readonly string[] {
  const { fate, deeds } = made;
  const { entries, pages, notes, byGlass } = found;
  const state = arena.stage.teleport.cluster.findRequest(made.id)?.state ?? 'GONE';
  const story = storyOf(entries.map(({ event, at }) => ({ event, at })));
  const verdict = story.decided?.decision.verdict;
  if (fate.requester === 'not-ours') return verdict === 'abstain' ? [] : ['no decision to abstain'];
  if (verdict === undefined) return state === 'PENDING' ? ['it is not decided'] : [];

  const says: string[] = [];
  if (fate.requester === 'on-call' && state !== 'APPROVED') says.push('the engineer on call is not let in');
  if (state === 'PENDING') {
    if (pages.length === 0) says.push('it is pending, and nobody is paged');
    if (fate.answer !== 'nobody-answers') says.push('it is pending still');
  } else {
    if (story.ended === null) says.push('its end is not recorded');
    if (pages.some((page) => isOpen(page) && !isWaitedOn(page, arena))) says.push('its page is open still');
    // Where the next page may not have been opened, the one before it has it.
    const hasClosingNote = notes.some((note) => /\(closing-note( on page \d)?\)$/u.test(note));
    // On the page of another request it is said what somebody did, and not that it expired.
    const isOwn = pages.some(({ incidentKey }) => incidentKey.startsWith(`oncall-approver/${made.id}/`));
    if (isOwn && !hasClosingNote) says.push('its page has no closing note');
    const ours = resolutionsOf(made, arena).some(({ author }) => author === BOT_USER);
    const answers = ['approved by note', 'denied by note', 'acknowledged'];
    const byRule = ours && !byGlass && verdict === 'approve' && !deeds.some((deed) => answers.includes(deed));
    if (state === 'APPROVED' && byRule && !has(notes, 'live-note')) says.push('its live note is missing');
    if (state === 'APPROVED' && byRule) says.push(...goesOnTooLong(made, arena));
  }
  says.push(...untoldGlass(found));
  if (policy !== undefined) {
    const setting = { proxyPublicAddr: '', resolveWith: 'review', keyMac: () => '' } as const;
    const due = dueEffects(story, { policy, setting, now: instantOf(Date.now()) });
    if (due.length > 0) says.push(`there is still to do: ${due.map(({ key }) => key).join(', ')}`);
  }
  return says;
}

/** Whether a request is asked about there that is pending. */
function isWaitedOn(page: Incident, { stage }: Arena): boolean {
  return [...requestsOn(page)].some((id) => stage.teleport.cluster.findRequest(id)?.state === 'PENDING');
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

function doubled(made: Made, arena: Arena, { pages, glassPages, notes, entries }: Found): readonly string[] {
  const reviews = resolutionsOf(made, arena).filter(({ author }) => author === BOT_USER).length;
  const keys = pages.map(({ incidentKey }) => incidentKey);
  const repeated = [...Map.groupBy(notes, (note) => note).entries()].filter(([, same]) => same.length > 1);
  const endings = entries.filter(({ event }) => event.kind === 'ended' && event.after === undefined).length;
  // One that is older by PagerDuty's clock than what it is about may be anybody's: the service opens its own.
  const askedMs = Number.parseInt(made.id.slice(0, 8) + made.id.slice(9, 13), 16);
  const timely = glassPages.filter(({ createdAt }) => createdAt.getTime() >= askedMs - CLOCKS_DIFFER_MS);
  return [
    ...(reviews > 1 ? [`${reviews} reviews`] : []),
    ...(new Set(keys).size < keys.length ? [`${keys.length} incidents`] : []),
    ...(timely.length > 1 ? [`${timely.length} pages about broken glass`] : []),
    ...(endings > 1 ? [`${endings} endings`] : []),
    ...repeated.map(([note, same]) => `${same.length} × ${note}`),
    ...(notes.filter((note) => note.endsWith('(live-note)')).length > 1 ? ['two live notes'] : []),
  ];
}

function has(notes: readonly string[], key: string): boolean {
  return notes.some((note) => note.endsWith(`(${key})`));
}

function decisionsIn(entries: readonly LedgerEntry[]): readonly string[] {
  return entries.flatMap(({ event }) => (event.kind === 'decided' ? [event.decisionId] : []));
}

function notesByDecision(incidents: readonly Incident[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, notes } of incidents) {
    for (const { content } of notes) {
      for (const [, decisionId = '', key = ''] of content.matchAll(MARKER)) {
        const list = found.get(decisionId) ?? [];
        list.push(`${id}: ${key}`);
        found.set(decisionId, list);
      }
    }
  }
  return found;
}
