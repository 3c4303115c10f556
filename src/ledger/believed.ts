import type { RequestId } from '../core/access-request.ts';
import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../core/record/ledger-entry.ts';
import { LedgerForgedError } from '../ports/ledger.ts';
import { entryOf, storedOf, readSeal, type EntryRow, type Sealing } from './rows.ts';

/**
 * The entries of one request, once it is sure that this service wrote each of them, for this request, in this order, and that
 * none is missing. `lastKnown` is the last one that this process knows of. `isRemoved` tells whether a checkpoint stands for an
 * entry. Throws LedgerForgedError: then nothing may be done for the request.
 */
export function believedEntries(
  requestId: RequestId,
  rows: readonly EntryRow[],
  sealing: Sealing,
  { lastKnown, isRemoved }: { lastKnown: number | undefined; isRemoved: (seq: number) => boolean },
): readonly LedgerEntry[] {
  let before: EntryRow | null = null;
  const entries: LedgerEntry[] = [];
  for (const row of rows) {
    entries.push(believed(row, requestId, sealing));
    const prior = readSeal(row.seal).prior;
    const follows = before === null ? prior === 0 || isRemoved(prior) : prior === before.seq;
    if (!follows) {
      throw new LedgerForgedError(
        requestId,
        row.seq,
        prior === 0 ? 'has no place after others of its request' : `follows entry ${prior}, which is missing`,
      );
    }
    before = row;
  }
  const last = before?.seq ?? 0;
  if (lastKnown !== undefined && last < lastKnown && !isRemoved(lastKnown)) {
    throw new LedgerForgedError(requestId, lastKnown, 'was written, and is missing');
  }
  return entries;
}

/** Whether somebody else wrote what makes an event a repetition; null when this service did. */
export function recordedBy(
  recorded: readonly { readonly event: LedgerEvent; readonly row: EntryRow }[],
  sealing: Sealing,
): LedgerForgedError | null {
  for (const { event, row } of recorded) {
    const requestId = subjectOf(event);
    try {
      if (onceKeyOf(believed(row, requestId, sealing).event) === onceKeyOf(event)) continue;
      return new LedgerForgedError(requestId, row.seq, 'is filed as another one');
    } catch (error) {
      if (error instanceof LedgerForgedError) return error;
      throw error;
    }
  }
  return null;
}

/** Those that this service wrote, and that are filed as what they are. */
export function ownRows<Row extends EntryRow>(rows: readonly Row[], sealing: Sealing): readonly Row[] {
  return rows.filter(
    (row) => sealing.faultIn(storedOf(row)) === null && onceKeyOf(entryOf(row).event) === row.once_key,
  );
}

/** The once-keys that begin with this, which ends in a blank: from it to what comes after all of them. */
export function rangeUnder(prefix: string): readonly [string, string] {
  return [prefix, `${prefix.slice(0, -1)}!`];
}

/** Whether one of these checkpoints, which this service wrote, stands for the entry. */
export function isBehind(checkpoints: readonly EntryRow[], seq: number, sealing: Sealing | null): boolean {
  return checkpoints.some((row) => {
    if (sealing?.faultIn(storedOf(row)) !== null) return false;
    const { event } = entryOf(row);
    return event.kind === 'checkpoint' && event.through.seq >= seq;
  });
}

/** The entry in a row, once it is sure that this service wrote it for this subject. Throws LedgerForgedError. */
function believed(row: EntryRow, requestId: RequestId | null, sealing: Sealing): LedgerEntry {
  const fault = sealing.faultIn(storedOf(row));
  if (fault !== null) throw new LedgerForgedError(requestId, row.seq, fault);
  const entry = entryOf(row);
  if (subjectOf(entry.event) === requestId) return entry;
  throw new LedgerForgedError(requestId, row.seq, 'is of another request');
}
