import type { AccessRequest } from '../access-request.ts';
import { mostNeeded } from '../answers/in-service-name.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { sanitise, listed } from '../values/words.ts';
import { NAME_MAX, WORDS_MAX } from './phrases.ts';

/** Reviews of one kind that stand in Teleport while the request is pending. */
interface Count {
  readonly propose: 'approved' | 'denied';
  readonly count: number;
}

/** `1 of 2 approvals given`; where filters of thresholds ask for more than their numbers say, without the number. */
export function countWords(request: Pick<AccessRequest, 'thresholds'>, { propose, count }: Count): string {
  const needed = mostNeeded(request, propose);
  const kind = propose === 'approved' ? 'approval' : 'denial';
  if (count < needed) return `${count} of ${needed} ${kind}s given`;
  return `${count} ${kind}${count === 1 ? '' : 's'} given, and Teleport asks for more`;
}

/** `1 of 2 approvals given, by Sam One`; null where no answer was given yet. */
export function tallyWords(
  { request }: RecordedDecision,
  given: readonly (Count & { readonly by: readonly string[] })[],
): string | null {
  if (given.length === 0) return null;
  const words = given.map((each) => {
    const names = listed(each.by.map((name) => sanitise(name, NAME_MAX)));
    return `${countWords(request, each)}, by ${names}`;
  });
  return sanitise(words.join('; '), WORDS_MAX);
}
