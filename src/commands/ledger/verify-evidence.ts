import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../config/config-error.ts';
import { subjectOf } from '../../core/record/ledger-entry.ts';
import { messageOf } from '../../core/values/cause.ts';
import { sanitise } from '../../core/values/words.ts';
import { entryInLine } from '../../ledger/export.ts';
import type { StoredEntry } from '../../ports/ledger-history.ts';
import { entryOf } from '../../traceability/finding.ts';
import { decisionsOf } from '../../traceability/narrative.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { hasItsDigest } from '../../traceability/summary.ts';
import { VERSION } from '../../version.ts';
import { EXIT_FAULT, EXIT_OK, EXIT_WARNING, type Terminal } from '../terminal.ts';
import { changedIn, filesIn, SUMS, type Files } from './archive.ts';
import { evidenceFiles, json, type EvidenceProof } from './evidence-files.ts';
import { hashing, knownOf, openPlace, type Place } from './place.ts';

/** What stands in an archive, as far as it can be read. */
interface Evidence {
  readonly files: Files;
  readonly entries: readonly StoredEntry[];
  readonly proof: EvidenceProof;
}

interface Findings {
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/** The same whichever version wrote them. */
const STORED = ['entries.jsonl', 'proof.json'];
const NAMES = ['README.txt', 'index.html', 'entries.jsonl', 'proof.json', 'usage.json', 'rules.json', SUMS];

/** Nothing in the archive gives them. */
const THE_REST =
  'what proof.json says of the whole ledger (`summary`, `faults`), and whether seals were checked, follows from no entry of one request: `ledger verify` says it of the ledger itself';

/**
 * `ledger evidence --verify FILE`: whether the entries in an archive have the hashes that it says, and everything else in it is what follows
 * from them; where a ledger is named, whether that holds them still, and no other of the request before the last of them. Throws
 * ConfigError, LedgerUnavailableError.
 */
export async function verifyEvidence(file: string, place: Place, terminal: Terminal): Promise<number> {
  const files = filesIn(await readArchive(file));
  const evidence = files === null ? null : evidenceIn(files);
  const { faults, warnings } = findingsIn(files, evidence);
  const isAsked = place.ledger !== undefined || place.config !== undefined;
  const compared =
    isAsked && evidence !== null && faults.length === 0
      ? await compareWithLedger(evidence, place, terminal)
      : { differing: [], further: 0, unchecked: null };
  const wrong = [...faults, ...compared.differing];
  for (const fault of wrong) terminal.print(`FAIL  ${fault}`);
  if (wrong.length > 0) return EXIT_FAULT;
  const held = isAsked
    ? 'and the ledger holds each of them'
    : 'name the ledger too, to see whether it holds them: --ledger FILE, or --config FILE';
  terminal.print(
    `OK  ${evidence?.entries.length ?? 0} entries have the hashes that their proof says; ${held}`,
  );
  terminal.print(THE_REST);
  if (compared.unchecked !== null) terminal.print(compared.unchecked);
  const { further } = compared;
  const words = further === 1 ? '1 further entry' : `${further} further entries`;
  const all = [
    ...warnings,
    ...(further === 0
      ? []
      : [
          `the ledger has ${words} of the request, written after the archive was made, or left out of it: make it anew`,
        ]),
  ];
  for (const warning of all) terminal.print(`WARN  ${warning}`);
  return all.length === 0 ? EXIT_OK : EXIT_WARNING;
}

async function readArchive(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigError(`\`--verify ${file}\` cannot be read: ${messageOf(error)}`);
  }
}

function evidenceIn(files: Files): Evidence | null {
  const entries = (files.get('entries.jsonl') ?? '').split('\n').flatMap((line) => entryInLine(line) ?? []);
  const proof = proofIn(files);
  return proof === null
    ? null
    : { files, entries: entries.toSorted((one, other) => one.seq - other.seq), proof };
}

function findingsIn(files: Files | null, evidence: Evidence | null): Findings {
  if (files === null) return { faults: ['it is no archive that `ledger evidence` wrote'], warnings: [] };
  const damaged = [
    ...changedIn(files).map((name) => `${name} is not what was written`),
    ...NAMES.filter((name) => !files.has(name)).map((name) => `${name} is missing`),
    ...[...files.keys()]
      .filter((name) => !NAMES.includes(name))
      .map((name) => `${name} is no file of such an archive`),
  ];
  if (evidence === null)
    return { faults: [...damaged, 'proof.json is missing, or has another form'], warnings: [] };
  const faults = [...damaged, ...wrongEntries(evidence)];
  if (faults.length > 0) return { faults, warnings: [] };
  return otherThanDerived(evidence);
}

function wrongEntries({ entries, proof }: Evidence): readonly string[] {
  const known = new Map(entries.map((entry) => [entry.seq, entry]));
  const proven = new Map(proof.entries.map((entry) => [entry.seq, entry]));
  const isTwice = known.size < entries.length || proven.size < proof.entries.length;
  return [
    ...(entries.length === 0 ? ['it has no entry'] : []),
    ...(isTwice ? ['an entry, or its proof, is there twice'] : []),
    ...[...proven.keys()].filter((seq) => !known.has(seq)).map((seq) => `entry ${seq} is missing`),
    ...entries.flatMap((entry) => wrongWith(entry, proven.get(entry.seq))),
    ...(hasItsDigest(proof.summary, hashing.digest) ? [] : ['the summary in proof.json has not its digest']),
    ...proof.faults.map((fault) => `of the ledger it says itself: ${fault}`),
    ...proof.seal_faults.map(({ seq, why }) => `of entry ${seq} it says itself: it ${why}`),
  ];
}

/** Whatever is not, byte for byte, what the entries give. Another version may have worded the page otherwise, and what it is to people. */
function otherThanDerived({ files, entries, proof }: Evidence): Findings {
  try {
    const own = entries.map(entryOf);
    const foreign = own.filter(({ event }) => subjectOf(event) !== proof.request);
    const derived = evidenceFiles(entries, proof);
    const other = [...derived.keys()].filter((name) => files.get(name) !== derived.get(name));
    const { program } = proof.summary;
    const isWorded = (name: string) => program !== VERSION && !STORED.includes(name);
    const digests = new Set(decisionsOf(own).map(({ policyDigest }) => policyDigest));
    return {
      faults: [
        ...foreign.map(({ seq }) => `entry ${seq} is of another request than proof.json says`),
        ...other.filter((name) => !isWorded(name)).map((name) => `${name} is not what its entries give`),
        ...(hasRules(files.get('rules.json') ?? '', digests)
          ? []
          : ['rules.json has not the rules that its decisions name']),
      ],
      warnings: other
        .filter(isWorded)
        .map(
          (name) =>
            `${name} is not what version ${VERSION} of this program makes of the entries, and was made by version \`${sanitise(program, 40)}\` as proof.json says: verify it with that one`,
        ),
    };
  } catch (error) {
    return { faults: [`its entries are none of this program: ${messageOf(error)}`], warnings: [] };
  }
}

function hasRules(text: string, digests: ReadonlySet<string>): boolean {
  const rules = JSON.parse(text) as object;
  const known = Object.entries(rules).filter(
    ([digest, policy]) => digests.has(digest) && hashing.digest(JSON.stringify(policy)) === digest,
  );
  return known.length === digests.size && text === json(Object.fromEntries(known));
}

function wrongWith(
  entry: StoredEntry,
  proof: EvidenceProof['entries'][number] | undefined,
): readonly string[] {
  const { seq } = entry;
  if (proof === undefined) return [`entry ${seq} has no proof`];
  const { before, hash } = proof;
  return before !== null && hashing.hashOf(before, entry) === hash && entry.hash === hash
    ? []
    : [`entry ${seq} has not the hash that its proof says`];
}

/** `further`: of the ledger's entries of the request those behind the archive's last one. */
async function compareWithLedger(
  { entries, proof }: Evidence,
  place: Place,
  terminal: Terminal,
): Promise<{
  readonly differing: readonly string[];
  readonly further: number;
  readonly unchecked: string | null;
}> {
  await using history = await openPlace(place, terminal);
  const { seals, unchecked } = await knownOf(place, history, terminal);
  const held = await history.entriesOf(proof.request);
  const hashes = new Set(held.map(({ hash }) => hash));
  const own = new Set(entries.map(({ hash }) => hash));
  const last = entries.at(-1)?.seq ?? 0;
  const others = held.filter(({ hash }) => !own.has(hash));
  const within = others.filter(({ seq }) => seq <= last);
  return {
    differing: [
      ...entries
        .filter(({ hash }) => !hashes.has(hash))
        .map(({ seq }) => `the ledger has no entry ${seq} like it`),
      ...within.map(({ seq }) => `the ledger has entry ${seq} of the request, the archive has not`),
      ...[...sealFaults(held, seals)].map(([seq, why]) => `entry ${seq} in the ledger ${why}`),
    ],
    further: others.length - within.length,
    unchecked,
  };
}

/** Null where it has another form. What else stands in it shows when it is written again. */
function proofIn(files: Files): EvidenceProof | null {
  try {
    const proof = JSON.parse(files.get('proof.json') ?? '') as Partial<EvidenceProof>;
    const { request, summary, entries, faults, seal_faults } = proof;
    const isWhole =
      typeof request === 'string' &&
      typeof summary?.program === 'string' &&
      Array.isArray(faults) &&
      Array.isArray(seal_faults) &&
      Array.isArray(entries) &&
      entries.every(isProof);
    return isWhole ? (proof as EvidenceProof) : null;
  } catch {
    return null;
  }
}

function isProof(entry: unknown): boolean {
  const { seq, before, hash } = (entry ?? {}) as Partial<EvidenceProof['entries'][number]>;
  return (
    typeof seq === 'number' && typeof hash === 'string' && (before === null || typeof before === 'string')
  );
}
