import { randomBytes } from 'node:crypto';
import type { Account } from './account.ts';
import { DAY_MS } from './durations.ts';
import type { Reply } from './route.ts';

export const TOKEN_PATH = '/oauth/token';
const LIFETIME_MS = DAY_MS;

/**
 * The token endpoint of scoped OAuth, client credentials grant (really on identity.pagerduty.com). PagerDuty: scopes the
 * client does not have are left out without an error, so the caller must compare what was granted; a token lives for a day
 * and cannot be refreshed; the region goes in the `as_account-` scope.
 * @param form the form-encoded body
 */
export function issueToken(account: Account, form: URLSearchParams): Reply {
  if (form.get('grant_type') !== 'client_credentials') return refused(400, 'unsupported_grant_type');
  const client = account.oauthClients.get(form.get('client_id') ?? '');
  if (client?.secret !== form.get('client_secret')) return refused(401, 'invalid_client');

  const requested = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const accountScope = `as_account-${account.region}.${account.subdomain}`;
  if (!requested.includes(accountScope)) return refused(400, 'invalid_scope');
  const scopes = requested.filter((scope) => client.scopes.includes(scope));
  const token = `pdus+_${randomBytes(24).toString('base64url')}`;
  account.addKey({
    id: token,
    kind: 'app',
    region: account.region,
    scopes,
    userId: null,
    hiddenIds: [],
    expiresAt: new Date(account.clock.now().getTime() + LIFETIME_MS),
  });
  return {
    status: 200,
    body: {
      access_token: token,
      scope: [accountScope, ...scopes].join(' '),
      token_type: 'bearer',
      expires_in: LIFETIME_MS / 1000,
    },
  };
}

function refused(status: number, error: string): Reply {
  return { status, body: { error } };
}
