import type { CallLog, RecordedCall } from '../sim/pagerduty/call-log.ts';

/** What a decision needs to know of PagerDuty: a person by their address, a service by its name, a person's on-call rows. */
export interface Question {
  readonly path: '/users' | '/services' | '/oncalls';
  /** Address, name or id. */
  readonly about: string;
}

interface Read {
  readonly call: RecordedCall;
  /** When it came in, by this machine's clock, whatever PagerDuty's own showed. */
  readonly at: number;
}

/** For so long the service may leave PagerDuty alone after it has failed, on top of what it takes to gather for a decision. */
const LEFT_ALONE_MS = 25_000;
const PARAMETERS = { '/users': 'query', '/services': 'query', '/oncalls': 'user_ids[]' } as const;

/** Every read that a decision may rest on, as PagerDuty's side saw it, whoever asked. */
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

  /**
   * Whether nothing came of it the last time that this was asked before `at`, in milliseconds since the epoch; or that anything
   * of the kind was, since after some failures the service asks nobody's question for a while.
   */
  wasUnanswered(question: Question, at: number): boolean {
    const ofTheKind = this.#reads(question.path).filter(
      (read) => read.at <= at && read.at >= at - LEFT_ALONE_MS,
    );
    const last = ofTheKind.at(-1);
    const lastAboutIt = ofTheKind.findLast(({ call }) => isAbout(question, call));
    return [last, lastAboutIt].some((read) => read !== undefined && !isGood(read.call));
  }

  #reads(path: Question['path']): readonly Read[] {
    return this.#calls
      .all()
      .map((call, index): Read => ({ call, at: this.#at[index] ?? 0 }))
      .filter(({ call }) => call.method === 'GET' && call.path === path);
  }
}

function isAbout({ path, about }: Question, { query }: RecordedCall): boolean {
  const asked = query[PARAMETERS[path]];
  // Without a word to search for all of them are listed.
  return asked === undefined ? path !== '/oncalls' : asked.includes(about);
}

function isGood({ status, fault }: RecordedCall): boolean {
  return fault === null && status !== null && status >= 200 && status < 300;
}
