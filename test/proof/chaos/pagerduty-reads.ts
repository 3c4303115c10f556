import type { CallLog, RecordedCall } from '../../sim/pagerduty/call-log.ts';

/** What PagerDuty was asked for nothing but to know whether it answers, and what a page is opened by. */
export type Question = 'reads' | { readonly pageOf: string };

interface Seen {
  readonly call: RecordedCall;
  /** When it came in, by this machine's clock, whatever PagerDuty's own showed. */
  readonly at: number;
}

/** Every call by which PagerDuty's silence may be proven, as PagerDuty's side saw it, whoever asked. */
export class PagerDutyReads {
  readonly #calls: CallLog;
  /** When each call came in, in the order of the log. */
  readonly #at: number[] = [];

  constructor(calls: CallLog) {
    this.#calls = calls;
    calls.onChange(() => {
      const now = Date.now();
      const { length } = calls.all();
      while (this.#at.length < length) this.#at.push(now);
    });
  }

  /** How these calls were answered that came in from `at - forMs` to `at`, in milliseconds since the epoch; null for no answer. */
  answersWithin(question: Question, at: number, forMs: number): readonly (number | null)[] {
    return this.#calls
      .all()
      .map((call, index): Seen => ({ call, at: this.#at[index] ?? 0 }))
      .filter((seen) => isAsking(question, seen.call) && seen.at <= at && seen.at >= at - forMs)
      .map(({ call }) => (isUnanswered(call) ? null : call.status));
  }
}

function isAsking(question: Question, { method, path, body }: RecordedCall): boolean {
  if (question === 'reads') return method === 'GET' && path === '/abilities';
  return method === 'POST' && path === '/incidents' && JSON.stringify(body).includes(question.pageOf);
}

/** No whole answer, or one that its servers could not give. Whatever else it says, be it that the key is none, is an answer. */
function isUnanswered({ status, fault }: RecordedCall): boolean {
  return status === null || status >= 500 || fault === 'stall-body';
}
