import type { Account } from './account.ts';
import { resolve } from './incident-life.ts';
import { type Agent, type Incident, isOpen } from './incident-model.ts';
import { alreadyResolved } from './incident-record.ts';
import { Refusal } from './refusal.ts';

/**
 * PagerDuty: the sources are resolved by whoever merges, with the target as the reason; their alerts go along, their responders and
 * notes stay.
 * @throws Refusal 400 when the target is resolved (1001) or a source was merged before (1019)
 */
export function merge(
  account: Account,
  targetId: string,
  sourceIds: readonly string[],
  agent: Agent,
): Incident {
  const target = account.incidents.require(targetId);
  if (!isOpen(target)) throw alreadyResolved();
  for (const id of sourceIds) {
    const source = account.incidents.require(id);
    if (source.mergedInto !== null) {
      throw new Refusal({ status: 400, code: 1019, message: 'Incident Already Merged' });
    }
    if (isOpen(source)) resolve(account, id, agent);
    account.incidents.put({ ...account.incidents.require(id), alertCount: 0, mergedInto: targetId });
    const grown = account.incidents.require(targetId);
    account.incidents.put({ ...grown, alertCount: grown.alertCount + source.alertCount });
  }
  return account.incidents.require(targetId);
}
