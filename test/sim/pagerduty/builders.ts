import { DAY_MS } from './durations.ts';
import type {
  ApiKey,
  EscalationPolicy,
  EscalationRule,
  EscalationTarget,
  LayerSchedule,
  New,
  ScheduleLayer,
  Service,
  ServiceField,
  ShiftSchedule,
  User,
  WebhookSubscription,
} from './model.ts';

/** Long past, so that shifts built without a start are old enough for any rule about a shift's age. */
const LONG_AGO = new Date('2020-01-06T00:00:00Z');
const WEEK_SECONDS = (7 * DAY_MS) / 1000;

export function aUser(fields: Partial<User> & Pick<User, 'email'>): New<User> {
  return {
    name: fields.email.split('@')[0] ?? fields.email,
    role: 'limited_user',
    timeZone: 'Etc/UTC',
    jobTitle: null,
    invitationSent: false,
    deletedAt: null,
    ...fields,
  };
}

/** A rotation of weekly turns; one user alone is on call without end. */
export function aLayer(fields: Partial<ScheduleLayer> & Pick<ScheduleLayer, 'userIds'>): New<ScheduleLayer> {
  const start = fields.start ?? LONG_AGO;
  return {
    name: 'Layer 1',
    end: null,
    rotationVirtualStart: start,
    rotationTurnLengthSeconds: WEEK_SECONDS,
    ...fields,
    start,
  };
}

export function aSchedule(
  fields: Partial<Omit<LayerSchedule, 'layers' | 'kind'>> & {
    readonly layers?: readonly New<ScheduleLayer>[];
  },
): NewLayerSchedule {
  return { name: 'Primary', timeZone: 'Etc/UTC', overrides: [], layers: [], ...fields, kind: 'layers' };
}

export type NewLayerSchedule = Omit<New<LayerSchedule>, 'layers'> & {
  readonly layers: readonly New<ScheduleLayer>[];
};

export function aShiftSchedule(fields: Partial<Omit<ShiftSchedule, 'kind'>>): New<ShiftSchedule> {
  return { name: 'Primary', timeZone: 'Etc/UTC', overrides: [], shifts: [], ...fields, kind: 'shifts' };
}

/** One escalation level. */
export function aRule(
  targets: readonly EscalationTarget[],
  fields: Partial<EscalationRule> = {},
): New<EscalationRule> {
  return { escalationDelayInMinutes: 30, strategy: 'assign_to_everyone', ...fields, targets };
}

export type NewEscalationPolicy = Omit<New<EscalationPolicy>, 'rules'> & {
  readonly rules: readonly New<EscalationRule>[];
};

export function aPolicy(
  fields: Partial<Omit<EscalationPolicy, 'rules'>> & { readonly rules: readonly New<EscalationRule>[] },
): NewEscalationPolicy {
  return { name: 'Payments', description: '', numLoops: 0, ...fields };
}

export function aService(fields: Partial<Service> & Pick<Service, 'escalationPolicyId'>): New<Service> {
  return {
    name: 'Payments API',
    description: '',
    disabled: false,
    acknowledgementTimeoutSeconds: null,
    autoResolveTimeoutSeconds: null,
    createdAt: LONG_AGO,
    ...fields,
  };
}

export function aServiceField(id: string, name: string): ServiceField {
  return { id, name, displayName: name, dataType: 'string', fieldType: 'single_value' };
}

export function aKey(fields: Partial<ApiKey> & Pick<ApiKey, 'id' | 'kind'>): ApiKey {
  return { region: 'us', scopes: [], userId: null, hiddenIds: [], expiresAt: null, ...fields };
}

export function aSubscription(
  fields: Partial<WebhookSubscription> & Pick<WebhookSubscription, 'url'>,
): New<WebhookSubscription> {
  return {
    secrets: ['webhook-secret-1'],
    events: ALL_EVENTS,
    filter: { type: 'account_reference', id: null },
    description: '',
    active: true,
    temporarilyDisabledUntil: null,
    ...fields,
  };
}

const ALL_EVENTS: readonly string[] = [
  'incident.triggered',
  'incident.acknowledged',
  'incident.unacknowledged',
  'incident.resolved',
  'incident.reopened',
  'incident.annotated',
  'incident.escalated',
  'incident.delegated',
  'incident.reassigned',
  'incident.responder.added',
  'incident.responder.replied',
  'incident.service_updated',
];
