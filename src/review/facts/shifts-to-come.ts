import { approvableAt, MOMENT_MS, type Asked } from '../../core/coming.ts';
import { candidateRules } from '../../core/coverage.ts';
import { onCallOf, type Sheet } from '../../core/roster/sheet.ts';
import { targetsOf } from '../../core/rule.ts';
import { MINUTE, plusMs, SECOND, type Instant } from '../../core/values/instant.ts';
import { remember } from '../../core/values/remember.ts';
import type { Roster } from '../../ports/roster.ts';

/** Nobody waits for longer to hear when a shift begins. */
const DEADLINE_MS = 5 * SECOND;
/** Shifts that begin in the next minutes are read once for all who ask within this time. */
const SHARED_MS = MINUTE;
const MOST_READINGS = 1_000;

/** When a request that goes to people would be approved by itself; null where it would not be, or that cannot be told. */
export type ApprovableAt = (asked: Asked, signal: AbortSignal) => Promise<Instant | null>;

export function createApprovableAt({ roster }: { readonly roster: Pick<Roster, 'during'> }): ApprovableAt {
  const readings = new Map<string, { readonly atMs: number; readonly sheet: Promise<Sheet> }>();

  function ahead({ request, policy }: Asked, from: Instant): Promise<Sheet> {
    const targets = candidateRules(request, policy.rules).flatMap((rule) => targetsOf(rule, request));
    const key = JSON.stringify(targets);
    const known = readings.get(key);
    if (known !== undefined && performance.now() - known.atMs < SHARED_MS) return known.sheet;
    const span = { from, until: plusMs(from, MOMENT_MS) };
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const sheet = roster.during(targets, span, { signal, priority: 'page', for: request.requester });
    sheet.catch(() => undefined);
    remember(readings, key, { atMs: performance.now(), sheet }, MOST_READINGS);
    return sheet;
  }

  return async (asked, signal) => {
    const { onCall, requester } = asked.facts;
    if (onCall.state !== 'known' || requester.state !== 'recognised') return null;
    const young = approvableAt(asked, onCall);
    if (young !== null) return young;
    try {
      const { reading } = onCallOf(await ahead(asked, onCall.at), [requester.id]);
      return reading.state === 'known' ? approvableAt(asked, reading) : null;
    } catch {
      signal.throwIfAborted();
      return null;
    }
  };
}
