import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { listed } from '../core/values/words.ts';
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
};

/** Our wording of what is wrong, where the schema has none of its own. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_value') return `must be ${listed(issue.values.map(String), 'or')}`;
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'is missing' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
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

/** All of them in one error, in the order of the file, each like `line 12, rules[0].on_call.max_level: must be 1 or more`. */
export function allProblems(
  file: string,
  problems: readonly Problem[],
  lineOf: (path: Problem['path']) => number | null,
): ConfigError {
  const placed = problems
    .map((problem) => ({ ...problem, line: lineOf(problem.path) ?? 0 }))
    .sort((one, other) => one.line - other.line)
    .map(({ path, message, line }) => `  ${line === 0 ? '' : `line ${line}, `}${nameOf(path)}: ${message}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ConfigError([`${file}: ${count}`, ...placed].join('\n'));
}

/** `rules[0].on_call.max_level` */
function nameOf(path: Problem['path']): string {
  const name = path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
  return name === '' ? 'the file' : name;
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
