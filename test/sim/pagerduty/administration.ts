import type { Account } from './account.ts';
import { DAY_MS } from './durations.ts';
import type { MaintenanceWindow, Override, Service, User } from './model.ts';

/** What people do in PagerDuty's settings while a service is watching. None of it fires a webhook. */

export interface OverrideRequest {
  readonly scheduleId: string;
  readonly userId: string;
  /** Default: now. */
  readonly start?: Date;
  /** Default: a day after the start. */
  readonly end?: Date;
}

/** Puts one user on call in place of whoever the schedule names. PagerDuty keeps whole seconds. */
export function setOverride(account: Account, request: OverrideRequest): Override {
  const schedule = account.schedules.require(request.scheduleId);
  const start = wholeSecond(request.start ?? account.clock.now());
  const end = wholeSecond(request.end ?? new Date(start.getTime() + DAY_MS));
  if (end <= start) throw new RangeError('an override must end after it starts');
  const override = { id: account.ids.short(), start, end, userId: account.users.require(request.userId).id };
  account.schedules.put({ ...schedule, overrides: [...schedule.overrides, override] });
  return override;
}

export function removeOverride(account: Account, scheduleId: string, overrideId: string): void {
  const schedule = account.schedules.require(scheduleId);
  const overrides = schedule.overrides.filter((override) => override.id !== overrideId);
  account.schedules.put({ ...schedule, overrides });
}

/** The user answers 404 from now on, but schedules and policies go on naming the stub. */
export function deleteUser(account: Account, userId: string): User {
  return account.users.put({ ...account.users.require(userId), deletedAt: account.clock.now() });
}

export function setServiceDisabled(account: Account, serviceId: string, disabled: boolean): Service {
  return account.services.put({ ...account.services.require(serviceId), disabled });
}

export function repointService(account: Account, serviceId: string, escalationPolicyId: string): Service {
  const policy = account.escalationPolicies.require(escalationPolicyId);
  return account.services.put({ ...account.services.require(serviceId), escalationPolicyId: policy.id });
}

/** PagerDuty: every ordinary user may; null takes the value away. */
export function setServiceField(
  account: Account,
  serviceId: string,
  name: string,
  value: string | readonly string[] | null,
): Service {
  const service = account.services.require(serviceId);
  const field = account.serviceFields.find((each) => each.name === name);
  if (field === undefined) throw new RangeError(`services have no custom field ${name}`);
  const takesSeveral = field.fieldType.startsWith('multi_value');
  if (value !== null && Array.isArray(value) !== takesSeveral)
    throw new RangeError(`${name} takes ${takesSeveral ? 'several values' : 'one value'}`);
  return account.services.put({ ...service, customFields: { ...service.customFields, [name]: value } });
}

/** PagerDuty: its services go along. */
export function putInTeam(account: Account, policyId: string, teamId: string): void {
  const policy = account.escalationPolicies.require(policyId);
  account.escalationPolicies.put({ ...policy, teamId: account.teams.require(teamId).id });
}

export function openMaintenanceWindow(
  account: Account,
  request: {
    readonly serviceIds: readonly string[];
    readonly durationMs: number;
    readonly description?: string;
  },
): MaintenanceWindow {
  const start = account.clock.now();
  return account.maintenanceWindows.put({
    id: account.ids.short(),
    description: request.description ?? 'Planned work',
    start,
    end: new Date(start.getTime() + request.durationMs),
    serviceIds: request.serviceIds.map((id) => account.services.require(id).id),
  });
}

export function isInMaintenance(account: Account, serviceId: string, at: Date): boolean {
  return account.maintenanceWindows
    .all()
    .some((window) => window.serviceIds.includes(serviceId) && window.start <= at && at < window.end);
}

function wholeSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}
