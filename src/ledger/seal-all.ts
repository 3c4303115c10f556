import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { LedgerHistory, StoredEntry } from '../ports/ledger-history.ts';
import { LedgerForgedError } from '../ports/ledger.ts';
import { GENESIS } from './chain.ts';
import { readSeal, type Sealing } from './sealing.ts';

export interface NewSeal {
  readonly seq: number;
  readonly seal: string;
}

/** Writes seals of entries that are there, as many at once as are handed over. */
export type WriteSeals = (seals: readonly NewSeal[]) => Promise<void>;

const AT_ONCE = 1_000;

/**
 * Seals every entry that is there, before the ledger gets its mark: from then on none is believed without. Whether the entries are
 * the right ones must have been verified. Gives the last one.
 */
export async function sealAll(
  history: LedgerHistory,
  sealing: Sealing,
  write: WriteSeals,
  onProgress: (entries: number) => void = () => undefined,
): Promise<StoredEntry | null> {
  const lastOf = new Map<string, number>();
  const removed = (await history.checkpoints()).map(({ eventText }) => throughIn(eventText));
  let last: StoredEntry | null = null;
  await inBatches(history, write, onProgress, (entry) => {
    const requestId = subjectOf(JSON.parse(entry.eventText) as LedgerEvent);
    const prior = requestId === null ? 0 : (lastOf.get(requestId) ?? 0);
    if (requestId !== null) lastOf.set(requestId, entry.seq);
    const before = last?.hash ?? removed.find(({ seq }) => seq === entry.seq - 1)?.hash ?? GENESIS;
    last = entry;
    return sealing.sealOf(entry, { prior, previousHash: before, addresses: 0 });
  });
  return last;
}

/** Seals every entry anew under the current key. Throws LedgerForgedError at the first whose seal does not hold: it gets none. */
export async function sealAnew(
  history: LedgerHistory,
  sealing: Sealing,
  write: WriteSeals,
  onProgress: (entries: number) => void = () => undefined,
): Promise<void> {
  await inBatches(history, write, onProgress, (entry) => {
    const fault = sealing.faultIn(entry);
    if (fault !== null) throw new LedgerForgedError(entry.columns?.requestId ?? null, entry.seq, fault);
    return sealing.sealOf(entry, readSeal(entry.seal));
  });
}

async function inBatches(
  history: LedgerHistory,
  write: WriteSeals,
  onProgress: (entries: number) => void,
  sealOf: (entry: StoredEntry) => string,
): Promise<void> {
  let entries = 0;
  let batch: NewSeal[] = [];
  for await (const entry of history.entries()) {
    batch.push({ seq: entry.seq, seal: sealOf(entry) });
    entries += 1;
    if (batch.length < AT_ONCE) continue;
    await write(batch);
    onProgress(entries);
    batch = [];
  }
  if (batch.length > 0) await write(batch);
  onProgress(entries);
}

function throughIn(eventText: string): { readonly seq: number; readonly hash: string } {
  const event = JSON.parse(eventText) as LedgerEvent;
  return event.kind === 'checkpoint' ? event.through : { seq: -1, hash: GENESIS };
}
