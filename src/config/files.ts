import { accessSync, constants } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, unreadable } from './config-error.ts';
import { readIdentityMap, readOwnerMap } from './identity-map.ts';
import type { Problem } from './problem.ts';
import type { SoundParts } from './relations.ts';
import type { ConfigFile } from './schema.ts';
import { bareKey, secretFromEnvironment, secretFromFile, type Secret } from './secret.ts';

/** An OAuth app of the PagerDuty account. */
export interface OAuthSettings {
  readonly tokenUrl: string;
  /** Region and subdomain, for instance `us.acme`. */
  readonly account: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Files and variables that must be there before anything is started. */
export function checkFiles(
  { teleport, pagerduty }: SoundParts,
  file: string,
  environment: Environment,
): Problem[] {
  const named = (['identity', 'client_crt', 'client_key', 'root_cas', 'proxy_ca'] as const).flatMap((key) => {
    const path = teleport?.[key];
    return path === undefined ? [] : [[key, besides(file, path)] as const];
  });
  return [
    ...named.flatMap(([key, path]) => problemWith(['teleport', key], () => requireReadable(path))),
    ...(pagerduty === null ? [] : checkSecrets(pagerduty, file, environment)),
  ];
}

function checkSecrets(pagerduty: ConfigFile['pagerduty'], file: string, environment: Environment): Problem[] {
  const oauth = oauthOf(pagerduty, file, environment);
  if (oauth !== undefined) {
    const name = pagerduty.oauth?.client_secret_file === undefined ? 'client_secret' : 'client_secret_file';
    return problemWith(['pagerduty', 'oauth', name], () => oauth.clientSecret.reveal());
  }
  if (pagerduty.api_key_file === undefined && pagerduty.api_key === undefined) return [];
  const { readKey, writeKey } = secretsOf({ pagerduty }, file, environment);
  const readName = pagerduty.api_key_file === undefined ? 'api_key' : 'api_key_file';
  const writeName = pagerduty.write_key_file === undefined ? 'write_key' : 'write_key_file';
  return [
    ...problemWith(['pagerduty', readName], () => readKey.reveal()),
    ...(writeKey === readKey ? [] : problemWith(['pagerduty', writeName], () => writeKey.reveal())),
  ];
}

/** Identity maps in files of their own, each read once to see that it can be. */
export function checkIdentityMaps(raw: unknown, file: string): Problem[] {
  const parsed = z
    .object({ identities: z.array(z.object({ map_file: z.string().optional() })) })
    .safeParse(raw);
  return (parsed.data?.identities ?? []).flatMap(({ map_file: path }, index) =>
    path === undefined
      ? []
      : problemWith(['identities', index, 'map_file'], () => readIdentityMap(besides(file, path))),
  );
}

/** The same of maps of owners. */
export function checkOwnerMaps(raw: unknown, file: string): Problem[] {
  const OwnerFile = z.object({ on_call: z.object({ owner: z.object({ map_file: z.string() }) }) });
  const rules = z.object({ rules: z.array(z.unknown()) }).safeParse(raw).data?.rules ?? [];
  return rules.flatMap((rule, index) => {
    const path = OwnerFile.safeParse(rule).data?.on_call.owner.map_file;
    return path === undefined
      ? []
      : problemWith(['rules', index, 'on_call', 'owner', 'map_file'], () =>
          readOwnerMap(besides(file, path)),
        );
  });
}

function problemWith(path: Problem['path'], use: () => unknown): Problem[] {
  try {
    use();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ path, message: error.message }];
  }
}

function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unreadable('the file', path, error);
  }
}

/** The two PagerDuty keys; without a key of its own, writing uses the one that reads. */
export function secretsOf(
  { pagerduty }: Pick<ConfigFile, 'pagerduty'>,
  file: string,
  environment: Environment,
) {
  const readKey = bareKey(
    pagerduty.api_key_file === undefined
      ? secretFromEnvironment(pagerduty.api_key ?? '', environment)
      : secretFromFile(besides(file, pagerduty.api_key_file)),
  );
  if (pagerduty.write_key_file !== undefined) {
    return { readKey, writeKey: bareKey(secretFromFile(besides(file, pagerduty.write_key_file))) };
  }
  const writeKey =
    pagerduty.write_key === undefined
      ? readKey
      : bareKey(secretFromEnvironment(pagerduty.write_key, environment));
  return { readKey, writeKey };
}

/** A file named in the configuration: relative names are relative to it. */
export function besides(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

/** Where the ledger is, in absolute terms; the address of a database is a secret, since it has the password in it. */
export function ledgerOf(ledger: ConfigFile['ledger'], file: string, environment: Environment) {
  const keyFile = ledger.key_file === undefined ? undefined : besides(file, ledger.key_file);
  const key = keyFile === undefined ? undefined : secretFromFile(keyFile);
  if ('sqlite' in ledger) return { sqlite: besides(file, ledger.sqlite), key, keyFile };
  const { postgres } = ledger;
  const url =
    'url' in postgres
      ? secretFromEnvironment(postgres.url, environment)
      : secretFromFile(besides(file, postgres.url_file));
  return { postgres: { url }, key, keyFile };
}

/** A token that can be guessed is none: 20 characters is what `openssl rand -base64 15` gives. */
const TOKEN_LEAST = 20;

/** The token of the decision pages must be there, and be long enough. */
export function checkPages({ http }: ConfigFile, file: string): Problem[] {
  const pages = http?.pages;
  if (pages === undefined || !('token_file' in pages)) return [];
  return problemWith(['http', 'pages', 'token_file'], () => {
    if (secretFromFile(besides(file, pages.token_file)).reveal().length < TOKEN_LEAST) {
      throw new ConfigError(
        `names a token of fewer than ${TOKEN_LEAST} characters: make one with \`openssl rand -base64 30\``,
      );
    }
  });
}

/** The secrets of the webhook subscription, the newer one beside the older in a rotation; none where there are no webhooks. */
export function webhookSecretsOf(http: ConfigFile['http'], file: string): readonly Secret[] {
  return (http?.pagerduty_webhook?.secret_files ?? []).map((path) => secretFromFile(besides(file, path)));
}

/** Each secret must be there; PagerDuty's own have 64 characters. */
export function checkWebhooks({ http }: ConfigFile, file: string): Problem[] {
  return webhookSecretsOf(http, file).flatMap((secret, index) =>
    problemWith(['http', 'pagerduty_webhook', 'secret_files', index], () => {
      if (secret.reveal().length < TOKEN_LEAST) {
        throw new ConfigError(
          `names a secret of fewer than ${TOKEN_LEAST} characters: PagerDuty shows the whole secret once, when the webhook is made`,
        );
      }
    }),
  );
}

/** The address of the ledger's database must be there, and be one. */
export function checkLedger({ ledger }: ConfigFile, file: string, environment: Environment): Problem[] {
  const settings = ledgerOf(ledger, file, environment);
  if ('sqlite' in settings) return [];
  const path = ['ledger', 'postgres'];
  return problemWith(path, () => {
    if (!/^postgres(?:ql)?:\/\//u.test(settings.postgres.url.reveal())) {
      throw new ConfigError('must lead to an address like postgres://user:password@host:5432/database');
    }
  });
}

/** The ledger's key must be there, and be one. Whoever only reads the ledger need not have it. */
export function checkLedgerKey({ ledger }: ConfigFile, file: string, environment: Environment): Problem[] {
  const { key } = ledgerOf(ledger, file, environment);
  if (key === undefined) return [];
  return problemWith(['ledger', 'key_file'], () => {
    if (!/^current [0-9a-f]{64}$/mu.test(key.reveal())) {
      throw new ConfigError('holds no key of a ledger: make one with `oncall-approver ledger key init`');
    }
  });
}

/** The OAuth app that takes the place of keys, where there is one. */
export function oauthOf(
  { oauth, region }: ConfigFile['pagerduty'],
  file: string,
  environment: Environment,
): OAuthSettings | undefined {
  if (oauth === undefined) return undefined;
  const { client_id: clientId, client_secret_file: secretFile, client_secret: secret } = oauth;
  return {
    clientId,
    tokenUrl: oauth.token_url,
    account: `${region}.${oauth.subdomain}`,
    clientSecret:
      secretFile === undefined
        ? secretFromEnvironment(secret ?? '', environment)
        : secretFromFile(besides(file, secretFile)),
  };
}
