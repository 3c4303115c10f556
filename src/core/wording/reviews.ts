import type { RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import { sanitise, quoted } from '../values/words.ts';
import { NAME_MAX, WORDS_MAX, approvalWords, provenance, reasonsInWords, rulesInWords } from './phrases.ts';

/** Teleport refuses a resolve reason of more than 4,096 bytes. */
const REASON_MAX_CHARACTERS = 1_000;

/** Why the service approved or denied, for Teleport's audit log: who, by what, until when, which rule, which decision. */
export function reviewReason(decided: RecordedDecision): string {
  const { decision } = decided;
  const because = decision.verdict === 'approve' ? approvalWords(decided) : reasonsInWords(decided);
  return withProvenance(`${because} · ${rulesInWords(decided)}`, decided);
}

/**
 * Why the service reviews as it does on behalf of an approver who answered in PagerDuty. `others`: whoever approved under other rules,
 * without whom it would not.
 */
export function onBehalfReason(
  decided: RecordedDecision,
  { answer, why }: RecordedAnswer,
  others: readonly RecordedAnswer[] = [],
): string {
  const words = answer.reason === '' ? '' : `: ${quoted(answer.reason, WORDS_MAX)}`;
  const read = answer.spelt === undefined ? '' : ` (${quoted(answer.spelt, 30)})`;
  const how = answer.how === 'note' ? `by note${read}` : 'by acknowledging';
  const verb = answer.propose === 'approved' ? 'Approved' : 'Denied';
  const beside = others.map((each) => ` · also approved by note in ${each.answer.incidentId}: ${each.why}`);
  return withProvenance(
    `${verb} by ${sanitise(answer.by.name, NAME_MAX)} ${how} in PagerDuty incident ${answer.incidentId} at ${answer.at}${words} · ${why}${beside.join('')}`,
    decided,
  );
}

export function lockMessage(decided: RecordedDecision, why: string): string {
  return withProvenance(`Access ended ${why}`, decided);
}

/** Whose answer ended the access, on the lock. */
export function revokedMessage(decided: RecordedDecision, { answer, why }: RecordedAnswer): string {
  const words = answer.reason === '' ? '' : `: ${quoted(answer.reason, WORDS_MAX)}`;
  return withProvenance(
    `Access revoked by ${sanitise(answer.by.name, NAME_MAX)} by note in PagerDuty incident ${answer.incidentId} at ${answer.at}${words} · ${why}`,
    decided,
  );
}

/** However long the words are, the decision they lead to stays readable. */
function withProvenance(words: string, decided: RecordedDecision): string {
  const tail = ` · ${provenance(decided)}`;
  return `${sanitise(words, REASON_MAX_CHARACTERS - tail.length)}${tail}`;
}
