import type { AccessRequest } from '../core/access-request.ts';
import type { Cause } from '../core/cause.ts';
import type { Facts, TargetFact } from '../core/facts.ts';
import type { Identity } from '../core/identity.ts';
import { MINUTE, msBetween, SECOND, type Instant } from '../core/instant.ts';
import type { OnCallReading } from '../core/on-call.ts';
import { coverageOf, targetsOf, type Target } from '../core/rule.ts';
import type { Ask, OnCallDirectory } from '../ports/pagerduty.ts';
import { causeOf } from './cause-of.ts';
import type { Dependencies } from './dependencies.ts';
import { recogniseRequester } from './recognise.ts';

/** How long all look-ups for one decision may take together; what has no answer by then is unknown. */
export const GATHER_DEADLINE_MS = 10 * SECOND;
/** Clocks that differ by more are wrong, and a wrong clock cannot say who is on call. */
const MAX_CLOCK_SKEW_MS = MINUTE;

const NOTHING_ASKED: OnCallReading = {
  state: 'unknown',
  cause: {
    code: 'not-found',
    message: 'who is on call was not asked, since the requester is not known',
    transient: false,
  },
};

type Gathering = Pick<Dependencies, 'users' | 'directory' | 'policy' | 'clock'>;

/**
 * Looks up what `decide` needs for this request: who the requester is in PagerDuty, what the configured names mean, and the
 * requester's on-call rows. With names already known that is one read. Whatever cannot be had becomes `unknown` with its
 * cause; this function does not throw for it. A request that no rule covers costs nothing.
 */
export async function gatherFacts(
  request: AccessRequest,
  dependencies: Gathering,
  context: { readonly signal: AbortSignal; readonly reviewRefused: Cause | null },
): Promise<Facts> {
  const { directory, policy, clock } = dependencies;
  let reads = 0;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(GATHER_DEADLINE_MS)]);
  const ask: Ask = { signal, onRead: () => (reads += 1) };
  const { covering } = coverageOf(request, policy.rules);
  if (covering.length === 0) {
    const requester: Identity = { state: 'unrecognised', why: 'not asked: no rule covers the request' };
    return { requester, targets: [], onCall: NOTHING_ASKED, reviewRefused: context.reviewRefused, reads };
  }
  const wanted = covering.flatMap(({ rule }) => targetsOf(rule, request));
  const [requester, targets] = await Promise.all([
    recogniseRequester(request, dependencies, ask),
    Promise.all(unique(wanted).map((target) => resolve(target, directory, ask))),
  ]);
  const onCall =
    requester.state === 'recognised' ? await read(requester.id, directory, clock.now, ask) : NOTHING_ASKED;
  return {
    requester: withName(requester, onCall),
    targets,
    onCall,
    reviewRefused: context.reviewRefused,
    reads,
  };
}

async function resolve(target: Target, directory: OnCallDirectory, ask: Ask): Promise<TargetFact> {
  try {
    switch (target.kind) {
      case 'service': {
        const { id, summary, escalationPolicy } = await directory.service(target.asked, ask);
        return { ...target, state: 'known', id, name: summary, policy: escalationPolicy };
      }
      case 'escalation policy': {
        const { id, summary } = await directory.escalationPolicy(target.asked, ask);
        return { ...target, state: 'known', id, name: summary, policy: null };
      }
      case 'schedule': {
        const { id, summary } = await directory.schedule(target.asked, ask);
        return { ...target, state: 'known', id, name: summary, policy: null };
      }
    }
  } catch (error) {
    return { ...target, state: 'unknown', cause: causeOf(error) };
  }
}

async function read(
  userId: string,
  directory: OnCallDirectory,
  now: () => Instant,
  ask: Ask,
): Promise<OnCallReading> {
  try {
    const { at, rows } = await directory.onCallsOf(userId, ask);
    const skewMs = msBetween(now(), at);
    if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS) return { state: 'known', at, rows };
    const seconds = Math.round(Math.abs(skewMs) / SECOND);
    const message = `PagerDuty's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's: set this machine's clock by NTP; until they agree nobody is taken to be on call`;
    return { state: 'unknown', cause: { code: 'clock-skew', message, transient: true } };
  } catch (error) {
    return { state: 'unknown', cause: causeOf(error) };
  }
}

/** A mapped id comes without a name: PagerDuty's rows have it. */
function withName(requester: Identity, onCall: OnCallReading): Identity {
  if (requester.state !== 'recognised' || requester.name !== null || onCall.state === 'unknown')
    return requester;
  const name = onCall.rows.find((row) => row.user.id === requester.id)?.user.summary ?? null;
  return { ...requester, name };
}

function unique(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [`${target.kind} ${target.asked}`, target])).values()];
}
