import { readFileSync } from 'node:fs';
import { storyOf } from '../../core/record/story.ts';
import { accountOf } from '../../core/usage/account.ts';
import { findingsOf } from '../../core/usage/findings.ts';
import { findingWords } from '../../core/wording/findings.ts';
import { useWords } from '../../core/wording/usage.ts';
import { standaloneOf } from '../../http/pages/document.ts';
import { requestPage } from '../../http/pages/request-page.ts';
import { exportLine } from '../../ledger/export.ts';
import type { StoredEntry } from '../../ports/ledger-history.ts';
import { entryOf } from '../../traceability/finding.ts';
import type { RequestProof } from '../../traceability/summary.ts';

const STYLE = new URL('../../http/pages/style.css', import.meta.url);

const README = `Evidence of one access request, made by oncall-approver.

index.html     the whole story, to be read in a browser; it asks nobody for anything
entries.jsonl  the request's entries of the ledger, to the letter, one a line
proof.json     of each entry the hash before it, and what the whole ledger was when this was made
usage.json     what the access was used for, and what that shows
rules.json     the rules by which it was decided

To check an entry: its hash is the SHA-256 of four lines joined by line feeds (the hash before it, its number, its time, its
event's text as it stands after "event":), as proof.json has them. \`oncall-approver ledger evidence --verify FILE\` checks all of them, and that
the other files are what follows from them; with \`--ledger\` or \`--config\` also whether the ledger still holds them. \`sha256sum -c SHA256SUMS\`
shows what was damaged on the way. The digest of the summary in proof.json shows whether the ledger before then was changed.
`;

/** What proof.json says. */
export interface EvidenceProof extends Omit<RequestProof, 'policies'> {
  readonly request: string;
  readonly seal_faults: readonly { readonly seq: number; readonly why: string }[];
  /** Why nothing is known of the seals; null where they were checked, or there are none. */
  readonly seals_unchecked: string | null;
}

/**
 * The files of an archive but its rules: nothing else goes into them, neither the time nor the place, so that whoever has the entries can
 * make them again. Throws TypeError or SyntaxError for entries that the ledger cannot have.
 */
export function evidenceFiles(
  stored: readonly StoredEntry[],
  { request, seal_faults, seals_unchecked, ...proof }: EvidenceProof,
): ReadonlyMap<string, string> {
  const entries = stored.map(entryOf);
  const { made, program } = proof.summary;
  const faults = new Map(seal_faults.map(({ seq, why }) => [seq, why]));
  const page = requestPage(entries, { proxyPublicAddr: '', faults, standsAlone: true });
  const before = new Map(proof.entries.map((entry) => [entry.seq, entry.before]));
  const proven = stored.map(({ seq, at, hash }) => ({ seq, at, before: before.get(seq) ?? null, hash }));
  return new Map([
    ['README.txt', README],
    [
      'index.html',
      standaloneOf(
        `Request ${request}`,
        readFileSync(STYLE, 'utf8'),
        page,
        `${made} · oncall-approver ${program}`,
      ),
    ],
    ['entries.jsonl', `${stored.map(exportLine).join('\n')}\n`],
    [
      'proof.json',
      json({
        ...{ request, entries: proven, summary: proof.summary, faults: proof.faults },
        ...{ seal_faults, seals_unchecked },
      }),
    ],
    ['usage.json', json(usageOf(storyOf(entries)))],
  ]);
}

function usageOf(story: ReturnType<typeof storyOf>) {
  return {
    accounts: story.used.map((each) => {
      const account = accountOf(each.evidence);
      const { number, stage, evidence: kept } = each;
      return { number, stage, words: useWords(account, kept), account, evidence: kept };
    }),
    findings: findingsOf(story).map((found) => ({ ...found, text: findingWords(found) })),
  };
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
