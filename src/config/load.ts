import { readFileSync } from 'node:fs';
import { isAbsolute, resolve, dirname } from 'node:path';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { Policy } from '../core/rule.ts';
import { ConfigError } from './config-error.ts';
import { policyOf } from './policy.ts';
import { checkRelations, type Problem } from './relations.ts';
import { ConfigFile } from './schema.ts';
import { Secret, secretFromEnvironment, secretFromFile } from './secret.ts';

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
  readonly ledger: ConfigFile['ledger'];
  readonly log: ConfigFile['log'];
}

/** PagerDuty's hosts by service region (`pagerduty.md` §4). */
const API_URLS = { us: 'https://api.pagerduty.com', eu: 'https://api.eu.pagerduty.com' } as const;

/**
 * Reads and checks the configuration. Relative file names in it are relative to the file itself. Throws ConfigError that
 * lists every problem at once, each with its place and its remedy.
 */
export function loadConfig(path: string, environment: Environment): Config {
  const file = resolve(path);
  const lines = new LineCounter();
  const document = parseDocument(read(file), { lineCounter: lines });
  const syntax = document.errors.map((error) => `line ${error.linePos?.[0].line ?? '?'}: ${error.message}`);
  if (syntax.length > 0) throw listOf(path, syntax);

  const parsed = ConfigFile.safeParse(document.toJS());
  const problems = parsed.success
    ? [...checkRelations(parsed.data), ...checkSecrets(parsed.data, file, environment)]
    : parsed.error.issues.map(({ path: at, message, ...issue }) => ({
        path: at.map((part) => (typeof part === 'symbol' ? String(part) : part)),
        message: 'keys' in issue ? unknownKeys(issue.keys) : message,
      }));
  if (!parsed.success || problems.length > 0) {
    throw listOf(
      path,
      problems.map((problem) => describe(problem, document, lines)),
    );
  }
  return configOf(parsed.data, file, environment);
}

function configOf(config: ConfigFile, file: string, environment: Environment): Config {
  const { teleport, pagerduty, ledger, log } = config;
  const { readKey, writeKey } = secretsOf(config, file, environment);
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
    policy: policyOf(config),
    ledger: { sqlite: besides(file, ledger.sqlite) },
    log:
      log.output === 'stderr' || log.output === 'stdout'
        ? log
        : { ...log, output: besides(file, log.output) },
  };
}

function secretsOf({ pagerduty }: ConfigFile, file: string, environment: Environment) {
  const readKey =
    pagerduty.api_key_file === undefined
      ? secretFromEnvironment(pagerduty.api_key ?? '', environment)
      : secretFromFile(besides(file, pagerduty.api_key_file));
  if (pagerduty.write_key_file !== undefined) {
    return { readKey, writeKey: secretFromFile(besides(file, pagerduty.write_key_file)) };
  }
  const writeKey =
    pagerduty.write_key === undefined ? readKey : secretFromEnvironment(pagerduty.write_key, environment);
  return { readKey, writeKey };
}

function checkSecrets(config: ConfigFile, file: string, environment: Environment): Problem[] {
  const { readKey, writeKey } = secretsOf(config, file, environment);
  const named: [string, Secret][] = [
    [config.pagerduty.api_key_file === undefined ? 'api_key' : 'api_key_file', readKey],
    [config.pagerduty.write_key_file === undefined ? 'write_key' : 'write_key_file', writeKey],
  ];
  return named
    .filter(([, secret], index) => index === 0 || secret !== readKey)
    .flatMap(([key, secret]) => {
      try {
        secret.reveal();
        return [];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return [{ path: ['pagerduty', key], message: error.message }];
      }
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new ConfigError(
      `the configuration \`${file}\` cannot be read (${code}): check the path, and that the user the service runs as may read it`,
    );
  }
}

/** `line 12, rules[0].on_call.max_level: must be 1 or more` */
function describe({ path, message }: Problem, document: Document, lines: LineCounter): string {
  const name = path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${part}`,
    '',
  );
  const line = lineOf(path, document, lines);
  return `${line === null ? '' : `line ${line}, `}${name === '' ? 'the file' : name}: ${message}`;
}

/** The line of the innermost part of the path that the file has. */
function lineOf(path: Problem['path'], document: Document, lines: LineCounter): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

function unknownKeys(keys: unknown): string {
  const names = Array.isArray(keys) ? keys.map((key) => `\`${String(key)}\``).join(', ') : '';
  return `unknown key ${names}: check the spelling against config/oncall-approver.example.yaml`;
}

function listOf(path: string, problems: readonly string[]): ConfigError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ConfigError([`${path}: ${count}`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
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

function besides(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}
