import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type TeleportConnection,
  type TeleportOptions,
  connectTeleport,
} from '../../src/teleport/connect.ts';
import type { CredentialOptions } from '../sim/teleport/cluster-authorities.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import {
  type SimulatedTeleport,
  type StartTeleportOptions,
  startTeleport,
} from '../sim/teleport/start-teleport.ts';

/** A simulated cluster and our adapter connected to it, ended together. */
export interface Connected extends AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly connection: TeleportConnection;
  /** The identity file in use; write it anew to renew it. */
  readonly identityFile: string;
  /** Ends when the test does. */
  readonly signal: AbortSignal;
}

export interface ConnectedOptions {
  readonly teleport?: StartTeleportOptions;
  readonly user?: string;
  readonly credentials?: CredentialOptions;
  readonly connection?: Partial<TeleportOptions>;
}

/** Starts a cluster and connects directly to its auth server, unless `connection` says otherwise. */
export async function connected(options: ConnectedOptions = {}): Promise<Connected> {
  await using started = new AsyncDisposableStack();
  const ended = new AbortController();
  started.defer(() => ended.abort());
  const teleport = started.use(await startTeleport(options.teleport));
  const folder = await mkdtemp(join(tmpdir(), 'teleport-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const identityFile = join(folder, 'identity');
  await writeFile(identityFile, teleport.identityFileFor(options.user ?? BOT_USER, options.credentials));
  const connection = await connectTeleport({
    addr: teleport.authAddr,
    via: 'direct',
    identity: { file: identityFile },
    ...options.connection,
  });
  started.defer(() => connection.close());
  const resources = started.move();
  return {
    teleport,
    connection,
    identityFile,
    signal: ended.signal,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What a promise was rejected with; fails when it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise was not rejected');
}

/** The next item, or a failure when the sequence has ended. */
export async function next<T>(items: AsyncIterator<T>): Promise<T> {
  const result = await items.next();
  if (result.done === true) throw new Error('the sequence has ended');
  return result.value;
}
