import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';

export interface CallOptions {
  /** The whole Authorization header; null sends none. */
  readonly authorization?: string | null;
  readonly from?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export class ApiReply {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON body; undefined when there is none. */
  readonly body: unknown;

  constructor({ status, headers }: Response, text: string) {
    this.status = status;
    this.headers = headers;
    this.body = text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** The value at a dotted path of the body. */
  at(path: string): unknown {
    return at(this.body, path);
  }

  text(path: string): string {
    return textAt(this.body, path);
  }

  /** One value of every row of a list in the body. */
  column(list: string, path: string): readonly unknown[] {
    return column(this.body, list, path);
  }
}

const BOT = 'oncall-approver@example.com';

/** Sends one request the way a well-behaved client does, unless told otherwise. */
export async function call(
  base: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<ApiReply> {
  const { authorization = `Token token=${FULL_ACCESS_KEY}`, from = BOT, body, signal } = options;
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.pagerduty+json;version=2',
      ...(authorization === null ? {} : { authorization }),
      ...(from === null || method === 'GET' ? {} : { from }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return new ApiReply(response, await response.text());
}

export async function get(base: string, path: string, options: CallOptions = {}): Promise<ApiReply> {
  return call(base, 'GET', path, options);
}

/** A body for POST /incidents. */
export function newIncident(fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    incident: {
      type: 'incident',
      title: 'access request',
      service: { id: 'PSERVC2', type: 'service_reference' },
      ...fields,
    },
  };
}

/** The value at a dotted path, e.g. `at(reply.body, 'incident.assignments.0.assignee.id')`; undefined where there is none. */
export function at(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }, json);
}

/** A value that must be text, such as an id to go on with. */
export function textAt(json: unknown, path: string): string {
  const value = at(json, path);
  if (typeof value !== 'string') throw new TypeError(`no text at \`${path}\` in ${JSON.stringify(json)}`);
  return value;
}

/** One value of every row of a list, e.g. `column(reply.body, 'oncalls', 'user.summary')`. */
export function column(json: unknown, list: string, path: string): readonly unknown[] {
  const rows = at(json, list);
  if (!Array.isArray(rows)) throw new TypeError(`no list at \`${list}\` in ${JSON.stringify(json)}`);
  return rows.map((row: unknown) => at(row, path));
}
