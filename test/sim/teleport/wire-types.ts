/**
 * Requests as `@grpc/proto-loader` hands them over with keepCase, longs as strings, enums as numbers and defaults on:
 * absent messages are `null`, absent scalars their zero value, absent lists and maps empty.
 */

export interface WireTimestamp {
  readonly seconds: string;
  readonly nanos: number;
}

export interface WireLabelValues {
  readonly Values: Readonly<Record<string, { readonly Values: readonly string[] }>>;
}

interface WireMetadata {
  readonly Name: string;
  readonly Expires: WireTimestamp | null;
}

export interface WireResourceId {
  readonly ClusterName: string;
  readonly Kind: string;
  readonly Name: string;
  readonly SubResourceName: string;
}

export interface WireAccessRequest {
  readonly Metadata: WireMetadata | null;
  readonly Spec: {
    readonly User: string;
    readonly Roles: readonly string[];
    readonly State: number;
    readonly RequestReason: string;
    readonly SuggestedReviewers: readonly string[];
    readonly RequestedResourceIDs: readonly WireResourceId[];
    readonly RequestedResourceAccessIDs: readonly {
      readonly id: WireResourceId;
      readonly constraints: Readonly<Record<string, unknown>> | null;
    }[];
    readonly DryRun: boolean;
    readonly MaxDuration: WireTimestamp | null;
    readonly AssumeStartTime: WireTimestamp | null;
  } | null;
}

export interface WireFilter {
  readonly ID: string;
  readonly User: string;
  readonly State: number;
  readonly SearchKeywords: readonly string[];
  readonly Scope: number;
}

export interface WireListRequest {
  readonly Filter: WireFilter | null;
  readonly Sort: number;
  readonly Descending: boolean;
  readonly Limit: number;
  readonly StartKey: string;
}

export interface WireStateSetter {
  readonly ID: string;
  readonly State: number;
  readonly Delegator: string;
  readonly Reason: string;
  readonly Annotations: WireLabelValues | null;
  readonly Roles: readonly string[];
  readonly AssumeStartTime: WireTimestamp | null;
}

export interface WireReviewSubmission {
  readonly RequestID: string;
  readonly Review: {
    readonly Author: string;
    readonly Roles: readonly string[];
    readonly ProposedState: number;
    readonly Reason: string;
    readonly Created: WireTimestamp | null;
    readonly Annotations: WireLabelValues | null;
    readonly AssumeStartTime: WireTimestamp | null;
    readonly SubmittedBy: string;
    readonly submitted_on_behalf_of_author: boolean;
  } | null;
}

export interface WirePluginDataFilter {
  readonly Kind: string;
  readonly Resource: string;
  readonly Plugin: string;
}

export interface WirePluginDataUpdate extends WirePluginDataFilter {
  readonly Set: Readonly<Record<string, string>>;
  readonly Expect: Readonly<Record<string, string>>;
}

export interface WireLockTarget {
  readonly User: string;
  readonly Role: string;
  readonly AccessRequest: string;
}

export interface WireLock {
  readonly Metadata: WireMetadata | null;
  readonly Spec: {
    readonly Target: WireLockTarget | null;
    readonly Message: string;
    readonly Expires: WireTimestamp | null;
  } | null;
}

export interface WireWatchKind {
  readonly Kind: string;
  readonly Name: string;
  readonly Filter: Readonly<Record<string, string>>;
}

export interface WireWatch {
  readonly Kinds: readonly WireWatchKind[];
  readonly AllowPartialSuccess: boolean;
}

/** What the service sends: plain objects which the generated serializer checks against the message type. */
export type WireMessage = Readonly<Record<string, unknown>>;
