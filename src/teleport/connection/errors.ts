import { type ServiceError, status } from '@grpc/grpc-js';

import { type RefusedTo, TeleportError, type TeleportErrorKind } from '../../ports/teleport.ts';

/** What a call is for, in the words of its errors. */
export interface Action {
  /** Completes "teleport refused to …", for instance `list access requests`. */
  readonly does: string;
  /** What the service's user needs for it, completing "is denied: …". */
  readonly needs: string;
}

/** Teleport's errors by gRPC code (`trace` errors map to codes one to one). */
const KINDS: ReadonlyMap<status, readonly [kind: TeleportErrorKind, transient: boolean]> = new Map([
  [status.UNKNOWN, ['unknown', true]],
  [status.INVALID_ARGUMENT, ['invalid', false]],
  [status.DEADLINE_EXCEEDED, ['timeout', true]],
  [status.NOT_FOUND, ['not-found', false]],
  [status.ALREADY_EXISTS, ['already-exists', false]],
  [status.PERMISSION_DENIED, ['denied', false]],
  [status.RESOURCE_EXHAUSTED, ['limited', true]],
  // Someone else wrote at the same time: read again, then decide whether to try again.
  [status.FAILED_PRECONDITION, ['conflict', true]],
  [status.ABORTED, ['conflict', true]],
  [status.OUT_OF_RANGE, ['invalid', false]],
  [status.UNIMPLEMENTED, ['unsupported', false]],
  [status.INTERNAL, ['unknown', true]],
  [status.UNAVAILABLE, ['unavailable', true]],
  [status.DATA_LOSS, ['unknown', true]],
  [status.UNAUTHENTICATED, ['denied', false]],
]);

/** Codes that do not need a server. */
const SILENT: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED]);

/**
 * Why a review was refused. Teleport has one code for all of these, so that only the text tells them apart; nothing else is read from
 * the text of a status (lib/auth/auth_with_roles.go and lib/services/access_request.go of 2026). User names stand
 * in quotes, or bare. The ones about the reviewer come first: the others say more after the same words.
 */
const REFUSALS: readonly (readonly [RegExp, RefusedTo])[] = [
  [/^user \S+ cannot submit reviews$/u, 'reviewer'],
  [/^user \S+ cannot review request \S+$/u, 'reviewer'],
  // An older Teleport, one that does not let us, and a reviewer whose session ended, so that there is no user record.
  [
    /^user \S+ cannot submit reviews (on behalf of|for) \S+( user could not be fetched from local store)?$/u,
    'stand-in',
  ],
  // MFA for admin actions; and the service may not read users, which Teleport asks of whoever reviews for them.
  [/\badmin-level API request requires MFA verification\b/u, 'stand-in'],
  [/^(access denied to perform action read on|user \S+ does not have permission to read) user$/u, 'stand-in'],
];

const MAX_QUOTED = 300;

export interface FailedCall {
  readonly addr: string;
  readonly action: Action;
  /** Why the last connection could not be made, where that is known better than gRPC tells it. */
  readonly connectionFailure: TeleportError | null;
}

/** A failed gRPC call → TeleportError; the one place that does so. */
export function teleportErrorOf(error: unknown, call: FailedCall): TeleportError {
  if (error instanceof TeleportError) return error;
  if (!isServiceError(error)) {
    return new TeleportError('unknown', `failed to ${call.action.does}`, { transient: true, cause: error });
  }
  if (error.code === status.UNAVAILABLE && call.connectionFailure !== null) {
    const { kind, message, transient } = call.connectionFailure;
    return new TeleportError(kind, message, { transient, cause: error });
  }
  const [kind, transient] = KINDS.get(error.code) ?? ['unknown', true];
  const refusedTo = kind === 'denied' ? refusedToWhom(error.details) : null;
  return new TeleportError(kind, sentence(kind, error.details, call), { transient, refusedTo, cause: error });
}

/** Null for a text that is not known: then it is not known either who was refused. */
function refusedToWhom(details: string): RefusedTo | null {
  const text = details
    .replace(/["'`,]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  return REFUSALS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Whether a failed call was answered by the server at all: grpc-js itself uses these three codes. */
export function isAnswer(error: unknown): boolean {
  return isServiceError(error) && !SILENT.has(error.code);
}

/** Node's `code` of an error, such as ECONNREFUSED; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function sentence(kind: TeleportErrorKind, details: string, { addr, action }: FailedCall): string {
  const said = quoted(details);
  switch (kind) {
    case 'unavailable':
      return `teleport at \`${addr}\` cannot be reached to ${action.does} (${said}): is it running, and is \`teleport.addr\` right?`;
    case 'timeout':
      return `teleport at \`${addr}\` did not answer in time to ${action.does}`;
    case 'denied':
      return `teleport refused to ${action.does} (${said}): ${action.needs}`;
    case 'unsupported':
      return `this version of teleport cannot ${action.does} (${said})`;
    case 'conflict':
      return `someone else changed it at the same time, so teleport did not ${action.does} (${said})`;
    case 'limited':
      return `teleport is limiting this client, so it did not ${action.does} (${said})`;
    case 'not-found':
    case 'already-exists':
    case 'invalid':
    case 'malformed':
    case 'identity':
    case 'unknown':
      return `teleport could not ${action.does} (${said})`;
  }
}

/** grpc-js ends some messages with a note that it then leaves empty. */
const EMPTY_NOTE = /[.\s]*Resolution note:\s*$/u;

/** Text of the server, which may carry a requester's words: one line, bounded, in backticks. */
function quoted(text: string): string {
  const line = text
    .replace(EMPTY_NOTE, '')
    .replace(/[\s`]+/gu, ' ')
    .trim();
  return `\`${line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line}\``;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
