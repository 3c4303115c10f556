import type { RequestId } from '../core/access-request.ts';
import { isOver } from '../core/effects/is-over.ts';
import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import { storyOf } from '../core/record/story.ts';
import type { Instant } from '../core/values/instant.ts';
import type { SearchableHistory } from '../ports/ledger-history.ts';
import { fault, entryOf, type Finding } from './finding.ts';

export interface OpenCheck {
  take(event: LedgerEvent): void;
  /** Requests that are not over by their entries, and that the list of open requests does not have: somebody took them out. */
  end(history: Pick<SearchableHistory, 'open' | 'entriesOf'>): Promise<readonly Finding[]>;
}

/** Follows which requests may not be over: as many as are open at once have to be kept. */
export function createOpenCheck(now: Instant): OpenCheck {
  /** Each with when its access runs out, where it was promised to end before. */
  const notOver = new Map<RequestId, string | null>();
  return {
    take(event) {
      if (event.kind === 'postponed') notOver.set(event.requestId, null);
      // An abstention waits for nothing.
      if (event.kind === 'decided' && event.decision.verdict !== 'abstain') {
        const promised = (event.endsAccess ?? []).length > 0;
        notOver.set(event.requestId, promised ? event.request.accessExpires : null);
      }
      if (event.kind === 'ended' && (notOver.get(event.requestId) ?? '') <= now)
        notOver.delete(event.requestId);
    },
    async end(history) {
      const open = new Set(await history.open());
      const findings: Finding[] = [];
      for (const requestId of notOver.keys()) {
        if (open.has(requestId)) continue;
        // The service may have gone on meanwhile.
        const entries = await history.entriesOf(requestId);
        const last = entries.at(-1);
        if (last === undefined || isOver(storyOf(entries.map(entryOf)), now)) continue;
        const text = `request ${requestId} is not over, and is missing from the list of open requests: somebody took it out. A service with the key puts it back`;
        findings.push(fault('hidden', last.seq, text));
      }
      return findings;
    },
  };
}
