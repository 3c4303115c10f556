/**
 * PagerDuty's "no": an HTTP status and its error body. Codes are the documented ones; the list is declared
 * non-exhaustive, so clients branch on the status and keep the code for their logs.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: number;
  readonly errors: readonly string[];

  constructor(options: {
    readonly status: number;
    readonly code: number;
    readonly message: string;
    readonly errors?: readonly string[];
  }) {
    super(options.message);
    this.status = options.status;
    this.code = options.code;
    this.errors = options.errors ?? [];
  }

  /** The documented wrapper; `errors` is left out when there are none, and has objects under `/v3`. */
  body(path = '/'): unknown {
    const error = { message: this.message, code: this.code };
    if (this.errors.length === 0) return { error };
    const errors = path.startsWith('/v3/') ? this.errors.map((message) => ({ message })) : this.errors;
    return { error: { ...error, errors } };
  }
}

export function invalidInput(...errors: readonly string[]): Refusal {
  return new Refusal({ status: 400, code: 2001, message: 'Invalid Input Provided', errors });
}

export function argumentsCausedError(...errors: readonly string[]): Refusal {
  return new Refusal({ status: 400, code: 2002, message: 'Arguments Caused Error', errors });
}

export function badInstant(...errors: readonly string[]): Refusal {
  return new Refusal({ status: 400, code: 2004, message: 'Invalid Since or Until Parameter', errors });
}

export function badRange(...errors: readonly string[]): Refusal {
  return new Refusal({ status: 400, code: 2005, message: 'Invalid Query Date Range', errors });
}

export function notFound(): Refusal {
  return new Refusal({ status: 404, code: 2100, message: 'Not Found' });
}

export function accessDenied(...errors: readonly string[]): Refusal {
  return new Refusal({ status: 403, code: 2010, message: 'Access Denied', errors });
}

export function authenticationFailed(): Refusal {
  return new Refusal({ status: 401, code: 2006, message: 'Authentication Failed' });
}
