import { PagerDutyError, type Ask, type Priority } from '../ports/pagerduty.ts';
import { SharedQuestion } from './shared-question.ts';

export interface CoalesceOptions<Answer> {
  /** Answers one question. */
  readonly alone: (item: string, ask: Ask) => Promise<Answer>;
  /** Answers many by fewer reads, each of them; null where that would save nothing after all. */
  readonly together: (items: readonly string[], ask: Ask) => Promise<ReadonlyMap<string, Answer> | null>;
  /** Up to how many questions are asked one by one, because that costs no more. */
  readonly few: number;
  /** How many may be asked together. */
  readonly most: number;
  /** How many reads may be under way at once; what comes in meanwhile goes out together with the next. */
  readonly atOnce: number;
  /** How long before the question its answer may have been asked for, in milliseconds. */
  readonly freshMs: number;
}

type Question<Answer> = SharedQuestion<Answer>;

/** The smaller the more urgent. */
const URGENCY: Readonly<Record<Priority, number>> = { decision: 0, page: 1, 'follow-up': 2, background: 3 };

/**
 * Lets questions of one kind share reads. What was asked no longer than `freshMs` ago is not asked again: its answer, there or
 * under way, is given again. A question that comes alone goes out at once; those that come while others are under way go out
 * together. Failures are never kept, and one that a single question may be the cause of is not laid on the others. Throws what
 * `alone` throws.
 */
export function coalesce<Answer>(
  options: CoalesceOptions<Answer>,
): (item: string, ask: Ask) => Promise<Answer> {
  const known = new Map<string, Question<Answer>>();
  const waiting: Question<Answer>[] = [];
  let underWay = 0;
  let scheduled = false;

  function put(item: string, ask: Ask): Question<Answer> {
    const question = new SharedQuestion<Answer>(item, ask);
    known.set(item, question);
    waiting.push(question);
    schedule();
    return question;
  }

  /** One turn later, so that whoever asks at this very moment goes along. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      forgetTheOld();
      while (underWay < options.atOnce && waiting.length > 0) void send(nextBatch());
    });
  }

  function forgetTheOld(): void {
    const oldest = performance.now() - options.freshMs;
    for (const [item, question] of known) {
      if (question.settled && question.since < oldest) known.delete(item);
    }
  }

  /** The most urgent ones; less urgent ones are not mixed in, since they may have to wait for the budget. */
  function nextBatch(): readonly Question<Answer>[] {
    waiting.sort((one, other) => URGENCY[one.priority] - URGENCY[other.priority]);
    const less = waiting.findIndex(({ priority }) => priority !== waiting[0]?.priority);
    return waiting.splice(0, Math.min(options.most, less === -1 ? waiting.length : less));
  }

  async function send(batch: readonly Question<Answer>[]): Promise<void> {
    underWay += 1;
    const wanted = batch.filter(({ givenUp }) => !givenUp.aborted);
    const along = wanted.length === 0 ? [] : goingStale(options.most - wanted.length);
    const together = [...wanted, ...along];
    const left = together.length > options.few ? await askTogether(wanted, along) : wanted;
    await Promise.all(left.map(askAlone));
    underWay -= 1;
    schedule();
  }

  async function askAlone(question: Question<Answer>): Promise<void> {
    try {
      question.resolve(await options.alone(question.item, askFor([question])));
    } catch (error) {
      fail(question, error);
    }
  }

  /**
   * Questions that are asked again and again, and whose answers soon end: they go along with a read that is made anyway, so
   * that in a burst not each of them causes one of its own when its time is over.
   */
  function goingStale(room: number): readonly Question<Answer>[] {
    const since = performance.now() - options.freshMs / 2;
    return [...known.values()]
      .filter((question) => question.settled && question.uses > 1 && question.since < since)
      .slice(0, room)
      .map(({ item, priority }) => new SharedQuestion<Answer>(item, { priority }));
  }

  /** Gives the questions that must be asked alone. Those that go along do so at no cost, and never are. */
  async function askTogether(
    batch: readonly Question<Answer>[],
    along: readonly Question<Answer>[],
  ): Promise<readonly Question<Answer>[]> {
    try {
      const items = [...batch, ...along].map(({ item }) => item);
      const answers = await options.together(items, askFor(batch));
      if (answers === null) return batch;
      for (const question of batch) question.resolve(answers.get(question.item) as Answer);
      for (const question of along) {
        question.resolve(answers.get(question.item) as Answer);
        known.set(question.item, question);
      }
      return [];
    } catch (error) {
      if (error instanceof PagerDutyError && isAboutTheQuestion(error)) return batch;
      for (const question of batch) fail(question, error);
      return [];
    }
  }

  function fail(question: Question<Answer>, error: unknown): void {
    if (known.get(question.item) === question) known.delete(question.item);
    question.reject(error);
  }

  return async (item, ask) => {
    const found = known.get(item);
    const question = found !== undefined && mayShare(found, ask, options.freshMs) ? found : put(item, ask);
    return await question.await(ask.signal);
  };
}

/** Not with one that everybody has given up, nor with one that waits behind what this asker need not wait for. */
function mayShare<Answer>(question: Question<Answer>, ask: Ask, freshMs: number): boolean {
  if (performance.now() - question.since > freshMs) return false;
  if (question.settled) return true;
  return !question.givenUp.aborted && URGENCY[question.priority] <= URGENCY[ask.priority ?? 'decision'];
}

/** For one of them, PagerDuty may refuse or garble the whole answer. */
function isAboutTheQuestion({ kind, transient }: PagerDutyError): boolean {
  return !transient && (kind === 'refused' || kind === 'not-found' || kind === 'malformed');
}

/** On the first asker's account, until the last one has given up. */
function askFor<Answer>(batch: readonly Question<Answer>[]): Ask {
  const stop = new AbortController();
  const look = (): void => {
    if (batch.every(({ givenUp }) => givenUp.aborted)) stop.abort();
  };
  for (const { givenUp } of batch) givenUp.addEventListener('abort', look, { once: true });
  const [first] = batch;
  return {
    signal: stop.signal,
    priority: first?.priority ?? 'decision',
    ...(first?.onRead === undefined ? {} : { onRead: first.onRead }),
  };
}
