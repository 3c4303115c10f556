import { deepStrictEqual, equal } from 'node:assert/strict';

import { instantOf } from '../../../src/core/values/instant.ts';
import { aUser, anAccessRequest, ROLE } from './messages.ts';
import type { Scene } from './scene.ts';
import { asKnown, AUTH, REQUEST_ID, USERS } from './scene.ts';

/** Every other call that the service makes. */
export async function checkCalls(scene: Scene): Promise<void> {
  await checkDecisions(scene);
  await checkOtherCalls(scene);
}

async function checkDecisions(scene: Scene): Promise<void> {
  const { peer, connection, results, signal } = scene;
  await results.check('a review is submitted, without author, roles or annotations', async () => {
    const approved = { ...anAccessRequest({ id: REQUEST_ID }), Spec: { User: 'sre-1', State: 2 } };
    await peer.script(`${AUTH}/SubmitAccessReview`, { messages: [asKnown(scene, approved)] });
    await peer.calls();
    const after = await connection.requests.review(
      { id: REQUEST_ID, propose: 'approved', reason: 'on call' },
      signal,
    );
    equal(after.state, 'approved');
    const [call] = await peer.calls();
    deepStrictEqual(call?.request, {
      RequestID: REQUEST_ID,
      Review: { ProposedState: 2, Reason: 'on call' },
    });
  });
  await results.check('a state is set', async () => {
    await peer.script(`${AUTH}/SetAccessRequestState`, {});
    await connection.requests.setState({ id: REQUEST_ID, state: 'denied', reason: 'not on call' }, signal);
    const [call] = await peer.calls();
    deepStrictEqual(call?.request, { ID: REQUEST_ID, State: 3, Reason: 'not on call' });
  });
}

async function checkOtherCalls(scene: Scene): Promise<void> {
  const { peer, connection, results, signal } = scene;
  await results.check('the access of a request is locked', async () => {
    await peer.script(`${AUTH}/UpsertLock`, {});
    await peer.calls();
    const expires = instantOf(Date.parse('2026-03-03T04:05:06.789Z'));
    await connection.locks.lockRequest(
      { name: 'lock-1', id: REQUEST_ID, message: 'the shift is over', expires },
      signal,
    );
    const [call] = await peer.calls();
    deepStrictEqual(call?.request, {
      Kind: 'lock',
      Version: 'v2',
      Metadata: { Name: 'lock-1', Expires: { seconds: '1772510706', nanos: 789_000_000 } },
      Spec: {
        Target: { AccessRequest: REQUEST_ID },
        Message: 'the shift is over',
        Expires: { seconds: '1772510706', nanos: 789_000_000 },
      },
    });
  });
  await results.check('a lock is looked for by its name, and one that is gone is none', async () => {
    const lock = { Kind: 'lock', Version: 'v2', Metadata: { Name: 'lock-1' } };
    await peer.script(`${AUTH}/GetLock`, { messages: [lock] }, { error: { code: 5, message: 'not found' } });
    await peer.calls();
    equal(await connection.locks.exists('lock-1', signal), true);
    equal(await connection.locks.exists('lock-1', signal), false);
    deepStrictEqual((await peer.calls())[0]?.request, { Name: 'lock-1' });
  });
  await results.check('nodes are asked for by their ids, and have host names', async () => {
    const node = { Kind: 'node', Metadata: { Name: 'node-1' }, Spec: { Hostname: 'db-1' } };
    await peer.script(`${AUTH}/ListResources`, { messages: [{ Resources: [{ Node: node }] }] });
    await peer.calls();
    deepStrictEqual([...(await connection.nodes.hostNames(['node-1'], signal))], [['node-1', 'db-1']]);
    const [call] = await peer.calls();
    deepStrictEqual(call?.request, {
      ResourceType: 'node',
      Limit: 256,
      PredicateExpression: 'resource.metadata.name == "node-1"',
      UseSearchAsRoles: true,
      UsePreviewAsRoles: true,
    });
  });
  const service = peer.hasMethod('teleport.users.v1.UsersService', 'GetUser') ? USERS : AUTH;
  await results.check(`a user is read from ${service.slice(1)}`, async () => {
    const user = aUser('sre-1');
    await peer.script(`${service}/GetUser`, { messages: [service === USERS ? { user } : user] });
    deepStrictEqual(await connection.users.user('sre-1', signal), {
      name: 'sre-1',
      roles: ['sres'],
      traits: { email: ['sre-1@example.com'], logins: ['sre-1', 'root'] },
      sso: true,
    });
  });
  if (peer.hasMethod('teleport.users.v1.UsersService', 'ListUsers')) {
    await results.check(`users are looked through, page after page, by ${USERS.slice(1)}`, async () => {
      await peer.script(`${USERS}/ListUsers`, { messages: [{ users: [aUser('sre-1'), aUser('sre-2')] }] });
      const isWanted = ({ name }: { readonly name: string }): boolean => name === 'sre-2';
      const found = await connection.users.search(isWanted, signal);
      deepStrictEqual(
        found.map(({ name }) => name),
        ['sre-2'],
      );
      deepStrictEqual((await peer.calls()).at(-1)?.request, { page_size: 200 });
    });
  }
  await results.check('a login state is read, as far as the version tells what was granted', async () => {
    const LOGIN_STATES = '/teleport.userloginstate.v1.UserLoginStateService';
    const knows = (field: string) => peer.knows('teleport.userloginstate.v1.Spec', field);
    await peer.script(`${LOGIN_STATES}/GetUserLoginState`, {
      messages: [
        {
          header: { kind: 'user_login_state', version: 'v1', metadata: { name: 'sre-1' } },
          spec: {
            roles: ['sres', 'contractor'],
            traits: [{ key: 'team', values: ['payments', 'contractor'] }],
            ...(knows('original_roles') ? { original_roles: ['sres'] } : {}),
            ...(knows('original_traits') ? { original_traits: [{ key: 'team', values: ['payments'] }] } : {}),
          },
        },
      ],
    });
    await peer.calls();
    deepStrictEqual(await connection.users.loginState('sre-1', signal), {
      effective: { roles: ['sres', 'contractor'], traits: { team: ['payments', 'contractor'] } },
      fromLists: {
        roles: knows('original_roles') ? ['contractor'] : [],
        traits: knows('original_traits') ? { team: ['contractor'] } : {},
      },
    });
    deepStrictEqual((await peer.calls()).at(-1)?.request, { name: 'sre-1' });
  });
  const RULES = 'teleport.accessmonitoringrules.v1.AccessMonitoringRulesService';
  const listed = 'ListAccessMonitoringRulesWithFilter';
  if (peer.hasMethod(RULES, listed)) {
    await results.check(
      'access monitoring rules are asked for, and one without an automatic review is none',
      async () => {
        const rule = {
          metadata: { name: 'notify' },
          spec: { subjects: ['access_request'], condition: 'true' },
        };
        await peer.script(`/${RULES}/${listed}`, { messages: [{ rules: [rule] }] });
        await peer.calls();
        deepStrictEqual(await connection.admin.automaticReviewRules(signal), []);
        deepStrictEqual((await peer.calls()).at(-1)?.request, {
          page_size: '100',
          subjects: ['access_request'],
        });
      },
    );
  }
  await results.check('the own roles are read', async () => {
    await peer.script(`${AUTH}/GetCurrentUserRoles`, { messages: [ROLE] });
    deepStrictEqual(await connection.admin.ownRoles(signal), [
      {
        role: 'access-reviewer',
        allow: [{ resources: ['access_request'], verbs: ['list', 'read'] }],
        deny: [],
        mayPreview: [],
        mayReview: ['prodaccess'],
        mayNotReview: ['root-*'],
        maySubmitFor: [],
        mayNotSubmitFor: [],
      },
    ]);
  });
}
