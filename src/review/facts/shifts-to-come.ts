import { approvableAt, type Asked } from '../../core/coming.ts';
import { candidateRules } from '../../core/coverage.ts';
import { policyFor } from '../../core/ownership.ts';
import { onCallOf } from '../../core/roster/sheet.ts';
import { targetsOf } from '../../core/rule.ts';
import { SECOND, type Instant } from '../../core/values/instant.ts';
import type { Roster } from '../../ports/roster.ts';

/** Nobody waits for longer to hear when a shift begins. */
const DEADLINE_MS = 5 * SECOND;

/** When a request that goes to people would be approved by itself; null where it would not be, or that cannot be told. */
export type ApprovableAt = (asked: Asked, signal: AbortSignal) => Promise<Instant | null>;

export function createApprovableAt({ roster }: { readonly roster: Pick<Roster, 'coming'> }): ApprovableAt {
  return async (asked, signal) => {
    const { request, policy } = asked;
    const { onCall, requester } = asked.facts;
    if (onCall.state !== 'known' || requester.state !== 'recognised') return null;
    const young = approvableAt(asked, onCall);
    if (young !== null) return young;
    const { rules } = policyFor(policy, request, asked.facts);
    const targets = candidateRules(request, rules).flatMap((rule) => targetsOf(rule, request));
    const ask = {
      signal: AbortSignal.timeout(DEADLINE_MS),
      priority: 'page',
      for: request.requester,
    } as const;
    try {
      const { reading } = onCallOf(await roster.coming(targets, ask), [requester.id]);
      return reading.state === 'known' ? approvableAt(asked, reading) : null;
    } catch {
      signal.throwIfAborted();
      return null;
    }
  };
}
