import { openPageOf } from '../../core/effects/asking-pages.ts';
import { escalationOf } from '../../core/effects/paging-rule.ts';
import type { Story } from '../../core/record/story.ts';
import type { Instant } from '../../core/values/instant.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import type { PageBoard } from './page-board.ts';

/**
 * Since when the request is the first of those who wait on the page of another, whose silence is answered for it then; null while it is
 * not, or where nothing follows from silence. Throws LedgerUnavailableError.
 */
export async function firstOnPage(
  story: Story,
  { ledger, clock, policy }: Pick<Dependencies, 'ledger' | 'clock'> & Pick<PolicyInForce, 'policy'>,
  board: PageBoard,
): Promise<Instant | null> {
  const { ended, decided } = story;
  const open = openPageOf(story);
  if (ended !== null || decided === null || !open?.joined) return null;
  const escalation = escalationOf(decided, policy);
  if (escalation === null || (escalation.remindAfterMs ?? escalation.moveUpAfterMs) === null) return null;
  return await board.firstSince(decided.requestId, open.incident.id, clock.now, async () => {
    const asked = await ledger.askedOn(open.id);
    return asked.find(({ waits }) => waits)?.requestId ?? null;
  });
}
