import { existsSync, mkdtempSync, rmSync, writeFileSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { localUrlOf } from '../config/http-address.ts';
import type { Config } from '../config/load.ts';
import { messageOf } from '../core/values/cause.ts';
import { authorityOf } from '../core/values/host.ts';
import { SECOND } from '../core/values/instant.ts';
import { attempt, failed, ok, warning, type Finding } from '../doctor/finding.ts';
import { WEBHOOK_SUBJECT } from '../doctor/check-webhooks.ts';
import { openHistory, openSeals, tryLedger } from '../ledger/open-ledger.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import { countsAt } from './ping-webhooks.ts';
import { pageSecretFile } from '../ledger/page-secret.ts';

const WITHOUT_KEY =
  'it has no key: whoever can write to the database can have requests approved. Name a file in `ledger.key_file`, and run `ledger key init`';
const DEADLINE_MS = 5 * SECOND;
/** A page of SQLite's: enough to see that the disk is full. */
const PAGE = Buffer.alloc(4096);

/** Whatever a start needs of the machine it runs on, tried as the user that `check` runs as; nothing stays behind. */
export async function checkMachine(configFile: string, config: Config): Promise<readonly Finding[]> {
  return [
    ...checkFileModes(privateFilesOf(config)),
    ...(await attempt('ledger', () => checkLedger(config.ledger))),
    ...(await checkSeals(config.ledger)),
    ...(await attempt('listener', () => checkListener(configFile, config))),
    ...(await attempt('log', () => Promise.resolve(checkLog(config)))),
    ...(await checkWebhookAddress(config)),
  ];
}

async function checkLedger(ledger: Config['ledger']): Promise<Finding> {
  if ('sqlite' in ledger) {
    const folder = dirname(ledger.sqlite);
    if (!existsSync(folder)) {
      throw new LedgerUnavailableError(
        `the ledger's folder \`${folder}\` does not exist: create it, or mount the volume that holds it`,
      );
    }
    writeInto(folder);
  }
  const found = await tryLedger(ledger);
  const where = 'sqlite' in ledger ? `\`${ledger.sqlite}\`` : 'the database';
  return found === 'there'
    ? ok('ledger', `${where} can be opened`)
    : ok('ledger', `${where} holds none yet: the first start makes it`);
}

/** As long as it takes to see that it can be done. Throws with a remedy. */
function writeInto(folder: string): void {
  try {
    const inside = mkdtempSync(join(folder, '.check-'));
    try {
      writeFileSync(join(inside, 'page'), PAGE);
    } finally {
      rmSync(inside, { recursive: true });
    }
  } catch (error) {
    const problem = `the folder \`${folder}\` cannot be written to (${messageOf(error)}): mount it writable, for the user that the service runs as`;
    throw new Error(problem, { cause: error });
  }
}

/** Whether the service can tell its own entries from others'. */
async function checkSeals(ledger: Config['ledger']): Promise<readonly Finding[]> {
  if (ledger.key === undefined) return [warning('ledger', WITHOUT_KEY)];
  return attempt('ledger', async () => {
    await using history = await openHistory(ledger);
    await openSeals(ledger, history);
    return [ok('ledger', 'its entries are sealed, and the key is its own')];
  });
}

async function checkListener(configFile: string, { http }: Config): Promise<readonly Finding[]> {
  if (http === undefined) return [];
  const address = authorityOf(http.listen);
  const isOurs = async () => (await countsAt(localUrlOf(configFile) ?? '')) !== null;
  const answered = [ok('listener', `the service answers at ${address}`)];
  if (await isOurs()) return answered;
  const { startHttpServer } = await import('../http/server.ts');
  try {
    const server = await startHttpServer({ listen: http.listen, plugins: [], onFailure: () => undefined });
    await server.close();
  } catch (error) {
    // It may have been started just now.
    if (await isOurs()) return answered;
    throw error;
  }
  return [ok('listener', `${address} can be listened on`)];
}

function checkLog({ log: { output } }: Config): readonly Finding[] {
  if (output === 'stderr' || output === 'stdout') return [];
  const isThere = existsSync(output);
  try {
    writeFileSync(output, '', { flag: 'a' });
  } catch (error) {
    const text = `\`${output}\` cannot be written to (${messageOf(error)}): create its folder, for the user that the service runs as, or set \`log.output\` to stderr`;
    return [failed('log', text)];
  }
  if (!isThere) rmSync(output);
  return [ok('log', `\`${output}\` can be written to`)];
}

/** What answers a request that is no webhook at the address that PagerDuty posts to. From here it may look otherwise than from there. */
async function checkWebhookAddress({ http }: Config): Promise<readonly Finding[]> {
  const url = http?.pagerduty_webhook?.public_url;
  if (url === undefined) return [];
  const shown = new URL(url).host;
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
    const text = await answer.text();
    if (answer.status === 404 && text.includes('nothing is here')) {
      return [ok(WEBHOOK_SUBJECT, `the service answers at ${shown}`)];
    }
    const answered = `${shown} answers with ${answer.status}, and not as the service does: before its first start that is so; afterwards look at the reverse proxy`;
    return [warning(WEBHOOK_SUBJECT, answered)];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const text = `${shown} does not answer from here (${messageOf(cause)}): PagerDuty must reach it from the internet; look at its name, its certificate and the reverse proxy`;
    return [warning(WEBHOOK_SUBJECT, text)];
  }
}

export interface PrivateFile {
  /** For instance `the API key`. */
  readonly what: string;
  readonly path: string;
}

const EVERYBODY = 0o007;
const GROUP = 0o070;

/**
 * A warning for each file that others than the service may read or write. Its own group may, since that is how systemd and
 * Kubernetes hand it over (0640 with the service's group, `fsGroup`). What is not there is left to those who read it.
 */
export function checkFileModes(files: readonly PrivateFile[]): readonly Finding[] {
  const groups = new Set([process.getegid?.(), ...(process.getgroups?.() ?? [])]);
  return files.flatMap(({ what, path }) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !isOpenToOthers(stats, groups)) return [];
    const mode = `0${(stats.mode & 0o777).toString(8)}`;
    return [
      warning('files', `${what} \`${path}\` has mode ${mode}, others may use it: \`chmod 600 ${path}\``),
    ];
  });
}

function isOpenToOthers({ mode, gid }: Stats, groups: ReadonlySet<number | undefined>): boolean {
  return (mode & EVERYBODY) !== 0 || ((mode & GROUP) !== 0 && !groups.has(gid));
}

/** Whatever nobody but the service should be able to read. */
function privateFilesOf(config: Config): readonly PrivateFile[] {
  const { teleport, pagerduty, ledger, pages, webhookSecrets } = config;
  const files: [string, string | null | undefined][] = [
    ['the ledger', 'sqlite' in ledger ? ledger.sqlite : ledger.postgres.url.file],
    ["the ledger's key", ledger.keyFile],
    ['the secret for the keys of pages', 'sqlite' in ledger ? pageSecretFile(ledger.sqlite) : null],
    ['the identity', teleport.identity],
    ['the client key', teleport.client_key],
    ['the API key', pagerduty.readKey.file],
    ['the API key for writing', pagerduty.writeKey === pagerduty.readKey ? null : pagerduty.writeKey.file],
    ['the client secret', pagerduty.oauth?.clientSecret.file],
    ['the token of the pages', pages?.kind === 'token' ? pages.token.file : null],
    ...webhookSecrets.map(({ file }): [string, string | null] => ['the webhook secret', file]),
  ];
  return files.flatMap(([what, path]) => (path === null || path === undefined ? [] : [{ what, path }]));
}
