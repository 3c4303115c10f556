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
import { plainAddress, type HttpPlugin } from '../server.ts';
import { documentOf, type Node, type PageFrame, type PageHealth } from './document.ts';
import { addLivePages, type Live } from './live-pages.ts';
import { listPage } from './list-page.ts';
import { monthPage } from './month-page.ts';
import { boundsOf, filterOf, listQueryOf } from './query.ts';
import { inZone, localText } from './reader-zone.ts';
import { requestPage } from './request-page.ts';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { createHash, timingSafeEqual } from 'node:crypto';

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

/** A page that says why there is none, and where to go on. */
function messagePage(title: string, text: string): VNode {
  return html`<div>
    <h1>${title}</h1>
    <p>${text}</p>
    <p><a href="/decisions">All decisions</a></p>
  </div>`;
}

/** How a reader is known: by a token, or by a reverse proxy that has done the asking and names them in a header. */
export type PagesAccess =
  | {
      readonly kind: 'token';
      /** Read at every request: a renewed file counts at once. */ readonly token: () => string;
    }
  | { readonly kind: 'header'; readonly header: string; readonly trustedProxies: readonly string[] };

/** Who reads, by the words of the gate that let them in. */
type Reader = string;

/**
 * Who may read: the reader, or null for nobody. A token comes as `Authorization: Bearer`, or as the password of HTTP Basic so
 * that a browser can ask for it. A header counts only from the addresses of trusted proxies: anybody else could write it.
 */
function readerOf(request: FastifyRequest, access: PagesAccess): Reader | null {
  switch (access.kind) {
    case 'token':
      return sameSecret(tokenIn(request.headers.authorization), access.token()) ? 'token' : null;
    case 'header': {
      const trusted = access.trustedProxies.includes(plainAddress(request.socket.remoteAddress));
      return trusted ? soleName(request.raw.rawHeaders, access.header.toLowerCase()) : null;
    }
  }
}

/**
 * The one reader that is named. A proxy that adds its header to one that the client sent names two people, as does a hop in between
 * that joins them by a comma (RFC 9110, 5.3); Node joins them too, hence the headers as they came. Nobody can tell which one is true.
 */
function soleName(rawHeaders: readonly string[], header: string): Reader | null {
  const [name, ...others] = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === header,
  );
  if (name === undefined || others.length > 0 || name.includes(',')) return null;
  return name.trim() === '' ? null : name.trim();
}

/** What a browser needs to ask its user for the token. */
async function refuse(reply: FastifyReply, access: PagesAccess): Promise<void> {
  if (access.kind === 'token') {
    reply.header('www-authenticate', 'Basic realm="oncall-approver decisions", charset="UTF-8"');
  }
  const how =
    access.kind === 'token'
      ? 'the token is needed'
      : 'the reverse proxy has to say who asks, once and without a comma';
  await reply.code(401).type('text/plain; charset=utf-8').send(`not shown: ${how}\n`);
}

function tokenIn(authorization = ''): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/u.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const userAndPassword = Buffer.from(value, 'base64').toString('utf8');
  return userAndPassword.slice(userAndPassword.indexOf(':') + 1);
}

/** Takes the same time whatever was sent: digests are compared, so lengths do not show either. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}
