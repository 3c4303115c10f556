import { describe, expect, it } from 'vitest';
import type { Role } from '../../sim/teleport/model.ts';
import { BOT_USER, referenceWorld } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

const PENDING = 1;
const APPROVED = 2;
const DENIED = 3;

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
