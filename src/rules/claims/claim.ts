import type { Claimed } from '../../config/claims.ts';
import type { ClaimConfig } from '../../config/schema.ts';
import { scopeOf, targetsOf } from '../../config/policy.ts';
import type { OnCallTargets, Policy, When } from '../../core/rule.ts';
import type { Things } from '../apart.ts';

/** Who somebody is in Teleport, as far as claims speak of it. */
export type Requester = Pick<When, 'requesterRoles' | 'requesterTraits'>;

/** What makes an approval right. */
export type Excuse =
  | { readonly kind: 'break-glass' | 'open-incident' | 'reason' }
  | {
      readonly kind: 'on-call' | 'asked-to-help';
      readonly onCall: OnCallTargets;
      /** Also for a service that owns what is asked for. */
      readonly owner: boolean;
    }
  | { readonly kind: 'max-duration'; readonly maxMs: number }
  | { readonly kind: 'requester'; readonly requester: Requester };

interface Words {
  /** As it is written. */
  readonly words: string;
}

/** That nothing of this is approved, be it by any rule or by the one that is named, unless there is an excuse. */
export interface Never extends Words {
  readonly kind: 'never';
  readonly roles: readonly string[];
  /** Null for any. */
  readonly rule: string | null;
  readonly requester: Requester;
  /** Of which one is asked for, or what may be one or holds some; null for anything or nothing. */
  readonly resources: Things | null;
  readonly unless: readonly Excuse[];
}

/** That whoever asks for nothing but these roles has a person asked. */
export interface Always extends Words {
  readonly kind: 'always';
  readonly roles: readonly string[];
  readonly requester: Requester;
  /** Of which alone, and at least one, is asked for; null for anything or nothing. */
  readonly resources: Things | null;
  /** Only where PagerDuty tells neither who is on call nor what is open. */
  readonly silent: boolean;
  readonly unless: readonly (Excuse & { readonly kind: 'break-glass' })[];
}

/** That the same is approved as by other rules, but for these roles. */
export interface SameAs extends Words {
  readonly kind: 'same-as';
  readonly other: Policy;
  readonly gains: readonly string[];
  readonly losses: readonly string[];
}

export type Claim = Never | Always | SameAs;

export function claimOf({ written, words = JSON.stringify(written), other }: Claimed): Claim {
  if ('unreachable' in written) {
    return { kind: 'never', words, roles: ['*'], rule: written.unreachable, ...askedIn({}), unless: [] };
  }
  if ('always' in written) {
    const { person_asked: roles, when, unless } = written.always;
    return {
      kind: 'always',
      words,
      roles,
      ...askedIn(when),
      silent: when.pagerduty === 'unknown',
      unless: unless.map(() => ({ kind: 'break-glass' })),
    };
  }
  if ('same_as' in written) {
    const but = typeof written.same_as === 'string' ? { gains: [], losses: [] } : written.same_as;
    if (other === undefined) throw new TypeError('the other rules are missing');
    return { kind: 'same-as', words, other, gains: but.gains, losses: but.losses };
  }
  const { approve, when, unless } = written.never;
  return {
    kind: 'never',
    words,
    roles: approve,
    rule: null,
    ...askedIn(when),
    unless: unless.map(excuseOf),
  };
}

type Written = Extract<ClaimConfig, { never: unknown }>['never'];

function askedIn({
  resources,
  ...requester
}: Partial<Written['when']>): Pick<Never, 'requester' | 'resources'> {
  return {
    requester: requesterOf(requester),
    resources: resources === undefined ? null : thingsOf(resources),
  };
}

function thingsOf(resources: NonNullable<Written['when']['resources']>): Things {
  const scope = scopeOf(resources);
  return resources.leaf_clusters === true ? { clusters: ['*'], ...scope, inLeaf: true } : scope;
}

function requesterOf({ requester_roles, requester_traits }: Partial<Written['when']>): Requester {
  return { requesterRoles: requester_roles ?? null, requesterTraits: requester_traits ?? null };
}

function excuseOf(written: Written['unless'][number]): Excuse {
  switch (written) {
    case 'break_glass':
      return { kind: 'break-glass' };
    case 'open_incident':
      return { kind: 'open-incident' };
    case 'reason':
      return { kind: 'reason' };
    default:
      if ('on_call' in written) return placed('on-call', written.on_call);
      if ('asked_to_help' in written) return placed('asked-to-help', written.asked_to_help);
      if ('max_duration' in written) return { kind: 'max-duration', maxMs: written.max_duration };
      return { kind: 'requester', requester: requesterOf(written) };
  }
}

type Places = Extract<Written['unless'][number], { on_call: unknown }>['on_call'];

function placed(kind: 'on-call' | 'asked-to-help', places: Places): Excuse {
  return { kind, onCall: targetsOf(places), owner: places.owner };
}
