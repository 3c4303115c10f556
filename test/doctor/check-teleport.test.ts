import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { NOW } from '../support/builders.ts';
import { COMMUNITY, findingOn, findingsOf, streamOf } from './checked-teleport.ts';
describe('the check of Teleport', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect(await findingsOf()).toEqual([
      {
        state: 'ok',
        subject: 'teleport',
        text: 'cluster example answers: Teleport 18.11.0 Enterprise, requests are resolved by review',
      },
      {
        state: 'ok',
        subject: 'teleport identity',
        text: 'identity of user bot-oncall-approver is valid until 2026-03-03T14:14:07.000Z, 12 h from now',
      },
      { state: 'ok', subject: 'teleport watch', text: 'access requests can be watched' },
      { state: 'ok', subject: 'teleport list', text: '1 pending access requests can be listed' },
      {
        state: 'ok',
        subject: 'teleport access_request',
        text: 'user bot-oncall-approver may list, read access_request',
      },
      { state: 'ok', subject: 'teleport user', text: 'user bot-oncall-approver may read user' },
      {
        state: 'ok',
        subject: 'teleport user_login_state',
        text: 'user bot-oncall-approver may read user_login_state',
      },
      {
        state: 'ok',
        subject: 'teleport review of prodaccess',
        text: 'user bot-oncall-approver may review requests for prodaccess',
      },
      {
        state: 'ok',
        subject: 'teleport submit_for_users',
        text: 'user bot-oncall-approver may submit reviews in the name of alice; whom only a trait leads to in PagerDuty is found in Teleport where it may also list user',
      },
      {
        state: 'ok',
        subject: 'teleport access monitoring rules',
        text: 'no access monitoring rule of Teleport reviews requests for the roles of the rules',
      },
      { state: 'ok', subject: 'teleport requesters', text: '0 of 1 of those who asked are local users' },
    ]);
  });

  it('fails where reviews are asked for that the cluster does not have', async () => {
    expect(await findingOn('teleport', { cluster: COMMUNITY })).toEqual({
      state: 'failed',
      subject: 'teleport',
      text: 'cluster example answers: Teleport 18.11.0 Community, requests are resolved by review, but Teleport Community knows no reviews: set `teleport.resolve_with` to state or auto',
    });
    expect(await findingOn('teleport', { cluster: COMMUNITY, resolveWith: 'state' })).toMatchObject({
      state: 'ok',
    });
  });

  it('warns of an identity that is about to expire: nobody seems to renew it', async () => {
    expect(await findingOn('teleport identity', { identityExpires: plusMs(NOW, 20 * MINUTE) })).toEqual({
      state: 'warning',
      subject: 'teleport identity',
      text: 'identity of user bot-oncall-approver is valid until 2026-03-03T02:34:07.000Z, 20 min from now: make sure that `tbot` renews it',
    });
  });

  it.each([
    [40 * MINUTE, 'ok', ', 40 min from now'],
    [23 * HOUR, 'ok', ', 23 h from now'],
    [10 * 24 * HOUR, 'warning', ', 10 days from now: sign it anew in time'],
    [300 * 24 * HOUR, 'ok', ', 300 days from now'],
  ])('tells how long the identity lasts: %d ms', async (leftMs, state, text) => {
    const finding = await findingOn('teleport identity', { identityExpires: plusMs(NOW, leftMs) });

    expect(finding?.state).toBe(state);
    expect(finding?.text).toContain(text);
  });

  it('ends the watch once it has begun', async () => {
    const signals: AbortSignal[] = [];
    const watch = (each: AbortSignal) => {
      signals.push(each);
      return streamOf({ kind: 'malformed', detail: 'not yet' }, { kind: 'init' });
    };

    expect(await findingOn('teleport watch', { requests: { watch } })).toMatchObject({ state: 'ok' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('fails when the watch ends before it begins', async () => {
    expect(await findingOn('teleport watch', { requests: { watch: () => streamOf() } })).toMatchObject({
      state: 'failed',
      text: 'Teleport closed the watch before it began: look into the log of the auth server',
    });
  });

  it('tells every refusal by Teleport in its own words, and goes on with the rest', async () => {
    const denied = new TeleportError('denied', 'user may not list access_request: add the verb', {
      transient: false,
    });

    const findings = await findingsOf({
      requests: { listPending: () => Promise.reject(denied) },
      admin: { ownRoles: () => Promise.reject(new TeleportError('denied', 'no', { transient: false })) },
    });

    expect(findings.filter(({ state }) => state === 'failed')).toEqual([
      { state: 'failed', subject: 'teleport list', text: denied.message },
      { state: 'failed', subject: 'teleport roles', text: 'no' },
    ]);
    expect(findings).toHaveLength(7);
  });
});
