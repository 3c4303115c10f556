import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { gapsIn, unmappedIn } from '../core/forecast/figures.ts';
import type { RuleAhead } from '../core/forecast/forecast.ts';
import { epochMsOf, HOUR, type Instant } from '../core/values/instant.ts';
import type { LedgerSize } from '../ports/ledger.ts';
import type { PagerDutyBudget, PagerDutyCredentials } from '../ports/pagerduty.ts';
import type { RosterHealth } from '../ports/roster.ts';
import type { Readiness } from './readiness.ts';

/** In front of every name. */
export const PREFIX = 'oncall_approver_';

/** Makers of metrics that belong to one registry; names are given without the prefix. */
export function instruments(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Counter<Label>({ name: PREFIX + name, help, labelNames, registers }),
    gauge: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Gauge<Label>({ name: PREFIX + name, help, labelNames, registers }),
    histogram: <Label extends string>(
      name: string,
      help: string,
      labelNames: readonly Label[],
      buckets: number[],
    ) => new Histogram<Label>({ name: PREFIX + name, help, labelNames, buckets, registers }),
  };
}

/** What is asked at every scrape. */
export interface Gauged {
  readonly version: string;
  readonly readiness: () => Readiness;
  readonly identityExpires: () => Instant;
  readonly ledgerSize: () => Promise<LedgerSize>;
  /** Null where nothing is known of it yet. */
  readonly pagerDutyBudget: () => PagerDutyBudget | null;
  readonly pagerDutyCredentials: () => PagerDutyCredentials;
  /** Null while what is to come is not known. */
  readonly forecast: () => readonly RuleAhead[] | null;
  /** Null before it is begun. */
  readonly roster: () => RosterHealth | null;
}

type Refresh = () => void;

/** Gauges that are asked for; gives what does so. One that cannot be had is left out of the page: absent is not zero. */
export function createGauges(registry: Registry, gauged: Gauged): () => Promise<void> {
  const { gauge } = instruments(registry);
  gauge('info', 'always 1; the version in force', ['version']).set({ version: gauged.version }, 1);
  const refreshes = [
    readyGauges(registry, gauged),
    identityGauge(registry, gauged),
    budgetGauges(registry, gauged),
    credentialGauges(registry, gauged),
    forecastGauges(registry, gauged),
    rosterGauges(registry, gauged),
  ];
  const refreshLedger = ledgerGauges(registry, gauged);
  return async () => {
    for (const refresh of refreshes) refresh();
    await refreshLedger();
  };
}

function readyGauges(registry: Registry, { readiness }: Gauged): Refresh {
  const ready = instruments(registry).gauge('ready', '1 where /readyz finds the part ready, else 0', [
    'part',
  ]);
  return () => {
    for (const [part, { state }] of Object.entries(readiness().parts)) {
      ready.set({ part }, state === 'ok' || state === 'degraded' ? 1 : 0);
    }
  };
}

function identityGauge(registry: Registry, { identityExpires }: Gauged): Refresh {
  const expiry = instruments(registry).gauge(
    'identity_expiry_timestamp_seconds',
    "when the service's Teleport identity ends, in seconds since 1970",
  );
  return () => expiry.set(epochMsOf(identityExpires()) / 1_000);
}

function ledgerGauges(registry: Registry, { ledgerSize }: Gauged): () => Promise<void> {
  const { gauge } = instruments(registry);
  const entries = gauge('ledger_entries', 'entries in the ledger');
  const bytes = gauge('ledger_bytes', 'size of the ledger on disk');
  const open = gauge('open_requests', 'requests that are not over');
  const oldest = gauge(
    'oldest_page_timestamp_seconds',
    'when the oldest page was opened that still waits for an answer, in seconds since 1970; absent where none does',
  );
  return async () => {
    const size = await ledgerSize().catch(() => null);
    if (size === null) {
      for (const each of [entries, bytes, open, oldest]) each.remove();
      return;
    }
    entries.set(size.entries);
    bytes.set(size.bytes);
    open.set(size.open);
    if (size.oldestPage === null) oldest.remove();
    else oldest.set(epochMsOf(size.oldestPage) / 1_000);
  };
}

function budgetGauges(registry: Registry, { pagerDutyBudget }: Gauged): Refresh {
  const { gauge } = instruments(registry);
  const limit = gauge('pagerduty_budget_limit', 'requests that PagerDuty allows the key in a minute');
  const remaining = gauge('pagerduty_budget_remaining', 'requests that are left of the present minute');
  const breaker = gauge(
    'pagerduty_breaker_open',
    '1 while nothing is sent to PagerDuty because too much failed, else 0',
  );
  return () => {
    const budget = pagerDutyBudget();
    if (budget === null) {
      for (const each of [limit, remaining, breaker]) each.remove();
      return;
    }
    limit.set(budget.limit);
    remaining.set(budget.remaining);
    breaker.set(budget.breakerOpen ? 1 : 0);
  };
}

function forecastGauges(registry: Registry, { forecast }: Gauged): Refresh {
  const { gauge } = instruments(registry);
  const hours = gauge(
    'gap_hours',
    'hours of the next 14 days in which nobody could be approved (approval), only because shifts are too young (young), or a page would bring no answer (page)',
    ['rule', 'kind'],
  );
  const unmapped = gauge(
    'unmapped_people',
    'people on call in the next 14 days whom nobody would recognise in Teleport',
  );
  return () => {
    const rules = forecast();
    hours.reset();
    if (rules === null) {
      unmapped.remove();
      return;
    }
    for (const { rule, kind, ms } of gapsIn(rules)) hours.set({ rule, kind }, ms / HOUR);
    unmapped.set(unmappedIn(rules).length);
  };
}

function rosterGauges(registry: Registry, { roster }: Gauged): Refresh {
  const { gauge, counter } = instruments(registry);
  const reads = counter(
    'roster_reads_total',
    'reads of who is on call and who that is: ahead of need (ahead), because an answer was needed (need), for a forecast (forecast)',
    ['cause'],
  );
  const age = gauge('roster_age_seconds', 'age of the oldest answer of who is on call that is held');
  const late = gauge(
    'roster_late',
    '1 where an answer of who is on call is older than twice the time in which it should be renewed, else 0',
  );
  const unread = gauge('roster_targets_unread', 'what the rules name and PagerDuty has told nothing of');
  return () => {
    const health = roster();
    reads.reset();
    for (const each of [age, late, unread]) each.remove();
    if (health === null) return;
    for (const [cause, count] of Object.entries(health.reads)) reads.inc({ cause }, count);
    if (health.ageMs !== null) age.set(health.ageMs / 1_000);
    late.set(health.state === 'late' ? 1 : 0);
    unread.set(health.unread?.count ?? 0);
  };
}

function credentialGauges(registry: Registry, { pagerDutyCredentials }: Gauged): Refresh {
  const { gauge } = instruments(registry);
  const expiry = gauge(
    'pagerduty_token_expiry_timestamp_seconds',
    'when the first OAuth token ends, in seconds since 1970; absent with API keys',
  );
  const missing = gauge(
    'pagerduty_scopes_missing',
    'scopes that are needed and that the OAuth app was not granted; absent with API keys',
  );
  return () => {
    const { kind, expires, missingScopes } = pagerDutyCredentials();
    if (expires === null) expiry.remove();
    else expiry.set(epochMsOf(expires) / 1_000);
    if (kind === 'keys') missing.remove();
    else missing.set(missingScopes.length);
  };
}
