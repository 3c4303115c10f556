import type { LedgerEvent, RecordedUse } from '../core/record/ledger-entry.ts';
import { accountOf } from '../core/usage/account.ts';
import { fault, type Finding } from './finding.ts';

/** Checks that each account of what an access was used for is what its evidence gives. */
export function checkUse(event: LedgerEvent, seq: number): readonly Finding[] {
  if (event.kind !== 'used' || isDerived(event)) return [];
  const text = `the account in entry ${seq} of what request ${event.requestId} was used for says ${event.outcome}; its evidence gives another one`;
  return [fault('use-differs', seq, text)];
}

/** An edited entry may be anything. */
function isDerived({ evidence, outcome, totals }: RecordedUse): boolean {
  try {
    const derived = accountOf(evidence);
    return derived.outcome === outcome && isSame(derived.totals, totals);
  } catch {
    return false;
  }
}

function isSame(one: RecordedUse['totals'], other: RecordedUse['totals']): boolean {
  const text = ({ sessions, attempts, counts }: RecordedUse['totals']): string =>
    JSON.stringify([sessions, attempts, Object.entries(counts).sort()]);
  return text(one) === text(other);
}
