import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';

import { parseInstant } from '../../src/core/values/instant.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { connected, rejectionOf } from './connected.ts';

describe('a user', () => {
  it.each(['15.4.0', '17.5.0', '18.11.0'])(
    'of Teleport %s has its traits and where it came from',
    async (version) => {
      await using world = await connected({ teleport: { serverVersion: version } });
      const { users } = world.connection;

      expect(await users.user('sre-1', world.signal)).toEqual({
        name: 'sre-1',
        roles: ['sres', 'access-reviewer'],
        traits: { email: ['sre-1@example.com'], logins: ['sre-1'] },
        sso: true,
      });
      expect(await users.user('local-sre', world.signal)).toMatchObject({ sso: false });
      expect(await users.user('oncall-approver', world.signal)).toMatchObject({ bot: true });
    },
  );

  it('is asked the old way where the newer service is missing', async () => {
    await using world = await connected({ teleport: { serverVersion: '15.4.0' } });
    world.teleport.faults.add({ method: 'GetUser', kind: 'error', code: status.UNIMPLEMENTED, times: 1 });

    expect(await world.connection.users.user('sre-1', world.signal)).toMatchObject({ name: 'sre-1' });
    expect(world.teleport.calls.of('GetUser')).toHaveLength(2);
  });

  it('that does not exist is not found', async () => {
    await using world = await connected();

    const error = await rejectionOf(world.connection.users.user('nobody', world.signal));

    expect(error).toMatchObject({ kind: 'not-found', transient: false });
  });

  it('without the permission is denied, and the error names the verb', async () => {
    await using world = await connected({ user: 'sre-2' });

    expect(await rejectionOf(world.connection.users.user('sre-1', world.signal))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('the verb read on user') as string,
    });
  });
});

describe('a login state', () => {
  const GRANTS = { roles: ['contractor'], traits: { team: ['contractor'], logins: ['guest'] } };

  it.each([
    ['14.3.0', { roles: [], traits: {} }],
    ['15.4.0', { roles: ['contractor'], traits: {} }],
    ['16.0.0', GRANTS],
    ['18.11.0', GRANTS],
  ])('of Teleport %s has what is in force, and what of it lists gave', async (version, lists) => {
    await using world = await connected({ teleport: { serverVersion: version } });
    world.teleport.cluster.directory.grantByAccessList('sre-2', GRANTS);

    const read = await world.connection.users.loginState('sre-2', world.signal);

    expect(read?.effective).toEqual({
      roles: ['sres', 'contractor'],
      traits: { email: ['sre-2@example.com'], logins: ['sre-2', 'guest'], team: ['contractor'] },
    });
    expect(read?.fromLists.roles).toEqual(lists.roles);
    expect(read?.fromLists.traits).toMatchObject(lists.traits);
  });

  it('is none for who has not logged in, and lasts longer than the user', async () => {
    await using world = await connected();
    const { directory } = world.teleport.cluster;
    directory.keepLoginState('sre-2', null);
    directory.deleteUser('sre-3');

    expect(await world.connection.users.loginState('sre-2', world.signal)).toBeNull();
    expect(await world.connection.users.loginState('sre-3', world.signal)).toMatchObject({
      effective: { roles: ['sres'] },
    });
  });

  it.each([
    ['before 14', { serverVersion: '13.4.0' }, { kind: 'unsupported' }],
    [
      'without the permission, and the error has the line to add',
      { readLoginStates: false },
      {
        kind: 'denied',
        message: expect.stringContaining('{ resources: [user_login_state], verbs: [read] }') as string,
      },
    ],
  ])('cannot be read %s', async (_when, teleport, error) => {
    await using world = await connected({ teleport });

    expect(await rejectionOf(world.connection.users.loginState('sre-2', world.signal))).toMatchObject(error);
  });
});

describe('users', () => {
  it('are looked through, every page of them', async () => {
    const names = Array.from({ length: 450 }, (_, index) => `user-${String(index).padStart(3, '0')}`);
    const { roles, users } = referenceWorld({ edition: 'enterprise', listUsers: true });
    const many = names.map((name) => ({ name, roles: ['sres'], traits: {} }));
    await using world = await connected({ teleport: { roles, users: [...users, ...many] } });
    const isWanted = ({ name }: { readonly name: string }) =>
      ['user-000', 'user-200', 'user-449'].includes(name);

    const found = await world.connection.users.search(isWanted, world.signal);

    expect(found.map(({ name }) => name)).toEqual(['user-000', 'user-200', 'user-449']);
    expect(world.teleport.calls.of('ListUsers').length).toBeGreaterThan(2);
  });

  it('without the permission are not, and the error names the verbs', async () => {
    await using world = await connected();

    expect(await rejectionOf(world.connection.users.search(() => true, world.signal))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('the verbs list and read on user') as string,
    });
  });
});

describe('a lock on the access of a request', () => {
  it('stands under its name until it ends, however often it is set', async () => {
    await using world = await connected();
    const { id } = world.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    const expires = parseInstant('2099-03-03T02:14:07.250Z');
    const lock = { name: `oncall-approver-${id}`, id, message: 'the shift is over', expires };

    await world.connection.locks.lockRequest(lock, world.signal);
    await world.connection.locks.lockRequest(lock, world.signal);

    expect(world.teleport.cluster.locks.list({ targets: [], inForceOnly: true })).toEqual([
      expect.objectContaining({
        name: lock.name,
        target: expect.objectContaining({ accessRequest: id, user: '', role: '' }) as unknown,
        message: 'the shift is over',
        expires: new Date('2099-03-03T02:14:07.250Z'),
        removedAt: new Date('2099-03-03T02:14:07.250Z'),
        createdBy: 'oncall-approver',
      }),
    ]);
  });

  it('may be without end', async () => {
    await using world = await connected();
    const { id } = world.teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    await world.connection.locks.lockRequest({ name: 'l', id, message: '', expires: null }, world.signal);

    expect(world.teleport.cluster.locks.list({ targets: [], inForceOnly: true })[0]?.expires).toBeNull();
  });
});

describe('the cluster', () => {
  it.each([
    ['enterprise', true],
    ['community', false],
  ] as const)('%s has reviews: %s', async (edition, advancedWorkflows) => {
    await using world = await connected({ teleport: { edition, serverVersion: '17.5.0' } });

    expect(await world.connection.admin.ping(world.signal)).toMatchObject({
      name: 'teleport.example.com',
      version: '17.5.0',
      advancedWorkflows,
    });
  });

  it('tells which roles the service has, and what they let it do', async () => {
    await using world = await connected();

    const roles = await world.connection.admin.ownRoles(world.signal);

    expect(world.connection.admin.ownUser()).toBe('oncall-approver');
    expect(roles).toEqual([
      expect.objectContaining({
        role: 'access-reviewer',
        mayPreview: [],
        mayReview: ['prodaccess'],
        mayNotReview: [],
        deny: [],
      }),
    ]);
    expect(roles[0]?.allow).toContainEqual({ resources: ['access_request'], verbs: ['list', 'read'] });
  });
});
