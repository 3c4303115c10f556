import { spanOf, type OnCallRow, type Sighting } from '../core/on-call.ts';
import type { TargetFact } from '../core/facts.ts';
import type { PolicySighting } from '../core/roster/policies-seen.ts';
import { isUnder, mayBeUnder, policiesOf } from '../core/roster/sheet.ts';
import { afterLook, sightingOf, type Watched, type WatchedTarget } from '../core/roster/watched.ts';
import { CLOCKS_DIFFER_MS, MINUTE, msBetween, plusMs, type Instant } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { OnCallAnswer, Span } from '../ports/pagerduty.ts';
import type { Sightings } from '../ports/sightings.ts';

type Known = TargetFact & { readonly state: 'known' };

/** What was told of a target in an answer, by what was known of it then. */
interface Told {
  readonly watched: Watched | null;
  readonly sightings: readonly Sighting[];
  readonly policies: readonly PolicySighting[];
}

/** How long a look that showed nothing new need not be written down. */
const KEEP_EVERY_MS = MINUTE;
/** Looks go no further back than the rules do, by this margin: what ended earlier is forgotten, and asked about only for past times. */
const BEYOND_LOOKS_MS = 5 * MINUTE;

/** Watches targets: what changed under them, and since when. */
export class Watching {
  readonly #store: Sightings;
  readonly #clock: Clock;
  readonly #lookBackMs: () => number;
  readonly #watched = new Map<string, Watched | null>();
  /** Many requests are decided by one answer. */
  readonly #told = new WeakMap<
    OnCallAnswer,
    { readonly oldest: Instant; readonly targets: Map<string, Told> }
  >();
  readonly #keptMs = new Map<string, number>();

  /** `lookBackMs`: how far back looks go. */
  constructor(store: Sightings, clock: Clock, lookBackMs: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#lookBackMs = lookBackMs;
  }

  /** What an answer shows of these targets, within its span. Throws LedgerUnavailableError where it is not known what was seen before. */
  async look(facts: readonly Known[], answer: OnCallAnswer, { from, until }: Span): Promise<void> {
    if (Math.abs(msBetween(this.#clock.now(), answer.at)) > CLOCKS_DIFFER_MS) return;
    await this.know(facts);
    for (const fact of facts) {
      const target = { kind: fact.kind, id: fact.id };
      const key = keyOf(fact);
      const rows = answer.rows.filter((row) => isUnder(row, fact));
      const before = this.#watched.get(key) ?? null;
      const broken = answer.broken.filter((row) => mayBeUnder(row, fact, answer.rows));
      const policies = policiesOf(fact, rows);
      const { watched, isNews } = afterLook(before, {
        ...{ target, at: answer.at, from, until, rows, broken },
        ...(policies === null ? {} : { policies }),
      });
      this.#watched.set(key, watched);
      if (isNews || performance.now() - (this.#keptMs.get(key) ?? -Infinity) > KEEP_EVERY_MS)
        void this.#keep(key, watched);
    }
  }

  /** Has at hand what was seen of these targets before. Throws LedgerUnavailableError. */
  async know(facts: readonly Known[]): Promise<void> {
    await Promise.all(facts.map((fact) => this.#load(fact)));
  }

  /**
   * What is known of the rows of a target in an answer, and since when our looks have shown the policies of a service; what was not looked
   * at is seen now for the first time. Of what ended earlier than looks go back PagerDuty alone tells.
   */
  of(fact: Known, answer: OnCallAnswer): Told {
    const key = keyOf(fact);
    const told = this.#told.get(answer) ?? {
      oldest: plusMs(answer.at, -this.#lookBackMs() - BEYOND_LOOKS_MS),
      targets: new Map<string, Told>(),
    };
    this.#told.set(answer, told);
    const known = this.#watched.get(key) ?? null;
    // The same service may be under another policy by now, whose rows the answer has too.
    const toldKey = `${key} ${fact.policy?.id ?? ''}`;
    const before = told.targets.get(toldKey);
    if (before?.watched === known) return before;
    const rows = answer.rows.filter((row) => isUnder(row, fact));
    const now = {
      watched: known,
      sightings: sightingsIn(rows, known, { fact, at: answer.at, oldest: told.oldest }),
      policies: policySightings(policiesOf(fact, rows) ?? [], known, { fact, at: answer.at }),
    };
    told.targets.set(toldKey, now);
    return now;
  }

  async #load(fact: Known): Promise<void> {
    const key = keyOf(fact);
    if (this.#watched.has(key)) return;
    const kept = await this.#store.of({ kind: fact.kind, id: fact.id }, this.#clock.now());
    if (!this.#watched.has(key)) this.#watched.set(key, kept);
  }

  /** What cannot be written now is written with the next look. */
  async #keep(key: string, watched: Watched): Promise<void> {
    this.#keptMs.set(key, performance.now());
    try {
      await this.#store.keep(watched, this.#clock.now());
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) throw error;
      this.#keptMs.delete(key);
    }
  }
}

function keyOf({ kind, id }: WatchedTarget): string {
  return `${kind} ${id}`;
}

function sightingsIn(
  under: readonly OnCallRow[],
  known: Watched | null,
  {
    fact: { kind, id },
    at,
    oldest,
  }: { readonly fact: Known; readonly at: Instant; readonly oldest: Instant },
): readonly Sighting[] {
  const rows = under.filter((row) => (spanOf(row)?.end ?? at) > oldest);
  const watched = known ?? afterLook(null, { target: { kind, id }, at, from: at, until: at, rows }).watched;
  return rows.map((row) => sightingOf(row, watched, at));
}

function policySightings(
  ids: readonly string[],
  known: Watched | null,
  { fact: { id: service }, at }: { readonly fact: Known; readonly at: Instant },
): readonly PolicySighting[] {
  return ids.map((policy) => {
    const seen = known?.policies?.find((each) => each.id === policy && each.gone === undefined);
    const { since = at, first } = seen ?? {};
    return { service, policy, since, ...(first === undefined ? {} : { first }) };
  });
}
