import { describe, expect, it } from 'vitest';
import { checkHostNames } from '../../src/doctor/check-requesters.ts';
import type { RolePermissions } from '../../src/ports/teleport.ts';
import { aPolicy, aRule, aWhen } from '../support/builders.ts';

const ROLE: RolePermissions = {
  role: 'access-reviewer',
  allow: [],
  deny: [],
  mayReview: [],
  mayNotReview: [],
  maySubmitFor: [],
  mayNotSubmitFor: [],
};

function found(
  kinds: readonly string[],
  names: readonly string[],
  roles: readonly RolePermissions[] = [ROLE],
) {
  const rule = aRule({ when: aWhen({ resources: { kinds, names } }) });
  return checkHostNames('bot', roles, aPolicy({ rules: [rule, aRule({ name: 'all' })] }));
}

describe('the check of host names', () => {
  it('warns where rules go by them and the service may not look at the nodes', () => {
    const [finding] = found(['*'], ['db-*']);

    expect(finding).toMatchObject({ state: 'warning', subject: 'teleport host names' });
    expect(finding?.text).toContain(
      '(prod-oncall), and user bot sees nodes only by the labels of its own roles',
    );
    expect(finding?.text).toContain('`review_requests: {preview_as_roles: [prodaccess]}`');
  });

  it('is silent where no rule does, or the service may', () => {
    expect(found(['db'], ['db-*'])).toEqual([]);
    expect(found(['node'], ['db', '*'])).toEqual([]);
    expect(found(['node'], ['db-*'], [ROLE, { ...ROLE, mayPreview: ['prodaccess'] }])).toEqual([]);
  });
});
