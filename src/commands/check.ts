import { loadConfig, type Config } from '../config/load.ts';
import type { Policy } from '../core/rule.ts';
import { DAY, instantOf, plusMs, SECOND } from '../core/values/instant.ts';
import { forecast } from '../core/forecast/forecast.ts';
import { checkAhead } from '../doctor/check-ahead.ts';
import { readAhead } from '../review/facts/read-ahead.ts';
import { checkFileModes, type PrivateFile } from './check-files.ts';
import { checkPagerDuty, checkScopes } from '../doctor/check-pagerduty.ts';
import { checkPeople } from '../doctor/check-people.ts';
import { checkTeleport } from '../doctor/check-teleport.ts';
import { checkWebhooks, WEBHOOK_SUBJECT } from '../doctor/check-webhooks.ts';
import { attempt, ok, warning, type Finding } from '../doctor/finding.ts';
import { openHistory, openSeals } from '../ledger/open-ledger.ts';
import { pageSecretFile } from '../ledger/page-secret.ts';
import { connectPagerDuty } from '../pagerduty/connect.ts';
import { lint } from '../rules/lint.ts';
import type { Warning } from '../rules/warning.ts';
import { rosterFor, resolveWithOf, teleportOptions } from '../service/connections.ts';
import { connectTeleport } from '../teleport/connect.ts';
import { VERSION } from '../version.ts';
import { pingWebhooks } from './ping-webhooks.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 60 * SECOND;
const DAYS_AHEAD = 14;
const MARKS = { ok: 'ok  ', warning: 'warn', failed: 'FAIL' } as const;

const WITHOUT_KEY =
  'it has no key: whoever can write to the database can have requests approved. Name a file in `ledger.key_file`, and run `ledger key init`';

export interface CheckOptions {
  /** Whether PagerDuty is to send a test event by the service's webhook subscription, which needs the right to write. */
  readonly pingWebhook?: boolean;
}

/**
 * `check`: parses the configuration, asks both sides, and prints one line per finding; changes nothing. Gives the exit code:
 * 0, or 1 when something failed. Throws ConfigError.
 */
export async function check(
  configFile: string,
  terminal: Terminal,
  { pingWebhook = false }: CheckOptions = {},
): Promise<number> {
  const config = loadConfig(configFile, terminal.environment);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const clock = { now: () => instantOf(Date.now()) };
  const findings: Finding[] = [];
  function tell(made: readonly Finding[]): void {
    findings.push(...made);
    for (const { state, subject, text } of made) terminal.print(`${MARKS[state]}  ${subject}: ${text}`);
  }

  tell([
    ok('configuration', `${configFile} is valid, ${config.policy.rules.length} rules`),
    ...acknowledging(config.policy).map(({ subject, text, remedy }) =>
      warning(subject, `${text}: ${remedy}`),
    ),
  ]);
  tell(checkFileModes(privateFilesOf(config)));
  tell(await checkSeals(config.ledger));
  tell(
    await attempt('teleport', async () => {
      using teleport = disposable(await connectTeleport(teleportOptions(config)));
      const cluster = await teleport.admin.ping(signal);
      return await checkTeleport(
        {
          ...teleport,
          cluster,
          resolveWith: resolveWithOf(config, cluster),
          identityExpires: teleport.identityExpires(),
          now: clock.now(),
          policy: config.policy,
        },
        signal,
      );
    }),
  );
  using pagerduty = connectPagerDuty({
    ...config.pagerduty,
    version: VERSION,
    clock,
    random: Math.random,
    seesWebhooks: config.webhookSecrets.length > 0,
  });
  tell(
    await checkPagerDuty(
      { ...pagerduty, from: config.pagerduty.from, now: clock.now, policy: config.policy },
      signal,
    ),
  );
  tell(await checkPeople({ ...pagerduty, policy: config.policy }, signal));
  tell(
    await checkAhead(DAYS_AHEAD, async () => {
      using teleport = disposable(await connectTeleport(teleportOptions(config)));
      const foresight = {
        policy: config.policy,
        directory: pagerduty.directory,
        roster: rosterFor(config, pagerduty.directory, clock, signal),
        users: teleport.users,
        pagerDuty: pagerduty.lookAhead,
        teleport: teleport.lookAhead,
      };
      const from = clock.now();
      return forecast(await readAhead(foresight, { from, until: plusMs(from, DAYS_AHEAD * DAY) }, signal));
    }),
  );
  tell(checkScopes(pagerduty.credentials()));
  if (config.webhookSecrets.length > 0) {
    const publicUrl = config.http?.pagerduty_webhook?.public_url ?? null;
    const { findings: made, live } = await checkWebhooks(
      { ...pagerduty, publicUrl, policy: config.policy },
      signal,
    );
    tell(made);
    if (pingWebhook && live.length > 0) {
      const { admin } = pagerduty;
      tell(
        await attempt(WEBHOOK_SUBJECT, () =>
          pingWebhooks({ configFile, config, admin, subscriptionIds: live, clock, signal }),
        ),
      );
    }
  } else if (pingWebhook) {
    tell([warning(WEBHOOK_SUBJECT, 'none is configured: see `http.pagerduty_webhook` in docs/webhooks.md')]);
  }
  const failures = findings.filter(({ state }) => state === 'failed').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  terminal.print(`${findings.length} findings, ${failures} failed, ${warnings} warnings`);
  return failures > 0 ? 1 : 0;
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

/** Whether the service can tell its own entries from others'. The ledger itself it opens, and complains, at its start. */
async function checkSeals(ledger: Config['ledger']): Promise<readonly Finding[]> {
  if (ledger.key === undefined) return [warning('ledger', WITHOUT_KEY)];
  return attempt('ledger', async () => {
    const history = await openHistory(ledger);
    try {
      await openSeals(ledger, history);
      return [ok('ledger', 'its entries are sealed, and the key is its own')];
    } finally {
      await history.close();
    }
  });
}

/** Of all that `rules lint` says, what makes of a page an answer that nobody meant to give. */
function acknowledging(policy: Policy): readonly Warning[] {
  return lint(policy).filter(({ code }) => code === 'acknowledged');
}

function disposable<T extends { close(): void }>(connection: T): T & Disposable {
  return Object.assign(connection, { [Symbol.dispose]: () => connection.close() });
}
