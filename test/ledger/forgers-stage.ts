import { onceKeyOf, subjectOf, type LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { plusMs, type Instant } from '../../src/core/values/instant.ts';
import { GENESIS, hashOf, sha256, ledgerIdIn, markOf } from '../../src/ledger/rows.ts';
import type { LedgerSettings, OnForged, OpenLedger } from '../../src/ledger/ledger-settings.ts';
import { openHistory, openLedger } from '../../src/ledger/open-ledger.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openMarking } from '../../src/ledger/open-marking.ts';
import { sealsOf } from '../../src/ledger/seals.ts';
import { createOpenCheck } from '../../src/traceability/open-check.ts';
import { verifyLedger } from '../../src/traceability/verify.ts';
import { NOW } from '../support/builders.ts';
import { someEvents } from './some-events.ts';

/** A place for a ledger, and what somebody who owns the database can do there. */
export interface ForgersPlace extends AsyncDisposable {
  readonly settings: LedgerSettings;
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Takes the triggers away that forbid changes. */
  disarm(): Promise<void>;
}

export type Row = Record<'at' | 'event' | 'hash' | 'kind', string> &
  Record<'request_id' | 'once_key' | 'seal', string | null> & { readonly seq: number };

export const key = { reveal: () => `current ${'0a'.repeat(32)}` };
export const signal = new AbortController().signal;
export const [VICTIM, OTHER] = ['request-1', 'request-2'];
const ORDER = ['decided', 'effect-intended', 'effect-failed', 'effect-done'] as const;

/** A sealed ledger with two stories side by side, as the service left it. */
export class Stage implements AsyncDisposable {
  readonly forged: Parameters<OnForged>[0][] = [];
  readonly place: ForgersPlace;
  readonly settings: LedgerSettings;
  open: OpenLedger;
  /** Whether the chain was made anew, so that no later entry is as it was. */
  rewrote = false;

  private constructor(place: ForgersPlace, settings: LedgerSettings, open: OpenLedger) {
    this.place = place;
    this.settings = settings;
    this.open = open;
  }

  static async set(place: ForgersPlace): Promise<Stage> {
    await mark({ ...place.settings, key });
    const stage = await Stage.on(place);
    const [one, other] = [someEvents(VICTIM), someEvents(OTHER)];
    await stage.open.ledger.append([one.policy, ...ORDER.flatMap((kind) => [one[kind], other[kind]])], NOW);
    return stage;
  }

  /** A ledger that has its mark. */
  static async on(place: ForgersPlace): Promise<Stage> {
    const settings = { ...place.settings, key };
    const stage = new Stage(place, settings, await openLedger(settings, signal));
    await stage.restart();
    return stage;
  }

  async restart(): Promise<void> {
    await this.open[Symbol.asyncDispose]();
    this.open = await openLedger(this.settings, signal, (forged) => this.forged.push(forged));
  }

  async rows(): Promise<readonly Row[]> {
    const rows = await this.place.sql('SELECT * FROM entry ORDER BY seq');
    return rows.map((row) => ({ ...row, seq: Number(row['seq']) }) as unknown as Row);
  }

  async rowOf(kind: string, requestId = VICTIM): Promise<Row> {
    const row = (await this.rows()).find((each) => each.kind === kind && each.request_id === requestId);
    if (row === undefined) throw new Error(`there is no ${kind}`);
    return row;
  }

  async put({ seq, at, kind, request_id, once_key, event, hash, seal }: Row): Promise<void> {
    const values = [seq, at, kind, request_id, once_key, event, hash, seal].map(quoted).join(', ');
    const columns = 'seq, at, kind, request_id, once_key, event, hash, seal';
    await this.place.sql(`INSERT INTO entry (${columns}) VALUES (${values})`);
  }

  /** An event at the end, chained as it must be, by somebody who knows how. */
  async forge(event: LedgerEvent, seal: string | null = null): Promise<void> {
    const last = (await this.rows()).at(-1);
    const place = { seq: (last?.seq ?? 0) + 1, at: plusMs(NOW, 1), eventText: JSON.stringify(event) };
    const hash = hashOf(last?.hash ?? GENESIS, place);
    await this.put({
      ...place,
      kind: event.kind,
      request_id: subjectOf(event),
      once_key: onceKeyOf(event),
      event: place.eventText,
      hash,
      seal,
    });
  }

  /** Replaces entries, and makes the chain fit again from there on. */
  async rewrite(edit: (row: Row) => Row): Promise<void> {
    this.rewrote = true;
    let previous = GENESIS;
    for (const row of await this.rows()) {
      const edited = edit(row);
      const hash = hashOf(previous, { ...edited, eventText: edited.event });
      previous = hash;
      if (edited === row && hash === row.hash) continue;
      await this.place.sql(`DELETE FROM entry WHERE seq = ${row.seq}`);
      await this.put({ ...edited, hash });
    }
  }

  /** What `ledger verify` names. */
  async findings(): Promise<readonly string[]> {
    const history = await openHistory(this.settings);
    try {
      const mark = await markOf(history);
      const id = ledgerIdIn(mark?.eventText ?? '{}') ?? '';
      const seals = sealsOf(openKeys(this.settings.key ?? key), id);
      const open = createOpenCheck(NOW);
      const watched = new Map<string, Instant>();
      const { findings, addresses } = await verifyLedger({
        history,
        hashing: { digest: sha256, hashOf, genesis: GENESIS },
        seals,
        onEvent(event) {
          open.take(event);
          if (event.kind === 'watched') watched.set(`${event.target.kind} ${event.target.id}`, event.until);
        },
      });
      // The stories are no decisions that hold; that is another test's subject.
      const others = ['policy-changed', 'policy-missing', 'decision-changed', 'decision-differs'];
      const ofAddresses = seals.addressFaults(await history.addresses(), addresses);
      const ofSightings = seals.sightingFaults(await history.watched(), watched);
      return [
        ...findings,
        ...(await open.end(history)),
        ...ofAddresses.map(() => ({ code: 'addresses' })),
        ...ofSightings.map(() => ({ code: 'sightings' })),
      ]
        .map(({ code }): string => code)
        .filter((code) => !others.includes(code));
    } finally {
      await history.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }
}

export async function mark(settings: LedgerSettings, now = NOW): Promise<void> {
  await using marking = await openMarking(settings, signal);
  await marking.setMark(openKeys(key), now, () => undefined);
}

function quoted(value: string | number | null): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
