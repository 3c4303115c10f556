import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import {
  startTeleport,
  type SimulatedTeleport,
  type StartTeleportOptions,
} from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

type Given = (teleport: SimulatedTeleport, id: string) => unknown;

interface Circumstances {
  /** The service unless told. */
  readonly by?: string;
  readonly teleport?: StartTeleportOptions;
  /** Done before, to the request of sre-2. */
  readonly given?: Given;
}

interface Call extends Circumstances {
  readonly method: string;
  readonly message: object;
}

const [PENDING, APPROVED, DENIED, PROMOTED] = [1, 2, 3, 4];
const ADMIN = 'admin';
const HOUR = 3_600_000;
const forSre1 = { Author: 'sre-1', submitted_on_behalf_of_author: true };
const allowed = { teleport: { submitForUsers: true } };
const community: Circumstances = { teleport: { edition: 'community' } };

function call(method: string, message: object = {}, circumstances: Circumstances = {}): Call {
  return { method, message, ...circumstances };
}
const review = (fields: object, circumstances?: Circumstances) =>
  call('SubmitAccessReview', { Review: { ProposedState: APPROVED, ...fields } }, circumstances);
const state = (fields: object, given?: Given) =>
  call('SetAccessRequestState', fields, { ...community, ...(given === undefined ? {} : { given }) });
const deletion = (fields: object, by = ADMIN) => call('DeleteAccessRequest', fields, { by });
function creation(spec: object, metadata: object = {}, by = 'sre-2'): Call {
  const Spec = { User: by, Roles: ['prodaccess'], State: PENDING, ...spec };
  return call('CreateAccessRequestV2', { Metadata: { Name: randomUUID(), ...metadata }, Spec }, { by });
}
const later = (ms: number) => ({ seconds: String(Math.floor((Date.now() + ms) / 1_000)), nanos: 0 });

const reviewed: Given = ({ cluster }, id) =>
  cluster.submitReview({ requestId: id, author: BOT_USER, proposedState: 'APPROVED' });
const denied: Given = ({ cluster }, id) => cluster.setRequestState({ id, state: 'DENIED' });
const deleted: Given = ({ cluster }, id) => cluster.deleteRequest(id);
const lapsed: Given = ({ cluster }, id) => cluster.lapseRequest(id);
const madeBy =
  (user: string): Given =>
  ({ cluster }, id) =>
    cluster.changeRequest(id, { user });
const aBot: Given = ({ cluster }) =>
  cluster.directory.putUser({ name: 'bot', roles: [], traits: {}, bot: true });
/** The login state outlives the record of who signs in by single sign-on; it is the record that is looked for. */
const sessionOver: Given = ({ cluster }) => cluster.directory.deleteUser('sre-1');

/**
 * Code and text as a real auth server has them: many refusals have one code, so that a client tells them apart by the text alone. The
 * real order shows where two would do.
 */
const REFUSALS: Readonly<Record<string, readonly Call[]>> = {
  [`ALREADY_EXISTS user "${BOT_USER}" has already reviewed this request`]: [review({}, { given: reviewed })],
  [`PERMISSION_DENIED user "${BOT_USER}" has already reviewed this request`]: [
    review({}, { given: reviewed, teleport: { serverVersion: '17.5.0' } }),
  ],
  'PERMISSION_DENIED the access request has been already denied': [review({}, { given: denied })],
  'NOT_FOUND cannot apply review to access request "<id>" (not found)': [
    review({}, { given: deleted }),
    review({}, { given: lapsed }),
  ],
  'INVALID_ARGUMENT missing request ID': [
    call('SubmitAccessReview', { RequestID: '', Review: { ProposedState: APPROVED } }),
    deletion({ ID: '' }),
  ],
  'INVALID_ARGUMENT state promoted can be only set when promoting to access list': [
    review({ ProposedState: PROMOTED }),
    state({ State: PROMOTED }),
  ],
  'INVALID_ARGUMENT invalid state proposal: NONE (expected approval/denial)': [review({ ProposedState: 0 })],
  'INVALID_ARGUMENT invalid state proposal: PENDING (expected approval/denial)': [
    review({ ProposedState: PENDING }),
  ],
  'INVALID_ARGUMENT role "other" is not a member of this request': [
    review({ Roles: ['other'] }),
    review({ Roles: ['other'] }, { given: denied }),
  ],
  'UNIMPLEMENTED role subselection is not yet supported in reviews, try omitting role list': [
    review({ Roles: ['prodaccess', 'other'] }),
  ],
  'UNIMPLEMENTED annotations are not yet supported in reviews, try omitting annotations field': [
    review({ Annotations: { Values: { a: { Values: ['b'] } } } }),
  ],
  'INVALID_ARGUMENT resolve reason is too long, max 4096 bytes': [review({ Reason: 'x'.repeat(4_097) })],
  'PERMISSION_DENIED user "sre-1" cannot review request "<id>"': [
    review({}, { by: 'sre-1', given: madeBy('sre-1') }),
    review(forSre1, { ...allowed, given: madeBy('sre-1') }),
  ],
  'PERMISSION_DENIED user "sre-3" cannot submit reviews': [
    review({}, { by: 'sre-3' }),
    review({ ...forSre1, Author: 'sre-3' }, allowed),
  ],
  [`PERMISSION_DENIED user "${BOT_USER}" cannot submit reviews`]: [review({}, community)],
  'PERMISSION_DENIED admin-level API request requires MFA verification': [
    review({}, { by: 'sre-1', teleport: { mfaForAdminActions: true } }),
  ],
  [`PERMISSION_DENIED user "${BOT_USER}" cannot submit reviews on behalf of "sre-1"`]: [
    review(forSre1, { teleport: { submitForUsers: true, serverVersion: '18.10.0' } }),
    review({ Author: 'sre-1' }, allowed),
    review({ ...forSre1, SubmittedBy: 'sre-3' }, allowed),
  ],
  [`PERMISSION_DENIED user "${BOT_USER}" cannot submit reviews for "sre-1"`]: [review(forSre1)],
  [`PERMISSION_DENIED user "${BOT_USER}" cannot submit reviews for "sre-1", user could not be fetched from local store`]:
    [review(forSre1, { ...allowed, given: sessionOver })],
  'INVALID_ARGUMENT bot "bot" cannot be the author of a review': [
    review({ ...forSre1, Author: 'bot' }, { ...allowed, given: aBot }),
  ],
  'PERMISSION_DENIED access denied to perform action "update" on "access_request"': [
    call('SetAccessRequestState', { State: APPROVED }),
  ],
  'INVALID_ARGUMENT missing request state': [state({ State: 0 })],
  'INVALID_ARGUMENT missing request id': [state({ ID: '', State: DENIED })],
  'INVALID_ARGUMENT cannot override roles when setting state: DENIED': [
    state({ State: DENIED, Roles: ['prodaccess'] }),
  ],
  'INVALID_ARGUMENT role "sres" not in original request, overrides must be a subset of original role list': [
    state({ State: APPROVED, Roles: ['sres'] }),
  ],
  'INVALID_ARGUMENT cannot set request-state "APPROVED" (already denied)': [
    state({ State: APPROVED }, denied),
  ],
  'NOT_FOUND cannot set state of access request "<id>" (not found)': [
    state({ State: DENIED }, deleted),
    state({ State: DENIED }, lapsed),
  ],
  'PERMISSION_DENIED directly updating the state of your own access requests is not permitted': [
    state({ State: APPROVED }, madeBy(BOT_USER)),
  ],
  // Who made it may not even take back what is pending.
  'PERMISSION_DENIED access denied to perform action "delete" on "access_request"': [deletion({}, 'sre-2')],
  'NOT_FOUND cannot delete access request "<id>" (not found)': [{ ...deletion({}), given: deleted }],
  'INVALID_ARGUMENT max_duration must be less than or equal to 336h0m0s': [
    creation({ MaxDuration: later(14 * 24 * HOUR + 60_000) }),
  ],
  'INVALID_ARGUMENT invalid request TTL: greater than maximum allowed': [
    creation({ MaxDuration: later(13 * 24 * HOUR) }, { Expires: later(7 * 24 * HOUR + 60_000) }),
    creation({ MaxDuration: later(HOUR) }, { Expires: later(2 * HOUR) }),
  ],
  'INVALID_ARGUMENT invalid request TTL: Access Request can not be created in the past': [
    creation({}, { Expires: later(-HOUR) }),
  ],
  'INVALID_ARGUMENT invalid access request id "my-request"': [creation({}, { Name: 'my-request' })],
  'INVALID_ARGUMENT access request id not set': [creation({}, { Name: '' })],
  'INVALID_ARGUMENT access request does not specify any roles': [creation({ Roles: [] })],
  'INVALID_ARGUMENT user "sre-2" can not request role "nonesuch"': [creation({ Roles: ['nonesuch'] })],
  'INVALID_ARGUMENT user "visitor" can not request role "prodaccess"': [creation({}, {}, 'visitor')],
  'INVALID_ARGUMENT no requestable roles, please verify static RBAC configuration': [
    creation({ Roles: ['*'] }, {}, 'visitor'),
  ],
  'PERMISSION_DENIED access denied to perform action "create" on "access_request"': [
    creation({ User: 'sre-2' }, {}, 'sre-3'),
    creation({ User: 'sre-2', State: APPROVED }),
  ],
  'PERMISSION_DENIED cannot create access request for self in non-pending state': [
    creation({ State: APPROVED }, {}, ADMIN),
  ],
  'PERMISSION_DENIED this request can be only executed by an admin': [
    call(
      'GetUser',
      { Name: 'sre-2', WithSecrets: true },
      { by: ADMIN, teleport: { serverVersion: '17.5.0' } },
    ),
  ],
  'INVALID_ARGUMENT page size of 16001 is too large': [call('ListAccessRequests', { Limit: 16_001 })],
  'PERMISSION_DENIED access denied to perform action "list" on "access_plugin_data"': [
    call('GetPluginData', { Kind: 'access_request' }, { by: 'sre-2' }),
  ],
  'PERMISSION_DENIED access denied to perform action "update" on "access_plugin_data"': [
    call('UpdatePluginData', { Kind: 'access_request', Plugin: 'p' }, { by: 'sre-2' }),
  ],
  'INVALID_ARGUMENT unsupported resource kind "role"': [
    call('UpdatePluginData', { Kind: 'role', Resource: 'r', Plugin: 'p', Set: { a: '1' } }),
  ],
  'NOT_FOUND access request "r" not found': [
    call('UpdatePluginData', { Kind: 'access_request', Resource: 'r', Plugin: 'p', Set: { a: '1' } }),
  ],
  'INVALID_ARGUMENT lock target must not be empty': [
    call('UpsertLock', { Metadata: { Name: 'x' }, Spec: {} }),
  ],
  'PERMISSION_DENIED access denied to perform action "create" on "lock"': [
    call('UpsertLock', { Metadata: { Name: 'x' } }, { by: 'sre-2' }),
  ],
};

describe.each(Object.entries(REFUSALS))('the auth server refuses with %s', (expected, calls) => {
  it.each(calls)('$method $message', async ({ method, message, by = BOT_USER, teleport: options, given }) => {
    await using teleport = await startTeleport(options);
    const { cluster } = teleport;
    cluster.directory.putRole({ name: ADMIN, allow: { rules: [{ resources: ['*'], verbs: ['*'] }] } });
    cluster.directory.putUser({ name: ADMIN, roles: [ADMIN], traits: {} });
    const { id } = cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    given?.(teleport, id);
    using client = rawClient(teleport, by);
    const before = cluster.requests();

    const target = /^(?:Submit|Set|Delete)Access/u.test(method) ? { RequestID: id, ID: id } : {};
    const { code, details } = await refusal(client.call(method, { ...target, ...message }));

    expect(`${code} ${details}`).toBe(expected.replace('<id>', id));
    expect(cluster.requests()).toEqual(before);
  });
});
