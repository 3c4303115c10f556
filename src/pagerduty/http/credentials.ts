import { epochMsOf } from '../../core/values/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PagerDutyCredentials } from '../../ports/pagerduty.ts';
import type { PagerDutyClientOptions } from './client.ts';
import { createTokenSource, PAGE_TYPE_SCOPES, READ_SCOPES, TEAMS_SCOPE, WRITE_SCOPES } from './oauth.ts';
import { LIST_WEBHOOKS_SCOPE, PING_WEBHOOKS_SCOPE } from '../webhook-subscriptions.ts';

interface Secret {
  readonly reveal: () => string;
}

/** An OAuth app of the account; takes the place of API keys. */
export interface OAuthClient {
  readonly tokenUrl: string;
  /** Region and subdomain of the account, for instance `us.acme`. */
  readonly account: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export interface CredentialOptions {
  readonly readKey: Secret;
  readonly writeKey: Secret;
  readonly oauth?: OAuthClient | undefined;
  readonly clock: Clock;
  /** Whether tokens are also to see and to try webhook subscriptions, where the app may; only `check` does. */
  readonly seesWebhooks?: boolean;
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
}

export interface Credentials extends Pick<
  PagerDutyClientOptions,
  'readKey' | 'writeKey' | 'tokenType' | 'onKeyRefused'
> {
  readonly state: () => PagerDutyCredentials;
  /** Sees that keys can be read, and has tokens before they are needed. Throws PagerDutyError, or why a key cannot be read. */
  readonly refresh: () => Promise<void>;
}

/** Keys, or tokens: one for reading and another for writing. */
export function credentialsOf(options: CredentialOptions): Credentials {
  return options.oauth === undefined ? keys(options) : tokens(options.oauth, options);
}

function keys({ readKey: reading, writeKey: writing }: CredentialOptions): Credentials {
  const readKey = (): string => reading.reveal();
  return {
    tokenType: 'token',
    readKey,
    writeKey: writing === reading ? readKey : () => writing.reveal(),
    state: () => ({ kind: 'keys', expires: null, neededScopes: [], missingScopes: [] }),
    refresh: () =>
      new Promise((resolve) => {
        reading.reveal();
        writing.reveal();
        resolve();
      }),
  };
}

function tokens({ clientSecret, ...client }: OAuthClient, options: CredentialOptions): Credentials {
  const { clock, proxyEnv, seesWebhooks = false } = options;
  const common = {
    ...client,
    clientSecret: () => clientSecret.reveal(),
    now: () => epochMsOf(clock.now()),
    ...(proxyEnv === undefined ? {} : { proxyEnv }),
  };
  const reading = createTokenSource({
    ...common,
    scopes: READ_SCOPES,
    optionalScopes: [TEAMS_SCOPE, ...PAGE_TYPE_SCOPES, ...(seesWebhooks ? [LIST_WEBHOOKS_SCOPE] : [])],
  });
  const writing = createTokenSource({
    ...common,
    scopes: WRITE_SCOPES,
    optionalScopes: seesWebhooks ? [PING_WEBHOOKS_SCOPE] : [],
  });
  return {
    tokenType: 'bearer',
    readKey: () => reading.token(),
    writeKey: () => writing.token(),
    onKeyRefused(token) {
      reading.refuse(token);
      writing.refuse(token);
    },
    state() {
      const states = [reading.state(), writing.state()];
      const ends = states.flatMap(({ expires }) => expires ?? []).sort();
      return {
        kind: 'oauth',
        expires: ends[0] ?? null,
        neededScopes: [...READ_SCOPES, ...WRITE_SCOPES],
        missingScopes: states.flatMap(({ missingScopes }) => missingScopes),
      };
    },
    async refresh() {
      await Promise.all([reading.token(), writing.token()]);
    },
  };
}
