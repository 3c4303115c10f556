import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { FindingKind, UseFinding } from '../usage/findings.ts';
import type { Use } from '../usage/account.ts';
import { listed, sanitise } from '../values/words.ts';
import type { PageText } from './pages.ts';
import { person, provenance, rolesInWords, rulesInWords, webLink, type Where } from './phrases.ts';
import { countsInWords, resourceWords } from './usage.ts';

const SHOWN_MAX = 10;

/** As tables and titles have them. */
export const FINDING_WORDS: Readonly<Record<FindingKind, string>> = {
  'never-used': 'never used',
  outside: 'used outside of what was asked for',
  'ran-on': 'used past its end',
  'broken-glass': 'by broken glass',
};

/** A finding in a sentence, fit to be shown. What an audit log shows is what the certificate held, not why anybody was let in. */
export function findingWords({ kind, uses, past }: UseFinding): string {
  switch (kind) {
    case 'never-used':
      return 'It was approved and, by the audit log, not used: perhaps less would do.';
    case 'outside':
      return `With this request alone in the certificate it was used outside of what was asked for: ${usesWords(uses)}.`;
    case 'ran-on':
      return `It was used past ${past?.end === 'shift' ? 'the end of the shift, as that was known' : 'its end'} (${String(past?.at)}): ${usesWords(uses)}.`;
    case 'broken-glass':
      return uses.length === 0
        ? 'It was given by broken glass; no use of it is known.'
        : `It was given by broken glass, and used: ${usesWords(uses)}.`;
  }
}

/** The page for whoever reviews what access shows. */
export function findingPage(
  decided: RecordedDecision,
  found: UseFinding,
  { proxyPublicAddr }: Pick<Where, 'proxyPublicAddr'>,
): PageText {
  const { request, decision } = decided;
  const who = `Access of ${person(request)} (${rolesInWords(request)})`;
  const link = webLink(proxyPublicAddr, request);
  return {
    title: sanitise(`${who}: ${FINDING_WORDS[found.kind]}`, 250),
    details: [
      `${who}${decision.verdict === 'approve' ? ` was approved by ${rulesInWords(decided)}` : ' was approved by people'}.`,
      findingWords(found),
      'Nothing is asked for and nothing changes by this page: it is for your review, close it when you have looked.',
      ...(link === null ? [] : [link]),
      provenance(decided),
    ].join('\n'),
  };
}

function usesWords(uses: readonly Use[]): string {
  const shown = uses.slice(0, SHOWN_MAX).map(useWords);
  const more = uses.length - shown.length;
  return listed(more === 0 ? shown : [...shown, `${more} more`]);
}

/** `web-1 from 02:11:09Z to 02:20:00Z, 3 commands` */
function useWords({ resource, begun, ended, counts }: Use): string {
  const where = resource === null ? 'a resource that is not named' : resourceWords(resource);
  const counted = countsInWords(counts);
  return `${where} from ${begun} to ${ended ?? 'an end that was not seen'}${counted === '' ? '' : ` (${counted})`}`;
}
