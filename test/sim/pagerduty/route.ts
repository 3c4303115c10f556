import type { z } from 'zod';
import type { Account } from './account.ts';
import type { ApiKey, User } from './model.ts';
import { invalidInput } from './refusal.ts';

export interface Reply {
  readonly status: number;
  /** Undefined: no body at all (204). */
  readonly body?: unknown;
}

/** Everything a handler may look at. */
export interface Call {
  readonly account: Account;
  readonly key: ApiKey;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /**
   * The user in the From header, to whom the write is attributed.
   * @throws Refusal 400 when there is no such user
   */
  readonly from: () => User;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A path with `:name` segments. */
  readonly path: string;
  /** The OAuth scope the call needs. */
  readonly scope: string;
  readonly handle: (call: Call) => Reply;
  /** For a POST that says everything by its path. */
  readonly withoutBody?: boolean;
}

/** The route for a request, with the values of its `:name` segments. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** @throws Refusal 400/2001 naming every field that is wrong */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidInput(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/** Leaves out what the key's owner may not see. */
export function visibleTo<T extends { readonly id: string }>(key: ApiKey, items: readonly T[]): readonly T[] {
  return items.filter((item) => !key.hiddenIds.includes(item.id));
}

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}
