import { createHash } from 'node:crypto';
import type { RequestId } from '../core/access-request.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/**
 * The trace of a request, as 32 hexadecimal digits: its id without the dashes, so that whoever has one finds the other, and every
 * process that handles it, today and after a restart, writes to the same trace.
 */
export function traceIdOf(requestId: RequestId): string {
  const digits = requestId.replaceAll('-', '');
  return UUID.test(requestId) && /[^0]/u.test(digits) ? digits : digest(requestId).slice(0, 32);
}

/** The id of the span that stands for the whole of a request: known to all who handle it before it is written. */
export function wholeSpanIdOf(requestId: RequestId): string {
  return digest(requestId).slice(-16);
}

function digest(requestId: RequestId): string {
  return createHash('sha256').update(requestId).digest('hex');
}
