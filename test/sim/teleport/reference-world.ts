import type { Cluster } from './cluster.ts';
import type { Edition, Role, Traits, User } from './model.ts';

export const CLUSTER_NAME = 'teleport.example.com';
export const BOT_USER = 'oncall-approver';

export interface ReferenceWorldOptions {
  readonly edition: Edition;
  /** Annotations which the role `sres` puts on its requests, e.g. `{ pagerduty_services: ['Payments API'] }`. */
  readonly annotations?: Traits;
  /** Whether the service may review in the name of people (v18.11 and later). */
  readonly submitForUsers?: boolean;
  /** Whether the service may look through the cluster's users. */
  readonly listUsers?: boolean;
  /** Whether the service may read login states; true unless told. */
  readonly readLoginStates?: boolean;
  /** Whether the service may read the audit log. */
  readonly readAuditLog?: boolean;
}

export interface ReferenceWorld {
  readonly roles: readonly Role[];
  readonly users: readonly User[];
}

/**
 * The cluster of the reference story: `sres` work on test and staging and may request `prodaccess`; who holds
 * `access-reviewer`, the service among them, decides. Community knows no reviews: there the service sets the state.
 */
export function referenceWorld({
  edition,
  annotations = {},
  submitForUsers = false,
  listUsers = false,
  readLoginStates = true,
  readAuditLog = false,
}: ReferenceWorldOptions): ReferenceWorld {
  return {
    roles: [
      accessReviewer({ edition, submitForUsers, listUsers, readLoginStates, readAuditLog }),
      sres(annotations),
      prodaccess(),
      staff(),
    ],
    users: [
      ssoUser('sre-1', ['sres', 'access-reviewer']),
      ssoUser('sre-2', ['sres']),
      ssoUser('sre-3', ['sres']),
      ssoUser('outsider@example.com', ['sres']),
      ssoUser('visitor', ['staff']),
      { name: 'local-sre', roles: ['sres'], traits: { email: ['sre-1@example.com'] } },
      { name: BOT_USER, roles: ['access-reviewer'], traits: {}, bot: true },
    ],
  };
}

/** Databases whose labels name the services that own them; the sres may ask for each by role `db-access`, and for all by `db-admin`. */
export function addEstate({ directory, labelled }: Pick<Cluster, 'directory' | 'labelled'>): void {
  const [sre, reviewer] = [directory.role('sres'), directory.role('access-reviewer')];
  const { request = {} } = sre.allow;
  const { reviewRequests = {} } = reviewer.allow;
  const roles = [...(reviewRequests.roles ?? []), 'db-access', 'db-admin'];
  for (const name of ['db-access', 'db-admin'])
    directory.putRole({ name, allow: { dbLabels: { env: ['prod'] } } });
  directory.putRole({
    ...sre,
    allow: {
      ...sre.allow,
      request: { ...request, roles: [...(request.roles ?? []), 'db-admin'], searchAsRoles: ['db-access'] },
    },
  });
  directory.putRole({
    ...reviewer,
    allow: { ...reviewer.allow, reviewRequests: { ...reviewRequests, roles, previewAsRoles: ['db-access'] } },
  });
  for (const [name, pagerduty_service] of [
    ['payments-main', 'Payments API'],
    ['identity-main', 'Identity'],
  ] as const)
    labelled.push({ kind: 'db', name, labels: { env: 'prod', pagerduty_service } });
  labelled.push({ kind: 'db', name: 'refunds-main', labels: { env: 'prod', app: 'refunds' } });
}

function accessReviewer({
  edition,
  submitForUsers,
  listUsers,
  readLoginStates,
  readAuditLog,
}: Required<Omit<ReferenceWorldOptions, 'annotations'>>): Role {
  const enterprise = edition === 'enterprise';
  return {
    name: 'access-reviewer',
    allow: {
      ...(enterprise
        ? { reviewRequests: { roles: ['prodaccess'], ...(submitForUsers ? { submitForUsers: ['*'] } : {}) } }
        : {}),
      rules: [
        { resources: ['access_request'], verbs: enterprise ? ['list', 'read'] : ['list', 'read', 'update'] },
        { resources: ['access_plugin_data'], verbs: ['list', 'read', 'update'] },
        { resources: ['lock'], verbs: ['list', 'read', 'create', 'update', 'delete'] },
        { resources: ['user'], verbs: listUsers ? ['list', 'read'] : ['read'] },
        ...(readLoginStates
          ? [{ resources: ['user_login_state'], verbs: listUsers ? ['list', 'read'] : ['read'] }]
          : []),
        { resources: ['role'], verbs: ['read'] },
        { resources: ['access_monitoring_rule'], verbs: ['list', 'read'] },
        ...(readAuditLog ? [{ resources: ['event'], verbs: ['list'] }] : []),
      ],
    },
  };
}

function sres(annotations: Traits): Role {
  return {
    name: 'sres',
    allow: {
      logins: ['{{internal.logins}}'],
      nodeLabels: { env: ['test', 'staging'] },
      request: { roles: ['prodaccess'], annotations, maxDurationMs: 14 * 86_400_000 },
    },
  };
}

function prodaccess(): Role {
  const prod = { env: ['prod'] };
  return {
    name: 'prodaccess',
    allow: {
      ...{ logins: ['{{internal.logins}}'], nodeLabels: prod, appLabels: prod, dbLabels: prod },
      ...{ kubernetesLabels: prod, windowsDesktopLabels: prod, githubOrganizations: ['example'] },
    },
  };
}

/** A role which may request nothing. */
function staff(): Role {
  return { name: 'staff', allow: {} };
}

function ssoUser(name: string, roles: readonly string[]): User {
  const email = name.includes('@') ? name : `${name}@example.com`;
  return {
    name,
    roles,
    traits: { email: [email], logins: [email.replace(/@.*/, '')] },
    connector: { type: 'saml', id: 'okta', identity: email },
  };
}
