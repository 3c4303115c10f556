import { onDutyAt } from '../core/forecast/figures.ts';
import type { RuleAhead } from '../core/forecast/forecast.ts';
import { msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type { Asked } from '../http/pages/now-page.ts';
import type { Live } from '../http/pages/live-pages.ts';
import type { PagerDutyLookAhead } from '../ports/look-ahead.ts';
import { nothingRemembered } from '../ports/first-addresses.ts';
import type { RosterHealth } from '../ports/roster.ts';
import type { Dependencies } from '../review/dependencies.ts';
import { explainRequest, requestOf } from '../review/explain-request.ts';
import { askedOn } from '../review/follow-up/asked-on.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import type { KeptForecast } from './foresight.ts';
import { remember } from '../core/values/remember.ts';

interface ViewDependencies {
  readonly dependencies: Dependencies;
  readonly lookAhead: PagerDutyLookAhead;
  readonly forecast: KeptForecast;
}

/** What pages and metrics show of the running service; nothing before it has begun. */
export interface LiveView {
  readonly live: Live;
  readonly rules: () => readonly RuleAhead[] | null;
  readonly roster: () => RosterHealth | null;
  watch(readiness: () => Readiness): void;
  begin(begun: ViewDependencies): void;
}

/** However many have the page open: PagerDuty is asked once in so long about each incident. */
const ASKED_KEPT_MS = 25 * SECOND;
const MOST_KEPT = 200;
const DEADLINE_MS = 30 * SECOND;

export function createLiveView(): LiveView {
  let readiness: () => Readiness | null = () => null;
  let begun: ViewDependencies | null = null;
  const asked = new Map<string, { readonly at: Instant; readonly answer: Promise<Asked | null> }>();
  const latest = () => begun?.forecast.latest() ?? null;

  async function ask(incidentId: string): Promise<Asked | null> {
    if (begun === null) throw new Error('the service has not begun');
    const { dependencies, lookAhead } = begun;
    const now = dependencies.clock.now();
    const before = asked.get(incidentId);
    if (before !== undefined && msBetween(before.at, now) < ASKED_KEPT_MS) return before.answer;
    const answer = askedOn(
      incidentId,
      { directory: dependencies.directory, lookAhead },
      { signal: AbortSignal.timeout(DEADLINE_MS), priority: 'background' },
    );
    remember(asked, incidentId, { at: now, answer }, MOST_KEPT);
    return answer;
  }

  return {
    live: {
      readiness: () => readiness(),
      forecast() {
        const looked = latest();
        return looked === null ? null : { window: looked.ahead.rota.window, rules: looked.rules };
      },
      duty(now) {
        const looked = latest();
        if (looked === null) return null;
        const { rules } = looked.ahead.people.policy;
        return {
          readAt: looked.ahead.rota.window.from,
          rules: looked.rules.flatMap((rule) => {
            const { roles = [], breakGlass = false } = rules.find(({ name }) => name === rule.rule) ?? {};
            return breakGlass ? [] : [{ rule, roles, people: onDutyAt(rule, now) }];
          }),
        };
      },
      problem: () => begun?.forecast.problem() ?? null,
      askedOn: ask,
      explain({ user, roles, reason, at }) {
        if (begun === null) return null;
        const { dependencies } = begun;
        const hypothesis = {
          requester: user,
          roles,
          reason,
          durationMs: null,
          resources: [],
          annotations: {},
        };
        const { policy } = dependencies.policyInForce();
        return explainRequest(
          requestOf(hypothesis, at ?? dependencies.clock.now()),
          { ...dependencies, addresses: nothingRemembered, policy },
          { at, signal: AbortSignal.timeout(DEADLINE_MS) },
        );
      },
    },
    rules: () => latest()?.rules ?? null,
    roster: () => begun?.dependencies.roster.health() ?? null,
    watch(observed) {
      readiness = observed;
    },
    begin(given) {
      begun = given;
    },
  };
}
