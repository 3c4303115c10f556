import { ClaimLostError } from '../../ports/claims.ts';
import { AlreadyRecordedError, LedgerForgedError, LedgerUnavailableError } from '../../ports/ledger.ts';
import { messageOf } from '../../core/values/cause.ts';

/** PostgreSQL's SQLSTATE for a second row with the same key (postgresql.org/docs/current/errcodes-appendix.html). */
const UNIQUE_VIOLATION = '23505';

/** By SQLSTATE, or by the code of Node's socket error. */
const REMEDIES: Readonly<Record<string, string>> = {
  '25006': 'it is read-only: the address leads to a standby, name the primary',
  '28000': 'it refuses the user: check `ledger.postgres` and pg_hba.conf',
  '28P01': 'it refuses the password: check `ledger.postgres`',
  '3D000': 'it has no such database: create it, or check `ledger.postgres`',
  '42501': "the user may not do that: it must own the ledger's tables",
  '53100': "the server's disk is full: free some space; nothing is approved until then",
  '53300': 'the server has no connection left: raise max_connections, or lower it for others',
  '55P03': 'another replica holds the chain for too long: look for a transaction that does not end',
  '57P01': 'the server is shutting down: it is tried again',
  '57P02': 'the server has crashed and restarts: it is tried again',
  '57P03': 'the server is starting up: it is tried again',
  ECONNREFUSED: 'nothing listens at its address: is the server running',
  ECONNRESET: 'the connection broke: is the server restarting',
  ENOENT: 'its socket is not there: is the server running',
  ENOTFOUND: 'its host name is not known: check `ledger.postgres`',
  ETIMEDOUT: 'it does not answer: check the network path',
};

/** States that pass by themselves: a start waits for them. */
const PASSING: ReadonlySet<string> = new Set([
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
]);

/** The one place where PostgreSQL's errors get their meaning. Neither address nor password is repeated. */
export function postgresError(error: unknown): Error {
  const known = [AlreadyRecordedError, ClaimLostError, LedgerForgedError, LedgerUnavailableError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error;
  const code = codeOf(error);
  if (code === UNIQUE_VIOLATION) return new AlreadyRecordedError('recorded before', { cause: error });
  const detail = messageOf(error);
  return new LedgerUnavailableError(
    `the ledger in PostgreSQL cannot be used: ${REMEDIES[code] ?? detail} ${code === '' ? '' : `(${code})`}`.trim(),
    { cause: error },
  );
}

/** Whether waiting may help: the server restarts, or is not there yet. */
export function isPassing(error: unknown): boolean {
  const cause = error instanceof LedgerUnavailableError ? error.cause : error;
  return PASSING.has(codeOf(cause));
}

function codeOf(error: unknown): string {
  // Several addresses of one host were tried: the first one speaks for all.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = one instanceof Error && 'code' in one ? one.code : '';
  return typeof code === 'string' ? code : '';
}
