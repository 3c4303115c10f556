import type { AccessRequest } from './access-request.ts';
import { candidateRules } from './coverage.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { spanOf } from './on-call.ts';
import type { RecordedDecision } from './record/ledger-entry.ts';
import type { Story } from './record/story.ts';
import type { Policy } from './rule.ts';
import { MINUTE, msBetween, plusMs, type Instant } from './values/instant.ts';

/** Who asks so shortly before a shift asks a moment too early. */
export const MOMENT_MS = 15 * MINUTE;
/** For so long it is looked again whether the time has come, should PagerDuty not answer at once. */
const LOOK_FOR_MS = 2 * MINUTE;
/** More times than these are not tried. */
const MOST_TIMES = 20;

export interface Asked {
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly policy: Policy;
  readonly now: Instant;
}

/**
 * When this request would be approved, should nothing else change: once a shift of the requester's, of those that begin in a moment too,
 * has begun and is as old as the rule asks for. Null where it would not be, or not a moment from now.
 */
export function approvableAt({ request, facts, policy, now }: Asked): Instant | null {
  const { onCall } = facts;
  if (onCall.state !== 'known') return null;
  const { rows, sightings = [] } = onCall;
  const ages = candidateRules(request, policy.rules).map((rule) => rule.onCall.minShiftAgeMs);
  const latest = plusMs(onCall.at, MOMENT_MS + Math.max(0, ...ages));
  const begins = [
    ...rows.flatMap((row) => spanOf(row)?.start ?? []),
    ...sightings.flatMap(({ since }) => since ?? []),
  ];
  const times = begins
    .flatMap((begun) => ages.map((age) => plusMs(begun, age)))
    .filter((time) => time > onCall.at && time <= latest);
  const tried = [...new Set(times)].sort().slice(0, MOST_TIMES);
  const approves = (at: Instant): boolean => {
    const then = { ...facts, onCall: { ...onCall, at } };
    const { verdict, breakGlass } = decide(request, then, policy, plusMs(now, msBetween(onCall.at, at)));
    return verdict === 'approve' && !breakGlass;
  };
  return tried.find(approves) ?? null;
}

/**
 * How long until it is to be decided again, since the time has come for which the requester asked a moment too early; 0 for now, null for
 * never. Once somebody has answered, or denied it in Teleport, it is theirs to decide.
 */
export function timeComesInMs({ decided, answers, ended }: Story, now: Instant): number | null {
  const comesAt = decided?.comesAt;
  if (decided === null || comesAt === undefined || ended !== null) return null;
  // That somebody has seen it is no answer.
  const said = answers.filter(({ answer, counted }) => counted || answer.how === 'note');
  if (said.some(({ answer }) => !isRequester(answer.by.id, decided))) return null;
  if (msBetween(comesAt, now) > LOOK_FOR_MS) return null;
  return Math.max(0, msBetween(now, comesAt));
}

/** Whether a reviewer in Teleport is against it. */
export function isOpposed({ reviews }: AccessRequest): boolean {
  return reviews.some(({ proposedState }) => proposedState === 'denied');
}

function isRequester(id: string, { facts: { requester } }: RecordedDecision): boolean {
  return requester.state === 'recognised' && requester.id === id;
}
