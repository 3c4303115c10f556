import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import { rateLimitHeaders } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './route.ts';

export interface AnswerOptions {
  /** PagerDuty's own time, for the Date header; null leaves the header out. */
  readonly date: Date | null;
  readonly headers: Readonly<Record<string, string>>;
}

const HTML_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** Code and message that PagerDuty gives along with a status. */
const USUAL_ERRORS: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [2001, 'Invalid Input Provided'],
  401: [2006, 'Authentication Failed'],
  402: [2014, 'Account does not have the abilities to perform the action'],
  403: [2010, 'Access Denied'],
  404: [2100, 'Not Found'],
  408: [2016, 'Request took too long'],
  429: [2020, 'Rate Limit Exceeded'],
};

/** Sends a reply as JSON, or without a body when it has none. */
export function answer(response: ServerResponse, reply: Reply, options: AnswerOptions): void {
  if (reply.body === undefined) send(response, reply.status, '', null, options);
  else send(response, reply.status, JSON.stringify(reply.body), 'application/json', options);
}

/**
 * Spoils an answer. Returns the status the client got to see, or null when it got none.
 * @param reply what would have been sent
 */
export function answerWithFault(
  response: ServerResponse,
  reply: Reply,
  fault: Fault,
  options: AnswerOptions,
): number | null {
  switch (fault.kind) {
    case 'status':
    case 'half-page': {
      const status = fault.status ?? 500;
      const [code, message] = USUAL_ERRORS[status] ?? [2000, 'Internal Error'];
      const refusal = new Refusal({ status, code: fault.code ?? code, message });
      answer(response, { status, body: refusal.body() }, options);
      return status;
    }
    case 'html': {
      const status = fault.status ?? 502;
      send(response, status, HTML_PAGE, 'text/html', options);
      return status;
    }
    case 'empty': {
      const status = fault.status ?? 200;
      send(response, status, '', 'application/json', options);
      return status;
    }
    case 'null-body': {
      const status = fault.status ?? 200;
      send(response, status, 'null', 'application/json', options);
      return status;
    }
    case 'wrong-shape': {
      const status = fault.status ?? 200;
      answer(response, { status, body: misshapen(reply.body) }, options);
      return status;
    }
    case 'rate-limited':
      answerRateLimited(response, fault, options);
      return 429;
    case 'stall-headers':
      return null;
    case 'stall-body': {
      const text = JSON.stringify(reply.body ?? {});
      writeHead(response, reply.status, 'application/json', Buffer.byteLength(text), options);
      response.write(text.slice(0, Math.ceil(text.length / 2)));
      return reply.status;
    }
    case 'reset':
      response.socket?.resetAndDestroy();
      return null;
    case 'no-date':
      answer(response, reply, { ...options, date: null });
      return reply.status;
    case 'latency':
      answer(response, reply, options);
      return reply.status;
  }
}

function answerRateLimited(response: ServerResponse, fault: Fault, options: AnswerOptions): void {
  if (fault.headers === false) {
    answer(response, { status: 429 }, { ...options, headers: {} });
    return;
  }
  const refusal = new Refusal({ status: 429, code: 2020, message: 'Rate Limit Exceeded' });
  const headers = rateLimitHeaders(fault.limit ?? 960, 0, fault.resetSeconds ?? 30);
  answer(response, { status: 429, body: refusal.body() }, { ...options, headers });
}

/** Lists become objects and objects lists, so that every documented wrapper holds the wrong kind of JSON. */
function misshapen(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return { result: 'ok' };
  return Object.fromEntries(
    Object.entries(body).map(([name, value]): [string, unknown] => {
      if (Array.isArray(value)) return [name, { rows: value.length }];
      return [name, typeof value === 'object' && value !== null ? [] : value];
    }),
  );
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  contentType: string | null,
  options: AnswerOptions,
): void {
  const body = Buffer.from(text);
  writeHead(response, status, contentType, status === 204 ? null : body.length, options);
  response.end(body);
}

function writeHead(
  response: ServerResponse,
  status: number,
  contentType: string | null,
  length: number | null,
  options: AnswerOptions,
): void {
  response.sendDate = false;
  response.writeHead(status, {
    ...options.headers,
    ...(options.date === null ? {} : { date: options.date.toUTCString() }),
    ...(contentType === null ? {} : { 'content-type': contentType }),
    ...(length === null ? {} : { 'content-length': String(length) }),
  });
}
