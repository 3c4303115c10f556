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

/** Gauges that are asked for; gives what does so. One that cannot be had is left out of the page: absent is not zero. */
export function createGauges(registry: Registry, gauged: Gauged): () => Promise<void> {
  const { gauge } = instruments(registry);
  gauge('info', 'always 1; the version in force', ['version']).set({ version: gauged.version }, 1);
  const ready = gauge('ready', '1 where /readyz finds the part ready, else 0', ['part']);
  const identity = measured(registry, IDENTITY);
  const budget = measured(registry, BUDGET);
  const credentials = measured(registry, CREDENTIALS);
  const forecast = forecastGauges(registry);
  const roster = rosterGauges(registry);
  const ledger = measured(registry, LEDGER);
  return async () => {
    for (const [part, { state }] of Object.entries(gauged.readiness().parts)) {
      ready.set({ part }, state === 'ok' || state === 'degraded' ? 1 : 0);
    }
    identity(gauged.identityExpires());
    budget(gauged.pagerDutyBudget());
    credentials(gauged.pagerDutyCredentials());
    forecast(gauged.forecast());
    roster(gauged.roster());
    ledger(await gauged.ledgerSize().catch(() => null));
  };
}

/** A name, what it is, and how it is had; null where it is not known. */
type Measure<T> = readonly [name: string, help: string, of: (from: T) => number | null];

/** Sets all of them by what is given; none is on the page where that is null. */
function measured<T>(registry: Registry, measures: readonly Measure<T>[]): (from: T | null) => void {
  const { gauge } = instruments(registry);
  const gauges = measures.map(([name, help, of]) => [gauge(name, help), of] as const);
  return (from) => {
    for (const [gauge, of] of gauges) {
      const value = from === null ? null : of(from);
      if (value === null) gauge.remove();
      else gauge.set(value);
    }
  };
}

function secondsOf(at: Instant): number {
  return epochMsOf(at) / 1_000;
}

const IDENTITY: readonly Measure<Instant>[] = [
  [
    'identity_expiry_timestamp_seconds',
    "when the service's Teleport identity ends, in seconds since 1970",
    secondsOf,
  ],
];

const LEDGER: readonly Measure<LedgerSize>[] = [
  ['ledger_entries', 'entries in the ledger', ({ entries }) => entries],
  ['ledger_bytes', 'size of the ledger on disk', ({ bytes }) => bytes],
  ['open_requests', 'requests that are not over', ({ open }) => open],
  [
    'oldest_page_timestamp_seconds',
    'when the oldest page was opened that still waits for an answer, in seconds since 1970; absent where none does',
    ({ oldestPage }) => oldestPage && secondsOf(oldestPage),
  ],
];

const BUDGET: readonly Measure<PagerDutyBudget>[] = [
  ['pagerduty_budget_limit', 'requests that PagerDuty allows the key in a minute', ({ limit }) => limit],
  [
    'pagerduty_budget_remaining',
    'requests that are left of the present minute',
    ({ remaining }) => remaining,
  ],
  [
    'pagerduty_breaker_open',
    '1 while nothing is sent to PagerDuty because too much failed, else 0',
    ({ breakerOpen }) => (breakerOpen ? 1 : 0),
  ],
];

const CREDENTIALS: readonly Measure<PagerDutyCredentials>[] = [
  [
    'pagerduty_token_expiry_timestamp_seconds',
    'when the first OAuth token ends, in seconds since 1970; absent with API keys',
    ({ expires }) => expires && secondsOf(expires),
  ],
  [
    'pagerduty_scopes_missing',
    'scopes that are needed and that the OAuth app was not granted; absent with API keys',
    ({ kind, missingScopes }) => (kind === 'keys' ? null : missingScopes.length),
  ],
];

function forecastGauges(registry: Registry): (rules: readonly RuleAhead[] | null) => void {
  const hours = instruments(registry).gauge(
    'gap_hours',
    'hours of the next 14 days in which nobody could be approved (approval), only because shifts are too young (young), or a page would bring no answer (page)',
    ['rule', 'kind'],
  );
  const unmapped = measured<readonly RuleAhead[]>(registry, [
    [
      'unmapped_people',
      'people on call in the next 14 days whom nobody would recognise in Teleport',
      (rules) => unmappedIn(rules).length,
    ],
  ]);
  return (rules) => {
    hours.reset();
    for (const { rule, kind, ms } of gapsIn(rules ?? [])) hours.set({ rule, kind }, ms / HOUR);
    unmapped(rules);
  };
}

const ROSTER: readonly Measure<RosterHealth>[] = [
  [
    'roster_age_seconds',
    'age of the oldest answer of who is on call that is held',
    ({ ageMs }) => (ageMs === null ? null : ageMs / 1_000),
  ],
  [
    'roster_late',
    '1 where an answer of who is on call is older than twice the time in which it should be renewed, else 0',
    ({ state }) => (state === 'late' ? 1 : 0),
  ],
  [
    'roster_targets_unread',
    'what the rules name and PagerDuty has told nothing of',
    ({ unread }) => unread?.count ?? 0,
  ],
];

function rosterGauges(registry: Registry): (health: RosterHealth | null) => void {
  const reads = instruments(registry).counter(
    'roster_reads_total',
    'reads of who is on call and who that is: ahead of need (ahead), because an answer was needed (need), for a forecast (forecast)',
    ['cause'],
  );
  const gauges = measured(registry, ROSTER);
  return (health) => {
    reads.reset();
    for (const [cause, count] of Object.entries(health?.reads ?? {})) reads.inc({ cause }, count);
    gauges(health);
  };
}
