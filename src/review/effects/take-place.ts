import { answerCode } from '../../core/answers/answer.ts';
import { pageIdOf } from '../../core/effects/asking-pages.ts';
import { pageIn } from '../../core/record/effect-keys.ts';
import {
  mostPages,
  pageAt,
  pageGroup,
  placeFor,
  type LivePage,
  type Page,
} from '../../core/effects/shared-page.ts';
import type { Effect } from '../../core/record/effect.ts';
import type { PageBegun, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { storyOf, type Story } from '../../core/record/story.ts';
import { AlreadyRecordedError, LedgerForgedError } from '../../ports/ledger.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import type { StoryWriter } from '../story-writer.ts';

type Placing = Pick<Dependencies, 'ledger' | 'digest' | 'setting' | 'clock'> & Pick<PolicyInForce, 'policy'>;

/** How many characters of a request's id are its code; the longer ones where somebody else has the shorter one on that page. */
const CODE_LENGTHS = [5, 6, 7, 8, 12, 32];

/** Whether it is decided beside the pages of other requests where this page is to be. */
export function needsPlace(effect: Effect, { effects }: Story): effect is Page {
  return effect.kind === 'page' && pageIn(effect.key) !== null && !effects.has(effect.key);
}

/**
 * Writes down that people are to be asked, and where: on a page of the request's own, or on one that is open for another request of
 * the same requester. Which place is free is read from the ledger and taken by what it records once, so that replicas agree. Gives
 * the story with it; null where a page is being opened that will do. Throws AlreadyRecordedError where another was faster: to be
 * looked at again.
 */
export async function takePlace(
  page: Page,
  story: Story,
  decided: RecordedDecision,
  writer: StoryWriter,
  placing: Placing,
): Promise<Story | null> {
  const { ledger, digest, clock } = placing;
  const { requestId } = writer;
  const about = { story, decided, context: { ...placing, now: clock.now() } };
  const most = mostPages(decided, page, placing);
  const group = digest(pageGroup(decided, page));
  const pages = await ledger.pagesOf(group);
  // Where it was before it is not asked about again.
  const left = new Set(
    [...story.effects.values()].map(({ intended }) =>
      intended.kind === 'page' ? intended.joins?.page : null,
    ),
  );
  const others = pages.live.filter(({ page: id, host }) => host !== requestId && !left.has(id));
  const live = most === null ? [] : await livePages(others, ledger);
  const place = placeFor(decided.request, live, most ?? Infinity);
  if (place.kind === 'not yet') return null;
  for (const length of CODE_LENGTHS) {
    const code = answerCode(requestId, length);
    const effect = pageAt(place, page, code, about);
    const id = pageIdOf(effect, requestId);
    const number = pages.last + 1;
    try {
      return await writer.write(story, [
        ...(place.kind === 'own'
          ? [{ kind: 'page-begun', group, number, page: id, host: requestId } as const]
          : []),
        { kind: 'asked-on', page: id, code, asked: requestId },
        { kind: 'effect-intended', requestId, effect },
      ]);
    } catch (error) {
      if (place.kind === 'own' || !(error instanceof AlreadyRecordedError)) throw error;
    }
  }
  throw new AlreadyRecordedError('all codes of the request are taken on this page');
}

/** Without those that somebody resolved, or whose record is not the service's own. */
async function livePages(
  begun: readonly PageBegun[],
  ledger: Placing['ledger'],
): Promise<readonly LivePage[]> {
  const pages: LivePage[] = [];
  for (const { page: id, host } of begun) {
    try {
      const { effects, pagesResolved } = storyOf(await ledger.entriesOf(host));
      for (const { intended, under, done } of effects.values()) {
        if (intended.kind !== 'page' || !under || pageIdOf(intended, host) !== id) continue;
        const incidentId = done?.incidentId ?? null;
        if (incidentId !== null && pagesResolved.includes(incidentId)) continue;
        pages.push({ id, host: under.request, page: intended, incidentId });
      }
    } catch (error) {
      if (!(error instanceof LedgerForgedError)) throw error;
    }
  }
  return pages;
}
