import { describe, expect, it } from 'vitest';

import { eventOf } from '../../src/teleport/watch.ts';
import { authService } from '../../src/teleport/connection/services.ts';
import { accessRequestOf, instantFrom, timestampOf } from '../../src/teleport/wire.ts';
import { instantOf } from '../../src/core/values/instant.ts';
import type { AccessRequestSpecV3 } from '../../src/teleport/proto/generated/types/AccessRequestSpecV3.ts';
import type { AccessRequestV3 } from '../../src/teleport/proto/generated/types/AccessRequestV3.ts';
import type { Event } from '../../src/teleport/proto/generated/proto/Event.ts';

/** Over the wire and back, as a server's message reaches us. */
function received(request: AccessRequestV3) {
  const { requestSerialize, requestDeserialize } = authService.CreateAccessRequestV2;
  return requestDeserialize(requestSerialize(request));
}

function receivedEvent(event: Event) {
  const { responseSerialize, responseDeserialize } = authService.WatchEvents;
  return responseDeserialize(responseSerialize(event));
}

const ID = '0193c0de-0000-7000-8000-000000000001';

function aMessage(spec: AccessRequestSpecV3 = {}): AccessRequestV3 {
  return {
    Kind: 'access_request',
    Version: 'v3',
    Metadata: { Name: ID, Revision: 'r1' },
    Spec: { User: 'sre-1', Roles: ['prodaccess'], State: 1, ...spec },
  };
}

function requestOf(spec: AccessRequestSpecV3 = {}) {
  const read = accessRequestOf(received(aMessage(spec)));
  if (!read.ok) throw new Error(read.detail);
  return read.value;
}

describe('an access request from the wire', () => {
  it('keeps every field that a decision may rest on', () => {
    const request = requestOf({
      Created: { seconds: 1_700_000_000, nanos: 250_000_000 },
      Expires: { seconds: 1_700_030_000 },
      ResourceExpiry: { seconds: 1_700_600_000 },
      AssumeStartTime: { seconds: 1_700_001_000 },
      RequestReason: 'disk full',
      ResolveReason: 'on call',
      SystemAnnotations: { Values: { pagerduty_services: { Values: ['Payments API', 'Search'] } } },
      SuggestedReviewers: ['sre-2'],
      Thresholds: [{ Name: 'default', Filter: 'true', Approve: 2, Deny: 1 }],
      Reviews: [
        {
          Author: 'sre-2',
          ProposedState: 2,
          Reason: 'fine',
          Created: { seconds: 1_700_000_100 },
          SubmittedBy: 'slack',
        },
      ],
      RequestKind: 1,
    });

    expect(request).toEqual({
      id: ID,
      revision: 'r1',
      requester: 'sre-1',
      roles: ['prodaccess'],
      resources: [],
      state: 'pending',
      kind: 'short-term',
      dryRun: false,
      reason: 'disk full',
      created: '2023-11-14T22:13:20.250Z',
      accessExpires: '2023-11-15T06:33:20.000Z',
      requestExpires: '2023-11-21T20:53:20.000Z',
      startsAt: '2023-11-14T22:30:00.000Z',
      annotations: { pagerduty_services: ['Payments API', 'Search'] },
      suggestedReviewers: ['sre-2'],
      thresholds: [{ name: 'default', filter: 'true', approve: 2, deny: 1 }],
      reviews: [
        {
          author: 'sre-2',
          proposedState: 'approved',
          reason: 'fine',
          created: '2023-11-14T22:15:00.000Z',
          submittedBy: 'slack',
        },
      ],
      resolveReason: 'on call',
    });
  });

  it.each([
    [1, 'pending'],
    [2, 'approved'],
    [3, 'denied'],
    [4, 'promoted'],
    [0, 'unknown'],
    [17, 'unknown'],
  ])('reads state %i as %s', (State, expected) => {
    expect(requestOf({ State: State as 1 }).state).toBe(expected);
  });

  it.each([
    [0, 'short-term'],
    [1, 'short-term'],
    [2, 'long-term'],
    [9, 'unknown'],
  ])('reads kind %i as %s', (RequestKind, expected) => {
    expect(requestOf({ RequestKind: RequestKind as 1 }).kind).toBe(expected);
  });

  it('takes the zero time of Go, and absence, for no time at all', () => {
    const request = requestOf({ Created: { seconds: -62_135_596_800 } });

    expect(request.created).toBeNull();
    expect(request.accessExpires).toBeNull();
    expect(request.startsAt).toBeNull();
  });

  it('takes the expiry of the envelope where the server knows no expiry of the request', () => {
    const message = { ...aMessage(), Metadata: { Name: ID, Expires: { seconds: 1_700_600_000 } } };

    const read = accessRequestOf(received(message));

    expect(read.ok && read.value.requestExpires).toBe('2023-11-21T20:53:20.000Z');
  });

  describe('asks for resources', () => {
    const id = (Name: string, rest = {}) => ({ ClusterName: 'c', Kind: 'node', Name, ...rest });
    const read = (name: string, rest = {}) => ({
      cluster: 'c',
      kind: 'node',
      name,
      subResource: '',
      ...rest,
    });
    const root = { version: 'v1', ssh: { logins: ['root'] } };
    const asRoot = { constraints: { kind: 'ssh', logins: ['root'] } };

    it('of the older list and of the newer one together, each once', () => {
      expect(
        requestOf({ RequestedResourceIDs: [id('prod', { Kind: 'pod', SubResourceName: 'ns/pod' })] })
          .resources,
      ).toEqual([read('prod', { kind: 'pod', subResource: 'ns/pod' })]);
      expect(
        requestOf({
          RequestedResourceIDs: [id('plain')],
          RequestedResourceAccessIDs: [
            { id: id('narrowed'), constraints: root },
            { id: id('free') },
            { id: id('plain') },
          ],
        }).resources,
      ).toEqual([read('plain'), read('free'), read('narrowed', asRoot)]);
    });

    it('without what narrows them, where they stand somewhere without it', () => {
      const narrowed = { id: id('n'), constraints: root };

      const both = [
        { RequestedResourceIDs: [id('n')], RequestedResourceAccessIDs: [narrowed] },
        { RequestedResourceAccessIDs: [narrowed, { id: id('n') }] },
      ];
      expect(both.map((lists) => requestOf(lists).resources)).toEqual([[read('n')], [read('n')]]);
    });

    it.each([
      { ClusterName: 'leaf' },
      { Kind: 'app' },
      { Name: 'other' },
      { SubResourceName: 'part' },
      { ClusterName: '__SENTINEL__' },
      { ClusterName: '__SENTINEL__', Kind: 'app', Name: '__SENTINEL__' },
      { Name: '__SENTINEL__' },
    ])('of both lists, where they differ in %j', (difference) => {
      const narrowed = { id: id('n'), constraints: root };
      const other = { ...id('n'), ...difference };

      expect(
        requestOf({ RequestedResourceIDs: [other], RequestedResourceAccessIDs: [narrowed] }).resources,
      ).toEqual([
        {
          ...{ cluster: other.ClusterName, kind: other.Kind, name: other.Name },
          subResource: 'SubResourceName' in other ? other.SubResourceName : '',
        },
        read('n', asRoot),
      ]);
    });

    it.each([
      [{ ssh: { logins: ['root', 'ubuntu'] } }, { kind: 'ssh', logins: ['root', 'ubuntu'] }],
      [
        { version: 'v1', aws_console: { role_arns: ['arn:1'] } },
        { kind: 'aws_console', roleArns: ['arn:1'] },
      ],
      [{ version: 'v1' }, { kind: 'unknown' }],
      [{ version: 'v2', ssh: { logins: ['root'] } }, { kind: 'unknown' }],
      [{ ssh: {} }, { kind: 'unknown' }],
      [{ aws_console: {} }, { kind: 'unknown' }],
      [{ windows_desktop: { logins: ['Admin'] } }, { kind: 'windows_desktop', logins: ['Admin'] }],
    ])('narrowed by %j to %j', (constraints, expected) => {
      const { resources } = requestOf({ RequestedResourceAccessIDs: [{ id: id('n'), constraints }] });

      expect(resources).toEqual([read('n', { constraints: expected })]);
    });

    it('but not for the filler of the older list, unless nothing else is asked for', () => {
      const filler = { ClusterName: '__SENTINEL__', Kind: 'node', Name: '__SENTINEL__' };
      const narrowed = { id: id('n'), constraints: root };

      expect(
        requestOf({ RequestedResourceIDs: [filler], RequestedResourceAccessIDs: [narrowed] }).resources,
      ).toEqual([read('n', asRoot)]);
      expect(requestOf({ RequestedResourceIDs: [filler] }).resources).toHaveLength(1);
    });
  });

  it.each([
    ['without an id', { ...aMessage(), Metadata: { Name: '' } }],
    ['without metadata', { ...aMessage(), Metadata: null }],
    ['without a requester', aMessage({ User: '' })],
    ['without a spec', { ...aMessage(), Spec: null }],
    ['with a resource that has no id', aMessage({ RequestedResourceAccessIDs: [{}] })],
  ])('is malformed %s', (_case, message) => {
    expect(accessRequestOf(received(message)).ok).toBe(false);
  });

  it('keeps an annotation whose name is one of an object of JavaScript', () => {
    const request = requestOf({ SystemAnnotations: { Values: { constructor: { Values: ['x'] } } } });

    expect(Object.keys(request.annotations)).toEqual(['constructor']);
    expect(requestOf().annotations).toEqual({});
  });
});

describe('an event from the wire', () => {
  it('is a put with the request', () => {
    expect(eventOf(receivedEvent({ Type: 1, AccessRequest: aMessage() }))).toMatchObject({
      kind: 'put',
      request: { id: ID },
    });
  });

  it('is a delete with the id of the header', () => {
    const header = { Kind: 'access_request', Metadata: { Name: ID } };

    expect(eventOf(receivedEvent({ Type: 2, ResourceHeader: header }))).toEqual({ kind: 'delete', id: ID });
  });

  it('is malformed when the request in it is', () => {
    expect(eventOf(receivedEvent({ Type: 1, AccessRequest: {} }))?.kind).toBe('malformed');
    expect(eventOf(receivedEvent({ Type: 2, ResourceHeader: { Kind: 'access_request' } }))?.kind).toBe(
      'malformed',
    );
  });

  it.each([
    ['a put of another kind', { Type: 1 as const, Lock: { Kind: 'lock' } }],
    ['a put of a kind unknown here', { Type: 1 as const }],
    [
      'a delete of another kind',
      { Type: 2 as const, ResourceHeader: { Kind: 'lock', Metadata: { Name: 'l' } } },
    ],
    ['an operation unknown here', { Type: 7 as 1, AccessRequest: aMessage() }],
  ])('is passed over when it is %s', (_case, event) => {
    expect(eventOf(receivedEvent(event))).toBeNull();
  });
});

describe('an instant', () => {
  it('goes to the wire and back unchanged', () => {
    const at = instantOf(1_700_000_000_123);
    const { seconds, nanos } = timestampOf(at);

    expect(instantFrom({ seconds: Number(seconds), nanos: nanos ?? 0 })).toBe(at);
  });

  it('is none beyond the year 9999', () => {
    expect(instantFrom({ seconds: 253_402_300_800, nanos: 0 })).toBeNull();
    expect(instantFrom({ seconds: Number(2n ** 63n - 1n), nanos: 0 })).toBeNull();
  });
});
