import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Policy } from '../core/rule.ts';
import { claimsOf, type Claimed } from './claims.ts';
import { ConfigError } from './config-error.ts';
import {
  besides,
  checkFiles,
  checkIdentityMaps,
  checkOwnerMaps,
  checkLedger,
  checkLedgerKey,
  checkPages,
  checkWebhooks,
  ledgerOf,
  oauthOf,
  secretsOf,
  webhookSecretsOf,
  type OAuthSettings,
} from './files.ts';
import { networkOf, proxyOf, type Network } from './network.ts';
import { readIdentityMap, readOwnerMap } from './identity-map.ts';
import { policyOf } from './policy.ts';
import { allProblems, inWords, problemsOf, type Problem } from './problem.ts';
import { checkRelations, type SoundParts } from './relations.ts';
import { ConfigFile, isTimeZone } from './schema.ts';
import { secretFromFile, type Secret } from './secret.ts';
import { readYamlFile } from './yaml-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything the service is told, checked; file names are absolute, secrets are readable. */
export interface Config {
  readonly teleport: ConfigFile['teleport'];
  readonly pagerduty: {
    readonly apiUrl: string;
    readonly from: string;
    readonly readKey: Secret;
    readonly writeKey: Secret;
    /** Takes the place of the keys, where it is configured. */
    readonly oauth: OAuthSettings | undefined;
    /** How long before the question an answer may have been asked for, in milliseconds. */
    readonly freshMs: number;
    /** The HTTP proxy on the way there. */
    readonly httpProxy: URL | null;
  };
  readonly network: Network;
  /** Of what PagerDuty allows the key, so much may be read ahead of need: 0.05 for 5 %. */
  readonly rosterShare: number;
  readonly policy: Policy;
  /** The policy as it is now: an identity map in a file of its own is read again. Throws ConfigError. */
  readonly policyNow: () => Policy;
  /** What is claimed of it. */
  readonly claims: readonly Claimed[];
  readonly ledger: (
    | { readonly sqlite: string }
    | { readonly postgres: { /** `postgres://user:password@host/database` */ readonly url: Secret } }
  ) & {
    /** What the ledger's key file holds; undefined without one. */
    readonly key: Secret | undefined;
    readonly keyFile: string | undefined;
  };
  /** Absent: no listener. */
  readonly http: ConfigFile['http'];
  /** Null: no pages. */
  readonly pages: PagesSettings | null;
  /** None: no route for PagerDuty's webhooks. */
  readonly webhookSecrets: readonly Secret[];
  /** How long the ledger keeps its entries, in milliseconds; null for ever. */
  readonly keepMs: number | null;
  /** Absent: nobody follows what access is used for. */
  readonly usage: ConfigFile['usage'];
  /** Null: nobody is sent traces or metrics. */
  readonly otlp: OtlpSettings | null;
  readonly log: ConfigFile['log'];
  /** When the file is read again: by SIGHUP, or also where it has changed. */
  readonly reload: ConfigFile['reload'];
  /** In which times are written on pages and notes. */
  readonly timeZone: string;
  /** The file as it was read. */
  readonly said: ConfigFile;
}

export interface LoadOptions {
  /** For commands that talk to nobody: the credentials need not be there. */
  readonly offline?: boolean;
}

const CONFIGURATION = { schema: ConfigFile, example: 'config/oncall-approver.example.yaml' };

/** PagerDuty's hosts by service region. */
const API_URLS = { us: 'https://api.pagerduty.com', eu: 'https://api.eu.pagerduty.com' } as const;

/**
 * Reads and checks the configuration. Relative file names in it are relative to the file itself. Throws ConfigError that
 * lists every problem at once, each with its place and its remedy.
 */
export function loadConfig(
  path: string,
  environment: Environment,
  { offline = false }: LoadOptions = {},
): Config {
  const file = resolve(path);
  const read = readYamlFile(file, { what: 'the configuration', shown: path });
  const { data: raw } = read;
  refuseCases(raw, path);
  const parsed = ConfigFile.safeParse(raw, { error: inWords });
  const sound = soundParts(raw);
  const problems = [
    ...problemsIn(raw),
    ...(offline ? [] : checkFiles(sound, file, environment)),
    ...checkIdentityMaps(raw, file),
    ...checkOwnerMaps(raw, file),
    ...(parsed.success && !offline ? checkPages(parsed.data, file) : []),
    ...(parsed.success && !offline ? checkWebhooks(parsed.data, file) : []),
    ...(parsed.success ? checkLedger(parsed.data, file, environment) : []),
    ...(parsed.success && !offline ? checkLedgerKey(parsed.data, file, environment) : []),
  ];
  if (!parsed.success || problems.length > 0) {
    throw allProblems(path, problems, read);
  }
  return configOf(parsed.data, file, environment, raw);
}

/** What is wrong with the settings in themselves, whatever lies beside them. */
function problemsIn(raw: unknown): readonly Problem[] {
  const { error } = ConfigFile.safeParse(raw, { error: inWords });
  const issues = error?.issues ?? [];
  return [...issues.flatMap((issue) => problemsOf(issue, CONFIGURATION)), ...checkRelations(soundParts(raw))];
}

/** Settings that we write must be read again as they were meant; `what` they were made of is named where they are not. Throws ConfigError. */
export function mustBeSound(settings: string, what: string): void {
  const data: unknown = parse(settings);
  const problems = problemsIn(data);
  if (problems.length > 0) throw allProblems(what, problems, { lineOf: () => null, data });
}

/** Whoever mixes up the two files of `rules test` is told so, and not of every key. */
function refuseCases(raw: unknown, path: string): void {
  const { success } = z
    .looseObject({ cases: z.array(z.unknown()), rules: z.undefined().optional() })
    .safeParse(raw);
  if (success) {
    throw new ConfigError(
      `\`${path}\` is a file of cases, not a configuration: write \`oncall-approver rules test CASES --config FILE\``,
    );
  }
}

/** The sections that are right in themselves: what relates them is checked even if another section is wrong. */
function soundParts(raw: unknown): SoundParts {
  const sections = z.looseObject({ rules: z.array(z.unknown()).catch([]) }).safeParse(raw);
  const { teleport, pagerduty, rules } = ConfigFile.shape;
  const part = <T>(schema: z.ZodType<T>, value: unknown): T | null => schema.safeParse(value).data ?? null;
  return {
    teleport: part(teleport, sections.data?.['teleport']),
    pagerduty: part(pagerduty, sections.data?.['pagerduty']),
    rules: (sections.data?.rules ?? []).map((rule) => part(rules.element, rule)),
  };
}

function configOf(config: ConfigFile, file: string, environment: Environment, raw: unknown): Config {
  const { teleport, pagerduty, roster, ledger, http, usage, telemetry, log, reload } = config;
  const { readKey, writeKey } = secretsOf(config, file, environment);
  const policyNow = () =>
    policyOf(
      config,
      (path) => readIdentityMap(besides(file, path)),
      (path) => readOwnerMap(besides(file, path)),
    );
  const apiUrl = (pagerduty.api_url ?? API_URLS[pagerduty.region]).replace(/\/+$/u, '');
  return {
    teleport: {
      ...teleport,
      ...absolute(file, teleport, ['identity', 'client_crt', 'client_key', 'root_cas', 'proxy_ca']),
    },
    pagerduty: {
      apiUrl,
      from: pagerduty.from,
      readKey,
      writeKey,
      oauth: oauthOf(pagerduty, file, environment),
      freshMs: pagerduty.freshness,
      httpProxy: proxyOf(apiUrl, environment),
    },
    network: networkOf(teleport.addr, environment),
    rosterShare: Number.parseInt(roster.budget, 10) / 100,
    policy: policyNow(),
    policyNow,
    claims: claimsOf(config, file, raw),
    ledger: ledgerOf(ledger, file, environment),
    http,
    pages: pagesOf(http, file),
    webhookSecrets: webhookSecretsOf(http, file),
    keepMs: ledger.keep ?? null,
    usage,
    otlp: otlpOf(telemetry, environment),
    reload,
    timeZone: config.time_zone ?? zoneOfMachine(),
    said: config,
    log:
      log.output === 'stderr' || log.output === 'stdout'
        ? log
        : { ...log, output: besides(file, log.output) },
  };
}

/** UTC where it has none: of an empty `TZ` the runtime names a zone that it does not take itself, of an unknown one none. */
function zoneOfMachine(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions() as { readonly timeZone?: string };
  return timeZone !== undefined && isTimeZone(timeZone) ? timeZone : 'UTC';
}

function absolute<Section extends object, Key extends keyof Section & string>(
  file: string,
  section: Section,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const named = keys.flatMap((key) => {
    const value = section[key];
    return typeof value === 'string' ? [[key, besides(file, value)]] : [];
  });
  return Object.fromEntries(named) as Partial<Record<Key, string>>;
}

/** How readers of the decision pages are known. */
type PagesSettings =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'header'; readonly header: string; readonly trustedProxies: readonly string[] };

/** The pages as configured; null for none. A token file named relatively lies beside the configuration. */
function pagesOf(http: ConfigFile['http'], file: string): PagesSettings | null {
  const pages = http?.pages;
  if (pages === undefined) return null;
  return 'token_file' in pages
    ? { kind: 'token', token: secretFromFile(besides(file, pages.token_file)) }
    : { kind: 'header', header: pages.trusted_user_header, trustedProxies: pages.trusted_proxies };
}

/** Where traces and metrics go. */
interface OtlpSettings {
  /** Base address for OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** How long one export may take, in milliseconds; absent where OTEL_EXPORTER_OTLP_TIMEOUT says it. */
  readonly timeoutMs?: number;
}

/** The exporters' own 10 s would hold up the end of a process that long. */
const TIMEOUT_MS = 3_000;

/**
 * What the file says, else the environment, in which such things are often told to every program of a machine; null where neither
 * does, or where the environment says that nobody is to send any. Throws ConfigError for a variable that holds no address.
 */
function otlpOf(
  telemetry: ConfigFile['telemetry'],
  environment: Readonly<Record<string, string | undefined>>,
): OtlpSettings | null {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const patience = environment['OTEL_EXPORTER_OTLP_TIMEOUT'] === undefined ? { timeoutMs: TIMEOUT_MS } : {};
  if (telemetry !== undefined) return { ...telemetry.otlp, ...patience };
  const endpoint = environment['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() ?? '';
  if (endpoint === '') return null;
  if (/^https?:$/u.test(URL.parse(endpoint)?.protocol ?? '')) return { endpoint, ...patience };
  throw new ConfigError(
    'the environment variable OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address: write http://host:4318, or leave it out and nothing is sent',
  );
}
