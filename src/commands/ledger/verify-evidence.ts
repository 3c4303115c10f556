import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../config/config-error.ts';
import { messageOf } from '../../core/values/cause.ts';
import { entryInLine } from '../../ledger/export.ts';
import type { StoredEntry } from '../../ports/ledger-history.ts';
import type { RequestProof } from '../../traceability/summary.ts';
import { EXIT_FAULT, EXIT_OK, EXIT_WARNING, type Terminal } from '../terminal.ts';
import { changedIn, filesIn, SUMS, type Files } from './archive.ts';
import { hashing, openPlace, type Place } from './place.ts';

type Proof = Pick<RequestProof, 'entries'> & { readonly request: string };

const NAMES = ['README.txt', 'index.html', 'entries.jsonl', 'proof.json', 'usage.json', 'rules.json', SUMS];

/** What holds of the rest is not shown by any hash of the ledger. */
const THE_REST =
  'index.html, usage.json and rules.json are as SHA256SUMS in the archive says: `ledger show` says it of the ledger itself';

/**
 * `ledger evidence --verify FILE`: whether an archive is whole, and its entries have the hashes that it says; where a ledger is named, whether
 * that holds them still, and no other of the request before the last of them. Throws ConfigError, LedgerUnavailableError.
 */
export async function verifyEvidence(file: string, place: Place, terminal: Terminal): Promise<number> {
  const files = filesIn(await readArchive(file));
  const faults = files === null ? ['it is no archive that `ledger evidence` wrote'] : faultsIn(files);
  const entries = files === null ? [] : entriesIn(files);
  const isAsked = place.ledger !== undefined || place.config !== undefined;
  const compared =
    isAsked && faults.length === 0
      ? await compareWithLedger(entries, files, place, terminal)
      : { differing: [], further: 0 };
  const wrong = [...faults, ...compared.differing];
  for (const fault of wrong) terminal.print(`FAIL  ${fault}`);
  if (wrong.length > 0) return EXIT_FAULT;
  const held = isAsked
    ? 'and the ledger holds each of them'
    : 'name the ledger too, to see whether it holds them: --ledger FILE, or --config FILE';
  terminal.print(`OK  ${entries.length} entries have the hashes that their proof says; ${held}`);
  terminal.print(THE_REST);
  const { further } = compared;
  if (further === 0) return EXIT_OK;
  const words = further === 1 ? '1 further entry' : `${further} further entries`;
  terminal.print(
    `WARN  the ledger has ${words} of the request, written after the archive was made, or left out of it: make it anew`,
  );
  return EXIT_WARNING;
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
  const missing = NAMES.filter((name) => !files.has(name)).map((name) => `${name} is missing`);
  const foreign = [...files.keys()].filter((name) => !NAMES.includes(name));
  const named = [...changed, ...missing, ...foreign.map((name) => `${name} is no file of such an archive`)];
  const proof = proofIn(files);
  if (proof === null) return [...named, 'proof.json is missing, or has another form'];
  const entries = entriesIn(files);
  const known = new Map(entries.map((entry) => [entry.seq, entry]));
  const proven = new Map(proof.entries.map((entry) => [entry.seq, entry]));
  const lost = [...proven.keys()].filter((seq) => !known.has(seq)).map((seq) => `entry ${seq} is missing`);
  const wrong = entries.flatMap((entry) => wrongWith(entry, proven.get(entry.seq)));
  const isTwice = known.size < entries.length || proven.size < proof.entries.length;
  return [
    ...named,
    ...linesIn(files).flatMap((line, index) =>
      entryInLine(line) === null ? [`line ${index + 1} of entries.jsonl is no entry`] : [],
    ),
    ...(entries.length === 0 ? ['it has no entry'] : []),
    ...(isTwice ? ['an entry, or its proof, is there twice'] : []),
    ...lost,
    ...wrong,
  ];
}

function wrongWith(entry: StoredEntry, proof: Proof['entries'][number] | undefined): readonly string[] {
  const { seq } = entry;
  if (proof === undefined) return [`entry ${seq} has no proof`];
  const { before, hash } = proof;
  return before !== null && hashing.hashOf(before, entry) === hash && entry.hash === hash
    ? []
    : [`entry ${seq} has not the hash that its proof says`];
}

/** `further`: of the ledger's entries of the request those behind the archive's last one. */
async function compareWithLedger(
  entries: readonly StoredEntry[],
  files: Files | null,
  place: Place,
  terminal: Terminal,
): Promise<{ readonly differing: readonly string[]; readonly further: number }> {
  await using history = await openPlace(place, terminal);
  const requestId = (files && proofIn(files)?.request) ?? '';
  const held = await history.entriesOf(requestId);
  const hashes = new Set(held.map(({ hash }) => hash));
  const own = new Set(entries.map(({ hash }) => hash));
  const last = entries.reduce((most, { seq }) => Math.max(most, seq), 0);
  const others = held.filter(({ hash }) => !own.has(hash));
  const within = others.filter(({ seq }) => seq <= last);
  return {
    differing: [
      ...entries
        .filter(({ hash }) => !hashes.has(hash))
        .map(({ seq }) => `the ledger has no entry ${seq} like it`),
      ...within.map(({ seq }) => `the ledger has entry ${seq} of the request, the archive has not`),
    ],
    further: others.length - within.length,
  };
}

function entriesIn(files: Files): readonly StoredEntry[] {
  return linesIn(files).flatMap((line) => entryInLine(line) ?? []);
}

/** The last one ends with a line feed. */
function linesIn(files: Files): readonly string[] {
  return (files.get('entries.jsonl') ?? '').replace(/\n$/u, '').split('\n');
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
