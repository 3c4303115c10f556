import { expect, it } from 'vitest';
import type { TeleportUser } from '../../src/core/identity.ts';
import type { Policy } from '../../src/core/rule.ts';
import { checkRequesters } from '../../src/doctor/check-requesters.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { aPolicy, aRequest, aTeleportUser } from '../support/builders.ts';

interface World {
  readonly people: readonly TeleportUser[];
  readonly asked: readonly string[];
  readonly lists?: boolean;
  readonly policy?: Partial<Policy>;
}

/** What is found about those who asked, in a Teleport with these people. */
async function found({ people, asked, lists = true, policy }: World): Promise<readonly Finding[]> {
  const refuse = (kind: 'not-found' | 'denied') =>
    Promise.reject(new TeleportError(kind, 'no', { transient: false }));
  return await checkRequesters(
    {
      archive: { listAll: () => Promise.resolve(asked.map((requester) => aRequest({ requester }))) },
      users: {
        user: (name) => {
          const user = people.find((each) => each.name === name);
          return user === undefined ? refuse('not-found') : Promise.resolve(user);
        },
        search: (matches) => (lists ? Promise.resolve(people.filter(matches)) : refuse('denied')),
      },
      ownUser: 'oncall-approver',
      policy: aPolicy(policy),
    },
    new AbortController().signal,
  );
}

const SSO = aTeleportUser();
const [A, B, OWN] = ['a', 'b', 'oncall-approver'].map((name) => aTeleportUser({ name, sso: false })) as [
  TeleportUser,
  TeleportUser,
  TeleportUser,
];
const MAP = { kind: 'map' as const, users: { a: 'PTAY2RE' } };
const BOT = aTeleportUser({ name: 'bot-x', sso: false });

it.each<[string, Finding['state'] | undefined, World]>([
  ['half of them local', 'ok', { people: [SSO, A], asked: ['sre-1', 'a'] }],
  ['most of them local', 'failed', { people: [A, B, SSO], asked: ['a', 'b', 'sre-1', 'a'] }],
  ['none known any more, and all users local', 'failed', { people: [A, BOT, OWN], asked: ['sre-1'] }],
  ['nobody yet, and users of both kinds', 'warning', { people: [A, B, SSO], asked: [] }],
  ['nobody yet, and users may not be listed', undefined, { people: [A], asked: [], lists: false }],
  ['nobody yet, and nobody there', undefined, { people: [BOT, OWN], asked: [] }],
  [
    'local, and in the map',
    undefined,
    { people: [A], asked: ['a'], policy: { identities: [MAP, { kind: 'username-is-email' }] } },
  ],
  ['local, where all go by a map', undefined, { people: [B], asked: ['b'], policy: { identities: [MAP] } }],
  ['local, which is accepted', undefined, { people: [B], asked: ['b'], policy: { requireSso: false } }],
])('who asks should come from single sign-on, or be mapped: %s', async (_, state, world) => {
  expect((await found(world))[0]?.state).toBe(state);
});

it('the failure says what to do', async () => {
  const [finding] = await found({ people: [A], asked: ['a'] });

  expect(finding?.text).toMatch(
    /^1 of 1 of those who asked are local users, .*`identities: \[\{ map: … \}\]`.*`require_sso: false`/u,
  );
});
