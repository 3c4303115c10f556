/**
 * What our .proto files have and no version that can be had does: it is newer than the newest of them. The numbers are from
 * Teleport's .proto texts, see `docs/proven-versions.md`.
 */
export const UNPROVEN: readonly string[] = [
  '/proto.AuthService/ListLocks',
  'proto.ListLocksRequest.filter',
  'proto.ListLocksRequest.page_size',
  'proto.ListLocksRequest.page_token',
  'proto.ListLocksResponse.locks',
  'proto.ListLocksResponse.next_page_token',
  'teleport.userloginstate.v1.Spec.access_list_roles',
  'teleport.userloginstate.v1.Spec.access_list_traits',
  'types.AccessRequestDryRunEnrichment.ReasonMode',
  'types.AccessRequestDryRunEnrichment.ReasonPrompts',
  'types.AccessRequestKind LONG_TERM',
  'types.AccessRequestKind SHORT_TERM',
  'types.AccessRequestKind UNDEFINED',
  'types.AccessRequestSpecV3.DryRunEnrichment',
  'types.AccessRequestSpecV3.RequestKind',
  'types.AccessRequestSpecV3.RequestedResourceAccessIDs',
  'types.AccessReview.SubmittedBy',
  'types.AccessReview.submitted_on_behalf_of_author',
  'types.AccessReviewConditions.SubmitForUsers',
  'types.LockFilter.in_force_only',
  'types.LockFilter.targets',
  'types.LockTarget.BotInstanceID',
  'types.LockTarget.JoinToken',
  'types.ResourceAccessID.constraints',
  'types.ResourceAccessID.id',
  'types.ResourceConstraints.version',
];
