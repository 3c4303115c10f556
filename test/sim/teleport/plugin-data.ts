import { badParameter, compareFailed, noSuchRequest } from './errors.ts';

/** Plugin data of one resource: plugin name → its key-value pairs. */
export type PluginEntries = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface PluginDataKey {
  readonly kind: string;
  readonly resource: string;
  readonly plugin: string;
}

export interface PluginDataUpdate extends PluginDataKey {
  readonly set: Readonly<Record<string, string>>;
  readonly expect: Readonly<Record<string, string>>;
}

interface StoredPluginData {
  readonly entries: PluginEntries;
  readonly expires: Date;
}

const KINDS = ['access_request', 'access_list'];
const MAX_RESOURCE_BYTES = 1_000_000;
/** Teleport: kept beyond the end of access, so that it can be read while the DELETE event is handled. */
const GRACE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Compare-and-swap storage which plugins share; not watchable. */
export class PluginDataStore {
  readonly #stored = new Map<string, StoredPluginData>();
  /** The end of access of an existing request; `undefined` when there is no such request. */
  readonly #accessExpiry: (requestId: string) => Date | undefined;
  readonly #now: () => Date;

  constructor(options: { accessExpiry: (requestId: string) => Date | undefined; now: () => Date }) {
    this.#accessExpiry = options.accessExpiry;
    this.#now = options.now;
  }

  /** The entries of all plugins on a resource. Teleport: the plugin name only selects, it does not narrow the reply. */
  get({ kind, resource, plugin }: PluginDataKey): PluginEntries | undefined {
    checkKind(kind);
    const entries = this.#read(kind, resource)?.entries;
    return entries !== undefined && (plugin === '' || entries.has(plugin)) ? entries : undefined;
  }

  /**
   * Merges `set` into the plugin's entry if every key of `expect` holds ("" means absent), else FAILED_PRECONDITION.
   * NOT_FOUND for the first write on a request which does not exist, INVALID_ARGUMENT beyond 1,000,000 bytes.
   */
  update({ kind, resource, plugin, set, expect }: PluginDataUpdate): void {
    checkKind(kind);
    if (plugin === '' || resource === '')
      throw badParameter('plugin data needs a resource and a plugin name');
    const stored = this.#read(kind, resource);
    const expires = stored?.expires ?? this.#firstExpiry(kind, resource);
    const current = stored?.entries.get(plugin) ?? new Map<string, string>();
    for (const [key, value] of Object.entries(expect)) {
      if ((current.get(key) ?? '') !== value) throw compareFailed(`expectations not met for field "${key}"`);
    }
    const merged = new Map([...current, ...Object.entries(set)]);
    const entry = new Map([...merged].filter(([, value]) => value !== ''));
    const entries = new Map(stored?.entries);
    if (entry.size > 0) entries.set(plugin, entry);
    else entries.delete(plugin);
    if (sizeOf(entries) > MAX_RESOURCE_BYTES) {
      throw badParameter(`plugin data size limit exceeded, max ${MAX_RESOURCE_BYTES} bytes`);
    }
    this.#stored.set(storageKey(kind, resource), { entries, expires });
  }

  #read(kind: string, resource: string): StoredPluginData | undefined {
    const stored = this.#stored.get(storageKey(kind, resource));
    return stored !== undefined && stored.expires > this.#now() ? stored : undefined;
  }

  #firstExpiry(kind: string, resource: string): Date {
    if (kind !== 'access_request') return new Date(this.#now().getTime() + 365 * DAY_MS);
    const accessExpiry = this.#accessExpiry(resource);
    if (accessExpiry === undefined) throw noSuchRequest(resource);
    return new Date(accessExpiry.getTime() + GRACE_MS);
  }
}

function checkKind(kind: string): void {
  if (!KINDS.includes(kind)) throw badParameter(`unsupported resource kind "${kind}"`);
}

function storageKey(kind: string, resource: string): string {
  return `${kind}/${resource}`;
}

function sizeOf(entries: PluginEntries): number {
  const plain = [...entries].map(([plugin, entry]) => [plugin, [...entry]]);
  return Buffer.byteLength(JSON.stringify(plain));
}
