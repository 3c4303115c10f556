import type { Instant } from '../core/values/instant.ts';
import type { LedgerEntry, LedgerEvent } from '../core/record/ledger-entry.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';

/** A stored entry as what it says. Whether to believe it, verification tells. Throws SyntaxError for text that is no JSON. */
export function entryOf({ seq, at, eventText, hash }: StoredEntry): LedgerEntry {
  return { seq, at: at as Instant, event: JSON.parse(eventText) as LedgerEvent, hash };
}

/**
 * fault: the record is not what was written, or not what the rules make of it.
 * warning: something a person should look at, which the record itself survives.
 */
export type Severity = 'fault' | 'warning';

export type FindingCode =
  | 'empty'
  | 'missing'
  | 'out-of-place'
  | 'changed'
  | 'unreadable'
  | 'look-up'
  | 'repeated'
  | 'unknown-kind'
  | 'clock-went-back'
  | 'checkpoint'
  | 'seal'
  | 'hidden'
  | 'policy-changed'
  | 'policy-missing'
  | 'decision-changed'
  | 'decision-differs'
  | 'wording-differs'
  | 'answer-differs'
  | 'use-differs'
  | 'order'
  | 'other-ledger'
  | 'cut-off'
  | 'summary'
  | 'teleport'
  | 'pagerduty';

/** Something that verification came upon, as a sentence for an auditor. */
export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** The entry it is about; null when it is about no single one. */
  readonly seq: number | null;
  readonly text: string;
}

export function fault(code: FindingCode, seq: number | null, text: string): Finding {
  return { severity: 'fault', code, seq, text };
}

export function warning(code: FindingCode, seq: number | null, text: string): Finding {
  return { severity: 'warning', code, seq, text };
}

/** How many findings of each severity are kept by their words; the others are counted. */
const KEPT = 50;

/** All findings counted, the first ones kept: however broken a ledger is, its report stays readable. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts: Record<Severity, number> = { fault: 0, warning: 0 };

  add(findings: Iterable<Finding>): void {
    for (const finding of findings) {
      this.#counts[finding.severity] += 1;
      if (this.#counts[finding.severity] <= KEPT) this.#kept.push(finding);
    }
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  get faults(): number {
    return this.#counts.fault;
  }

  get warnings(): number {
    return this.#counts.warning;
  }
}
