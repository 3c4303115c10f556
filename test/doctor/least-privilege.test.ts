import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkLeastPrivilege, teleportNeeds } from '../../src/doctor/least-privilege.ts';
import type { RolePermissions } from '../../src/ports/teleport.ts';
import { aPolicy, aRule } from '../builders.ts';

const NEEDS = teleportNeeds(aPolicy(), 'review');

function aRole(overrides: Partial<RolePermissions> = {}): RolePermissions {
  return {
    role: 'access-reviewer',
    allow: [
      { resources: ['access_request'], verbs: ['list', 'read'] },
      { resources: ['user'], verbs: ['read'] },
    ],
    deny: [],
    mayReview: ['prodaccess'],
    mayNotReview: [],
    ...overrides,
  };
}

function excess(...roles: readonly RolePermissions[]): string | null {
  const [finding] = checkLeastPrivilege('bot-oncall-approver', roles, NEEDS);
  return finding?.text ?? null;
}

describe('least privilege', () => {
  it('says nothing of the role that the examples give', () => {
    expect(excess(aRole())).toBeNull();
  });

  it.each<[string, Partial<RolePermissions>, string]>([
    [
      'everything',
      { allow: [{ resources: ['*'], verbs: ['*'] }] },
      'do everything with everything (role access-reviewer)',
    ],
    [
      'further verbs',
      { allow: [{ resources: ['user'], verbs: ['read', 'update', 'delete'] }] },
      'update, delete user (role access-reviewer)',
    ],
    [
      'a further resource',
      { allow: [{ resources: ['access_request', 'role'], verbs: ['list', 'read'] }] },
      'list, read role (role access-reviewer)',
    ],
    [
      'setting the state where reviews are given',
      { allow: [{ resources: ['access_request'], verbs: ['list', 'read', 'update'] }] },
      'update access_request (role access-reviewer)',
    ],
    ['reviews of every role', { mayReview: ['*'] }, 'review requests for * (role access-reviewer)'],
    ['reviews of another', { mayReview: ['prodaccess', 'admin'] }, 'review requests for admin'],
  ])('warns of %s', (_what, role, text) => {
    expect(excess(aRole(role))).toContain(`may more than the service needs: ${text}`);
  });

  it('does not count what is denied', () => {
    const denying = aRole({
      allow: [{ resources: ['user'], verbs: ['read', 'update'] }],
      deny: [{ resources: ['user'], verbs: ['update'] }],
      mayReview: ['prodaccess', 'admin'],
      mayNotReview: ['admin'],
    });

    expect(excess(denying)).toBeNull();
  });

  it('names each role that allows too much', () => {
    const text = excess(aRole({ mayReview: ['*'] }), aRole({ role: 'editor', mayReview: ['admin'] }));

    expect(text).toContain('review requests for * (role access-reviewer)');
    expect(text).toContain('review requests for admin (role editor)');
  });

  it('gives the role that is enough, as YAML that Teleport takes', () => {
    const policy = aPolicy({
      rules: [
        aRule({ roles: ['prodaccess', 'db-*'], accessEnd: { withShift: true, warnBeforeMs: null } }),
        aRule({ name: 'second', roles: ['prodaccess'] }),
      ],
    });
    const [finding] = checkLeastPrivilege(
      'bot',
      [aRole({ mayReview: ['*'] })],
      teleportNeeds(policy, 'review'),
    );
    const yaml = finding?.text.slice(finding.text.indexOf('kind: role')) ?? '';

    expect(parse(yaml)).toEqual({
      kind: 'role',
      version: 'v7',
      metadata: { name: 'access-reviewer' },
      spec: {
        allow: {
          review_requests: { roles: ['db-*', 'prodaccess'] },
          rules: [
            { resources: ['access_request'], verbs: ['list', 'read'] },
            { resources: ['user'], verbs: ['read'] },
            { resources: ['lock'], verbs: ['list', 'read', 'create', 'update'] },
          ],
        },
      },
    });
  });

  it('needs no reviews, but the update, where the state is set', () => {
    expect(teleportNeeds(aPolicy(), 'state')).toEqual({
      rules: [
        { resource: 'access_request', verbs: ['list', 'read', 'update'] },
        { resource: 'user', verbs: ['read'] },
      ],
      review: [],
    });
  });
});
