import { firstNamed } from '../../core/answers/grammar.ts';
import type { RequestId } from '../../core/access-request.ts';
import type { AskingPage } from '../../core/effects/asking-pages.ts';
import { msBetween, SECOND, type Instant } from '../../core/values/instant.ts';
import { remember } from '../../core/values/remember.ts';
import type { Note, Timeline } from '../../ports/pagerduty.ts';

const MOST_LOOKED_INTO = 10_000;
/** How long others who wait on a page go by what one of them has read of it. */
const SHARED_MS = 10 * SECOND;

const MOST_PASSED_OVER = 5_000;

interface Sheet {
  readonly incidentId: string;
  /** By the codes that they are answered by, the first first. */
  readonly waiting: Map<string, RequestId>;
  /** Notes of which those whom they name were told. */
  readonly told: Set<string>;
  /** Notes that nothing follows from. */
  readonly passedOver: Set<string>;
  /** Answers to which a reply is on its way, with their authors. */
  readonly replies: Map<string, string>;
  read: { readonly timeline: Timeline; readonly atMs: number } | null;
  /** Who waits first by the ledger, whichever process handles it, and since when that is known. */
  first: { readonly id: RequestId | null; readonly since: Instant; readonly atMs: number } | null;
}

/**
 * Who waits on which incident, as far as this process knows: one looks for all, and tells those whom a note names. Nothing depends on
 * it but who looks when; it is made anew after a restart.
 */
export class PageBoard {
  readonly #sheets = new Map<string, Sheet>();
  readonly #sheetsOf = new Map<RequestId, readonly Sheet[]>();
  /** When pages were looked into that are silent or acknowledged. */
  readonly #lookedInto = new Map<string, Instant>();
  readonly #called = new Set<RequestId>();
  /** Of PagerDuty's users whether they are the one by whom this service writes. */
  readonly authors = new Map<string, boolean>();
  /** Notes on pages on which nobody waits in this list: those of other teams, and earlier ones. */
  readonly #passedOver = new Map<string, true>();
  #calls = new Set<RequestId>();
  /** Since when this process listens: before, nobody may have. */
  readonly since: Instant;

  constructor(since: Instant) {
    this.since = since;
  }

  /** On these pages, one of each team, and no others. */
  wait(requestId: RequestId, pages: readonly Pick<AskingPage, 'incident' | 'code'>[]): void {
    const sheets = pages.map(({ incident, code }) => {
      const sheet = this.#sheets.get(incident.id) ?? newSheet(incident.id);
      this.#sheets.set(incident.id, sheet);
      sheet.waiting.set(code, requestId);
      return sheet;
    });
    for (const sheet of this.#sheetsOf.get(requestId) ?? [])
      if (!sheets.includes(sheet)) this.#leaveSheet(requestId, sheet);
    if (sheets.length === 0) this.#sheetsOf.delete(requestId);
    else this.#sheetsOf.set(requestId, sheets);
  }

  /** On which incidents this request is to look now: where it is the first of those who wait; and on all, where it was called. */
  looksAt(requestId: RequestId): readonly string[] {
    const all = (this.#sheetsOf.get(requestId) ?? []).map(({ incidentId }) => incidentId);
    return this.#called.delete(requestId) ? all : all.filter((id) => this.isFirst(requestId, id));
  }

  isFirst(requestId: RequestId, incidentId: string): boolean {
    const [first] = this.#sheets.get(incidentId)?.waiting.values() ?? [];
    return first === requestId;
  }

  /**
   * Since when this request is the first by the ledger of those who wait on the incident; null while it is not. `read` is asked now and
   * then for all of them. Whoever is first looks for all.
   */
  async firstSince(
    requestId: RequestId,
    incidentId: string,
    now: () => Instant,
    read: () => Promise<RequestId | null>,
  ): Promise<Instant | null> {
    const sheet = this.#sheets.get(incidentId);
    if (sheet === undefined) return null;
    if (sheet.first === null || performance.now() - sheet.first.atMs > SHARED_MS) {
      const [id, before] = [await read(), sheet.first];
      const since = before?.id === id ? before.since : now();
      sheet.first = { id, since, atMs: performance.now() };
      const place = [...sheet.waiting].find(([, waiting]) => waiting === id);
      if (place !== undefined && !this.isFirst(place[1], incidentId)) {
        const others = [...sheet.waiting].filter(([code]) => code !== place[0]);
        sheet.waiting.clear();
        for (const [code, waiting] of [place, ...others]) sheet.waiting.set(code, waiting);
        this.#call(place[1]);
      }
    }
    return sheet.first.id === requestId ? sheet.first.since : null;
  }

  /** It waits no more: the next one looks for all. */
  leave(requestId: RequestId): void {
    this.#called.delete(requestId);
    for (const sheet of this.#sheetsOf.get(requestId) ?? []) this.#leaveSheet(requestId, sheet);
    this.#sheetsOf.delete(requestId);
  }

  #leaveSheet(requestId: RequestId, sheet: Sheet): void {
    const { incidentId } = sheet;
    const wasFirst = this.isFirst(requestId, incidentId);
    for (const [code, id] of sheet.waiting) if (id === requestId) sheet.waiting.delete(code);
    if (sheet.first?.id === requestId) sheet.first = { ...sheet.first, atMs: -Infinity };
    if (sheet.waiting.size === 0) this.#sheets.delete(incidentId);
    else if (wasFirst) this.callFirst(incidentId);
  }

  callFirst(incidentId: string): void {
    const [first] = this.#sheets.get(incidentId)?.waiting.values() ?? [];
    if (first !== undefined) this.#call(first);
  }

  /** Calls those whom these notes name, once for each; all of them where the incident is resolved. `others` is told of all else. */
  tell(incidentId: string, { notes, isResolved }: Timeline): void {
    const sheet = this.#sheets.get(incidentId);
    if (sheet === undefined || sheet.waiting.size < 2) return;
    const waiting = [...sheet.waiting].map(([code, requestId]) => ({ code, requestId }));
    for (const { id, content } of notes) {
      const named = sheet.told.has(id) ? null : firstNamed(content, waiting);
      if (named === null) continue;
      sheet.told.add(id);
      this.#call(named.requestId);
    }
    if (!isResolved || sheet.told.has('resolved')) return;
    sheet.told.add('resolved');
    for (const id of sheet.waiting.values()) this.#call(id);
  }

  /** Calls whoever has to answer a note that names nobody, each once for it. */
  callFor({ id }: Note, requestId: RequestId, incidentId: string): void {
    const sheet = this.#sheets.get(incidentId);
    const call = `${id} for ${requestId}`;
    if (sheet === undefined || sheet.told.has(call)) return;
    sheet.told.add(call);
    this.#call(requestId);
  }

  /** Nothing follows from this note: it is not looked at again. */
  passOver(noteId: string, incidentId: string): void {
    const sheet = this.#sheets.get(incidentId);
    if (sheet !== undefined) sheet.passedOver.add(noteId);
    else remember(this.#passedOver, `${incidentId} ${noteId}`, true, MOST_PASSED_OVER);
  }

  isPassedOver(noteId: string, incidentId: string): boolean {
    return (
      this.#sheets.get(incidentId)?.passedOver.has(noteId) === true ||
      this.#passedOver.has(`${incidentId} ${noteId}`)
    );
  }

  /** Whoever gave this answer is told why it is not taken. */
  reply(answerId: string, authorId: string, incidentId: string): void {
    this.#sheets.get(incidentId)?.replies.set(answerId, authorId);
  }

  /** The reply will not come after all. */
  unreply(answerId: string, incidentId: string): void {
    this.#sheets.get(incidentId)?.replies.delete(answerId);
  }

  /** Answers on the incident to which a reply is on its way, with their authors. */
  repliesOn(incidentId: string): ReadonlyMap<string, string> {
    return this.#sheets.get(incidentId)?.replies ?? new Map<string, string>();
  }

  /** What it was called for is not done yet: it looks once more when it comes back. */
  callAgain(requestId: RequestId): void {
    if (this.#sheetsOf.has(requestId)) this.#called.add(requestId);
  }

  /** Whether the page was not looked into for so long; then it is taken to be looked into now. */
  looksInto(incidentId: string, now: Instant, everyMs: number): boolean {
    const last = this.#lookedInto.get(incidentId);
    if (last !== undefined && msBetween(last, now) < everyMs) return false;
    remember(this.#lookedInto, incidentId, now, MOST_LOOKED_INTO);
    return true;
  }

  keep(incidentId: string, timeline: Timeline): void {
    const sheet = this.#sheets.get(incidentId);
    if (sheet !== undefined) sheet.read = { timeline, atMs: performance.now() };
  }

  /** What was read a moment ago; null where nothing was. */
  readLately(incidentId: string): Timeline | null {
    const read = this.#sheets.get(incidentId)?.read ?? null;
    return read === null || performance.now() - read.atMs > SHARED_MS ? null : read.timeline;
  }

  /** Those who were called since this was asked last. */
  takeCalls(): readonly RequestId[] {
    const calls = [...this.#calls];
    this.#calls = new Set();
    return calls;
  }

  #call(requestId: RequestId): void {
    this.#called.add(requestId);
    this.#calls.add(requestId);
  }
}

function newSheet(incidentId: string): Sheet {
  return {
    incidentId,
    waiting: new Map(),
    told: new Set(),
    passedOver: new Set(),
    replies: new Map(),
    read: null,
    first: null,
  };
}
