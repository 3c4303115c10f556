import { setTimeout as delay } from 'node:timers/promises';
import { allowedPerMinute, paceOf, type Pace } from '../core/roster/pace.ts';
import type { Target } from '../core/rule.ts';
import { DAY, MINUTE, SECOND } from '../core/values/instant.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import { PagerDutyError, type Ask, type PagerDutyLimits, type Priority } from '../ports/pagerduty.ts';
import { NAMES_KEPT_MS, type Names, type Source } from './names.ts';
import { PEOPLE_KEPT_MS, type People } from './people.ts';
import type { Portion, Portions } from './portions.ts';

export interface RenewalOptions {
  readonly names: Names;
  readonly people: People;
  readonly portions: Portions;
  /** What the rules in force name. */
  readonly targets: () => readonly Target[];
  readonly freshnessMs: number;
  /** Of the key's limit, what may be spent ahead of need. */
  readonly share: number;
  readonly limits: () => PagerDutyLimits;
  readonly signal: AbortSignal;
}

/** What is renewed is looked at so often at the least. */
const LONGEST_NAP_MS = SECOND;
/** After a failure it is not tried sooner. */
const AFTER_FAILURE_MS = 5 * SECOND;
/** Coming shifts are looked for so far ahead, and so often. */
const AHEAD_MS = DAY;
const AHEAD_EVERY_MS = 10 * MINUTE;
/** Names and people are read anew when so much of the time is over for which they are remembered. */
const EARLY = 0.75;

/** Has the roster at hand before anybody asks, for no more than a share of what PagerDuty allows. */
export class Renewal {
  readonly #options: RenewalOptions;
  /** When something was read ahead of need, in the last minute. */
  #rowReads: number[] = [];
  #otherReads: number[] = [];
  /** When the shifts to come were looked for, by the ids of the portion. */
  readonly #aheadMs = new Map<string, number>();
  #reads = 0;
  #cause: string | null = null;
  #retryMs = 0;
  #filled: Promise<void> | null = null;
  #isFilled = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Reads everything that the rules name once, at the start: whoever asks meanwhile waits, since they would ask for the same. */
  fill(): Promise<void> {
    this.#filled ??= this.#fill().finally(() => (this.#isFilled = true));
    return this.#filled;
  }

  /** Whoever asks before that is done waits for it; null before it has begun, and from then on. */
  get filled(): Promise<void> | null {
    return this.#isFilled ? null : this.#filled;
  }

  get reads(): number {
    return this.#reads;
  }

  get cause(): string | null {
    return this.#cause;
  }

  pace(): Pace {
    const { portions, limits, share, freshnessMs } = this.#options;
    const readsPerLook = portions.all().reduce((sum, portion) => sum + pagesOf(portion), 0);
    return paceOf({ ...limits(), share, readsPerLook: Math.max(1, readsPerLook), freshnessMs });
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    try {
      await this.fill();
      while (!signal.aborted) await delay(await this.#turn(), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #fill(): Promise<void> {
    const { names, people, portions, targets } = this.#options;
    const ask = this.#ask(() => undefined, 'decision');
    void this.#tried(() => people.renew(ask));
    await names.renew(targets(), ask, NAMES_KEPT_MS);
    portions.keep(this.#sources());
    await Promise.all(portions.all().map((portion) => this.#tried(() => portions.renew(portion, ask))));
  }

  /** One look at what is due. Gives for how long nothing is, in milliseconds. */
  async #turn(): Promise<number> {
    const now = performance.now();
    if (now < this.#retryMs) return this.#retryMs - now;
    this.#forget(now);
    const { portions, limits, share } = this.#options;
    const allowed = allowedPerMinute({ ...limits(), share });
    portions.keep(this.#sources());
    const { everyMs } = this.pace();
    const ages = portions
      .all()
      .map((portion) => ({ portion, ageMs: now - (portion.reading.last?.askedMs ?? -Infinity) }));
    const due = ages.filter(({ ageMs }) => ageMs >= everyMs).sort((one, other) => other.ageMs - one.ageMs);
    const room = Math.floor(allowed.rows - this.#rowReads.length);
    const renewed = due.slice(0, Math.max(0, room)).map(({ portion }) => portion);
    await Promise.all([this.#renewRows(renewed), this.#renewOthers(allowed.all - allowed.rows)]);
    const next = Math.min(...portions.all().map(({ reading }) => (reading.last?.askedMs ?? 0) + everyMs));
    return Math.min(LONGEST_NAP_MS, Math.max(10, next - performance.now()));
  }

  async #renewRows(due: readonly Portion[]): Promise<void> {
    const { portions } = this.#options;
    const ask = this.#ask((at) => this.#rowReads.push(at));
    await Promise.all(due.map((portion) => this.#tried(() => portions.renew(portion, ask))));
  }

  async #renewOthers(mostPerMinute: number): Promise<void> {
    if (this.#otherReads.length >= mostPerMinute) return;
    const { names, people, portions } = this.#options;
    const ask = this.#ask((at) => this.#otherReads.push(at));
    await names.renew(this.#targets(), ask, NAMES_KEPT_MS * EARLY);
    for (const portion of portions.all()) {
      if (performance.now() - (this.#aheadMs.get(portion.ids.join()) ?? -Infinity) < AHEAD_EVERY_MS) continue;
      if (this.#otherReads.length >= mostPerMinute) break;
      await this.#tried(() => portions.look(portion, AHEAD_MS, ask));
      this.#aheadMs.set(portion.ids.join(), performance.now());
    }
    const listedMs = people.listedMs ?? 0;
    if (performance.now() - listedMs > PEOPLE_KEPT_MS * EARLY) await this.#tried(() => people.renew(ask));
  }

  #targets(): readonly Target[] {
    const { names, targets } = this.#options;
    return names.asked(targets());
  }

  #sources(): readonly Source[] {
    const { names } = this.#options;
    return this.#targets().flatMap((target) => names.last(target)?.resolved.source ?? []);
  }

  #ask(spend: (atMs: number) => void, priority: Priority = 'background'): Ask {
    const onRead = (): void => {
      this.#reads += 1;
      spend(performance.now());
    };
    return { signal: this.#options.signal, priority, onRead };
  }

  /** What fails is asked for again later, and by whoever needs it. */
  async #tried(read: () => Promise<unknown>): Promise<void> {
    try {
      await read();
      this.#cause = null;
    } catch (error) {
      if (!(error instanceof PagerDutyError || error instanceof LedgerUnavailableError)) throw error;
      this.#cause = error.message;
      this.#retryMs = performance.now() + AFTER_FAILURE_MS;
    }
  }

  #forget(now: number): void {
    const isLate = (at: number): boolean => at > now - MINUTE;
    this.#rowReads = this.#rowReads.filter(isLate);
    this.#otherReads = this.#otherReads.filter(isLate);
  }
}

/** PagerDuty: 100 rows a page. */
function pagesOf({ reading }: Portion): number {
  return Math.max(1, Math.ceil((reading.last?.value.rows.length ?? 0) / 100));
}
