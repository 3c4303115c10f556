import type { Cause, CauseCode } from '../core/values/cause.ts';
import type { PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Agent } from '../core/facts.ts';
import type { OnCallRow, Reference } from '../core/on-call.ts';
import type { BrokenRow } from '../core/roster/sheet.ts';
import type { TargetKind } from '../core/rule.ts';

/** One caller's limits: when to stop, and who counts the reads that really went out. */
export interface Ask {
  readonly signal: AbortSignal;
  /** Called once for each HTTP read that this question caused; none for an answer that others had asked for. */
  readonly onRead?: () => void;
  /** Called right before each HTTP write is sent; what it throws is thrown, and nothing is sent. */
  readonly onWrite?: () => void;
  /** `decision` unless told. */
  readonly priority?: Priority;
  /** The requester for whom it is asked: of the same priority they take turns. */
  readonly for?: string;
}

/**
 * Who goes first when PagerDuty's rate limit leaves little: decisions, for which somebody waits at a prompt; who somebody is whom no
 * row lets in, for the record and the page; pages for people; what follows from both (notes, answers, look-ups for notes); what only
 * saves time later.
 */
export type Priority = 'decision' | 'person' | 'page' | 'follow-up' | 'background';

export interface Service extends Reference {
  readonly escalationPolicy: Reference;
  /** PagerDuty's own words: active, warning, critical, maintenance, disabled. */
  readonly status: string;
}

export interface Schedule extends Reference {
  /** Layer-based schedules and shift-based ones (v3) are read at different places. */
  readonly kind: 'layers' | 'shifts';
  /** Whether any escalation policy uses it; only then does it have on-call rows. */
  readonly attached: boolean;
}

/** From the first instant to the last, by PagerDuty's clock. */
export interface Span {
  readonly from: Instant;
  readonly until: Instant;
}

export interface OnCallAnswer {
  readonly at: Instant;
  readonly rows: readonly OnCallRow[];
  /** Rows that are not as PagerDuty documents them: what they are about is not known, the others are. */
  readonly broken: readonly BrokenRow[];
  /** Those of the rows, as far as PagerDuty gave their addresses with them. */
  readonly people: ReadonlyMap<string, PagerDutyUser>;
}

/** Who is on call, and what names mean. Every method throws PagerDutyError when it cannot answer in full. */
export interface OnCallDirectory {
  /** All users whose e-mail address is exactly this one, case-folded, after every page was read: 0, 1 or more. */
  usersByEmail(email: string, ask: Ask): Promise<readonly PagerDutyUser[]>;
  /** One user by id; null for one that is deleted. */
  user(id: string, ask: Ask): Promise<PagerDutyUser | null>;
  /** All users of the account; null where there are more than fit on so many pages of 100. */
  users(mostPages: number, ask: Ask): Promise<readonly PagerDutyUser[] | null>;
  /**
   * Every on-call row of these escalation policies that touches the span, with everybody's address, and PagerDuty's time of the answer.
   * Without a span: now, by PagerDuty's own clock.
   */
  onCallsUnder(policyIds: readonly string[], span: Span | null, ask: Ask): Promise<OnCallAnswer>;
  /** The same of these schedules, under whatever policy. */
  onCallsOn(scheduleIds: readonly string[], span: Span | null, ask: Ask): Promise<OnCallAnswer>;
  /** The final schedule's shifts that touch the span, for a schedule that no policy uses: it has no on-call rows. */
  shiftsOf(schedule: Schedule, span: Span, ask: Ask): Promise<OnCallAnswer>;
  /** By id, or by exact name without regard to case; kind `not-found` when absent, `ambiguous` when several have the name. */
  service(idOrName: string, ask: Ask): Promise<Service>;
  escalationPolicy(idOrName: string, ask: Ask): Promise<Reference>;
  /**
   * What many ids or names of services stand for, by a list of all of the account; those that it does not settle are left out. Null
   * where it has more than so many pages of 100.
   */
  services(
    idsOrNames: readonly string[],
    mostPages: number,
    ask: Ask,
  ): Promise<ReadonlyMap<string, Service> | null>;
  /** All services that the key may see; PagerDuty gives 10,000 at most, and more are refused. */
  everyService(ask: Ask): Promise<readonly Service[]>;
  schedule(idOrName: string, ask: Ask): Promise<Schedule>;
}

/** What PagerDuty says of who owns what, which ordinary users may edit there. Every method throws PagerDutyError. */
export interface OwnershipDirectory {
  /** By id, or by exact name without regard to case; kind `not-found` when absent, `ambiguous` when several have the name. */
  team(idOrName: string, ask: Ask): Promise<Reference>;
  /** The escalation policies that belong to a team. */
  policiesOf(teamId: string, ask: Ask): Promise<readonly Reference[]>;
  /** The services that do. */
  servicesOf(teamId: string, ask: Ask): Promise<readonly Service[]>;
  /** The custom fields that services have in this account, by name, each with its text on this service; null for no text. One read. */
  fieldsOf(serviceId: string, ask: Ask): Promise<ReadonlyMap<string, string | null>>;
}

export interface Resolution {
  readonly at: Instant;
  /** Who opened it again: null where the log does not say who, absent where nobody did. */
  readonly reopenedBy?: Actor | null;
}

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';

/** An author, acknowledger or agent; only the types `user` and `user_reference` are people. */
export type Actor = Agent;

export interface Acknowledgement {
  readonly at: Instant;
  readonly by: Actor;
}

/** Somebody who was asked to help with an incident, and by whom. */
export interface Responder {
  readonly user: Reference;
  /** PagerDuty's words: pending, joined, declined, user_cancelled. */
  readonly state: string;
  readonly requester: Reference | null;
}

export interface Incident {
  readonly id: string;
  readonly incidentKey: string | null;
  readonly title: string;
  readonly status: IncidentStatus;
  readonly urgency: 'high' | 'low';
  readonly service: Reference;
  readonly escalationPolicy: Reference;
  readonly assignees: readonly Reference[];
  /** Whether it was given to people by name: then PagerDuty pages nobody after them. */
  readonly isDirect: boolean;
  /** Empty unless the incident is acknowledged now: PagerDuty drops them when it is resolved or triggered again. */
  readonly acknowledgements: readonly Acknowledgement[];
  /** Empty on plans without responder requests. */
  readonly responders: readonly Responder[];
  readonly createdAt: Instant;
  /** The agent of its first log entry; null where PagerDuty did not say. */
  readonly openedBy: Actor | null;
  /** When its status changed last; null where PagerDuty did not say. */
  readonly lastChangeAt: Instant | null;
  /** Whoever changed its status last; null where it never was, or PagerDuty did not say. */
  readonly lastChangeBy: Actor | null;
  /** The incident that it was merged into, which is what resolved it; null for all others. */
  readonly mergedInto: string | null;
  readonly htmlUrl: string | null;
}

/** An incident that was merged, and the one that it goes on as, which is open. */
export interface MergedIncident {
  readonly merged: Incident;
  readonly into: Incident;
}

/** Somebody asked people to help, by an incident's log: its agent cannot be chosen by whoever asks. */
export interface HelpRequest {
  readonly by: Actor;
  /** PagerDuty users; null where it did not say. */
  readonly asked: readonly string[] | null;
}

export interface Note {
  readonly id: string;
  readonly content: string;
  readonly author: Actor;
  readonly createdAt: Instant;
  /** Notes can be edited since 2025-11: later than `createdAt` when this one was; null where PagerDuty does not say. */
  readonly updatedAt: Instant | null;
}

/** What was said and done on an incident, as one look at it finds it. */
export interface Timeline {
  readonly isResolved: boolean;
  /** Where it was merged, over however many merges: into which incident, or null where that is gone or not to be read. */
  readonly merged: { readonly into: string | null } | null;
  /** Who resolved it last; null while it is open, and where its log does not say. */
  readonly resolvedBy: Actor | null;
  readonly notes: readonly Note[];
  /**
   * Whether the notes were read by an earlier look. None was added since, but one may have been edited or deleted less than two
   * minutes ago: what depends on that asks for `notes`.
   */
  readonly notesAreKept: boolean;
  /**
   * Every acknowledgement there ever was, also those that PagerDuty dropped when the incident went on or was resolved; but none by whoever
   * opened it, for whom PagerDuty acknowledges by itself what is assigned to them.
   */
  readonly acknowledgements: readonly Acknowledgement[];
  /** Those that hold still, by its log, whoever gave them: nobody else is paged meanwhile. */
  readonly heldBy: readonly Acknowledgement[];
}

export interface NewIncident {
  readonly key: string;
  readonly serviceId: string;
  readonly title: string;
  readonly details: string;
  /** Absent where the service's own rule is to say. */
  readonly urgency?: 'high' | 'low';
  /** Of the request, for fields of the incident's own, where the account has them. */
  readonly about?: {
    readonly requester: string;
    readonly roles: readonly string[];
    readonly decisionId: string;
    readonly endsAt: Instant | null;
  };
}

export type SentText = Pick<NewIncident, 'title' | 'details'>;

/** What an incident shows of the text that it was opened with. */
export interface Shown {
  readonly createdAt: Instant;
  readonly changed: 'title' | 'text' | null;
}

export interface Resolved {
  readonly incident: Incident;
  /** Whether it was resolved already when it was to be. */
  readonly before: boolean;
}

export interface Incidents {
  /** Triggered and acknowledged incidents of these services, newest first. */
  openOn(serviceIds: readonly string[], ask: Ask): Promise<readonly Incident[]>;
  /** Of the last hundred resolved incidents of these services, begun since then: those that go on, merged into another. */
  mergedOn(serviceIds: readonly string[], since: Instant, ask: Ask): Promise<readonly MergedIncident[]>;
  /** Each time that the incident was resolved, the oldest first, by its log. */
  resolutions(incidentId: string, ask: Ask): Promise<readonly Resolution[]>;
  /** Every request for help that the incident's log tells of. */
  helpRequests(incidentId: string, ask: Ask): Promise<readonly HelpRequest[]>;
  /** Every incident with this key, whoever opened it, on whatever service and of whatever status, the newest first. */
  allWithKey(key: string, ask: Ask): Promise<readonly Incident[]>;
  /**
   * Whether the incident was opened by the `from` user through the API with this title and text, has had no alert, and says the same
   * still. False also where PagerDuty does not tell one of these. Two reads, and one more for what may be our own.
   */
  wasOpenedAs(incidentId: string, sent: SentText, ask: Ask): Promise<boolean>;
  /** Whether its title or text was changed since it was opened; null when the incident is gone. Two reads. */
  shownOf(incidentId: string, sent: SentText, ask: Ask): Promise<Shown | null>;
  /** When the `from` user added this to the notes, and nobody has changed that note since; null where it is not there. Two reads. */
  listedAt(incidentId: string, text: string, ask: Ask): Promise<Instant | null>;
  /** Whether it is the `from` user. One read. */
  isService(actor: Actor, ask: Ask): Promise<boolean>;
  find(id: string, ask: Ask): Promise<Incident | null>;
  /** Opens the incident. PagerDuty answers 400 (`refused`) where one with this key is open on the service, whoever opened it. */
  open(incident: NewIncident, ask: Ask): Promise<Incident>;
  notes(incidentId: string, ask: Ask): Promise<readonly Note[]>;
  /** For looking at an incident again and again: costs one read where nothing was said since. Null when the incident is gone. */
  timeline(incidentId: string, ask: Ask): Promise<Timeline | null>;
  /** Not idempotent: PagerDuty knows no key for notes. After an unclear failure list the notes before trying again. */
  addNote(incidentId: string, content: string, ask: Ask): Promise<void>;
  /** Makes it one of high urgency: one of low urgency never goes up its policy, nor can it be moved there. */
  raise(incidentId: string, ask: Ask): Promise<void>;
  /** Pages the given escalation level of the incident's policy. */
  moveTo(incidentId: string, escalationLevel: number, ask: Ask): Promise<void>;
  /** Resolves the incident and says whether that had been done before, which is no error. Null when the incident is gone. */
  resolve(incidentId: string, ask: Ask): Promise<Resolved | null>;
}

/** Where PagerDuty sends which events to. */
export interface WebhookSubscription {
  readonly id: string;
  readonly url: string;
  readonly active: boolean;
  /** PagerDuty switches it off for a day after three webhooks in a row that were refused. */
  readonly temporarilyDisabled: boolean;
  readonly events: readonly string[];
  /** Of which incidents: `account_reference`, or one `service_reference` or `team_reference`. */
  readonly filter: { readonly type: string; readonly id: string | null };
}

/** What `check` asks about the credentials and the account. */
export interface PagerDutyAdmin {
  /** A cheap call that any valid key may make; throws `unauthorised` for a key (or region) that is wrong. */
  reachable(ask: Ask): Promise<{ readonly at: Instant }>;
  /** Quiet when the writing key may open incidents, without opening one; throws `forbidden` when it may not. */
  mayWrite(ask: Ask): Promise<void>;
  /** Whether the key that reads may open incidents too; null where one key does both. */
  readKeyMayWrite(ask: Ask): Promise<boolean | null>;
  /** Whether the `from` address belongs to a user of the account: notes and incidents are written in its name. */
  fromUser(ask: Ask): Promise<PagerDutyUser | null>;
  /** Every user of the account. */
  users(ask: Ask): Promise<readonly PagerDutyUser[]>;
  /** The names of everything of this kind that the key may see. */
  namesOf(kind: TargetKind, ask: Ask): Promise<readonly string[]>;
  /** Every webhook subscription of the account that the key may see. */
  webhookSubscriptions(ask: Ask): Promise<readonly WebhookSubscription[]>;
  /** Lets PagerDuty send a test event by this subscription, which needs the right to write. It arrives a little later, or does not. */
  pingWebhook(subscriptionId: string, ask: Ask): Promise<void>;
}

/** The name of the incident type of pages. */
export const PAGE_TYPE = 'access_request';

/** The incident type of pages, and its custom fields, which an account may have. Nothing is decided by them: whoever may edit the incident may edit these. */
export interface PageType {
  /** Names of what the account lacks of them. Throws PagerDutyError, also where its plan or the key's rights keep them from being seen. */
  lacking(ask: Ask): Promise<readonly string[]>;
  /** Makes what is lacking, which only an admin may. Throws PagerDutyError. */
  create(lacking: readonly string[], ask: Ask): Promise<void>;
  /** Sees what is there: pages have it from then on. Never throws. */
  refresh(ask: Ask): Promise<void>;
}

/** What came of asking PagerDuty whether it answers. */
export type Felt =
  /** No answer, or 5xx. Times in milliseconds of a clock that never goes back. */
  | { readonly state: 'silent'; readonly begunMs: number; readonly endedMs: number; readonly cause: Cause }
  /** Whatever it answered: 4xx and 429 are answers. */
  | { readonly state: 'answered' }
  /** It was not asked, for a reason of ours: no key, or nothing left of the budget. */
  | { readonly state: 'not-asked' };

/** A cheap read, for nothing but to know whether PagerDuty is silent. */
export interface Pulse {
  /** Those who ask at once share one read. Rejects with the signal's reason when that aborts. */
  feel(signal: AbortSignal): Promise<Felt>;
}

/** One HTTP request to PagerDuty and what came of it, for whoever watches over the connection. */
export interface PagerDutyExchange {
  /** What it was for, in one of a few fixed phrases: `look up a service`. */
  readonly doing: string;
  readonly failure: PagerDutyError | null;
  readonly durationMs: number;
}

/** How much may still be asked of PagerDuty with this key, as far as its answers told. */
export interface PagerDutyBudget {
  /** Requests a minute. */
  readonly limit: number;
  /** Requests left of the present minute. */
  readonly remaining: number;
  /** Nothing is sent for the moment, because too much failed. */
  readonly breakerOpen: boolean;
}

/** PagerDuty's limits, in requests a minute, as its answers tell them. */
export interface PagerDutyLimits {
  /** The key's own. */
  readonly key: number;
  /** Of GET /oncalls by itself; null while no answer told of one. */
  readonly onCalls: number | null;
}

/** What is known of the credentials; API keys neither end nor tell their rights. */
export interface PagerDutyCredentials {
  readonly kind: 'keys' | 'oauth';
  /** When the first of the tokens ends; it is renewed an hour before. Null for keys, and before the first token. */
  readonly expires: Instant | null;
  /** Scopes that tokens are to have; none for keys. */
  readonly neededScopes: readonly string[];
  /** Those of them that the app was not granted. */
  readonly missingScopes: readonly string[];
}

export type PagerDutyErrorKind = Exclude<CauseCode, 'clock-skew'>;

/** Any failure to get a whole, valid answer from PagerDuty, typed at the edge; the message is a sentence with a remedy. */
export class PagerDutyError extends Error {
  override readonly name = 'PagerDutyError';
  readonly kind: PagerDutyErrorKind;
  readonly transient: boolean;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** PagerDuty was asked and gave no answer, or a 5xx: not what we did not ask, gave up, or took for something else. */
  readonly silence: boolean;

  constructor(
    kind: PagerDutyErrorKind,
    message: string,
    options: { transient?: boolean; status?: number | null; silence?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.transient = options.transient ?? false;
    this.status = options.status ?? null;
    this.silence = options.silence ?? false;
  }
}
