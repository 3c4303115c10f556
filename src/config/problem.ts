import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { listed, sanitise } from '../core/values/words.ts';
import { ConfigError } from './config-error.ts';

/** Something wrong with the configuration: where, what, and what to do about it. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the types of zod are to whoever writes YAML. */
const TYPES: Readonly<Record<string, string>> = {
  object: 'a section of keys',
  record: 'a section of keys',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
};

/** Our wording of what is wrong, where the schema has none of its own. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_value') return `must be ${listed(issue.values.map(String), 'or')}`;
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is missing';
  return `must be ${TYPES[issue.expected] ?? issue.expected}${written(issue.expected, issue.input)}`;
}

/** How the same is written as what it must be. */
function written(expected: string, input: unknown): string {
  const isPlain = typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean';
  if (!isPlain) return '';
  if (expected === 'array') return `: write \`[${sanitise(String(input), 100)}]\``;
  if (expected === 'string') return `: put it in quotes, \`"${input}"\``;
  const isQuoted = expected === 'boolean' ? /^(?:true|false)$/u : /^\d+$/u;
  return typeof input === 'string' && isQuoted.test(input) ? `: write \`${input}\`, without quotes` : '';
}

/** A kind of file, for what to say of a key that it does not have. */
export interface FileKind {
  readonly schema: z.ZodType;
  /** A file that shows all keys there are. */
  readonly example: string;
}

/** What zod found, an unknown key each by itself. */
export function problemsOf(issue: z.core.$ZodIssue, kind: FileKind): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key${meant(key, kind)}` }));
}

/** All of them in one error, in the order of the file, each like `line 12, rules[0] (prod).on_call.max_level: must be 1 or more`. */
export function allProblems(
  file: string,
  problems: readonly Problem[],
  { lineOf, data }: { readonly lineOf: (path: Problem['path']) => number | null; readonly data: unknown },
): ConfigError {
  const placed = problems
    .map((problem) => ({ ...problem, line: lineOf(problem.path) ?? 0 }))
    .sort((one, other) => one.line - other.line)
    .map(
      ({ path, message, line }) => `  ${line === 0 ? '' : `line ${line}, `}${nameOf(path, data)}: ${message}`,
    );
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ConfigError([`${file}: ${count}`, ...placed].join('\n'));
}

/** `rules[0] (prod).on_call.max_level`: what has a name in a list is told by it, too. */
function nameOf(path: Problem['path'], data: unknown): string {
  let at = data;
  const parts = path.map((part, index) => {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined;
    if (typeof part === 'string') return `${index === 0 ? '' : '.'}${part}`;
    const name = z.object({ name: z.string().min(1) }).safeParse(at).data?.name;
    return `[${part}]${name === undefined ? '' : ` (${sanitise(name, 60)})`}`;
  });
  return parts.length === 0 ? 'the file' : parts.join('');
}

/** `: did you mean …`, where a known key is near. */
function meant(key: string, { schema, example }: FileKind): string {
  const known = [...new Set(keysIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))];
  const near = closest(key, known);
  return distance(key, near) <= Math.min(3, key.length / 2)
    ? `: did you mean \`${near}\`?`
    : `: ${example} shows all there are in this version; a newer version may know more`;
}

/** Every property name in a JSON Schema. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]: [string, unknown]) =>
    name === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value as Record<string, unknown>).flatMap(keysIn)]
      : keysIn(value),
  );
}
