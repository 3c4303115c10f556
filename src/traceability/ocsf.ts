import type { LedgerEntry, RecordedDecision, RecordedUse } from '../core/record/ledger-entry.ts';
import { standingDecision } from '../core/effects/own-review.ts';
import type { Story } from '../core/record/story.ts';
import { accountOf, type Use } from '../core/usage/account.ts';
import { epochMsOf, type Instant } from '../core/values/instant.ts';
import { sanitise } from '../core/values/words.ts';

/** Open Cybersecurity Schema Framework (schema.ocsf.io). Of 1.5.0 are the `resources` of class 3005; all else is older. */
const OCSF_VERSION = '1.5.0';
const IAM = { category_uid: 3, category_name: 'Identity & Access Management' } as const;
const USER_ACCESS = { class_uid: 3005, class_name: 'User Access Management' } as const;
const AUTHORIZE_SESSION = { class_uid: 3003, class_name: 'Authorize Session' } as const;
const ASSIGN = { activity_id: 1, activity_name: 'Assign Privileges' } as const;
const REVOKE = { activity_id: 2, activity_name: 'Revoke Privileges' } as const;
const PRODUCT = 'oncall-approver';

/** Times are milliseconds since 1970. */
export type OcsfEvent = Readonly<Record<string, unknown>>;

/**
 * What an entry says to a SIEM: access given or refused, taken away by a lock, and each session that an account shows, once. `story`: of the
 * entry's request, as the whole ledger has it; nothing for entries of any other kind.
 */
export function ocsfEvents(entry: LedgerEntry, story: Story, productVersion: string): readonly OcsfEvent[] {
  const { event } = entry;
  const decided = standingDecision(story) ?? story.decided;
  if (decided === null) return [];
  const around = { entry, decided, productVersion };
  if (event.kind === 'ended') {
    const { state, by, reason } = event.ending;
    if (state !== 'approved' && state !== 'denied') return [];
    const isGiven = state === 'approved';
    return [
      {
        ...accessEvent(ASSIGN, around),
        ...(isGiven ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }),
        actor: by === null ? { app_name: PRODUCT } : { user: { name: named(by) } },
        message: `${named(decided.request.requester)} was ${isGiven ? 'given' : 'refused'} ${roles(decided)}`,
        ...(reason === '' ? {} : { status_detail: sanitise(reason, 1_000) }),
      },
    ];
  }
  if (event.kind === 'effect-done' && event.key === 'lock' && event.outcome.ours)
    return [
      {
        ...accessEvent(REVOKE, around),
        ...{ status_id: 1, status: 'Success', actor: { app_name: PRODUCT } },
        message: `The access of ${named(decided.request.requester)} to ${roles(decided)} was ended by a lock`,
      },
    ];
  return event.kind === 'used' ? newUses(event, story).map((use) => sessionEvent(use, around)) : [];
}

interface Around {
  readonly entry: LedgerEntry;
  readonly decided: RecordedDecision;
  readonly productVersion: string;
}

function accessEvent(activity: typeof ASSIGN | typeof REVOKE, around: Around): OcsfEvent {
  const { entry, decided } = around;
  const resources = decided.request.resources.map(({ kind, name, cluster }) => ({
    ...{ name: named(name), type: named(kind), namespace: named(cluster) },
  }));
  return {
    ...common({ ...USER_ACCESS, ...activity }, entry.at, entry.hash, around),
    ...(resources.length === 0 ? {} : { resources }),
  };
}

/** Seen first by this account. */
function newUses({ evidence, number }: RecordedUse, { used }: Story): readonly Use[] {
  const before = used.find((each) => each.number === number - 1);
  const known = new Set(before === undefined ? [] : accountOf(before.evidence).uses.map(({ sid }) => sid));
  return accountOf(evidence).uses.filter(({ sid }) => sid !== null && sid !== '' && !known.has(sid));
}

function sessionEvent({ sid, begun, resource, login, joined }: Use, around: Around): OcsfEvent {
  const where = resource === null ? 'a resource that is not named' : named(resource.name);
  const who = named(around.decided.request.requester);
  return {
    ...common({ ...AUTHORIZE_SESSION, ...ASSIGN }, begun, `${around.entry.hash}/${sid ?? ''}`, around),
    ...{ status_id: 1, status: 'Success' },
    session: { uid: sid, created_time: epochMsOf(begun), is_remote: true },
    ...(resource === null
      ? {}
      : { dst_endpoint: { name: named(resource.name), type: named(resource.kind) } }),
    message: `${who} ${joined ? 'joined' : 'opened'} a session on ${where}${login === null ? '' : ` as ${named(login)}`} while the request was in the certificate`,
  };
}

function common(
  what: (typeof USER_ACCESS | typeof AUTHORIZE_SESSION) & (typeof ASSIGN | typeof REVOKE),
  at: Instant,
  uid: string,
  { entry, decided, productVersion }: Around,
): OcsfEvent {
  const { request, decision, decisionId } = decided;
  return {
    ...IAM,
    ...what,
    type_uid: what.class_uid * 100 + what.activity_id,
    ...{ time: epochMsOf(at), severity_id: 1, severity: 'Informational' },
    metadata: {
      ...{ version: OCSF_VERSION, uid, sequence: entry.seq, logged_time: epochMsOf(entry.at) },
      product: { name: PRODUCT, vendor_name: PRODUCT, version: productVersion },
    },
    user: { name: named(request.requester) },
    privileges: request.roles.map(named),
    unmapped: {
      ...{ request_id: request.id, decision_id: decisionId, verdict: decision.verdict },
      rules: decision.rules,
    },
  };
}

function roles({ request }: RecordedDecision): string {
  return request.roles.map(named).join(', ');
}

/** Names are of others. */
function named(text: string): string {
  return sanitise(text, 200);
}
