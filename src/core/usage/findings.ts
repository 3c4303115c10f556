import { endWithShift, knownShiftEnd } from '../effects/access-end.ts';
import { standingDecision } from '../effects/own-review.ts';
import type { AccessRequest } from '../access-request.ts';
import type { RecordedDecision, RecordedUse } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import { CLOCKS_DIFFER_MS, plusMs, type Instant } from '../values/instant.ts';
import { accountOf, type Use } from './account.ts';
import type { UsedResource } from './event-types.ts';

/**
 * What a person should look at: access that was given for nothing · that was used where it was not asked for · that was used after its
 * end, or the shift's · that was given by broken glass.
 */
export const FINDING_KINDS = ['never-used', 'outside', 'ran-on', 'broken-glass'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface UseFinding {
  readonly kind: FindingKind;
  /** What it is about; of broken glass all that was done. */
  readonly uses: readonly Use[];
  /** Of use after an end: which, and when that was. */
  readonly past: { readonly end: 'access' | 'shift'; readonly at: Instant } | null;
}

/** What the last account of an access shows; nothing where it shows nothing for certain. That nothing was done is certain by a last one alone. */
export function findingsOf(story: Story): readonly UseFinding[] {
  const last = story.used.at(-1);
  const given = standingDecision(story) ?? story.decided;
  if (last === undefined || given === null) return [];
  const { uses, outcome } = accountOf(last.evidence);
  const isUnused = outcome === 'never-assumed' || outcome === 'assumed';
  const isLast = last.stage !== 'provisional';
  const outside = uses.filter((use) => isOutside(use, given.request));
  const past = firstEnd(story, last);
  const late = uses.filter(({ begun, ended }) => (ended ?? begun) > plusMs(past.at, CLOCKS_DIFFER_MS));
  return [
    ...(isUnused && isLast ? [finding('never-used', [])] : []),
    ...(outside.length === 0 ? [] : [finding('outside', outside)]),
    ...(late.length === 0 ? [] : [finding('ran-on', late, past)]),
    ...(given.decision.breakGlass && isLast ? [finding('broken-glass', uses)] : []),
  ];
}

function finding(kind: FindingKind, uses: readonly Use[], past: UseFinding['past'] = null): UseFinding {
  return { kind, uses, past };
}

/** The shift that the approval rests on, as far as it is known, or the access itself, cut or expired; whichever is over first. */
function firstEnd(story: Story, { evidence }: RecordedUse): NonNullable<UseFinding['past']> {
  const given = standingDecision(story);
  const shift = given === null || given.decision.proofs.length === 0 ? null : shiftEnd(story, given);
  return shift !== null && shift < evidence.until
    ? { end: 'shift', at: shift }
    : { end: 'access', at: evidence.until };
}

/** A look since then may have found another one. */
function shiftEnd({ access }: Story, given: RecordedDecision): Instant | null {
  const rules = given.endsAccess ?? [];
  return access === null || !endWithShift(rules) || access.over !== undefined
    ? knownShiftEnd(given, rules)
    : access.until;
}

/** Kinds of which requests and the audit log have the same names. */
const COMPARABLE: ReadonlySet<string> = new Set(['node', 'db', 'app', 'kube_cluster', 'windows_desktop']);
/** What is asked for by these is the applications in them. */
const HOLD_APPS = /^(?:user_group|aws_ic_)/u;

/** Only where that is certain: a request for roles asks for no resource, and another request in the certificate may have asked for this one. */
function isOutside({ resource, shared }: Use, { resources }: AccessRequest): boolean {
  if (resource === null || shared || resources.length === 0 || !COMPARABLE.has(resource.kind)) return false;
  if (resource.kind === 'app' && resources.some(({ kind }) => HOLD_APPS.test(kind))) return false;
  return !resources.some(({ kind, name }) => isFor(resource, kind, name));
}

/** Whatever in a Kubernetes cluster is asked for goes by the cluster's name. */
function isFor({ kind, name, id }: UsedResource, askedKind: string, askedName: string): boolean {
  const isKind = kind === 'kube_cluster' ? !isOther(askedKind) : kind === askedKind;
  return isKind && (askedName === name || askedName === id);
}

function isOther(kind: string): boolean {
  return kind !== 'kube_cluster' && COMPARABLE.has(kind);
}
