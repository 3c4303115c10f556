import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { checkLeastPrivilege, roleYaml, teleportNeeds } from '../../src/doctor/least-privilege.ts';
import type { RolePermissions } from '../../src/ports/teleport.ts';
import type { Policy } from '../../src/core/rule.ts';
import { TELEPORT_NEEDS } from '../../src/doctor/needs.ts';
import { aPolicy, aRule, aWhen } from '../support/builders.ts';
import { aRole } from './checked-teleport.ts';

const SHIPPED = join(import.meta.dirname, '../../config/teleport-roles.yaml');
const NEEDS = teleportNeeds(aPolicy(), 'review', true);

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
      { allow: [{ resources: ['access_request', 'node'], verbs: ['list', 'read'] }] },
      'list, read node (role access-reviewer)',
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

  it('takes what the forecast reads for useful, and never for too much', () => {
    const foreteller = aRole({
      allow: [
        { resources: ['access_request', 'user', 'user_login_state', 'lock'], verbs: ['list', 'read'] },
        { resources: ['role'], verbs: ['read'] },
      ],
    });

    expect(checkLeastPrivilege('bot', [foreteller], teleportNeeds(aPolicy(), 'review', true))).toEqual([]);
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
      teleportNeeds(policy, 'review', true),
    );
    const yaml = finding?.text.slice(finding.text.indexOf('kind: role')) ?? '';

    expect(parse(yaml)).toEqual({
      kind: 'role',
      version: 'v7',
      metadata: { name: 'access-reviewer' },
      spec: {
        allow: {
          review_requests: { roles: ['db-*', 'prodaccess'], submit_for_users: ['NAME-OF-AN-APPROVER'] },
          rules: [
            { resources: ['access_request'], verbs: ['list', 'read'] },
            { resources: ['user'], verbs: ['read'] },
            { resources: ['user_login_state'], verbs: ['read'] },
            { resources: ['lock'], verbs: ['read', 'create', 'update', 'list', 'delete'] },
          ],
        },
      },
    });
  });

  it.each<[string, Parameters<typeof teleportNeeds>]>([
    ['the cluster does not know it', [aPolicy(), 'review', false]],
    ['the state is set', [aPolicy(), 'state', true]],
    ['none is paged', [aPolicy({ rules: [aRule({ escalate: null, otherwise: 'leave' })] }), 'review', true]],
    ['rules are only tried out', [aPolicy({ rules: [aRule({ mode: 'shadow' })] }), 'review', true]],
  ])('warns of reviews in the name of others where %s', (_why, args) => {
    const needs = teleportNeeds(...args);
    const [finding] = checkLeastPrivilege('bot', [aRole({ mayReview: [...needs.review] })], needs);

    expect(finding?.text).toContain('submit reviews in the name of alice (role access-reviewer)');
    expect(finding?.text).not.toContain('submit_for_users');
  });

  it.each([
    ['as it is', false, (text: string) => text],
    ['with that for 18.11', true, (text: string) => text.replace('# submit_for_users', 'submit_for_users')],
  ])('is the role that is shipped, %s', async (_how, knowsSubmitFor, edited) => {
    const shipped = await readFile(SHIPPED, 'utf8');
    const { identities } = aPolicy();
    const policy = aPolicy({
      identities: [{ kind: 'map', users: { bob: 'PB', alice: 'PA' } }, ...identities],
    });
    const [role] = parseAllDocuments(edited(shipped)).map((document) => document.toJS() as unknown);

    expect(parse(roleYaml('access-reviewer', teleportNeeds(policy, 'review', knowsSubmitFor)))).toEqual(role);
  });

  it('needs no reviews, but the update, where the state is set', () => {
    const needs = teleportNeeds(aPolicy(), 'state', true);

    expect(needs).toMatchObject({ review: [], submitFor: [] });
    expect(needs.useful.map(({ resource }) => resource)).toContain('access_monitoring_rule');
    expect(parse(roleYaml('bot', needs))).toMatchObject({
      spec: {
        allow: { rules: [{ resources: ['access_request'], verbs: ['list', 'read', 'update'] }, {}, {}, {}] },
      },
    });
  });

  it('has every row of the table of needs in the role that is shipped, as it is or as a comment, and no other', async () => {
    const [text = ''] = (await readFile(SHIPPED, 'utf8')).split('\n---\n');
    const whole = text.replaceAll(/^( +)# (- resources: | {2}verbs: )/gmu, '$1$2');
    const role = parse(whole) as { spec: { allow: { rules: { resources: string[]; verbs: string[] }[] } } };

    expect(role.spec.allow.rules.map(({ resources, verbs }) => ({ resource: resources[0], verbs }))).toEqual(
      expect.arrayContaining(TELEPORT_NEEDS.map(({ resource, verbs }) => ({ resource, verbs }))),
    );
    expect(role.spec.allow.rules).toHaveLength(TELEPORT_NEEDS.length);
  });

  it.each<[string, Partial<Policy>, readonly string[]]>([
    ['by map alone', { requireSso: false, identities: [{ kind: 'map', users: {} }] }, ['access_request']],
    ['by name, from SSO', { identities: [{ kind: 'username-is-email' }] }, ['access_request', 'user']],
    [
      'by map, with a rule for some roles',
      {
        identities: [{ kind: 'map', users: {} }],
        rules: [aRule({ when: aWhen({ requesterRoles: ['sres'] }) })],
      },
      ['access_request', 'user', 'user_login_state'],
    ],
  ])('fails without what is asked of people recognised %s', (_how, policy, resources) => {
    const { required } = teleportNeeds(aPolicy(policy), 'review', false);

    expect(required.map(({ resource }) => resource)).toEqual(resources);
  });
});
