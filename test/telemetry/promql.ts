/**
 * Reads a PromQL expression as far as our dashboard and alerts go (prometheus.io/docs/prometheus/latest/querying/basics): selectors,
 * ranges, functions, aggregations and operators. Gives the metrics it names; throws SyntaxError for what does not parse.
 */
export function metricsIn(expression: string): readonly string[] {
  const tokens = tokensOf(expression);
  const metrics: string[] = [];
  let at = 0;

  const peek = (): string | undefined => tokens[at];
  function take(expected?: string): string {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new SyntaxError(`${token ?? 'the end'} instead of ${expected ?? 'more'} in ${expression}`);
    }
    at += 1;
    return token;
  }
  function list(item: () => void): void {
    take('(');
    while (peek() !== ')') {
      item();
      if (peek() !== ')') take(',');
    }
    take(')');
  }
  function binary(): void {
    unary();
    while (OPERATORS.has(peek() ?? '')) {
      take();
      unary();
    }
  }
  function unary(): void {
    const token = take();
    if (token === '-') unary();
    else if (token === '(') {
      binary();
      take(')');
    } else if (AGGREGATIONS.has(token)) {
      if (peek() === 'by' || peek() === 'without') {
        take();
        list(label);
      }
      list(binary);
    } else if (FUNCTIONS.has(token)) list(binary);
    else if (/^[a-z_]\w*$/u.test(token)) selector(token);
    else if (!/^[\d.]+$/u.test(token)) throw new SyntaxError(`unexpected ${token} in ${expression}`);
  }
  function selector(name: string): void {
    metrics.push(name);
    if (peek() === '{') {
      take('{');
      while (peek() !== '}') {
        label();
        if (!['=', '!=', '=~', '!~'].includes(take())) throw new SyntaxError(`no matcher in ${expression}`);
        if (!take().startsWith('"')) throw new SyntaxError(`no label value in ${expression}`);
        if (peek() !== '}') take(',');
      }
      take('}');
    }
    if (peek()?.startsWith('[') === true) take();
  }
  function label(): void {
    if (!/^[a-z_]\w*$/u.test(take())) throw new SyntaxError(`no label in ${expression}`);
  }

  binary();
  if (at < tokens.length) throw new SyntaxError(`${tokens[at] ?? ''} left over in ${expression}`);
  return metrics;
}

const AGGREGATIONS: ReadonlySet<string> = new Set(['sum', 'min', 'max', 'avg', 'count']);
const FUNCTIONS: ReadonlySet<string> = new Set([
  'absent',
  'histogram_quantile',
  'increase',
  'min_over_time',
  'rate',
  'time',
]);
const OPERATORS: ReadonlySet<string> = new Set([
  ...['+', '-', '*', '/', '%', '==', '!=', '<', '>', '<=', '>='],
  ...['and', 'or', 'unless'],
]);

const TOKEN =
  /\s*(?:(\[(?:\d+(?:ms|s|m|h|d))+\]|\[\$__rate_interval\])|("[^"]*")|(\d+(?:\.\d+)?)|([a-zA-Z_]\w*)|(==|!=|=~|!~|<=|>=|[-+*/%<>=(){},]))/uy;

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (expression.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) throw new SyntaxError(`cannot read ${expression.slice(from)}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}
