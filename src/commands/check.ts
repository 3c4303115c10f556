import { livePagerDuty, liveTeleport } from './live.ts';
import { systemClock } from '../service/system-clock.ts';
import { loadConfig } from '../config/load.ts';
import type { Policy } from '../core/rule.ts';
import { DAY, plusMs, SECOND } from '../core/values/instant.ts';
import { forecast } from '../core/forecast/forecast.ts';
import { checkAhead, checkPeople } from '../doctor/check-people.ts';
import { readAhead } from '../review/facts/read-ahead.ts';
import { checkMachine } from './check-machine.ts';
import { checkPageType, checkPagerDuty, checkScopes } from '../doctor/check-pagerduty.ts';
import { checkOwners } from '../doctor/check-owners.ts';
import { checkTeleport } from '../doctor/check-teleport.ts';
import { checkWebhooks, WEBHOOK_SUBJECT } from '../doctor/check-webhooks.ts';
import { attempt, ok, warning, type Finding } from '../doctor/finding.ts';
import { nothingPinned } from '../ports/pins.ts';
import { pinnedDirectory } from '../roster/pinned-directory.ts';
import { lint } from '../rules/lint.ts';
import type { Warning } from '../rules/warning.ts';
import { ownershipFor, rosterFor, resolveWithOf, rootClusterOf } from '../service/connections.ts';
import { pingWebhooks } from './ping-webhooks.ts';
import { rememberedSights } from './remembered-sights.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 60 * SECOND;
const DAYS_AHEAD = 14;
const MARKS = { ok: 'ok  ', warning: 'warn', failed: 'FAIL' } as const;

export interface CheckOptions {
  /** Whether PagerDuty is to send a test event by the service's webhook subscription, which needs the right to write. */
  readonly pingWebhook?: boolean;
  /** One JSON document instead of lines. */
  readonly json?: boolean;
}

/**
 * `check`: parses the configuration, tries what a start needs of this machine, asks both sides, and prints one line per finding, the
 * failures last; changes nothing. Gives the exit code: 0, or 1 when something failed. Throws ConfigError.
 */
export async function check(
  configFile: string,
  terminal: Terminal,
  { pingWebhook = false, json = false }: CheckOptions = {},
): Promise<number> {
  const config = loadConfig(configFile, terminal.environment);
  const rules = config.policy.rules.length;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const clock = systemClock;
  const findings: Finding[] = [];
  function tell(made: readonly Finding[]): void {
    findings.push(...made);
    if (!json) for (const each of made) if (each.state !== 'failed') print(each);
  }
  function print({ state, subject, text }: Finding): void {
    terminal.print(`${MARKS[state]}  ${subject}: ${text}`);
  }

  tell([
    ok('configuration', `${configFile} is valid, ${rules === 1 ? '1 rule' : `${rules} rules`}`),
    ...acknowledging(config.policy).map(({ subject, text, remedy }) =>
      warning(subject, `${text}: ${remedy}`),
    ),
  ]);
  tell(await checkMachine(configFile, config));
  tell(
    await attempt('teleport', async () => {
      using teleport = await liveTeleport(config);
      const cluster = await teleport.admin.ping(signal);
      return await checkTeleport(
        {
          ...teleport,
          cluster,
          resolveWith: resolveWithOf(config, cluster),
          identityExpires: teleport.identityExpires(),
          now: clock.now(),
          policy: config.policy,
          followsUsage: config.usage !== undefined,
        },
        signal,
      );
    }),
  );
  using pagerduty = livePagerDuty(config, { seesWebhooks: config.webhookSecrets.length > 0 });
  const sights = await rememberedSights(config.ledger);
  const pins = sights?.pins ?? nothingPinned;
  const directory = pinnedDirectory(pagerduty.directory, { pins, clock });
  tell(
    await checkPagerDuty(
      {
        ...{ ...pagerduty, directory, from: config.pagerduty.from, now: clock.now, policy: config.policy },
        review: config.usage?.review?.service,
      },
      signal,
    ),
  );
  if (config.policy.rules.some(({ onCall }) => onCall.owner !== undefined)) {
    tell(
      await attempt('owners', async () => {
        using teleport = await liveTeleport(config);
        const rootCluster = rootClusterOf(await teleport.admin.ping(signal));
        const { rules } = config.policy;
        const resources = teleport.nodes;
        const ownership = await ownershipFor(config, pagerduty, sights, { clock, signal, resources });
        return await checkOwners({ rules, rootCluster, resources, ownership, directory }, { signal });
      }),
    );
  }
  tell(await checkPageType(pagerduty.pageType, signal));
  tell(await checkPeople({ ...pagerduty, policy: config.policy }, signal));
  tell(
    await checkAhead(DAYS_AHEAD, async () => {
      using teleport = await liveTeleport(config);
      const foresight = {
        policy: config.policy,
        directory: pagerduty.directory,
        roster: rosterFor(config, pagerduty.directory, sights, { clock, signal }),
        ownership: await ownershipFor(config, pagerduty, sights, { clock, signal }),
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
  const failures = findings.filter(({ state }) => state === 'failed');
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  if (json) terminal.print(JSON.stringify({ failed: failures.length, warnings, findings }));
  else {
    for (const each of failures) print(each);
    terminal.print(`${findings.length} findings, ${failures.length} failed, ${warnings} warnings`);
  }
  return failures.length > 0 ? 1 : 0;
}

/** Of all that `rules lint` says, what makes of a page an answer that nobody meant to give. */
function acknowledging(policy: Policy): readonly Warning[] {
  return lint(policy).filter(({ code }) => code === 'acknowledged');
}
