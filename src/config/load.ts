import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Policy } from '../core/rule.ts';
import { ConfigError, unreadable } from './config-error.ts';
import { besides, checkFiles, checkIdentityMaps, checkLedger, ledgerOf, secretsOf } from './files.ts';
import { readIdentityMap } from './identity-map.ts';
import { policyOf } from './policy.ts';
import { allProblems, inWords, problemsOf, type Problem } from './problem.ts';
import { checkRelations, type SoundParts } from './relations.ts';
import { ConfigFile } from './schema.ts';
import type { Secret } from './secret.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything the service is told, checked; file names are absolute, secrets are readable. */
export interface Config {
  readonly teleport: ConfigFile['teleport'];
  readonly pagerduty: {
    readonly apiUrl: string;
    readonly from: string;
    readonly readKey: Secret;
    readonly writeKey: Secret;
  };
  readonly policy: Policy;
  /** The policy as it is now: an identity map in a file of its own is read again. Throws ConfigError. */
  readonly policyNow: () => Policy;
  readonly ledger:
    | { readonly sqlite: string }
    | { readonly postgres: { /** `postgres://user:password@host/database` */ readonly url: Secret } };
  /** Absent: no listener. */
  readonly http: ConfigFile['http'];
  readonly log: ConfigFile['log'];
}

export interface LoadOptions {
  /** For commands that talk to nobody: the credentials need not be there. */
  readonly offline?: boolean;
}

/** PagerDuty's hosts by service region (`pagerduty.md` §4). */
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
  const lines = new LineCounter();
  const document = parseDocument(read(file), { lineCounter: lines, prettyErrors: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw new ConfigError(`${path}: line ${lines.linePos(syntax.pos[0]).line}: no YAML: ${syntax.message}`);
  }
  const raw = dataOf(document, path);
  const parsed = ConfigFile.safeParse(raw, { error: inWords });
  const sound = soundParts(raw);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(problemsOf)),
    ...checkRelations(sound),
    ...(offline ? [] : checkFiles(sound, file, environment)),
    ...checkIdentityMaps(raw, file),
    ...(parsed.success ? checkLedger(parsed.data, file, environment) : []),
  ];
  if (!parsed.success || problems.length > 0) {
    throw allProblems(path, problems, (at) => lineOf(at, document, lines));
  }
  return configOf(parsed.data, file, environment);
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

function configOf(config: ConfigFile, file: string, environment: Environment): Config {
  const { teleport, pagerduty, ledger, http, log } = config;
  const { readKey, writeKey } = secretsOf(config, file, environment);
  const policyNow = () => policyOf(config, (path) => readIdentityMap(besides(file, path)));
  return {
    teleport: {
      ...teleport,
      ...absolute(file, teleport, ['identity', 'client_crt', 'client_key', 'root_cas', 'proxy_ca']),
    },
    pagerduty: {
      apiUrl: (pagerduty.api_url ?? API_URLS[pagerduty.region]).replace(/\/+$/u, ''),
      from: pagerduty.from,
      readKey,
      writeKey,
    },
    policy: policyNow(),
    policyNow,
    ledger: ledgerOf(ledger, file, environment),
    http,
    log:
      log.output === 'stderr' || log.output === 'stdout'
        ? log
        : { ...log, output: besides(file, log.output) },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable('the configuration', file, error);
  }
}

/** Anchors are followed only here: one that is missing, or so many that they were meant to exhaust us, come to light late. */
function dataOf(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError(`${path}: no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
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

/** The line of the innermost part of the path that the file has. */
function lineOf(path: Problem['path'], document: Document, lines: LineCounter): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}
