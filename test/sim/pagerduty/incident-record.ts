import type { Account } from './account.ts';
import { MINUTE_MS } from './durations.ts';
import type {
  Agent,
  Assignment,
  Channel,
  Incident,
  IncidentEventType,
  LogEntryType,
  Note,
  Responder,
} from './incident-model.ts';
import type { EscalationRule } from './model.ts';
import { usersReached } from './on-calls.ts';
import { Refusal } from './refusal.ts';

export interface Happening {
  readonly type: LogEntryType;
  readonly agent: Agent;
  readonly at: Date;
  /** Left out where PagerDuty fires no webhook. */
  readonly event?: IncidentEventType;
  readonly channel?: Channel;
  /** Of an acknowledgement: how long it lasts, null for ever. */
  readonly acknowledgementTimeoutSeconds?: number | null;
  readonly assigneeIds?: readonly string[];
  readonly note?: Note;
  readonly responder?: Responder;
  readonly responderIds?: readonly string[];
}

/** PagerDuty: the same for its website and for its API with somebody's From, so that nobody can tell them apart. */
const WEBSITE_CHANNEL = { type: 'website', summary: 'website' };
const AUTO_CHANNEL = { type: 'auto', summary: 'auto' };
export const TIMEOUT_CHANNEL = { type: 'timeout', summary: 'timeout' };

/** Applies a change to an incident, writes its log entry, and tells whoever listens for incident events. */
export function record(
  account: Account,
  incident: Incident,
  changes: Partial<Incident>,
  happening: Happening,
): Incident {
  const entry = {
    id: account.ids.logEntry(),
    type: happening.type,
    at: happening.at,
    agent: happening.agent,
    channel: happening.channel ?? (happening.agent.type === 'user' ? WEBSITE_CHANNEL : AUTO_CHANNEL),
    assigneeIds: happening.assigneeIds ?? [],
    acknowledgementTimeoutSeconds: happening.acknowledgementTimeoutSeconds ?? null,
    ...(happening.responderIds === undefined ? {} : { responderIds: happening.responderIds }),
  };
  const next: Incident = {
    ...incident,
    ...changes,
    updatedAt: happening.at,
    logEntries: [...incident.logEntries, entry],
  };
  account.incidents.put(next);
  if (happening.event !== undefined) {
    account.publish({
      type: happening.event,
      occurredAt: happening.at,
      agent: happening.agent,
      incident: next,
      ...(happening.note === undefined ? {} : { note: happening.note }),
      ...(happening.responder === undefined ? {} : { responder: happening.responder }),
    });
  }
  return next;
}

/** The fields that change whenever the status does. */
export function statusChange(
  status: Incident['status'],
  at: Date,
  agent: Agent,
): Pick<Incident, 'status' | 'lastStatusChangeAt' | 'lastStatusChangeBy'> {
  return { status, lastStatusChangeAt: at, lastStatusChangeBy: agent };
}

export interface ReachedLevel {
  readonly level: number;
  readonly userIds: readonly string[];
}

/**
 * The first level, from `fromLevel` on, where somebody is on call. PagerDuty skips levels that are empty at the moment;
 * deleted users cannot be reached; a round-robin level gives one user, everyone in turn.
 */
export function firstReachedLevel(
  account: Account,
  options: {
    readonly rules: readonly EscalationRule[];
    readonly fromLevel: number;
    readonly at: Date;
    readonly turn: number;
  },
): ReachedLevel | undefined {
  for (const [index, rule] of options.rules.entries()) {
    const level = index + 1;
    if (level < options.fromLevel) continue;
    const reached = usersReached(rule, (id) => account.schedules.get(id), options.at);
    const live = reached.filter((id) => account.liveUser(id) !== undefined);
    if (live.length === 0) continue;
    const chosen =
      rule.strategy === 'round_robin' ? live.slice(options.turn % live.length).slice(0, 1) : live;
    return { level, userIds: chosen };
  }
  return undefined;
}

/** When PagerDuty goes on from this level by itself: never for low urgency, nor when neither a further level nor a loop is left. */
export function nextEscalation(
  incident: Pick<Incident, 'escalationRules' | 'numLoops' | 'loopsDone' | 'urgency'>,
  level: number,
  at: Date,
): Date | null {
  const rule = incident.escalationRules[level - 1];
  const isLastLevel = level >= incident.escalationRules.length;
  if (incident.urgency === 'low') return null;
  if (rule === undefined || (isLastLevel && incident.loopsDone >= incident.numLoops)) return null;
  return new Date(at.getTime() + rule.escalationDelayInMinutes * MINUTE_MS);
}

export function assignedTo(userIds: readonly string[], at: Date): readonly Assignment[] {
  return userIds.map((userId) => ({ at, userId }));
}

/** So many seconds later; null where the service has none of it. */
export function after(at: Date, seconds: number | null): Date | null {
  return seconds === null ? null : new Date(at.getTime() + seconds * 1000);
}

export function alreadyResolved(): Refusal {
  return new Refusal({ status: 400, code: 1001, message: 'Incident Already Resolved' });
}

export function nobodyOnCall(): Refusal {
  return new Refusal({ status: 400, code: 1015, message: 'No users on call for the escalation policy' });
}
