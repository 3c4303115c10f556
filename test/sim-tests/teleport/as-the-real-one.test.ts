import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

/** What was seen of a real auth server, and is easily made more lenient or stricter than that. */

const [PENDING, APPROVED, DENIED] = [1, 2, 3];
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

const instant = (ms: number) => ({ seconds: String(Math.floor((Date.now() + ms) / 1_000)), nanos: 0 });

describe('a review', () => {
  it.each([
    ['18.11.0', 'ALREADY_EXISTS'],
    ['17.5.0', 'PERMISSION_DENIED'],
  ])('by who has reviewed is that, also of a request that is resolved: v%s', async (serverVersion, code) => {
    await using teleport = await startTeleport({ serverVersion });
    using client = rawClient(teleport, BOT_USER);
    const review = { RequestID: aRequest(teleport), Review: { ProposedState: APPROVED } };

    await client.call('SubmitAccessReview', review);

    expect(await refusal(client.call('SubmitAccessReview', review))).toEqual({
      code,
      details: 'user "oncall-approver" has already reviewed this request',
    });
  });

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

describe('what has no id', () => {
  it.each([
    ['SubmitAccessReview', { Review: { ProposedState: APPROVED } }],
    ['SetAccessRequestState', { State: DENIED }],
    ['DeleteAccessRequest', {}],
  ])('is refused: %s', async (method, message) => {
    await using teleport = await withAdmin();
    using client = rawClient(teleport, ADMIN);

    expect(await refusal(client.call(method, message))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a new request', () => {
  it.each<[string, object]>([
    ['access for more than 14 days', { Spec: { MaxDuration: instant(14 * 24 * HOUR + 60_000) } }],
    ['a wait of more than a week', { Metadata: { Expires: instant(7 * 24 * HOUR + 60_000) } }],
    ['a name that is no UUID', { Metadata: { Name: 'my-request' } }],
  ])('is refused with %s', async (_what, { Spec, Metadata }: { Spec?: object; Metadata?: object }) => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-2');
    const whole = { Metadata, Spec: { User: 'sre-2', Roles: ['prodaccess'], State: PENDING, ...Spec } };

    expect(await refusal(client.call('CreateAccessRequestV2', whole))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('for everything asks for all that may be had', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-2');
    const Spec = { User: 'sre-2', Roles: ['*'], State: PENDING };

    expect(await client.call('CreateAccessRequestV2', { Spec })).toMatchObject({
      Spec: { Roles: ['prodaccess'] },
    });
  });

  it('lasts as long as the certificate of who asks, or as the role lets it; for somebody else up to 30 h', async () => {
    await using teleport = await withAdmin();
    const credentials = { ttlMs: 2 * HOUR };
    using person = rawClient(teleport, 'sre-2', credentials);
    using admin = rawClient(teleport, ADMIN, credentials);
    const Spec = { User: 'sre-2', Roles: ['prodaccess'], State: PENDING };
    const hours = async (client: typeof person) => {
      const made = await client.call<{ Spec: { Expires: { seconds: string } } }>('CreateAccessRequestV2', {
        Spec,
      });
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
    using person = rawClient(teleport, 'sre-2');
    const Spec = { User: 'sre-2', Roles: ['prodaccess'], State: APPROVED };

    expect(await admin.call('CreateAccessRequestV2', { Spec })).toMatchObject({
      Spec: { State: APPROVED, Reviews: [] },
    });
    expect(await refusal(person.call('CreateAccessRequestV2', { Spec }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('is not taken back by who made it', async () => {
    await using teleport = await startTeleport();
    using person = rawClient(teleport, 'sre-2');

    expect(await refusal(person.call('DeleteAccessRequest', { ID: aRequest(teleport) }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('what is read', () => {
  it('is a user without secrets', async () => {
    await using teleport = await withAdmin('17.5.0');
    using client = rawClient(teleport, ADMIN);

    expect(await refusal(client.call('GetUser', { Name: 'sre-2', WithSecrets: true }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

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
