import type { Account } from './account.ts';
import { incidentByIdOrNumber } from './incident-lookup.ts';
import { isOpen, type Incident } from './incident-model.ts';
import type { Schedule, Service, User } from './model.ts';

export interface ControlLookup {
  readonly user: (idOrEmailOrName: string) => User;
  readonly service: (idOrName: string) => Service;
  readonly schedule: (idOrName: string) => Schedule;
  /** By id, number or incident key; an open incident is preferred where several had the key. */
  readonly incident: (idOrNumberOrKey: string) => Incident;
}

/** Finds objects by whatever a person would call them; each lookup throws RangeError when there is none. */
export function controlLookup(account: Account): ControlLookup {
  return {
    user: (text) =>
      account.liveUser(text) ?? account.userByEmail(text) ?? byName(liveUsers(account), text, 'user'),
    service: (text) => account.services.get(text) ?? byName(account.services.all(), text, 'service'),
    schedule: (text) => account.schedules.get(text) ?? byName(account.schedules.all(), text, 'schedule'),
    incident: (text) => {
      const withKey = account.incidents.all().filter((incident) => incident.incidentKey === text);
      const found = incidentByIdOrNumber(account, text) ?? withKey.find(isOpen) ?? withKey.at(-1);
      if (found === undefined) throw new RangeError(`no incident \`${text}\``);
      return found;
    },
  };
}

function byName<T extends { readonly name: string }>(items: readonly T[], name: string, noun: string): T {
  const item = items.find((one) => one.name === name);
  if (item === undefined) throw new RangeError(`no ${noun} \`${name}\``);
  return item;
}

/** A deleted user does nothing any more, so is not found. */
function liveUsers(account: Account): readonly User[] {
  return account.users.all().filter((user) => user.deletedAt === null);
}
