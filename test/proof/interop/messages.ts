import type { AccessRequest } from '../../../src/core/access-request.ts';
import { instantOf } from '../../../src/core/values/instant.ts';
import type { Plain } from './plain.ts';
import { GO_ZERO_TIME } from './plain.ts';

const CREATED = Date.parse('2026-03-03T02:00:00Z');
const HOUR_MS = 3_600_000;

/** A pending request for `prodaccess`, as little as there can be. */
export function anAccessRequest({ id }: { readonly id: string }): Plain {
  return {
    Kind: 'access_request',
    Version: 'v3',
    Metadata: { Name: id, Namespace: 'default' },
    Spec: { User: 'sre-1', Roles: ['prodaccess'], State: 1 },
  };
}

/** A request with every field that any version knows, Go's zero time, and a field that none knows. */
export function aWholeRequest(): Plain {
  return {
    Kind: 'access_request',
    Version: 'v3',
    Metadata: {
      Name: '01890a5d-ac96-774b-bcce-b302099a8057',
      Namespace: 'default',
      Labels: { team: 'payments' },
      Expires: timestamp(CREATED + 24 * HOUR_MS),
      Revision: '7c1f5b7e',
    },
    Spec: {
      User: 'sre-1',
      Roles: ['prodaccess', 'db-admin'],
      State: 2,
      Created: timestamp(CREATED),
      Expires: timestamp(CREATED + 8 * HOUR_MS),
      RequestReason: 'the payments queue is stuck 🚨',
      ResolveReason: 'on call',
      ResolveAnnotations: { Values: { incident: { Values: ['PINC1'] } } },
      SystemAnnotations: {
        Values: { pagerduty_services: { Values: ['Payments API', 'Ledger'] }, empty: {} },
      },
      Thresholds: [
        { Name: 'two', Filter: 'contains(reviewer.roles, "lead")', Approve: 2, Deny: 1 },
        { Name: 'default' },
      ],
      RoleThresholdMapping: { prodaccess: { Sets: [{ Indexes: [0, 1, 300] }, {}] } },
      Reviews: [
        {
          Author: 'sre-2',
          ProposedState: 2,
          Reason: 'go on',
          Created: timestamp(CREATED + 60_000),
          ThresholdIndexes: [0, 1],
          SubmittedBy: 'slack-bot',
          submitted_on_behalf_of_author: true,
        },
        { Author: 'sre-3', ProposedState: 3, Created: GO_ZERO_TIME },
      ],
      SuggestedReviewers: ['sre-2'],
      RequestedResourceIDs: [
        { ClusterName: 'teleport.example.com', Kind: 'node', Name: 'n-1', SubResourceName: 'x' },
      ],
      LoginHint: 'root',
      MaxDuration: timestamp(CREATED + 12 * HOUR_MS),
      SessionTTL: GO_ZERO_TIME,
      accessList: { Name: 'list-1', Title: 'Payments' },
      AssumeStartTime: timestamp(CREATED + HOUR_MS),
      ResourceExpiry: timestamp(CREATED + 23 * HOUR_MS),
      DryRunEnrichment: { ReasonMode: 'required', ReasonPrompts: ['why?'] },
      RequestKind: 1,
      RequestedResourceAccessIDs: [
        { id: { ClusterName: 'teleport.example.com', Kind: 'node', Name: 'n-1', SubResourceName: 'x' } },
      ],
      ...unknownField(),
    },
  };
}

/** What our adapter makes of it, with the fields that a version knows. */
export function wholeRequestRead(knows: (message: string, field: string) => boolean): AccessRequest {
  const spec = 'types.AccessRequestSpecV3';
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    revision: knows('types.Metadata', 'Revision') ? '7c1f5b7e' : '',
    requester: 'sre-1',
    roles: ['prodaccess', 'db-admin'],
    resources: [{ cluster: 'teleport.example.com', kind: 'node', name: 'n-1', subResource: 'x' }],
    state: 'approved',
    kind: 'short-term',
    dryRun: false,
    reason: 'the payments queue is stuck 🚨',
    created: instantOf(CREATED),
    accessExpires: instantOf(CREATED + 8 * HOUR_MS),
    requestExpires: instantOf(CREATED + (knows(spec, 'ResourceExpiry') ? 23 : 24) * HOUR_MS),
    startsAt: knows(spec, 'AssumeStartTime') ? instantOf(CREATED + HOUR_MS) : null,
    annotations: { pagerduty_services: ['Payments API', 'Ledger'], empty: [] },
    suggestedReviewers: ['sre-2'],
    thresholds: [
      { name: 'two', filter: 'contains(reviewer.roles, "lead")', approve: 2, deny: 1 },
      { name: 'default', filter: '', approve: 0, deny: 0 },
    ],
    reviews: [
      {
        author: 'sre-2',
        proposedState: 'approved',
        reason: 'go on',
        created: instantOf(CREATED + 60_000),
        submittedBy: knows('types.AccessReview', 'SubmittedBy') ? 'slack-bot' : null,
      },
      { author: 'sre-3', proposedState: 'denied', reason: '', created: null, submittedBy: null },
    ],
    resolveReason: 'on call',
  };
}

export function aUser(name: string): Plain {
  return {
    Kind: 'user',
    Version: 'v2',
    Metadata: { Name: name },
    Spec: {
      Roles: ['sres'],
      Traits: { Values: { email: { Values: [`${name}@example.com`] }, logins: { Values: [name, 'root'] } } },
      CreatedBy: { Connector: { Type: 'saml', ID: 'okta', Identity: `${name}@example.com` } },
    },
  };
}

export const ROLE: Plain = {
  Kind: 'role',
  Version: 'v7',
  Metadata: { Name: 'access-reviewer' },
  Spec: {
    Allow: {
      Rules: [{ Resources: ['access_request'], Verbs: ['list', 'read'] }],
      ReviewRequests: { Roles: ['prodaccess'] },
    },
    Deny: { ReviewRequests: { Roles: ['root-*'] } },
  },
};

/** Field 9999, a string, of no message: what a Teleport of the future may send. */
export function unknownField(): { readonly $unknown: string } {
  return { $unknown: Buffer.from([0xfa, 0xf0, 0x04, 0x03, 0x6e, 0x65, 0x77]).toString('base64') };
}

function timestamp(epochMs: number): Plain {
  return { seconds: String(epochMs / 1_000) };
}
