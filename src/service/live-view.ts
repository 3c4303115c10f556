import { onDutyAt } from '../core/forecast/figures.ts';
import { forecast, type Ahead, type RuleAhead } from '../core/forecast/forecast.ts';
import { factsFor } from '../core/forecast/on-call-ahead.ts';
import { covers, spanOf } from '../core/on-call.ts';
import type { Sheet } from '../core/roster/sheet.ts';
import { msBetween, plusMs, SECOND, type Instant } from '../core/values/instant.ts';
import type { Asked } from '../http/pages/now-page.ts';
import type { Live } from '../http/pages/live-pages.ts';
import type { PagerDutyLookAhead } from '../ports/look-ahead.ts';
import { nothingRemembered } from '../ports/pins.ts';
import type { RosterHealth } from '../ports/roster.ts';
import type { Dependencies } from '../review/dependencies.ts';
import { explainRequest, requestOf } from '../review/explain-request.ts';
import { targetsIn } from '../review/facts/read-on-call.ts';
import { askedOn } from '../review/follow-up/asked-on.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import type { KeptForecast } from './foresight.ts';
import { remember } from '../core/values/remember.ts';

interface ViewDependencies {
  readonly dependencies: Dependencies;
  readonly lookAhead: PagerDutyLookAhead;
  readonly forecast: KeptForecast;
  readonly owners: Live['owners'];
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

/** The same for this moment, by the rows that are held of it. */
function atNow(ahead: Ahead, { targets, rows, sightings, people: told }: Sheet, now: Instant): Ahead {
  const { rota, people } = ahead;
  const known = new Map([...people.pagerDuty, ...told.values()].map((person) => [person.id, person]));
  const window = { from: now, until: plusMs(now, SECOND) };
  return {
    ...ahead,
    rota: { ...rota, window, targets, rows, sightings },
    people: { ...people, pagerDuty: [...known.values()] },
  };
}

/** Who is on call by the rows of this moment, where they are held; until when is told by the rota of the days to come, or by the row. */
function dutyOf(fresh: RuleAhead | null, ahead: RuleAhead, { rows }: Sheet, now: Instant) {
  const foreseen = onDutyAt(ahead, now);
  if (fresh === null) return foreseen;
  return onDutyAt(fresh, now).map((each) => {
    const own = rows.filter((row) => row.user.id === each.user.id && covers(row, now));
    const ends = own.flatMap((row) => spanOf(row)?.end ?? []).sort();
    const until = foreseen.find(({ user }) => user.id === each.user.id)?.until ?? ends.at(-1) ?? each.until;
    return { ...each, until };
  });
}

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
        if (looked === null || begun === null) return null;
        const { policy } = looked.ahead.people;
        const held = begun.dependencies.roster.atHand(targetsIn(policy));
        const fresh = held.at === null ? [] : forecast(atNow(looked.ahead, held, now));
        return {
          readAt: held.at ?? looked.ahead.rota.window.from,
          rules: looked.rules.flatMap((ahead) => {
            const rule = policy.rules.find(({ name }) => name === ahead.rule);
            if (rule?.breakGlass === true) return [];
            const isHeld = rule !== undefined && factsFor(rule, held).every(({ state }) => state === 'known');
            const present = isHeld ? fresh.find((each) => each.rule === ahead.rule) : undefined;
            const people = dutyOf(present ?? null, ahead, held, now);
            return [{ rule: ahead, roles: rule?.roles ?? [], people }];
          }),
        };
      },
      problem: () => begun?.forecast.problem() ?? null,
      askedOn: ask,
      owners: () => begun?.owners() ?? Promise.resolve(null),
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
