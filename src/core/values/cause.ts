/**
 * Why something could not be learnt. It travels as a value, because "unknown" is an answer of its own: it is never
 * read as yes, and never as no.
 */
export interface Cause {
  readonly code: CauseCode;
  /** One sentence for the person who must act: what failed and what to do about it. */
  readonly message: string;
  /** Whether asking again soon may answer it. */
  readonly transient: boolean;
}

export type CauseCode =
  | 'timeout'
  | 'unavailable'
  | 'rate-limited'
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'ambiguous'
  | 'malformed'
  | 'refused'
  | 'clock-skew';

/** What went wrong, of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
