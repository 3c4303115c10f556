import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { SearchableHistory, Seals } from '../../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../../ports/ledger.ts';
import type { Readiness } from '../../telemetry/readiness.ts';
import { CSV_HEADING, csvLine, lineOf } from '../../traceability/decision-lines.ts';
import { reportMonth } from '../../traceability/month.ts';
import { reportUsage } from '../../traceability/usage-report.ts';
import { NoSuchRequestError, pageOfDecisions, requestMeant } from '../../traceability/search.ts';
import { sealFaults } from '../../traceability/seal-check.ts';
import { entryOf } from '../../traceability/finding.ts';
import type { HttpPlugin } from '../server.ts';
import { documentOf, type Node, type PageFrame, type PageHealth } from './document.ts';
import { readerOf, refuse, type PagesAccess } from './gate.ts';
import { addLivePages, type Live } from './live-pages.ts';
import { listPage } from './list-page.ts';
import { messagePage } from './message-page.ts';
import { monthPage } from './month-page.ts';
import { boundsOf, filterOf, listQueryOf } from './query.ts';
import { inZone, localText } from './reader-zone.ts';
import { requestPage } from './request-page.ts';

export interface DecisionPagesOptions {
  readonly history: SearchableHistory;
  /** How what others wrote is told from the service's own; absent where the ledger is not sealed. */
  readonly seals?: Seals | undefined;
  readonly access: PagesAccess;
  readonly clock: Clock;
  /** Teleport's web address, for links; empty when the cluster has none, or is not reached yet. */
  readonly proxyPublicAddr: () => string;
  readonly live: Live;
  /** Who looked at what: the record is personal data, so its readers are on record too. */
  readonly onRead?: (read: { readonly reader: string; readonly path: string }) => void;
}

const ON_A_PAGE = 50;
const IN_A_FILE = 2_000;
const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

/** No script, nothing from elsewhere, never in a frame; the one form leads back here. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * The ledger as pages for people, read-only: `/decisions` with filters, one page a request under any of its ids, and a month
 * view. Rendered here, usable without scripts. Nobody is let in whom `access` does not know.
 */
export function decisionPages(options: DecisionPagesOptions): HttpPlugin {
  const { history, seals, access, clock, proxyPublicAddr, live, onRead } = options;

  return (server) => {
    server.decorateRequest('reader', '');

    server.addHook('onRequest', (request, _reply, done) => {
      inZone(Object.entries(request.query ?? {}).find(([name]) => name === 'tz')?.[1], done);
    });

    server.addHook('onRequest', async (request, reply) => {
      const reader = readerOf(request, access);
      if (reader === null) return refuse(reply, access);
      request.setDecorator('reader', reader);
      reply.header('content-security-policy', POLICY);
      reply.header('cross-origin-opener-policy', 'same-origin');
    });

    server.setErrorHandler(async (error, request, reply) => {
      const reader = request.getDecorator<string>('reader');
      if (error instanceof NoSuchRequestError) {
        const frame = { here: null, title: 'Not found' };
        return send(reply.code(404), reader, frame, messagePage('Not found', error.message));
      }
      if (error instanceof LedgerUnavailableError) {
        const text = 'The ledger cannot be read at the moment. Try again, or see the log of the service.';
        const page = messagePage('The ledger cannot be read', text);
        return send(reply.code(503), reader, { here: null, title: 'No ledger' }, page);
      }
      throw error;
    });

    server.get('/decisions/style.css', async (_request, reply) => {
      await reply.type('text/css; charset=utf-8').send(STYLE);
    });

    server.get('/decisions', async (request, reply) => {
      const query = listQueryOf(request.query);
      const screen = { before: query.before, size: ON_A_PAGE, seals };
      const page = await pageOfDecisions(history, filterOf(query), screen);
      return send(reply, seen(request), { here: 'list', title: 'Decisions' }, listPage(query, page));
    });

    server.get('/decisions.csv', async (request, reply) => {
      seen(request);
      const filter = filterOf(listQueryOf(request.query));
      const page = await pageOfDecisions(history, filter, { before: null, size: IN_A_FILE, seals });
      const lines = [CSV_HEADING, ...page.found.map((found) => csvLine(lineOf(found)))];
      const more = page.next === null ? [] : ['"there are more: narrow it down, or use ledger list --csv"'];
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="decisions.csv"')
        .send([...lines, ...more, ''].join('\r\n'));
    });

    server.get<{ Params: { month: string } }>('/decisions/month/:month', async (request, reply) => {
      const { month } = request.params;
      const bounds = boundsOf(month);
      if (bounds === null) throw new NoSuchRequestError('a month is written like 2026-03');
      const reader = seen(request);
      const report = await reportMonth(history, month, bounds, { seals, dayOf });
      const page = monthPage(report, await reportUsage(history, bounds, seals));
      return send(reply, reader, { here: 'month', title: month }, page);
    });

    server.get<{ Params: { id: string } }>('/decisions/:id', async (request, reply) => {
      const id = await requestMeant(history, request.params.id);
      const stored = await history.entriesOf(id);
      const around = { proxyPublicAddr: proxyPublicAddr(), faults: sealFaults(stored, seals) };
      const page = requestPage(stored.map(entryOf), around);
      return send(reply, seen(request), { here: null, title: `Request ${id}` }, page);
    });
    addLivePages(server, { history, seals, clock, live }, { seen, send });
    return Promise.resolve();
  };

  function seen(request: FastifyRequest): string {
    const reader = request.getDecorator<string>('reader');
    onRead?.({ reader, path: request.url.split('?')[0] ?? '' });
    return reader;
  }

  function send(
    reply: FastifyReply,
    reader: string,
    page: Pick<PageFrame, 'here' | 'title' | 'renewEvery'>,
    main: Node,
  ): FastifyReply {
    const health = healthOf(live.readiness());
    const query = textsOf(reply.request.query);
    const frame = { ...page, reader, month: dayOf(clock.now()).slice(0, 7), health, query };
    return reply.type('text/html; charset=utf-8').send(documentOf(frame, main));
  }
}

/** By the reader's clocks. */
function dayOf(at: string): string {
  return localText(at).slice(0, 10);
}

function textsOf(query: unknown): Readonly<Record<string, string>> {
  const all: [string, unknown][] = Object.entries(query ?? {});
  return Object.fromEntries(
    all.filter((each): each is [string, string] => typeof each[1] === 'string' && each[0] !== 'tz'),
  );
}

function healthOf(readiness: Readiness | null): PageHealth | null {
  if (readiness === null) return null;
  if (!readiness.ready) return 'does not work';
  return Object.values(readiness.parts).every(({ state }) => state === 'ok') ? 'works' : 'has a warning';
}
