import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RuleAhead } from '../../core/forecast/forecast.ts';
import type { Stretch } from '../../core/forecast/stretch.ts';
import type { Instant } from '../../core/values/instant.ts';
import { messageOf } from '../../core/values/cause.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SearchableHistory, Seals } from '../../ports/ledger-history.ts';
import type { Explanation } from '../../review/explain-request.ts';
import type { Readiness } from '../../telemetry/readiness.ts';
import { presentOf } from '../../traceability/present.ts';
import type { Node, PageFrame } from './document.ts';
import { askedOf, explainPage, explainQueryOf, type AskedOfRules } from './explain-page.ts';
import { forecastPage } from './forecast-page.ts';
import { ownersPage, ownersQueryOf, type OwnedThings } from './owners-page.ts';
import { nowPage, type Asked, type OnDuty } from './now-page.ts';

/** What pages show that no ledger holds. */
export interface Live {
  readonly readiness: () => Readiness | null;
  readonly forecast: () => { readonly window: Stretch; readonly rules: readonly RuleAhead[] } | null;
  readonly duty: (now: Instant) => { readonly readAt: Instant; readonly rules: readonly OnDuty[] } | null;
  /** Why the rotas could not be read the last time; null where they could. */
  readonly problem: () => string | null;
  /** Whom the incident asks; null for one that is gone. Rejects where PagerDuty does not say. */
  readonly askedOn: (incidentId: string) => Promise<Asked | null>;
  /** Whose everything is; null where no rule goes by owners, or the service has not begun. Rejects with what went wrong, in words. */
  readonly owners: () => Promise<OwnedThings | null>;
  /** What would be decided; null before the service has reached Teleport. */
  readonly explain: (asked: AskedOfRules) => Promise<Explanation> | null;
}

interface Shown {
  readonly history: SearchableHistory;
  readonly seals: Seals | undefined;
  readonly clock: Clock;
  readonly live: Live;
}

interface Frame {
  readonly seen: (request: FastifyRequest) => string;
  readonly send: (
    reply: FastifyReply,
    reader: string,
    page: Pick<PageFrame, 'here' | 'title' | 'renewEvery'>,
    main: Node,
  ) => FastifyReply;
}

/** Each page open asks about no more pages than these. */
const MOST_ASKED = 20;

/** `/now`, where `/` leads; `/forecast`; `/owners`; `/explain`. */
export function addLivePages(
  server: FastifyInstance,
  { history, seals, clock, live }: Shown,
  { seen, send }: Frame,
): void {
  server.get('/', (_request, reply) => reply.redirect('/now', 302));

  server.get('/now', async (request, reply) => {
    const reader = seen(request);
    const at = clock.now();
    const present = await presentOf(history, at, seals);
    const open = present.waiting.flatMap(({ pages }) => pages.map(({ incidentId }) => incidentId));
    const looks = await Promise.allSettled(
      open.slice(0, MOST_ASKED).map(async (id) => [id, await live.askedOn(id)] as const),
    );
    const asked = new Map(looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : [])));
    const renews = !(request.raw.url ?? '').endsWith('?renew=off');
    const told = { duty: live.duty(at), dutyProblem: live.problem(), readiness: live.readiness() };
    const frame = { here: 'now', title: 'Now', ...(renews ? { renewEvery: 30 } : {}) } as const;
    return send(reply, reader, frame, nowPage({ at, renews, present, asked, ...told }));
  });

  server.get('/forecast', (request, reply) => {
    const page = forecastPage(live.forecast(), live.problem());
    return send(reply, seen(request), { here: 'forecast', title: 'Forecast' }, page);
  });

  server.get('/owners', async (request, reply) => {
    const reader = seen(request);
    const query = ownersQueryOf(request.query);
    const nothing = 'No rule goes by owners, or the service has only just begun.';
    const told = await live.owners().then(
      (things) => ({ things, problem: nothing }),
      (error: unknown) => ({ things: null, problem: messageOf(error) }),
    );
    return send(reply, reader, { here: 'owners', title: 'Owners' }, ownersPage(query, told));
  });

  server.get('/explain', async (request, reply) => {
    const reader = seen(request);
    const query = explainQueryOf(request.query);
    const { asked, why } = askedOf(query);
    const answer = asked === null ? null : live.explain(asked);
    const words =
      asked !== null && answer === null ? 'Teleport has not been reached yet. Try again in a moment.' : why;
    const page = explainPage(query, words, await answer);
    return send(reply, reader, { here: 'explain', title: 'What would be decided?' }, page);
  });
}
