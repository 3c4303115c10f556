import { describe, expect, it } from 'vitest';
import type { World } from '../../support/world.ts';
import { answerTo, situation, type SituationOptions } from '../../support/situation.ts';

const ONE = {
  roles: ['prodaccess'],
  on_call: { services: ['Payments API'] },
  require: { reason: true },
  escalate: { service: 'Access requests', decide_within: '1s' },
};
const everybody = { ...ONE, name: 'prod-oncall' };
const strict = (when: unknown) => ({
  ...ONE,
  name: 'prod-contractors',
  when,
  require: { open_incident: true },
  otherwise: 'deny',
});
const BY_TRAIT = { requester_traits: { team: ['contractor'] } };
const BY_ROLE = { requester_roles: ['contractor'] };

type Directory = World['teleport']['cluster']['directory'];

async function asked(
  rules: readonly unknown[],
  change: (directory: Directory) => unknown,
  options: SituationOptions = {},
) {
  await using stage = await situation(() => undefined, { ...options, config: { rules } });
  change(stage.teleport.cluster.directory);
  return await answerTo(stage, 'sre-1');
}

function withRole(directory: Directory): void {
  directory.putRole({ name: 'contractor', allow: {} });
  directory.grantByAccessList('sre-1', { roles: ['contractor'] });
}

describe('what an Access List grants', () => {
  it.each([
    ['trait', BY_TRAIT, (d: Directory) => d.grantByAccessList('sre-1', { traits: { team: ['contractor'] } })],
    ['role', BY_ROLE, withRole],
  ])('puts the requester under the stricter rule that goes by a %s', async (_what, when, grant) => {
    expect(await asked([everybody, strict(when)], grant)).toMatchObject({ verdict: 'deny' });
    expect(await asked([everybody, strict(when)], () => undefined)).toMatchObject({ verdict: 'approve' });
  });

  it('covers who has the rule’s role by a list alone, and may request by it', async () => {
    const rule = { ...everybody, when: { requester_roles: ['sres'] } };
    const answer = await asked([rule], (directory) => {
      const sre = directory.user('sre-1');
      directory.putRole({ name: 'base', allow: {} });
      directory.putUser({ ...sre, roles: ['base'] });
      directory.grantByAccessList('sre-1', { roles: ['sres'] });
    });

    expect(answer).toMatchObject({ verdict: 'approve' });
  });

  it('that was in force at the last login, and is of the record no more, is in the way and gives nothing', async () => {
    const answer = await asked([{ ...everybody, when: { requester_roles: ['sres'] } }], (directory) => {
      directory.keepLoginState('sre-1');
      directory.putRole({ name: 'base', allow: {} });
      directory.putUser({ ...directory.user('sre-1'), roles: ['base'] });
    });

    expect(answer.verdict).toBe('escalate');
    expect(answer.why).toContain('their user record in Teleport and their login state differ');
  });

  it('makes nobody somebody else: an address that only a list grants says not who they are', async () => {
    const answer = await asked([everybody], (directory) => {
      directory.putUser({ ...directory.user('sre-1'), traits: {} });
      directory.grantByAccessList('sre-1', { traits: { email: ['sre-1@example.com'] } });
    });

    expect(answer.verdict).toBe('escalate');
    expect(answer.why).toContain('which says nothing of who somebody is');
    expect(
      await asked([everybody], (directory) => {
        directory.grantByAccessList('sre-1', { traits: { email: ['sre-2@example.com'] } });
      }),
    ).toMatchObject({ verdict: 'approve', decided: { facts: { requester: { id: 'PSAM1RE' } } } });
  });

  it('is not known without the permission: nobody is approved by role or trait, and the reason has the line to add', async () => {
    const options = { readLoginStates: false };
    const answer = await asked([everybody], () => undefined, options);

    expect(answer.verdict).toBe('escalate');
    expect(answer.why).toContain('{ resources: [user_login_state], verbs: [read] }');
  });

  it.each([
    ['on a Teleport that knows no login states', { serverVersion: '13.4.0' }, () => undefined],
    ['for who has none', {}, (directory: Directory) => directory.keepLoginState('sre-1', null)],
    [
      'for a bot',
      {},
      (directory: Directory) => {
        directory.putUser({ ...directory.user('sre-1'), bot: true });
        directory.keepLoginState('sre-1', {
          roles: [],
          traits: {},
          original: { roles: [], traits: {} },
          accessLists: { roles: [], traits: {} },
        });
      },
    ],
  ])('does not matter %s: the record alone counts', async (_which, options, change) => {
    const rules = [everybody, { ...everybody, name: 'sres', when: { requester_roles: ['sres'] } }];

    expect(await asked(rules, change, options)).toMatchObject({ verdict: 'approve' });
  });
});
