import { onceKeyOf, subjectOf, type Checkpoint, type LedgerEvent } from '../core/record/ledger-entry.ts';
import { epochMsOf, SECOND, type Instant } from '../core/values/instant.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';
import { fault, warning, type Finding } from './finding.ts';
import type { Hashing } from './hashing.ts';

/** Clocks of two replicas differ, and are set right now and then: only more than this is worth a word. */
const CLOCK_TOLERANCE_MS = 5 * SECOND;

export interface CheckedEntry {
  /** Null when the text is no event that this program knows. */
  readonly event: LedgerEvent | null;
  readonly findings: readonly Finding[];
}

interface Link {
  readonly seq: number;
  readonly at: string;
  /** Null where it cannot be known: the entry before it is missing. */
  readonly hash: string | null;
}

/**
 * Checks entries one after the other, in constant memory: that none is missing, that each is chained to the one before, that
 * its look-up columns say what its text says, and that time goes forward. `checkpoints` are those of the same place; they are
 * believed only as far as the chain bears them out when it comes to them.
 */
export function createChainCheck(
  checkpoints: readonly Checkpoint[],
  hashing: Hashing,
): (entry: StoredEntry) => CheckedEntry {
  let previous: Link | null = null;

  return function check(entry) {
    const before: Link = previous ?? beginning(entry, checkpoints, hashing);
    const contents = read(entry);
    const findings = [
      ...(previous === null && before.hash === null ? beginsLate(entry, checkpoints) : []),
      ...placeFindings(entry, before, previous === null),
      ...hashFindings(entry, before, hashing),
      ...removedInPart(entry, checkpoints),
      ...(contents === null ? [unreadable(entry)] : columnFindings(entry, contents)),
    ];
    previous = { seq: entry.seq, at: entry.at, hash: entry.hash };
    return { event: contents?.event ?? null, findings };
  };
}

/** What the first entry at hand must be chained to. */
function beginning({ seq, at }: StoredEntry, checkpoints: readonly Checkpoint[], { genesis }: Hashing): Link {
  if (seq === 1) return { seq: 0, at, hash: genesis };
  const through = checkpoints.find((checkpoint) => checkpoint.through.seq === seq - 1)?.through;
  return { seq: seq - 1, at: through?.at ?? at, hash: through?.hash ?? null };
}

/** A removal that a crash broke off left some entries which a checkpoint stands for already: no harm. */
function* beginsLate({ seq }: StoredEntry, checkpoints: readonly Checkpoint[]): Iterable<Finding> {
  if (checkpoints.some(({ through }) => through.seq >= seq)) return;
  const which = seq === 2 ? 'entry 1 is missing, and' : `entries 1 to ${seq - 1} are missing, and`;
  yield fault('missing', seq, `${which} no checkpoint stands for ${seq === 2 ? 'it' : 'them'}`);
}

function* placeFindings(entry: StoredEntry, before: Link, first: boolean): Iterable<Finding> {
  const { seq, at } = entry;
  if (seq <= before.seq) {
    yield fault('out-of-place', seq, `${named(entry)} stands after entry ${before.seq}`);
    return;
  }
  const missing = seq - before.seq - 1;
  if (missing === 1 && !first) yield fault('missing', seq, `entry ${seq - 1} is missing`);
  if (missing > 1 && !first)
    yield fault('missing', seq, `entries ${before.seq + 1} to ${seq - 1} are missing`);
  const back = epochMsOf(before.at as Instant) - epochMsOf(at as Instant);
  if (back > CLOCK_TOLERANCE_MS) {
    const earlier = `${named(entry)} is ${Math.round(back / SECOND)} s earlier than entry ${before.seq}`;
    yield warning('clock-went-back', seq, `${earlier}: the clock of the machine that wrote it was set back`);
  }
}

function* hashFindings(entry: StoredEntry, before: Link, { hashOf }: Hashing): Iterable<Finding> {
  const inOrder = entry.seq === before.seq + 1;
  if (!inOrder || before.hash === null || hashOf(before.hash, entry) === entry.hash) return;
  const text = `${named(entry)} does not carry the hash that follows from its text and from the entry before it: it was changed, replaced, moved or put in after it was written`;
  yield fault('changed', entry.seq, text);
}

/** Where entries are left that a checkpoint stands for, its word for the last of them can be compared. */
function* removedInPart({ seq, hash }: StoredEntry, checkpoints: readonly Checkpoint[]): Iterable<Finding> {
  const checkpoint = checkpoints.find(({ through }) => through.seq === seq);
  if (checkpoint === undefined || checkpoint.through.hash === hash) return;
  const text = `entry ${seq} has another hash than the checkpoint that stands for it: one of the two was changed`;
  yield fault('checkpoint', seq, text);
}

function* columnFindings(entry: StoredEntry, { event, said }: ReadEntry): Iterable<Finding> {
  const { seq, columns } = entry;
  if (event === null) {
    const text = `${named(entry)} is of a kind that this version does not know: it was written by a newer one`;
    yield warning('unknown-kind', seq, text);
  } else if (columns !== null) {
    for (const column of ['kind', 'requestId', 'onceKey'] as const) {
      if (columns[column] === said[column]) continue;
      const text = `${named(entry)} is filed under ${column} \`${columns[column] ?? 'nothing'}\`, its text says \`${said[column] ?? 'nothing'}\`: whoever looks it up is misled`;
      yield fault('look-up', seq, text);
    }
  }
}

interface ReadEntry {
  /** Null for a kind that this version does not know. */
  readonly event: LedgerEvent | null;
  /** What the look-up columns ought to say. */
  readonly said: {
    readonly kind: string;
    readonly requestId: string | null;
    readonly onceKey: string | null;
  };
}

/** Null when the text is no event at all, or lacks what its kind has. */
function read({ eventText }: StoredEntry): ReadEntry | null {
  try {
    const event = JSON.parse(eventText) as LedgerEvent | null;
    if (typeof event?.kind !== 'string') return null;
    const onceKey = keyOf(event);
    const said = { kind: event.kind, requestId: subjectOf(event), onceKey: onceKey ?? null };
    return { event: onceKey === undefined ? null : event, said };
  } catch {
    return null;
  }
}

/** Undefined for a kind of event that is not in the type: a newer version wrote it. */
function keyOf(event: LedgerEvent): string | null | undefined {
  return onceKeyOf(event);
}

function unreadable(entry: StoredEntry): Finding {
  return fault('unreadable', entry.seq, `${named(entry)} holds no event: its text cannot be read`);
}

/** `entry 5 of 2026-03-03T02:14:07.000Z` */
function named({ seq, at }: StoredEntry): string {
  return `entry ${seq} of ${at}`;
}
