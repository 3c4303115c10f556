import { statSync, type Stats } from 'node:fs';
import type { Config } from '../config/load.ts';
import { warning, type Finding } from '../doctor/finding.ts';
import { pageSecretFile } from '../ledger/page-secret.ts';

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
export function privateFilesOf(config: Config): readonly PrivateFile[] {
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
