import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerEntry } from '../../../src/core/record/ledger-entry.ts';
import { PostgresDatabase } from '../../../src/ledger/postgres/database.ts';
import { PostgresLedger } from '../../../src/ledger/postgres/ledger.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { allEntries } from '../../ledger/some-events.ts';
import { PostgresServer } from '../../postgres/postgres-server.ts';
import { Stage } from '../../service/stage.ts';
import type { Fate } from './fate.ts';
import { Journal } from './journal.ts';
import { keysOf, placeKeys, type Keys } from './keys.ts';
import type { Setting } from './setting.ts';
import { Truth } from './truth.ts';
import type { WebhookGate } from './webhook-gate.ts';
import { configOf, placeReplicas, populate } from './world.ts';

/** A request that was made, and what people did about it. */
export interface Made {
  readonly id: string;
  readonly fate: Fate;
  readonly madeAt: number;
  /** When its page was first seen; null before. */
  pagedAt: number | null;
  /** What people did, in order, with the time of it. */
  readonly deeds: string[];
}

export interface ArenaOptions {
  readonly postgres: boolean;
  readonly setting: Setting;
  readonly replicas?: number;
}

interface Parts {
  readonly stage: Stage;
  readonly postgres: PostgresServer | null;
  readonly setting: Setting;
  readonly webhooks: WebhookGate | null;
  readonly configFiles: readonly string[];
  readonly openLedger: () => Promise<Ledger>;
}

const IN_LEAF = { cluster: 'leaf', kind: 'db', name: 'pay', subResource: '' } as const;

/** Both simulators, the ledger's place and the configuration: the world that the service processes live and die in. */
export class Arena implements AsyncDisposable {
  readonly stage: Stage;
  readonly truth: Truth;
  readonly made = new Map<string, Made>();
  readonly postgres: PostgresServer | null;
  readonly setting: Setting;
  readonly webhooks: WebhookGate | null;
  /** What processes were heard to say. */
  readonly journal = new Journal();
  /** The keys that PagerDuty knows the service by; where one does both, none is for writing alone. */
  readonly keys: Keys;
  /** When somebody last took a lock away, as `Date.now` has it. */
  lockLiftedAt = 0;
  /** Between the two steps in which the host CA is replaced identities list both. */
  isRotating = false;
  readonly #configFiles: readonly string[];
  readonly #openLedger: () => Promise<Ledger>;

  private constructor({ stage, postgres, setting, webhooks, configFiles, openLedger }: Parts) {
    this.stage = stage;
    this.postgres = postgres;
    this.setting = setting;
    this.webhooks = webhooks;
    this.#configFiles = configFiles;
    this.truth = new Truth(stage.pagerDuty.account, stage.pagerDuty.calls);
    this.keys = keysOf(setting);
    this.#openLedger = openLedger;
  }

  static async open({ postgres, setting, replicas = 1 }: ArenaOptions): Promise<Arena> {
    const server = postgres ? await PostgresServer.start() : null;
    const url = await server?.database();
    const stage = await Stage.open({
      start: false,
      edition: setting.edition,
      submitForUsers: setting.ownNames,
      readAuditLog: setting.usage,
      config: {
        ...configOf(setting),
        ...(url === undefined ? {} : { ledger: { postgres: { url_file: 'ledger-url' } } }),
      },
    });
    populate(stage);
    await placeKeys(stage, keysOf(setting));
    const files = await placeReplicas(stage, replicas, setting);
    const file = join(stage.folder, 'ledger.sqlite');
    if (url !== undefined) await writeFile(join(stage.folder, 'ledger-url'), `${url}\n`, { mode: 0o600 });
    const openLedger = async () =>
      url === undefined
        ? new SqliteLedger(file)
        : new PostgresLedger(await PostgresDatabase.open({ url: () => url }));
    return new Arena({ stage, postgres: server, setting, ...files, openLedger });
  }

  get replicas(): number {
    return this.#configFiles.length;
  }

  /** The configuration of the replica in this slot. */
  configFileOf(slot: number): string {
    return this.#configFiles[slot] ?? this.stage.configFile;
  }

  /** Requests of Teleport and PagerDuty that were made so far. */
  get calls(): number {
    const { teleport, pagerDuty } = this.stage;
    return teleport.calls.all.length + pagerDuty.calls.all().length;
  }

  ask(fate: Fate): void {
    const withoutReason = fate.givesReason ? {} : { reason: '' };
    // What is drawn stays what it was: now and then the rota asks for something that no rule covers.
    const isForLeaf =
      fate.requester === 'rota' && this.setting.edition === 'enterprise' && this.made.size % 5 === 0;
    const resourceIds = isForLeaf ? [IN_LEAF] : [];
    const id = this.stage.request(fate.user, { roles: [fate.role], resourceIds, ...withoutReason });
    this.made.set(id, { id, fate, madeAt: performance.now(), pagedAt: null, deeds: [] });
  }

  /** Every entry, read by a connection of its own. Throws LedgerUnavailableError. */
  async entries(): Promise<readonly LedgerEntry[]> {
    const ledger = await this.#openLedger();
    try {
      return await allEntries(ledger);
    } finally {
      await ledger.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.webhooks?.[Symbol.asyncDispose]();
    await this.stage[Symbol.asyncDispose]();
    await this.postgres?.[Symbol.asyncDispose]();
  }
}
