import { epochMsOf, type Instant } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { PagerDutyClientOptions } from './client.ts';
import { createTokenSource, READ_SCOPES, WRITE_SCOPES } from './oauth.ts';

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
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
}

/** What is known of the credentials; API keys neither expire nor tell their rights. */
export interface CredentialState {
  /** When the first of the tokens ends; it is renewed an hour before. Null for keys, and before the first token. */
  readonly expires: Instant | null;
  /** Scopes that are needed and that the app was not granted. */
  readonly missingScopes: readonly string[];
}

export interface Credentials extends Pick<
  PagerDutyClientOptions,
  'readKey' | 'writeKey' | 'tokenType' | 'onKeyRefused'
> {
  readonly state: () => CredentialState;
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
    state: () => ({ expires: null, missingScopes: [] }),
  };
}

function tokens({ clientSecret, ...client }: OAuthClient, options: CredentialOptions): Credentials {
  const { clock, proxyEnv } = options;
  const common = {
    ...client,
    clientSecret: () => clientSecret.reveal(),
    now: () => epochMsOf(clock.now()),
    ...(proxyEnv === undefined ? {} : { proxyEnv }),
  };
  const reading = createTokenSource({ ...common, scopes: READ_SCOPES });
  const writing = createTokenSource({ ...common, scopes: WRITE_SCOPES });
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
        expires: ends[0] ?? null,
        missingScopes: states.flatMap(({ missingScopes }) => missingScopes),
      };
    },
  };
}
