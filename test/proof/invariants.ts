import { dueEffects } from '../../src/core/effects/due-effects.ts';
import type { LedgerEntry } from '../../src/core/record/ledger-entry.ts';
import { pageIn } from '../../src/core/record/effect-keys.ts';
import { storyOf } from '../../src/core/record/story.ts';
import { instantOf } from '../../src/core/values/instant.ts';
import type { Stage } from '../service/stage.ts';
import { isOpen, type Incident } from '../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { isBeforeItsRequest, isOpenedFor, pagesByRequest, requestsOn } from './pages.ts';

/*
 * What must hold of every request once all is at rest, whoever asked, whatever people did and whatever broke: by what both systems and the
 * ledger hold, looked at from outside. The chaos run and the model add what follows from who did what.
 */

export interface Scene {
  readonly stage: Pick<Stage, 'incidents' | 'teleport'>;
  readonly entries: readonly LedgerEntry[];
  readonly requestIds: readonly string[];
  /** By the ids of incidents: those whose text somebody changed. */
  readonly rewritten?: Pick<ReadonlyMap<string, unknown>, 'has'>;
  /** What resolved a request, or was to, in order; the service's own has the author `BOT_USER`. */
  readonly resolutionsOf: (
    requestId: string,
  ) => readonly { readonly author: string; readonly state: string }[];
}

/** Sentences. */
export interface Broken {
  /** What should have been done, and is not. */
  readonly lost: readonly string[];
  /** What was done twice, or to what is not ours. */
  readonly doubled: readonly string[];
}

/** What does not hold, by request. */
export function brokenInvariants(scene: Scene): ReadonlyMap<string, Broken> {
  const { stage, entries, requestIds, rewritten } = scene;
  const incidents = stage.incidents();
  const told = Map.groupBy(entries, ({ event }) => ('requestId' in event ? event.requestId : ''));
  const pages = pagesByRequest(incidents);
  const notes = notesByDecision(incidents);
  return new Map(
    requestIds.map((id) => {
      const own = told.get(id) ?? [];
      const of = { id, entries: own, pages: (pages.get(id) ?? []).filter(isKnownTo(own, id, rewritten)) };
      return [id, { lost: lost(of, scene), doubled: doubled(of, notes, scene) }];
    }),
  );
}

/** `incident id: (note key)` of every note that names a decision, by that. */
export function notesByDecision(incidents: readonly Incident[]): ReadonlyMap<string, readonly string[]> {
  const found = incidents.flatMap(({ id, notes }) =>
    notes.flatMap(({ content }) =>
      [...content.matchAll(MARKER)].map(
        ([, decisionId = '', key = '']) => [decisionId, `${id}: ${key}`] as const,
      ),
    ),
  );
  return new Map([...Map.groupBy(found, ([id]) => id)].map(([id, all]) => [id, all.map(([, note]) => note)]));
}

const MARKER = /^oncall-approver decision (OA-\w+) digest \w+ (\(.+\))$/gmu;

/**
 * One that was not confirmed is nobody's where it was opened while PagerDuty's clock was far behind, or was rewritten since: the service
 * cannot tell that it is its own.
 */
function isKnownTo(
  entries: readonly LedgerEntry[],
  requestId: string,
  rewritten: Scene['rewritten'],
): (page: Incident) => boolean {
  const confirmed = new Set(
    entries.flatMap(({ event }) => (event.kind === 'effect-done' ? [event.outcome.incidentId] : [])),
  );
  const isStrange = (page: Incident) =>
    isBeforeItsRequest(requestId, page) || rewritten?.has(page.id) === true;
  return (page) => confirmed.has(page.id) || !isStrange(page);
}

interface Of {
  readonly id: string;
  readonly entries: readonly LedgerEntry[];
  /** Those that ask people. */
  readonly pages: readonly Incident[];
}

function lost({ id, entries, pages }: Of, { stage, entries: all }: Scene): readonly string[] {
  const state = stage.teleport.cluster.findRequest(id)?.state ?? 'GONE';
  const story = storyOf(entries);
  const verdict = story.decided?.decision.verdict;
  if (verdict === undefined) return state === 'PENDING' ? ['it is not decided'] : [];
  if (verdict === 'abstain') return [];
  const ending = story.overturned ?? story.ended;
  const isSame = state === 'GONE' ? ending !== null : (ending?.state ?? 'pending') === state.toLowerCase();
  const policy = all.map(({ event }) => event).findLast((event) => event.kind === 'policy')?.policy;
  const setting = { proxyPublicAddr: '', resolveWith: 'review', keyMac: () => '' } as const;
  const due = policy === undefined ? [] : dueEffects(story, { policy, setting, now: instantOf(Date.now()) });
  return [
    ...(isSame
      ? []
      : ending === null
        ? ['its end is not recorded']
        : [`Teleport has it ${state}, the ledger ${ending.state}`]),
    ...(state === 'PENDING' && verdict === 'escalate' && pages.length === 0
      ? ['it is pending, and nobody is paged']
      : []),
    ...(state !== 'PENDING' && pages.some((page) => isOpen(page) && !isWaitedOn(page, stage))
      ? ['its page is open still']
      : []),
    ...(due.length > 0 ? [`there is still to do: ${due.map(({ key }) => key).join(', ')}`] : []),
  ];
}

/** Whether a request is asked about there that is pending, but for this one. */
function isWaitedOn(page: Incident, { teleport: { cluster } }: Scene['stage'], but?: string): boolean {
  return requestsOn(page).some((id) => id !== but && cluster.findRequest(id)?.state === 'PENDING');
}

function doubled(
  { id, entries, pages }: Of,
  notesOf: ReadonlyMap<string, readonly string[]>,
  { stage, resolutionsOf }: Scene,
): readonly string[] {
  const events = entries.map(({ event }) => event);
  const notes = events.flatMap((event) =>
    event.kind === 'decided' ? (notesOf.get(event.decisionId) ?? []) : [],
  );
  const reviews = resolutionsOf(id).filter(({ author }) => author === BOT_USER);
  const keys = pages.map(({ incidentKey }) => incidentKey);
  const open = pages.filter((page) => isOpenedFor(id, page) && isOpen(page) && !isWaitedOn(page, stage, id));
  const endings = events.filter((event) => event.kind === 'ended' && event.after === undefined).length;
  const foreign = events.flatMap((event) => {
    const isPage = event.kind === 'effect-done' && pageIn(event.key) !== null;
    const incidentId = isPage ? event.outcome.incidentId : null;
    return incidentId === null || pages.some((page) => page.id === incidentId) ? [] : [incidentId];
  });
  return [
    ...twice(reviews.map(({ state }) => `reviews by the service: ${state}`)),
    ...(new Set(keys).size < keys.length ? [`${keys.length} incidents`] : []),
    ...(open.length > 1 ? [`${open.length} pages are open at once`] : []),
    ...(endings > 1 ? [`${endings} endings`] : []),
    ...twice(notes),
    ...(notes.filter((note) => note.endsWith('(live-note)')).length > 1 ? ['two live notes'] : []),
    ...foreign.map((incidentId) => `${incidentId} is taken for its page`),
  ];
}

function twice(all: readonly string[]): readonly string[] {
  return [...Map.groupBy(all, (each) => each)].flatMap(([each, { length }]) =>
    length > 1 ? [`${length} × ${each}`] : [],
  );
}
