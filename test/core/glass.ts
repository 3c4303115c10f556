import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Rule } from '../../src/core/rule.ts';
import { HOUR } from '../../src/core/values/instant.ts';
import { aRule, someRequirements, someTargets } from '../support/builders.ts';
import { decided } from './deciding.ts';

export const glass = aRule({
  name: 'glass',
  breakGlass: true,
  onCall: someTargets({ services: [] }),
  require: someRequirements({ maxDurationMs: 8 * HOUR }),
});
export const ordinary = aRule({ name: 'ordinary' });

export function asked(
  facts: Partial<Facts>,
  {
    rules = [glass, ordinary],
    request = {},
  }: { rules?: readonly Rule[]; request?: Partial<AccessRequest> } = {},
) {
  return decided({ facts, rules, request });
}
