import { describe, expect, it } from 'vitest';
import type { IdentitySource, PagerDutyUser } from '../../src/core/identity.ts';
import type { Policy } from '../../src/core/rule.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { teleportUserOf } from '../../src/review/facts/teleport-user-of.ts';
import { aPolicy, aTeleportUser, NOW } from '../support/builders.ts';

const ask = { signal: new AbortController().signal, priority: 'follow-up' } as const;
const TRAIT: IdentitySource = { kind: 'trait', trait: 'email' };
const NAME: IdentitySource = { kind: 'username-is-email' };
const map = (users: Record<string, string>): IdentitySource => ({ kind: 'map', users });
const someone = (id: string): PagerDutyUser => ({ id, name: `Name ${id}`, email: `${id}@example.com` });

describe('who answered', () => {
  interface There extends Partial<Policy> {
    readonly users?: Readonly<Record<string, boolean | TeleportError | Error>>;
    readonly holders?: readonly Parameters<typeof aTeleportUser>[0][];
    readonly isGone?: true;
    readonly failing?: Error;
  }
  const noUser = (kind: TeleportError['kind']) => new TeleportError(kind, '', { transient: false });

  /** Sam's Teleport user. */
  async function userOf({ users = {}, holders = [], isGone, failing, ...policy }: There) {
    const remembered: string[] = [];
    const found = await teleportUserOf(
      'P1',
      {
        directory: { user: () => Promise.resolve(isGone ? null : someone('P1')) },
        addresses: {
          compare({ id }: PagerDutyUser) {
            remembered.push(id);
            return Promise.resolve('unchanged-address');
          },
        },
        users: {
          user(name: string) {
            const sso = users[name] ?? noUser('not-found');
            return sso instanceof Error ? Promise.reject(sso) : Promise.resolve(aTeleportUser({ name, sso }));
          },
          search: (has: (user: ReturnType<typeof aTeleportUser>) => boolean) =>
            failing === undefined
              ? Promise.resolve(holders.map(aTeleportUser).filter(has))
              : Promise.reject(failing),
        },
        clock: { now: () => NOW },
        policy: aPolicy({ identities: [NAME, TRAIT], ...policy }),
      } as unknown as Parameters<typeof teleportUserOf>[1],
      ask,
    );
    return `${found.teleportUser ?? 'nobody'} by ${found.binding ?? 'nothing'}${remembered.length > 0 ? ', remembered' : ''}`;
  }

  const holder = { name: 'sre-7', traits: { email: ['p1@example.com'] } };
  const byAddress = 'sre-7 by unchanged-address, remembered';
  const nobody = 'nobody by nothing, remembered';
  it.each<[string, There, string]>([
    ['whom the map names once', { identities: [map({ 'sre-9': 'P1', other: 'P2' })] }, 'sre-9 by id'],
    ['nobody of two mapped', { identities: [map({ 'sre-9': 'P1', 'sre-8': 'P1' })] }, 'nobody by nothing'],
    ['nobody whom the map does not name', { identities: [map({})] }, 'nobody by nothing'],
    ['whom another source finds', { identities: [map({}), TRAIT], holders: [holder] }, byAddress],
    ['nobody who is gone from PagerDuty', { isGone: true }, 'nobody by nothing'],
    [
      'whose name is the address',
      { users: { 'P1@example.com': true }, holders: [holder] },
      'P1@example.com by unchanged-address, remembered',
    ],
    ['nobody local', { users: { 'P1@example.com': false } }, nobody],
    [
      'somebody local where that does',
      { users: { 'P1@example.com': false }, requireSso: false },
      'P1@example.com by unchanged-address, remembered',
    ],
    ['whoever has the address in the trait', { holders: [holder] }, byAddress],
    ['nobody of two who have', { holders: [holder, { ...holder, name: 'sre-8' }] }, nobody],
    ['who alone is of SSO', { holders: [holder, { ...holder, name: 'sre-8', sso: false }] }, byAddress],
    ['none by others', { identities: [{ kind: 'trait', trait: 'constructor' }], holders: [holder] }, nobody],
    [
      'who has it among others',
      { holders: [{ ...holder, traits: { email: ['x@example.com', 'p1@example.com'] } }] },
      byAddress,
    ],
    ['nobody by a name of no source', { identities: [TRAIT], users: { 'P1@example.com': true } }, nobody],
    ['nobody with another address', { holders: [{ name: 'sre-7' }] }, nobody],
    [
      'whom a further trait tells',
      { identities: [{ kind: 'trait', trait: 'mail' }, TRAIT], holders: [holder] },
      byAddress,
    ],
    ['nobody of whom the service may not read', { users: { 'P1@example.com': noUser('denied') } }, nobody],
    ['nobody where users may not be listed', { failing: noUser('denied') }, nobody],
  ])('is %s', async (_who, there, expected) => {
    expect(await userOf(there)).toBe(expected);
  });

  it('is not known where Teleport is away, or we are at fault', async () => {
    const away = new TeleportError('unavailable', 'Teleport is away', { transient: true });
    await expect(userOf({ users: { 'P1@example.com': away } })).rejects.toBe(away);
    await expect(userOf({ users: { 'P1@example.com': new RangeError('a fault') } })).rejects.toThrow(
      'a fault',
    );
    await expect(userOf({ failing: new RangeError('a fault') })).rejects.toThrow('a fault');
  });
});
