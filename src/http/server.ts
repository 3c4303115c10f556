import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
} from 'fastify';
import { SECOND } from '../core/values/instant.ts';
import { limitConnections } from './connection-limit.ts';
import { authorityOf, type HostAndPort } from '../core/values/host.ts';

export { plainAddress } from './connection-limit.ts';

/**
 * Adds routes, hooks and content types to the server. Each plugin has a context of its own: what one sets up for its routes,
 * for instance a body limit or a parser that keeps the raw body, holds for these alone.
 */
export type HttpPlugin = FastifyPluginAsync;

export interface HttpServerOptions {
  readonly listen: HostAndPort;
  readonly plugins: readonly HttpPlugin[];
  /** Reverse proxies, by whose address many come: there is no cap on it. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: HttpLimits;
  /** A route that failed by its own fault. The client is told nothing of the cause. */
  readonly onFailure: (failure: { readonly route: string; readonly cause: string }) => void;
}

export interface HttpServer {
  /** As bound: with the port that was taken for 0. */
  readonly listen: HostAndPort;
  /** For instance `http://127.0.0.1:8080` or `http://[::1]:8080`, without a slash at the end. */
  readonly url: string;
  /** Takes in nothing more, lets what is under way finish, closes idle connections. */
  close(): Promise<void>;
}

/** Enough for a PagerDuty webhook (16 KB as seen) or a form; a route that needs more sets its own `bodyLimit`. */
const BODY_LIMIT_BYTES = 64 * 1024;
const HEADER_LIMIT_BYTES = 16 * 1024;
/** Longer than the idle time of the usual load balancers, so that it is they who close. */
const KEEP_ALIVE_TIMEOUT_MS = 75 * SECOND;
/** What connections may take of the server; times in milliseconds. */
export interface HttpLimits {
  /** From the first byte to the last of a request: whoever is slower keeps a connection for nothing. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** Without a byte in either direction: whoever does not take their answer keeps a connection, too. */
  readonly stalledMs: number;
  /** How often Node looks for those who are slower; it does so every 30 s unless told otherwise. */
  readonly checkEveryMs: number;
  readonly connections: number;
  /** A browser opens six, a scraper and a load balancer's probe one or two. */
  readonly connectionsFromOneAddress: number;
}

const LIMITS: HttpLimits = {
  requestMs: 10 * SECOND,
  headersMs: 5 * SECOND,
  stalledMs: 60 * SECOND,
  checkEveryMs: SECOND,
  connections: 512,
  connectionsFromOneAddress: 64,
};

/** Nothing here is to be kept, framed, sniffed, or named to where a link leads. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * The service's own HTTP server, without TLS: for probes and scrapers beside it, and behind a reverse proxy for everybody
 * else. Nothing of a request is logged. Throws HttpListenError when the address cannot be had.
 */
export async function startHttpServer({
  listen,
  plugins,
  trustedProxies = [],
  limits = LIMITS,
  onFailure,
}: HttpServerOptions): Promise<HttpServer> {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.stalledMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    forceCloseConnections: 'idle',
    trustProxy: false,
    rewriteUrl: ({ url = '/' }) => decodable(url),
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      void reply.headers(HEADERS).code(400).send({ error: 'the request cannot be read' });
    },
  });
  limitConnections(server.server, {
    most: limits.connections,
    mostFromOneAddress: limits.connectionsFromOneAddress,
    trustedProxies,
  });
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(HEADERS);
    done();
  });
  server.setNotFoundHandler(async (_request, reply) => {
    await reply.code(404).send({ error: 'nothing is here' });
  });
  server.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: sayable(error) });
    onFailure({ route: `${request.method} ${request.routeOptions.url ?? '?'}`, cause: error.message });
    return reply.code(status).send({ error: 'internal error' });
  });
  for (const plugin of plugins) await server.register(plugin);
  try {
    await server.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await server.close();
    throw listenError(listen, error);
  }
  const bound = boundTo(server, listen);
  return { listen: bound, url: `http://${authorityOf(bound)}`, close: () => server.close() };
}

/** A path that cannot be decoded (`/decisions/%`) is taken by the letter: then it is a thing that is not there, on every route. */
function decodable(url: string): string {
  const [path = '', ...query] = url.split('?');
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return [path.replaceAll('%', '%25'), ...query].join('?');
  }
}

/** What a client may read of its own mistake: our own words, or the framework's short ones, never what it sent. */
function sayable(error: FastifyError): string {
  if (error instanceof RefusedError) return error.message;
  return error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 'the body is too large' : 'the request cannot be read';
}

function boundTo(server: FastifyInstance, asked: HostAndPort): HostAndPort {
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? { host: asked.host, port: address.port } : asked;
}

/** The address cannot be listened on; the message says why and what to do. */
class HttpListenError extends Error {
  override readonly name = 'HttpListenError';
}

/** Why `listen` failed, by the error's code. */
function listenError(listen: HostAndPort, error: unknown): HttpListenError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
  return new HttpListenError(
    `\`http.listen\` ${authorityOf(listen)} cannot be listened on (${code}): ${remedy(code)}`,
    { cause: error },
  );
}

function remedy(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another process has the port: end it, or choose another port';
    case 'EACCES':
      return 'ports below 1024 need a privilege: choose a higher one';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'this machine has no such address: write one of its own, 127.0.0.1, or 0.0.0.0 for all';
    default:
      return 'check the address';
  }
}

/** Thrown by a route for a request that is wrong: the status and the sentence go to the client, and nowhere else. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** 400 to 499. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
