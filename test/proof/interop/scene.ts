import { ok } from 'node:assert/strict';

import { TeleportError } from '../../../src/ports/teleport.ts';
import type { TeleportConnection } from '../../../src/teleport/connect.ts';
import type { Plain } from './plain.ts';
import { pruned } from './plain.ts';
import type { Results } from './results.ts';
import type { TeleportPeer } from './teleport-peer.ts';

/** The service's adapter connected to Teleport's generated server. */
export interface Scene {
  readonly peer: TeleportPeer;
  readonly connection: TeleportConnection;
  readonly results: Results;
  /** Bounds the scenes of one version: silence of the other side is a failure, not a hang. */
  readonly signal: AbortSignal;
}

export const AUTH = '/proto.AuthService';
export const USERS = '/teleport.users.v1.UsersService';
/** The id of the request that the scenes are about. */
export const REQUEST_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
/** The access request as the peer's version can send it. */
export function asKnown({ peer }: Scene, request: Plain): Plain {
  return pruned('types.AccessRequestV3', request, (message, field) => peer.knows(message, field));
}

/** The TeleportError a promise is rejected with; fails for anything else. */
export async function failure(promise: Promise<unknown>): Promise<TeleportError> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  ok(outcome instanceof TeleportError, `got ${String(outcome)} instead of a TeleportError`);
  return outcome;
}
