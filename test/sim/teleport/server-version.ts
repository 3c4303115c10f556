import type { Edition } from './model.ts';

/**
 * What a server of one version and edition has and has not. Where Teleport's history leaves the exact release open, the
 * later of the possible ones is taken: a client must do without until then.
 */
export interface Capabilities {
  readonly edition: Edition;
  readonly serverVersion: string;
  /** v15.2: the paged listing; before it the RPC answers UNIMPLEMENTED. */
  readonly listAccessRequests: boolean;
  /** Up to v17: AuthService/GetUser and GetCurrentUser; later only UsersService has them. */
  readonly legacyGetUser: boolean;
  /** v17: the entitlements map in `Features`. */
  readonly entitlements: boolean;
  /** 2025, taken as v18: ListLocks beside the deprecated GetLocks. */
  readonly listLocks: boolean;
  /** v18.11: `review_requests.submit_for_users` and the review fields which go with it. */
  readonly submitForUsers: boolean;
  /**
   * Newer servers call a second review by one author ALREADY_EXISTS, older ones PERMISSION_DENIED; the release is not
   * known, taken as v18.11.
   */
  readonly duplicateReviewAlreadyExists: boolean;
  /** v16.4: access monitoring rules can be listed by subject. */
  readonly monitoringRulesWithFilter: boolean;
  /** v16: they can be watched, too. */
  readonly watchMonitoringRules: boolean;
  /** v17: `ResourceExpiry`; before it only `Metadata.Expires` tells when a request is removed. */
  readonly resourceExpiry: boolean;
  /** v14: login states, v15 what of their roles was there originally, v16 the same of traits, v18.2 what Access Lists gave. */
  readonly loginStates: {
    readonly served: boolean;
    readonly originalRoles: boolean;
    readonly originalTraits: boolean;
    readonly accessLists: boolean;
  };
}

/** The capabilities of `serverVersion`, a semantic version without `v`; throws a `RangeError` for anything else. */
export function capabilitiesOf(serverVersion: string, edition: Edition): Capabilities {
  const match = /^(\d+)\.(\d+)\.\d+/.exec(serverVersion);
  if (match === null) throw new RangeError(`server version \`${serverVersion}\` is not a semantic version`);
  const version = { major: Number(match[1]), minor: Number(match[2]) };
  const since = (major: number, minor = 0) =>
    version.major > major || (version.major === major && version.minor >= minor);
  return {
    edition,
    serverVersion,
    listAccessRequests: since(15, 2),
    legacyGetUser: !since(18),
    entitlements: since(17),
    listLocks: since(18),
    submitForUsers: since(18, 11),
    duplicateReviewAlreadyExists: since(18, 11),
    monitoringRulesWithFilter: since(16, 4),
    watchMonitoringRules: since(16),
    resourceExpiry: since(17),
    loginStates: {
      served: since(14),
      originalRoles: since(15),
      originalTraits: since(16),
      accessLists: since(18, 2),
    },
  };
}
