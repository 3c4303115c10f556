import { readFile } from 'node:fs/promises';

import { TeleportError } from '../../ports/teleport.ts';
import type { Identity } from './identity.ts';
import { expiredIdentity, isExpired, parseIdentityFile, parseKeyPair, unusable } from './identity.ts';

/** An identity file, or the three files of `tctl auth sign --format=tls`. */
export type IdentityFiles =
  | { readonly file: string }
  | { readonly clientCrt: string; readonly clientKey: string; readonly rootCas: string };

export interface IdentityListeners {
  /** The files hold another identity than before. */
  readonly onRenewed?: ((identity: Identity) => void) | undefined;
  /** The files could not be read; the identity read before stays in use until it expires. */
  readonly onUnreadable?: ((error: TeleportError) => void) | undefined;
}

/** The identity on disk, read again whenever asked: tbot renews it every few minutes, a person once a year. */
export class IdentitySource {
  readonly #files: IdentityFiles;
  readonly #listeners: IdentityListeners;
  #identity: Identity;

  /** Throws TeleportError of kind `identity` when the files are missing, unreadable or expired. */
  static async open(files: IdentityFiles, listeners: IdentityListeners = {}): Promise<IdentitySource> {
    const source = new IdentitySource(files, listeners, await readIdentity(files));
    source.#refuseExpired();
    return source;
  }

  private constructor(files: IdentityFiles, listeners: IdentityListeners, identity: Identity) {
    this.#files = files;
    this.#listeners = listeners;
    this.#identity = identity;
  }

  /** The identity as last read. */
  get current(): Identity {
    return this.#identity;
  }

  /** Where the identity is, for errors. */
  get path(): string {
    return pathOf(this.#files);
  }

  /**
   * Reads the files again. A writer may be half-way through them, so what cannot be read leaves the identity read
   * before in use. Throws TeleportError of kind `identity` once that has expired.
   */
  async refresh(): Promise<Identity> {
    try {
      const identity = await readIdentity(this.#files);
      if (identity.fingerprint !== this.#identity.fingerprint) {
        this.#identity = identity;
        this.#listeners.onRenewed?.(identity);
      }
    } catch (error) {
      if (!(error instanceof TeleportError)) throw error;
      this.#listeners.onUnreadable?.(error);
    }
    this.#refuseExpired();
    return this.#identity;
  }

  #refuseExpired(): void {
    if (isExpired(this.#identity, Date.now())) throw expiredIdentity(this.#identity, this.path);
  }
}

async function readIdentity(files: IdentityFiles): Promise<Identity> {
  if ('file' in files) return parseIdentityFile(await readText(files.file), files.file);
  const [clientCrt, clientKey, rootCas] = await Promise.all([
    readText(files.clientCrt),
    readText(files.clientKey),
    readText(files.rootCas),
  ]);
  return parseKeyPair({ clientCrt, clientKey, rootCas }, pathOf(files));
}

function pathOf(files: IdentityFiles): string {
  return 'file' in files ? files.file : files.clientCrt;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw unusable(path, `cannot be read (${code})`, error);
  }
}
