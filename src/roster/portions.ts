import { MOMENT_MS } from '../core/coming.ts';
import { epochMsOf, instantOf, MINUTE, plusMs } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallAnswer,
  type OnCallDirectory,
  type Schedule,
  type Span,
} from '../ports/pagerduty.ts';
import type { Source } from './names.ts';
import { SharedReading, type Taken } from './shared-reading.ts';

/** So many policies, or schedules, are asked for in one call. */
const MOST_AT_ONCE = 50;
/** PagerDuty: rows a page. A portion with more takes several calls one after the other; two halves go side by side. */
const PAGE = 100;
/** A portion with so many rows gets no more ids. */
const NEARLY_FULL = 80;
/** Added to both ends of a span, so that clocks which differ by less than the minute that is suffered cannot cut off a row that counts. */
const MARGIN_MS = 2 * MINUTE;

export interface PortionReading extends OnCallAnswer {
  readonly span: Span;
}

/** What one call answers about: up to 50 policies, or schedules, or one schedule that no policy uses. */
export interface Portion {
  readonly kind: Source['kind'];
  readonly ids: readonly string[];
  /** The one that no policy uses. */
  readonly schedule: Schedule | null;
  readonly reading: SharedReading<PortionReading>;
}

interface Waiting {
  readonly source: Source;
  readonly answer: PromiseWithResolvers<OnCallAnswer>;
}

/** What a call asks about. */
export type Question = Pick<Portion, 'kind' | 'ids' | 'schedule'>;

export interface PortionsOptions {
  readonly directory: OnCallDirectory;
  readonly clock: Clock;
  /** How far back shifts that have ended are read, in milliseconds. */
  readonly lookBackMs: () => number;
  readonly stop: AbortSignal;
  /** Told of each answer before it is given to anybody. */
  readonly onRead: (portion: Question, reading: PortionReading) => Promise<void>;
}

/** The on-call rows of all sources, in as few calls as there may be, each shared by all who ask. */
export class Portions {
  readonly #options: PortionsOptions;
  readonly #of = new Map<string, Portion>();

  constructor(options: PortionsOptions) {
    this.#options = options;
  }

  all(): readonly Portion[] {
    return [...new Set(this.#of.values())];
  }

  /** The rows of a source, asked for no longer ago than `maxAgeMs`; among them may be those of others. Throws PagerDutyError. */
  async read(source: Source, maxAgeMs: number, ask: Ask): Promise<PortionReading> {
    for (;;) {
      const reading = await this.#take(this.#portionOf(source), maxAgeMs, ask);
      if (reading !== null) return reading;
    }
  }

  /** Reads a whole portion anew; what is asked for by halves from now on is left for the next time. Throws PagerDutyError. */
  async renew(portion: Portion, ask: Ask): Promise<void> {
    await this.#take(portion, 0, ask);
  }

  /** Null where the halves are to be asked for instead. */
  async #take(portion: Portion, maxAgeMs: number, ask: Ask): Promise<PortionReading | null> {
    try {
      const reading = await portion.reading.take(maxAgeMs, ask);
      if (reading.rows.length > PAGE && portion.ids.length > 1) this.#split(portion);
      return reading;
    } catch (error) {
      // For one of them PagerDuty may refuse or garble the whole answer, and more than 10,000 rows it gives to nobody.
      if (portion.ids.length < 2 || !isAboutTheQuestion(error)) throw error;
      this.#split(portion);
      return null;
    }
  }

  /** What is at hand of a source. */
  last(source: Source): Taken<PortionReading> | null {
    return this.#of.get(keyOf(source))?.reading.last ?? null;
  }

  /** Those of all answers that were asked for no longer ago, with their addresses; the newest answer last. */
  people(maxAgeMs: number): readonly OnCallAnswer['people'][] {
    const oldest = performance.now() - maxAgeMs;
    const taken = this.all().flatMap(({ reading }) => reading.last ?? []);
    return taken
      .filter(({ askedMs }) => askedMs >= oldest)
      .sort((one, other) => one.askedMs - other.askedMs)
      .map(({ value }) => value.people);
  }

  /** Lets go of all other sources, and has a place for each of these. */
  keep(sources: readonly Source[]): void {
    const kept = new Set(sources.map(keyOf));
    for (const key of this.#of.keys()) if (!kept.has(key)) this.#of.delete(key);
    const missing = sources.filter((source) => !this.#of.has(keyOf(source)));
    for (const kind of ['policy', 'schedule'] as const) {
      const ids = [...new Set(missing.filter((source) => source.kind === kind).map(({ id }) => id))].sort();
      for (let at = 0; at < ids.length; at += MOST_AT_ONCE)
        this.#add({ kind, ids: ids.slice(at, at + MOST_AT_ONCE), schedule: null });
    }
    for (const source of missing) if (source.kind === 'shifts') this.#portionOf(source);
  }

  /** Reads sources in another span, for one question: those that are asked for at once go together. Each throws PagerDutyError. */
  togetherIn(span: Span, ask: Ask): (source: Source) => Promise<OnCallAnswer> {
    let waiting: Waiting[] = [];
    const send = (): void => {
      const all = waiting;
      waiting = [];
      for (const batch of batchesOf(all)) void this.#settle(batch, span, ask);
    };
    return (source) => {
      const answer = Promise.withResolvers<OnCallAnswer>();
      if (waiting.push({ source, answer }) === 1) setImmediate(send);
      return answer.promise;
    };
  }

  async #settle(batch: readonly Waiting[], span: Span, ask: Ask): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const ids = [...new Set(batch.map(({ source }) => source.id))];
    const schedule = first.source.kind === 'shifts' ? first.source.schedule : null;
    try {
      const answer = await this.readSpan({ kind: first.source.kind, ids, schedule }, span, ask);
      for (const each of batch) each.answer.resolve(answer);
    } catch (error) {
      if (ids.length < 2 || !isAboutTheQuestion(error)) {
        for (const each of batch) each.answer.reject(error);
        return;
      }
      const half = ids.slice(0, Math.ceil(ids.length / 2));
      await Promise.all([
        this.#settle(
          batch.filter(({ source: { id } }) => half.includes(id)),
          span,
          ask,
        ),
        this.#settle(
          batch.filter(({ source: { id } }) => !half.includes(id)),
          span,
          ask,
        ),
      ]);
    }
  }

  /** Reads what is to come, for sightings alone. Throws PagerDutyError. */
  async look(portion: Portion, aheadMs: number, ask: Ask): Promise<void> {
    const { from, until } = this.#spanNow();
    const span = { from, until: plusMs(until, aheadMs) };
    await this.#options.onRead(portion, { ...(await this.readSpan(portion, span, ask)), span });
  }

  /** The rows of a whole portion in another span, read for this question and kept nowhere. */
  readSpan({ kind, ids, schedule }: Question, span: Span, ask: Ask): Promise<OnCallAnswer> {
    const { directory } = this.#options;
    if (schedule !== null) return directory.shiftsOf(schedule, span, ask);
    return kind === 'policy' ? directory.onCallsUnder(ids, span, ask) : directory.onCallsOn(ids, span, ask);
  }

  #portionOf(source: Source): Portion {
    const known = this.#of.get(keyOf(source));
    if (known !== undefined) return known;
    if (source.kind === 'shifts')
      return this.#add({ kind: 'shifts', ids: [source.id], schedule: source.schedule });
    const room = this.all().find(
      ({ kind, ids, reading }) =>
        kind === source.kind &&
        ids.length < MOST_AT_ONCE &&
        (reading.last?.value.rows.length ?? 0) < NEARLY_FULL,
    );
    return this.#add({ kind: source.kind, ids: [...(room?.ids ?? []), source.id], schedule: null });
  }

  #add(question: Question, last: Taken<PortionReading> | null = null): Portion {
    const read = async (ask: Ask): Promise<PortionReading> => {
      const span = this.#spanNow();
      const reading = { ...(await this.readSpan(question, span, ask)), span };
      await this.#options.onRead(question, reading);
      return reading;
    };
    const portion: Portion = {
      ...question,
      reading: new SharedReading(read, this.#options.stop, { last }),
    };
    for (const id of question.ids) this.#of.set(keyOf({ kind: question.kind, id }), portion);
    return portion;
  }

  /** What is at hand is good for both halves. */
  #split(portion: Portion): void {
    const { ids, reading } = portion;
    if (!this.all().includes(portion)) return;
    const middle = Math.ceil(ids.length / 2);
    for (const half of [ids.slice(0, middle), ids.slice(middle)])
      this.#add({ ...portion, ids: half }, reading.last);
  }

  /** What begins in a moment is read along, for those who ask too early: rows are judged by their spans, so it gives nothing before. */
  #spanNow(): Span {
    const now = epochMsOf(this.#options.clock.now());
    return {
      from: instantOf(now - this.#options.lookBackMs() - MARGIN_MS),
      until: instantOf(now + MOMENT_MS + MARGIN_MS),
    };
  }
}

function keyOf({ kind, id }: Pick<Source, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

function isAboutTheQuestion(error: unknown): boolean {
  if (!(error instanceof PagerDutyError) || error.transient) return false;
  return error.kind === 'refused' || error.kind === 'not-found' || error.kind === 'malformed';
}

/** Of one kind each, and as many as one call takes; a schedule that no policy uses by itself. */
function batchesOf(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  return [
    ...Map.groupBy(waiting, ({ source: { kind, id } }) => (kind === 'shifts' ? id : kind)).values(),
  ].flatMap((same) => {
    const ids = [...new Set(same.map(({ source }) => source.id))];
    return Array.from({ length: Math.ceil(ids.length / MOST_AT_ONCE) }, (_, index) => {
      const wanted = ids.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE);
      return same.filter(({ source }) => wanted.includes(source.id));
    });
  });
}
