import { listeningPagesOf } from '../../core/effects/asking-pages.ts';
import type { FirstSince } from '../../core/effects/effect-context.ts';
import { teamsOf } from '../../core/effects/teams.ts';
import type { Story } from '../../core/record/story.ts';
import type { Instant } from '../../core/values/instant.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import type { PageBoard } from './page-board.ts';

/**
 * Of the pages of others on which the request is the first of those who wait, whose silence is answered for it then, since when it is;
 * without those where nothing follows from silence. Throws LedgerUnavailableError.
 */
export async function firstOnPages(
  story: Story,
  { ledger, clock, policy }: Pick<Dependencies, 'ledger' | 'clock'> & Pick<PolicyInForce, 'policy'>,
  board: PageBoard,
): Promise<FirstSince> {
  const { ended, decided } = story;
  const since = new Map<string, Instant>();
  if (ended !== null || decided === null) return since;
  const teams = teamsOf(decided, policy);
  for (const { id: page, joined, team, incident } of listeningPagesOf(story)) {
    const escalation = teams.find(({ name }) => name === team)?.escalation ?? null;
    if (joined === null || (escalation?.remindAfterMs ?? escalation?.moveUpAfterMs ?? null) === null)
      continue;
    const first = await board.firstSince(decided.requestId, incident.id, clock.now, async () => {
      const asked = await ledger.askedOn(page);
      return asked.find(({ waits }) => waits)?.requestId ?? null;
    });
    if (first !== null) since.set(incident.id, first);
  }
  return since;
}
