import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../config/config-error.ts';
import { messageOf } from '../../core/values/cause.ts';
import { entryInLine } from '../../ledger/export.ts';
import type { StoredEntry } from '../../ports/ledger-history.ts';
import type { RequestProof } from '../../traceability/summary.ts';
import { EXIT_FAULT, EXIT_OK, type Terminal } from '../terminal.ts';
import { changedIn, filesIn, type Files } from './archive.ts';
import { hashing, openPlace, type Place } from './place.ts';

type Proof = Pick<RequestProof, 'entries'> & { readonly request: string };

/**
 * `ledger evidence --verify FILE`: whether an archive is whole, and its entries have the hashes that it says; where a ledger is named, whether
 * that holds them still. Throws ConfigError, LedgerUnavailableError.
 */
export async function verifyEvidence(file: string, place: Place, terminal: Terminal): Promise<number> {
  const files = filesIn(await readArchive(file));
  const faults = files === null ? ['it is no archive that `ledger evidence` wrote'] : faultsIn(files);
  const entries = files === null ? [] : entriesIn(files);
  const isAsked = place.ledger !== undefined || place.config !== undefined;
  const missing = isAsked && faults.length === 0 ? await missingIn(entries, files, place, terminal) : [];
  for (const fault of [...faults, ...missing]) terminal.print(`FAIL  ${fault}`);
  if (faults.length + missing.length > 0) return EXIT_FAULT;
  const held = isAsked
    ? 'and the ledger holds each of them'
    : 'name the ledger too, to see whether it holds them: --ledger FILE, or --config FILE';
  terminal.print(`OK  ${entries.length} entries have the hashes that their proof says; ${held}`);
  return EXIT_OK;
}

async function readArchive(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigError(`\`--verify ${file}\` cannot be read: ${messageOf(error)}`);
  }
}

function faultsIn(files: Files): readonly string[] {
  const changed = changedIn(files).map((name) => `${name} is not what was written`);
  const proof = proofIn(files);
  if (proof === null) return [...changed, 'proof.json is missing, or has another form'];
  const entries = entriesIn(files);
  const known = new Map(entries.map((entry) => [entry.seq, entry]));
  const wrong = proof.entries.flatMap(({ seq, before, hash }) => {
    const entry = known.get(seq);
    if (entry === undefined) return [`entry ${seq} is missing`];
    return before !== null && hashing.hashOf(before, entry) === hash && entry.hash === hash
      ? []
      : [`entry ${seq} has not the hash that its proof says`];
  });
  const unproven = entries.filter(({ seq }) => proof.entries.every((each) => each.seq !== seq));
  return [...changed, ...wrong, ...unproven.map(({ seq }) => `entry ${seq} has no proof`)];
}

async function missingIn(
  entries: readonly StoredEntry[],
  files: Files | null,
  place: Place,
  terminal: Terminal,
): Promise<readonly string[]> {
  await using history = await openPlace(place, terminal);
  const requestId = (files && proofIn(files)?.request) ?? '';
  const held = new Set((await history.entriesOf(requestId)).map(({ hash }) => hash));
  return entries
    .filter(({ hash }) => !held.has(hash))
    .map(({ seq }) => `the ledger has no entry ${seq} like it`);
}

function entriesIn(files: Files): readonly StoredEntry[] {
  return (files.get('entries.jsonl') ?? '').split('\n').flatMap((line) => entryInLine(line) ?? []);
}

/** As far as it is read here. */
function proofIn(files: Files): Proof | null {
  try {
    const { request, entries } = JSON.parse(files.get('proof.json') ?? '') as Partial<Proof>;
    return typeof request === 'string' && Array.isArray(entries) && entries.every(isProof)
      ? { request, entries }
      : null;
  } catch {
    return null;
  }
}

function isProof(entry: unknown): boolean {
  const { seq, before, hash } = (entry ?? {}) as Partial<Proof['entries'][number]>;
  return (
    typeof seq === 'number' && typeof hash === 'string' && (before === null || typeof before === 'string')
  );
}
