import { badParameter } from './errors.ts';

/**
 * Teleport's predicate language, as far as `review_requests.where` and threshold filters use it: `!`, `&&`, `||`, `==`,
 * parentheses, string literals, paths such as `request.system_annotations["pagerduty_services"]`, and the functions
 * `contains(list, value)`, `equals(a, b)` and `regexp.match(list, pattern)`.
 */

type Value = string | boolean | readonly string[] | { readonly [name: string]: Value };

/** The names an expression may mention. */
export type PredicateContext = Readonly<Record<string, Value>>;

interface Tokens {
  readonly source: string;
  readonly list: readonly string[];
  next: number;
}

const TOKEN = /\s*(&&|\|\||==|[!()[\],.]|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*)/y;

/** Whether `expression` holds in `context`; INVALID_ARGUMENT when it cannot be read. Empty is true. */
export function matchesPredicate(expression: string, context: PredicateContext): boolean {
  if (expression.trim() === '') return true;
  const tokens: Tokens = { source: expression, list: tokenize(expression), next: 0 };
  const result = either(tokens, context);
  if (tokens.next < tokens.list.length) throw unreadable(tokens);
  return truth(tokens, result);
}

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  const source = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const token = TOKEN.exec(source)?.[1];
    if (token === undefined) throw badParameter(`cannot parse predicate \`${expression}\``);
    tokens.push(token);
  }
  return tokens;
}

function either(tokens: Tokens, context: PredicateContext): Value {
  let left = both(tokens, context);
  while (accept(tokens, '||')) {
    const right = both(tokens, context);
    left = truth(tokens, left) || truth(tokens, right);
  }
  return left;
}

function both(tokens: Tokens, context: PredicateContext): Value {
  let left = same(tokens, context);
  while (accept(tokens, '&&')) {
    const right = same(tokens, context);
    left = truth(tokens, left) && truth(tokens, right);
  }
  return left;
}

function same(tokens: Tokens, context: PredicateContext): Value {
  const left = unary(tokens, context);
  return accept(tokens, '==') ? left === unary(tokens, context) : left;
}

function unary(tokens: Tokens, context: PredicateContext): Value {
  if (accept(tokens, '!')) return !truth(tokens, unary(tokens, context));
  if (accept(tokens, '(')) {
    const inner = either(tokens, context);
    expect(tokens, ')');
    return inner;
  }
  const token = tokens.list[tokens.next];
  if (token === undefined) throw unreadable(tokens);
  if (token.startsWith('"')) return literal(tokens);
  const path = [identifier(tokens)];
  for (;;) {
    if (accept(tokens, '.')) path.push(identifier(tokens));
    else if (accept(tokens, '[')) {
      path.push(literal(tokens));
      expect(tokens, ']');
    } else if (accept(tokens, '(')) return call(path.join('.'), tokens, context);
    else return lookUp(path, tokens, context);
  }
}

function call(name: string, tokens: Tokens, context: PredicateContext): boolean {
  const left = either(tokens, context);
  expect(tokens, ',');
  const right = either(tokens, context);
  expect(tokens, ')');
  switch (name) {
    case 'contains':
      return typeof right === 'string' && strings(left).includes(right);
    case 'equals':
      return JSON.stringify(left) === JSON.stringify(right);
    case 'regexp.match':
      return typeof right === 'string' && strings(left).some((value) => new RegExp(right).test(value));
    default:
      throw badParameter(`unsupported function: ${name}`);
  }
}

function lookUp(path: readonly string[], tokens: Tokens, context: PredicateContext): Value {
  let value: Value = context;
  for (const [depth, name] of path.entries()) {
    if (typeof value !== 'object' || isList(value)) throw unreadable(tokens);
    const member: Value | undefined = Object.hasOwn(value, name) ? value[name] : undefined;
    // A misspelt name is an error; a missing key of a map, e.g. an annotation nobody set, is an empty list.
    if (member === undefined && depth < 2) throw badParameter(`${path.join('.')} is not defined`);
    value = member ?? [];
  }
  return value;
}

function strings(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  return isList(value) ? value : [];
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

function truth(tokens: Tokens, value: Value): boolean {
  if (typeof value !== 'boolean') throw unreadable(tokens);
  return value;
}

function accept(tokens: Tokens, token: string): boolean {
  if (tokens.list[tokens.next] !== token) return false;
  tokens.next += 1;
  return true;
}

function expect(tokens: Tokens, token: string): void {
  if (!accept(tokens, token)) throw unreadable(tokens);
}

function identifier(tokens: Tokens): string {
  const token = tokens.list[tokens.next];
  if (token === undefined || !/^[A-Za-z_]/.test(token)) throw unreadable(tokens);
  tokens.next += 1;
  return token;
}

function literal(tokens: Tokens): string {
  const token = tokens.list[tokens.next];
  if (token?.startsWith('"') !== true) throw unreadable(tokens);
  tokens.next += 1;
  return token.slice(1, -1).replace(/\\(.)/g, '$1');
}

function unreadable({ source }: Tokens): Error {
  return badParameter(`cannot parse predicate \`${source}\``);
}
