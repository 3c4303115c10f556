import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { pagesByRequest } from '../pages.ts';
import type { Arena, Made } from './arena.ts';

/**
 * Every way in which an answer that counted must not have, as sentences: it was given on an incident that the service did not open for
 * this request, and on which it did not list it, by the requester, or by somebody of whom neither PagerDuty's address of the requester nor a map tells that they are two.
 */
export function wronglyCounted(
  { id, fate }: Made,
  { stage, setting }: Arena,
  events: readonly LedgerEvent[],
): readonly string[] {
  const pages = pagesByRequest(stage.incidents()).get(id) ?? [];
  return events.flatMap((event) => {
    if (event.kind !== 'answered' || !event.counted) return [];
    const { by, incidentId } = event.answer;
    const isPage = pages.some((page) => page.id === incidentId);
    const isKnown = fate.pagerDutyId !== null || setting.ownNames;
    return [
      ...(isPage ? [] : [`an answer of ${by.id} counted on ${incidentId}, which is no page of it`]),
      ...(by.id === fate.pagerDutyId ? [`${fate.user} counted as approver of their own request`] : []),
      ...(isKnown ? [] : [`${by.id} counted, and nothing tells that ${fate.user} is somebody else`]),
    ];
  });
}
