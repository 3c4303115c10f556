import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from './account.ts';
import type { ApiKey, User } from './model.ts';
import { accessDenied, authenticationFailed, Refusal } from './refusal.ts';

const READ_ONLY_ROLES: readonly string[] = ['read_only_user', 'read_only_limited_user', 'observer'];

/**
 * The key behind a request.
 * @throws Refusal 401/2006 when it is missing, unknown, expired, of another region, under the wrong scheme, or its user is gone
 */
export function authenticate(account: Account, headers: IncomingHttpHeaders): ApiKey {
  const header = headers.authorization ?? '';
  const [, token] = /^Token token=(.+)$/i.exec(header) ?? [];
  const [, bearer] = /^Bearer (.+)$/i.exec(header) ?? [];
  const key = account.keys.get(token ?? bearer ?? '');
  if (key === undefined) throw authenticationFailed();
  const isRightScheme = key.kind === 'app' ? bearer !== undefined : token !== undefined;
  const isExpired = key.expiresAt !== null && key.expiresAt <= account.clock.now();
  const isOrphan = key.userId !== null && account.liveUser(key.userId) === undefined;
  // PagerDuty: a key of the other region is simply unknown on this host.
  if (!isRightScheme || isExpired || isOrphan || key.region !== account.region) throw authenticationFailed();
  return key;
}

/**
 * PagerDuty: app tokens have scopes, where writing does not include reading; read-only keys and roles cannot write.
 * @throws Refusal 403/2010
 */
export function authorize(account: Account, key: ApiKey, scope: string, method: string): void {
  if (key.kind === 'app') {
    if (!key.scopes.includes(scope)) throw accessDenied(`token lacks the scope \`${scope}\``);
    return;
  }
  if (method === 'GET') return;
  if (key.kind === 'account-read-only') throw accessDenied('API key is read-only');
  const user = key.userId === null ? undefined : account.liveUser(key.userId);
  if (user !== undefined && READ_ONLY_ROLES.includes(user.role)) throw accessDenied('User role is read-only');
}

/**
 * The user named in the From header, to whom the write is attributed.
 * @throws Refusal 400/1028 when it is missing or no e-mail address, 400/1008 when nobody has it
 */
export function fromUser(account: Account, headers: IncomingHttpHeaders): User {
  const email = headers.from?.trim() ?? '';
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new Refusal({
      status: 400,
      code: 1028,
      message: 'The From header must be the email address of a valid user',
    });
  }
  const user = account.userByEmail(email);
  if (user === undefined) {
    throw new Refusal({ status: 400, code: 1008, message: 'Requester User Not Found' });
  }
  return user;
}

/**
 * Which API version the caller asks for. Without `Accept` the real one goes by the age of the token, so a read that does
 * not ask for version 2 is refused here rather than guessed at; writes may leave it out.
 * @throws Refusal 406
 */
export function requireVersion(headers: IncomingHttpHeaders, method: string): void {
  const accept = headers.accept;
  if (accept === undefined && method !== 'GET') return;
  const isVersion2 = /application\/vnd\.pagerduty\+json;\s*version=2\b/.test(accept ?? '');
  if (isVersion2 || (accept === '*/*' && method !== 'GET')) return;
  throw new Refusal({
    status: 406,
    code: 2001,
    message: 'Not Acceptable',
    errors: ['Accept must be application/vnd.pagerduty+json;version=2'],
  });
}
