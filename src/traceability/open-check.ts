import type { LedgerEvent } from '../core/record/ledger-entry.ts';
import type { RequestId } from '../core/access-request.ts';
import type { SearchableHistory } from '../ports/ledger-history.ts';
import { fault, type Finding } from './finding.ts';

export interface OpenCheck {
  take(event: LedgerEvent): void;
  /** Requests that are not over by their entries, and that the list of open requests does not have: the service forgets them. */
  end(history: Pick<SearchableHistory, 'open' | 'entriesOf'>): Promise<readonly Finding[]>;
}

/** Follows which requests are not over: as many as are open at once have to be kept. */
export function createOpenCheck(): OpenCheck {
  const notOver = new Map<RequestId, number>();
  let taken = 0;
  return {
    take(event) {
      taken += 1;
      if (event.kind === 'ended') notOver.delete(event.requestId);
      // An abstention waits for nothing.
      if (event.kind === 'decided' && event.decision.verdict !== 'abstain')
        notOver.set(event.requestId, taken);
      if (event.kind === 'postponed') notOver.set(event.requestId, taken);
    },
    async end(history) {
      const open = new Set(await history.open());
      const findings: Finding[] = [];
      for (const requestId of notOver.keys()) {
        if (open.has(requestId)) continue;
        // The service may have gone on meanwhile.
        const entries = await history.entriesOf(requestId);
        const last = entries.at(-1);
        if (last === undefined || entries.some(({ columns }) => columns?.kind === 'ended')) continue;
        findings.push(
          fault(
            'hidden',
            last.seq,
            `request ${requestId} is not over, and is missing from the list of open requests: somebody took it out, and the service does not go on with it`,
          ),
        );
      }
      return findings;
    },
  };
}
