import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient } from './raw-client.ts';

/** What was seen of a real auth server, and is easily made more lenient or stricter than that. */

const [PENDING, APPROVED] = [1, 2];
const HOUR = 3_600_000;
const ADMIN = 'admin';

interface Page {
  readonly AccessRequests: readonly { readonly Metadata: { readonly Name: string } }[];
}

async function withAdmin(serverVersion = '18.11.0'): Promise<SimulatedTeleport> {
  const teleport = await startTeleport({ serverVersion });
  const rules = [{ resources: ['*'], verbs: ['*'] }];
  teleport.cluster.directory.putRole({ name: ADMIN, allow: { rules } });
  teleport.cluster.directory.putUser({ name: ADMIN, roles: [ADMIN], traits: {} });
  return teleport;
}

function aRequest(teleport: SimulatedTeleport): string {
  return teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] }).id;
}

/** A request of sre-2 for prodaccess, as it is sent. */
function creation(spec: object = {}) {
  const Spec = { User: 'sre-2', Roles: ['prodaccess'], State: PENDING, ...spec };
  return { Metadata: { Name: randomUUID() }, Spec };
}

describe('a review', () => {
  it('may have a long reason as long as it resolves nothing', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const thresholds = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
    const id = aRequest(teleport);
    teleport.cluster.putRequest({ ...teleport.cluster.request(id), thresholds });
    const Reason = 'x'.repeat(5_000);

    await client.call('SubmitAccessReview', { RequestID: id, Review: { ProposedState: APPROVED, Reason } });

    expect(teleport.cluster.request(id)).toMatchObject({ state: 'PENDING', reviews: [{ reason: Reason }] });
  });
});

describe('a new request', () => {
  it('for everything asks for all that may be had', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-2');

    expect(await client.call('CreateAccessRequestV2', creation({ Roles: ['*'] }))).toMatchObject({
      Spec: { Roles: ['prodaccess'] },
    });
  });

  it('lasts as long as the certificate of who asks, or as the role lets it; for somebody else up to 30 h', async () => {
    await using teleport = await withAdmin();
    const credentials = { ttlMs: 2 * HOUR };
    using person = rawClient(teleport, 'sre-2', credentials);
    using admin = rawClient(teleport, ADMIN, credentials);
    const hours = async (client: typeof person) => {
      const made = await client.call<{ Spec: { Expires: { seconds: string } } }>(
        'CreateAccessRequestV2',
        creation(),
      );
      return (Number(made.Spec.Expires.seconds) * 1_000 - Date.now()) / HOUR;
    };

    expect(await hours(person)).toBeCloseTo(2, 1);
    expect(await hours(admin)).toBeCloseTo(30, 1);
    teleport.cluster.directory.putRole({ name: 'prodaccess', allow: {}, maxSessionTtlMs: HOUR });
    expect(await hours(admin)).toBeCloseTo(1, 1);
  });

  it('is made approved by who may create requests, for somebody else', async () => {
    await using teleport = await withAdmin();
    using admin = rawClient(teleport, ADMIN);

    expect(await admin.call('CreateAccessRequestV2', creation({ State: APPROVED }))).toMatchObject({
      Spec: { State: APPROVED, Reviews: [] },
    });
  });

  it('keeps what is narrowed in a list of its own, and what is not in the older one', async () => {
    await using teleport = await startTeleport();
    const prodaccess = { ...teleport.cluster.directory.role('sres') };
    const request = { ...prodaccess.allow.request, searchAsRoles: ['prodaccess'] };
    teleport.cluster.directory.putRole({ ...prodaccess, allow: { ...prodaccess.allow, request } });
    using person = rawClient(teleport, 'sre-2');
    const node = (Name: string) => ({
      ClusterName: 'teleport.example.com',
      Kind: 'node',
      Name,
      SubResourceName: '',
    });
    const narrowed = { id: node('b'), constraints: { version: 'v1', ssh: { logins: ['root'] } } };
    const lists = { RequestedResourceIDs: [node('a')], RequestedResourceAccessIDs: [narrowed] };

    expect(await person.call('CreateAccessRequestV2', creation({ Roles: [], ...lists }))).toMatchObject({
      Spec: { Roles: ['prodaccess'], ...lists },
    });
  });
});

describe('what is read', () => {
  it.each([
    ['16.5.0', false],
    ['17.0.0', true],
  ])('tells the end of a request in a field of its own from 17 on: v%s', async (serverVersion, told) => {
    await using teleport = await startTeleport({ serverVersion });
    using client = rawClient(teleport, BOT_USER);
    aRequest(teleport);

    const { AccessRequests } = await client.call<{
      AccessRequests: { Spec: { ResourceExpiry: unknown }; Metadata: { Expires: unknown } }[];
    }>('ListAccessRequests', {});

    expect(AccessRequests[0]?.Spec.ResourceExpiry !== null).toBe(told);
    expect(AccessRequests[0]?.Metadata.Expires).not.toBeNull();
  });

  it('may be stale in a listing, and is not by id', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const old = aRequest(teleport);
    const ids = async (Filter: object) =>
      (await client.call<Page>('ListAccessRequests', { Filter })).AccessRequests.map(
        ({ Metadata }) => Metadata.Name,
      );

    teleport.cluster.keepListingStale();
    const young = aRequest(teleport);
    teleport.cluster.deleteRequest(old);

    expect(await ids({})).toEqual([old]);
    expect(await ids({ ID: old })).toEqual([]);
    expect(await ids({ ID: young })).toEqual([young]);
    teleport.cluster.freshenListing();
    expect(await ids({})).toEqual([young]);
  });
});
