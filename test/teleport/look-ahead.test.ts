import { describe, expect, it } from 'vitest';
import { grpcLookAhead } from '../../src/teleport/look-ahead.ts';
import { rejectionOf } from './connected.ts';
import { answering, signal, unconnected } from './answering.ts';

describe('login states', () => {
  it('are those of everybody, by name', async () => {
    const { client, cluster } = unconnected();
    cluster.directory.grantByAccessList('sre-2', { roles: ['contractor'], traits: {} });

    const states = await grpcLookAhead(client).loginStates(signal);

    expect(states.size).toBeGreaterThan(3);
    expect(states.get('sre-1')?.effective.roles).toEqual(['sres', 'access-reviewer']);
    expect(states.get('sre-2')?.fromLists.roles).toEqual(['contractor']);
  });

  it('of nobody are malformed: they might be of anybody', async () => {
    const ahead = grpcLookAhead(answering({ GetUserLoginStates: () => ({ user_login_states: [{}] }) }));

    expect(await rejectionOf(ahead.loginStates(signal))).toMatchObject({ kind: 'malformed' });
  });
});

describe('what a role lets people ask for', () => {
  it.each([
    [
      'roles by name and by search, and what is denied',
      {
        Allow: { Request: { Roles: ['prod*'], SearchAsRoles: ['db'] } },
        Deny: { Request: { Roles: ['prod-root'] } },
      },
      { roles: ['prod*', 'db'], denied: ['prod-root'], byClaims: false },
    ],
    [
      'what traits say',
      { Allow: { Request: { ClaimsToRoles: [{ Claim: 'team', Value: 'a', Roles: ['prod'] }] } } },
      { roles: [], denied: [], byClaims: true },
    ],
    ['nothing, without conditions', { Allow: {}, Deny: {} }, { roles: [], denied: [], byClaims: false }],
    ['nothing, without sides', {}, { roles: [], denied: [], byClaims: false }],
    ['nothing, without a spec', null, { roles: [], denied: [], byClaims: false }],
  ])('is %s', async (_what, Spec, rights) => {
    const ahead = grpcLookAhead(answering({ GetRole: () => ({ Spec }) }));

    expect(await ahead.requestRights('sres', signal)).toEqual(rights);
  });
});
