/** What an account is configured with. Names are PagerDuty's; instants are Dates; `null` is "none", as on the wire. */

export type Region = 'us' | 'eu';
export type Urgency = 'high' | 'low';

type UserRole =
  | 'admin'
  | 'limited_user'
  | 'observer'
  | 'owner'
  | 'read_only_user'
  | 'read_only_limited_user'
  | 'restricted_access'
  | 'user';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: UserRole;
  readonly timeZone: string;
  readonly jobTitle: string | null;
  readonly invitationSent: boolean;
  /** A deleted user answers 404 but stays in schedules and policies as a stub until someone replaces it. */
  readonly deletedAt: Date | null;
}

/** A rotation: the users take turns of equal length from `rotationVirtualStart`, inside `start`..`end`. */
export interface ScheduleLayer {
  readonly id: string;
  readonly name: string;
  readonly start: Date;
  readonly end: Date | null;
  readonly rotationVirtualStart: Date;
  readonly rotationTurnLengthSeconds: number;
  readonly userIds: readonly string[];
}

export interface Override {
  readonly id: string;
  readonly start: Date;
  readonly end: Date;
  readonly userId: string;
}

interface ScheduleBase {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly overrides: readonly Override[];
}

/** The older kind: one user at a time, later layers cover earlier ones. */
export interface LayerSchedule extends ScheduleBase {
  readonly kind: 'layers';
  readonly layers: readonly ScheduleLayer[];
}

interface CustomShift {
  readonly start: Date;
  readonly end: Date | null;
  readonly userIds: readonly string[];
}

/** The newer kind ("v3"): several members may be on call at once. */
export interface ShiftSchedule extends ScheduleBase {
  readonly kind: 'shifts';
  readonly shifts: readonly CustomShift[];
}

export type Schedule = LayerSchedule | ShiftSchedule;

export interface EscalationTarget {
  readonly kind: 'user' | 'schedule';
  readonly id: string;
}

/** The rule at index n is escalation level n + 1. */
export interface EscalationRule {
  readonly id: string;
  readonly escalationDelayInMinutes: number;
  readonly strategy: 'assign_to_everyone' | 'round_robin';
  readonly targets: readonly EscalationTarget[];
}

export interface Team {
  readonly id: string;
  readonly name: string;
}

/** A custom field that every service of the account has. */
export interface ServiceField {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly dataType: 'boolean' | 'integer' | 'float' | 'string' | 'datetime' | 'url';
  readonly fieldType: 'single_value' | 'single_value_fixed' | 'multi_value' | 'multi_value_fixed';
}

/** A kind of incident, with the names of its custom fields, all of them texts. */
export interface IncidentType {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly enabled: boolean;
  readonly fields: readonly string[];
}

export interface EscalationPolicy {
  readonly id: string;
  /** PagerDuty: one team at most, to which its services belong as well. */
  readonly teamId?: string;
  readonly name: string;
  readonly description: string;
  readonly numLoops: number;
  readonly rules: readonly EscalationRule[];
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly escalationPolicyId: string;
  /** By the names of the account's fields. */
  readonly customFields?: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  /** After this long an acknowledged incident is triggered again; null = never. */
  readonly acknowledgementTimeoutSeconds: number | null;
  /** After this long an open incident is resolved, whoever has acknowledged it; null = never. */
  readonly autoResolveTimeoutSeconds: number | null;
  /** What its incidents have where the request names none; high unless told. */
  readonly urgency?: Urgency;
  readonly createdAt: Date;
}

export interface MaintenanceWindow {
  readonly id: string;
  readonly description: string;
  readonly start: Date;
  readonly end: Date;
  readonly serviceIds: readonly string[];
}

export type KeyKind = 'account-read-only' | 'account-full' | 'user' | 'app';

/** A credential. Account and user keys come as `Token token=`, app tokens (scoped OAuth) as `Bearer`. */
export interface ApiKey {
  /** The secret itself. */
  readonly id: string;
  readonly kind: KeyKind;
  readonly region: Region;
  /** App tokens only: what they may do, e.g. `oncalls.read`. */
  readonly scopes: readonly string[];
  /** User keys only: whose key it is; it dies with the user. */
  readonly userId: string | null;
  /** Ids this key's owner may not see: left out of lists, 404 when asked for by id. */
  readonly hiddenIds: readonly string[];
  readonly expiresAt: Date | null;
}

/** A registered app that fetches its own tokens; the id is the client id. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly string[];
}

export interface WebhookSubscription {
  readonly id: string;
  readonly url: string;
  /** More than one while a secret is being rotated: every delivery then carries one signature per secret. */
  readonly secrets: readonly string[];
  readonly events: readonly string[];
  readonly filter: {
    readonly type: 'account_reference' | 'service_reference' | 'team_reference';
    readonly id: string | null;
  };
  readonly description: string;
  readonly active: boolean;
  readonly temporarilyDisabledUntil: Date | null;
}

/** An object still to be added: the account gives it an id unless it has one. */
export type New<T> = Omit<T, 'id'> & { readonly id?: string };
