import { status } from '@grpc/grpc-js';

/** A refusal, with the gRPC code by which Teleport sends that kind of error. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export function accessDenied(message: string): StatusError {
  return new StatusError(status.PERMISSION_DENIED, message);
}

export function badParameter(message: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message);
}

export function notFound(message: string): StatusError {
  return new StatusError(status.NOT_FOUND, message);
}

/** In Teleport's words, which say what the request was wanted for. */
export function noSuchRequest(id: string, wantedTo?: string): StatusError {
  return notFound(
    wantedTo === undefined
      ? `access request "${id}" not found`
      : `cannot ${wantedTo} access request "${id}" (not found)`,
  );
}

export function alreadyExists(message: string): StatusError {
  return new StatusError(status.ALREADY_EXISTS, message);
}

export function compareFailed(message: string): StatusError {
  return new StatusError(status.FAILED_PRECONDITION, message);
}

export function notImplemented(message: string): StatusError {
  return new StatusError(status.UNIMPLEMENTED, message);
}
