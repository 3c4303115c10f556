import { lockInPlace } from '../core/effects/access-end.ts';
import { reviewBehind } from '../core/effects/page-effects.ts';
import type { Ending, LedgerEntry } from '../core/record/ledger-entry.ts';
import { storyOf } from '../core/record/story.ts';
import { accountOf, type UseOutcome } from '../core/usage/account.ts';
import type { Instant } from '../core/values/instant.ts';
import type { SearchableHistory } from '../ports/ledger-history.ts';
import { entryOf } from './stored-entry.ts';

/** What became of a request after it was decided upon, as far as the ledger tells. */
export interface Became {
  /** `open` until it has ended. */
  readonly outcome: Ending['state'] | 'open';
  /** Who let it in or turned it down: by their answer to the page, else Teleport's user; null for nobody. */
  readonly approver: string | null;
  /** What the access was used for by its last account; null where there is none. */
  readonly used: UseOutcome | null;
  /** Names of what it was used on. */
  readonly usedOn: readonly string[];
  /** In between the access was there: from the last moment before its approval to its end; null where none was given. */
  readonly held: { readonly from: Instant; readonly until: Instant | null } | null;
}

/** Throws LedgerUnavailableError. */
export async function becameOf(history: SearchableHistory, requestId: string): Promise<Became> {
  return becameBy((await history.entriesOf(requestId)).map(entryOf));
}

/** The same by its entries. */
export function becameBy(entries: readonly LedgerEntry[]): Became {
  const story = storyOf(entries);
  const { ended, decided } = story;
  const use = story.used.at(-1);
  const approvedAt = entries.find(({ event }) => event.kind === 'ended')?.at;
  const isGiven = ended?.state === 'approved' && approvedAt !== undefined;
  const ends = [
    use?.evidence.until,
    lockInPlace(story)?.since,
    decided?.request.accessExpires ?? undefined,
  ].filter((at) => at !== undefined);
  return {
    outcome: ended?.state ?? 'open',
    approver: ended === null ? null : (reviewBehind(ended, story)?.approver.name ?? ended.by),
    used: use?.outcome ?? null,
    usedOn:
      use === undefined ? [] : accountOf(use.evidence).uses.flatMap(({ resource }) => resource?.name ?? []),
    held: isGiven ? { from: use?.evidence.from ?? approvedAt, until: ends.sort()[0] ?? null } : null,
  };
}
