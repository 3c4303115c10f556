import { describe, expect, it } from 'vitest';
import type { Role } from '../../sim/teleport/model.ts';
import { BOT_USER, referenceWorld } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import type { SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const PENDING = 1;
const APPROVED = 2;
const DENIED = 3;
const PROMOTED = 4;

interface Reviewed {
  readonly Spec: {
    readonly State: number;
    readonly ResolveReason: string;
    readonly Reviews: readonly { readonly Author: string; readonly SubmittedBy: string }[];
  };
}

function aRequest(teleport: SimulatedTeleport, user = 'sre-2'): string {
  return teleport.cluster.createRequest({ user, roles: ['prodaccess'] }).id;
}

function approval(id: string, review: object = {}) {
  return { RequestID: id, Review: { ProposedState: APPROVED, Reason: 'on call', ...review } };
}

/** The reference world with thresholds on what `sres` may request. */
function withThresholds(thresholds: NonNullable<NonNullable<Role['allow']['request']>['thresholds']>) {
  const { roles, users } = referenceWorld({ edition: 'enterprise' });
  return {
    users,
    roles: roles.map((role) =>
      role.name === 'sres'
        ? { ...role, allow: { ...role.allow, request: { roles: ['prodaccess'], thresholds } } }
        : role,
    ),
  };
}

describe('a review', () => {
  it('approves at the default threshold of one and lends its reason to the request', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    const reviewed = await client.call<Reviewed>('SubmitAccessReview', approval(id));

    expect(reviewed.Spec).toMatchObject({ State: APPROVED, ResolveReason: 'on call' });
    expect(reviewed.Spec.Reviews).toMatchObject([{ Author: BOT_USER }]);
  });

  it('is refused for a request which somebody resolved before', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);
    teleport.cluster.setRequestState({ id, state: 'DENIED' });

    expect(await refusal(client.call('SubmitAccessReview', approval(id)))).toEqual({
      code: 'PERMISSION_DENIED',
      details: 'the access request has been already denied',
    });
  });

  it('is refused for a request which is gone, and for one whose time has passed', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const [deleted, lapsed] = [aRequest(teleport), aRequest(teleport)];
    teleport.cluster.deleteRequest(deleted);
    teleport.cluster.lapseRequest(lapsed);

    expect(await refusal(client.call('SubmitAccessReview', approval(deleted)))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await refusal(client.call('SubmitAccessReview', approval(lapsed)))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is never taken from the requester', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-1');
    const id = aRequest(teleport, 'sre-1');

    expect(await refusal(client.call('SubmitAccessReview', approval(id)))).toMatchObject({
      code: 'PERMISSION_DENIED',
      details: `user "sre-1" cannot review request "${id}"`,
    });
  });

  it('is refused from a user none of whose roles reviews', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-3');

    expect(await refusal(client.call('SubmitAccessReview', approval(aRequest(teleport))))).toMatchObject({
      code: 'PERMISSION_DENIED',
      details: 'user "sre-3" cannot submit reviews',
    });
  });

  it.each([
    ['18.10.0', 'PERMISSION_DENIED'],
    ['18.11.0', 'ALREADY_EXISTS'],
  ])('is refused a second time from the same author (v%s: %s)', async (serverVersion, code) => {
    const twoVotes = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
    await using teleport = await startTeleport({ ...withThresholds(twoVotes), serverVersion });
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);
    await client.call('SubmitAccessReview', approval(id));

    const again = await refusal(client.call('SubmitAccessReview', approval(id)));

    expect(again.code).toBe(code);
    expect(again.details).toMatch(/has already reviewed this request$/);
  });

  it.each([
    ['a promotion', { ProposedState: PROMOTED }, 'INVALID_ARGUMENT'],
    ['no state', { ProposedState: 0 }, 'INVALID_ARGUMENT'],
    ['a pending state', { ProposedState: PENDING }, 'INVALID_ARGUMENT'],
    ['annotations', { Annotations: { Values: { a: { Values: ['b'] } } } }, 'UNIMPLEMENTED'],
    ['a role that was not asked for', { Roles: ['prodaccess', 'other'] }, 'INVALID_ARGUMENT'],
    ['a reason beyond 4096 bytes', { Reason: 'x'.repeat(4097) }, 'INVALID_ARGUMENT'],
  ])('is refused with %s', async (_case, review, code) => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    expect(await refusal(client.call('SubmitAccessReview', approval(id, review)))).toMatchObject({ code });
    expect(teleport.cluster.request(id).state).toBe('PENDING');
  });

  it('counts the roles a person has now, and for a bot those of its certificate', async () => {
    await using teleport = await startTeleport();
    using person = rawClient(teleport, 'sre-1');
    using bot = rawClient(teleport, BOT_USER);
    teleport.cluster.directory.putUser({ name: 'sre-1', roles: ['sres'], traits: {} });
    teleport.cluster.directory.putUser({ name: BOT_USER, roles: [], traits: {}, bot: true });
    const id = aRequest(teleport);

    expect(await refusal(person.call('SubmitAccessReview', approval(id)))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect((await bot.call<Reviewed>('SubmitAccessReview', approval(id))).Spec.State).toBe(APPROVED);
  });

  it('may be limited by a where clause over the annotations of the request', async () => {
    const { roles, users } = referenceWorld({ edition: 'enterprise' });
    const where = 'contains(request.system_annotations["pagerduty_services"], "Payments API")';
    const limited = roles.map((role) =>
      role.name === 'access-reviewer'
        ? { ...role, allow: { ...role.allow, reviewRequests: { roles: ['prodaccess'], where } } }
        : role,
    );
    await using teleport = await startTeleport({ roles: limited, users });
    using client = rawClient(teleport, BOT_USER);

    expect(await refusal(client.call('SubmitAccessReview', approval(aRequest(teleport))))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('thresholds', () => {
  it('keep a request pending until enough authors approved, then take the deciding reason', async () => {
    await using teleport = await startTeleport(
      withThresholds([{ name: 'two', filter: '', approve: 2, deny: 1 }]),
    );
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    const first = await client.call<Reviewed>('SubmitAccessReview', approval(id, { Reason: 'first' }));
    const second = teleport.cluster.submitReview({
      requestId: id,
      author: 'sre-1',
      proposedState: 'APPROVED',
      reason: 'second',
    });

    expect(first.Spec).toMatchObject({ State: PENDING, ResolveReason: '' });
    expect(second).toMatchObject({ state: 'APPROVED', resolveReason: 'second' });
    expect(second.resourceExpiry).toEqual(second.expires);
  });

  it('deny at once when one deny threshold is met', async () => {
    await using teleport = await startTeleport(
      withThresholds([
        { name: 'two', filter: '', approve: 2, deny: 0 },
        { name: 'veto', filter: '', approve: 0, deny: 1 },
      ]),
    );
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    const reviewed = await client.call<Reviewed>(
      'SubmitAccessReview',
      approval(id, { ProposedState: DENIED }),
    );

    expect(reviewed.Spec.State).toBe(DENIED);
  });

  it('accept a review which matches no filter, without any effect', async () => {
    const filter = 'contains(reviewer.roles, "sres")';
    await using teleport = await startTeleport(
      withThresholds([{ name: 'sres only', filter, approve: 1, deny: 1 }]),
    );
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    const byBot = await client.call<Reviewed>('SubmitAccessReview', approval(id));
    const bySre = teleport.cluster.submitReview({
      requestId: id,
      author: 'sre-1',
      proposedState: 'APPROVED',
    });

    expect(byBot.Spec.State).toBe(PENDING);
    expect(bySre.state).toBe('APPROVED');
  });
});

describe('a review in the name of a person', () => {
  const onBehalf = { Author: 'sre-1', submitted_on_behalf_of_author: true };

  it('counts as that person, and says who submitted it', async () => {
    await using teleport = await startTeleport({ submitForUsers: true });
    using client = rawClient(teleport, BOT_USER);

    const reviewed = await client.call<Reviewed>(
      'SubmitAccessReview',
      approval(aRequest(teleport), onBehalf),
    );

    expect(reviewed.Spec.State).toBe(APPROVED);
    expect(reviewed.Spec.Reviews).toMatchObject([{ Author: 'sre-1', SubmittedBy: BOT_USER }]);
  });

  it.each([
    ['on a server before v18.11', { serverVersion: '18.10.0', submitForUsers: true }, onBehalf],
    ['without submit_for_users', {}, onBehalf],
    ['without saying so', { submitForUsers: true }, { Author: 'sre-1' }],
    ['who may not review', { submitForUsers: true }, { ...onBehalf, Author: 'sre-3' }],
    ['who made the request', { submitForUsers: true }, { ...onBehalf, Author: 'sre-2' }],
  ])('is refused %s', async (_case, options, review) => {
    await using teleport = await startTeleport(options);
    using client = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    expect(await refusal(client.call('SubmitAccessReview', approval(id, review)))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('is refused for a user who does not exist', async () => {
    await using teleport = await startTeleport({ submitForUsers: true });
    using client = rawClient(teleport, BOT_USER);
    const review = { ...onBehalf, Author: 'nobody' };

    expect(await refusal(client.call('SubmitAccessReview', approval(aRequest(teleport), review)))).toEqual({
      code: 'PERMISSION_DENIED',
      details: `user "${BOT_USER}" cannot submit reviews for "nobody", user could not be fetched from local store`,
    });
  });

  it('is judged by the roles of that person alone', async () => {
    await using teleport = await startTeleport({ submitForUsers: true });
    using client = rawClient(teleport, BOT_USER);
    const review = { ...onBehalf, Author: 'sre-2' };

    expect(await refusal(client.call('SubmitAccessReview', approval(aRequest(teleport), review)))).toEqual({
      code: 'PERMISSION_DENIED',
      details: 'user "sre-2" cannot submit reviews',
    });
  });
});

describe('MFA for admin actions', () => {
  it('stops the review of a person and lets that of a bot pass', async () => {
    await using teleport = await startTeleport({ mfaForAdminActions: true });
    using person = rawClient(teleport, 'sre-1');
    using bot = rawClient(teleport, BOT_USER);
    const id = aRequest(teleport);

    expect(await refusal(person.call('SubmitAccessReview', approval(id)))).toEqual({
      code: 'PERMISSION_DENIED',
      details: 'admin-level API request requires MFA verification',
    });
    expect((await bot.call<Reviewed>('SubmitAccessReview', approval(id))).Spec.State).toBe(APPROVED);
  });
});
