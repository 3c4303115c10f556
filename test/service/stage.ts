import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startService, type Service } from '../../src/service/start-service.ts';
import type { Account } from '../sim/pagerduty/account.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import {
  startTeleport,
  type SimulatedTeleport,
  type StartTeleportOptions,
} from '../sim/teleport/start-teleport.ts';
import { Scene, writeConfig, type SceneOptions } from '../support/scene.ts';
import { RecordingReporter } from './recording-reporter.ts';

export interface StageOptions extends StartTeleportOptions, SceneOptions {
  readonly via?: 'direct' | 'proxy';
}

/** Both simulators and the service between them, over real sockets, in the set-up of the reference story. */
export class Stage extends Scene implements AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly pagerDuty: SimulatedPagerDuty;
  readonly folder: string;
  readonly configFile: string;
  reports = new RecordingReporter();
  #service: Service | null = null;

  private constructor(teleport: SimulatedTeleport, pagerDuty: SimulatedPagerDuty, folder: string) {
    super();
    this.teleport = teleport;
    this.pagerDuty = pagerDuty;
    this.folder = folder;
    this.configFile = join(folder, 'config.yaml');
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const teleport = await startTeleport(options);
    const pagerDuty = await startPagerDuty();
    const stage = new Stage(teleport, pagerDuty, await mkdtemp(join(tmpdir(), 'oncall-approver-')));
    await stage.#writeFiles(options);
    if (options.start !== false) await stage.startService();
    return stage;
  }

  /** The reference story with PagerDuty changed before the service starts. */
  static async arranged(arrange: (account: Account) => unknown, options: StageOptions = {}): Promise<Stage> {
    const stage = await Stage.open({ ...options, start: false });
    arrange(stage.pagerDuty.account);
    await stage.startService();
    return stage;
  }

  get service(): Service {
    if (this.#service === null) throw new Error('the service is not running');
    return this.#service;
  }

  /** Starts the service and waits until it watches. */
  async startService(): Promise<Service> {
    this.reports = new RecordingReporter();
    this.#service = await startService({
      config: loadConfig(this.configFile, {}),
      source: {
        read: () => loadConfig(this.configFile, {}),
        text: () => readFileSync(this.configFile, 'utf8'),
      },
      reporter: this.reports.reporter,
      signal: new AbortController().signal,
    });
    await this.reports.when('watchLive');
    return this.#service;
  }

  async stopService(): Promise<number> {
    const left = await this.service.stop();
    this.#service = null;
    return left;
  }

  /** What the ledger holds of a request. */
  async events(requestId: string): Promise<readonly LedgerEvent[]> {
    const ledger = new SqliteLedger(join(this.folder, 'ledger.sqlite'));
    try {
      return (await ledger.entriesOf(requestId)).map(({ event }) => event);
    } finally {
      await ledger.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.stop();
    await this.teleport[Symbol.asyncDispose]();
    await this.pagerDuty[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }

  async #writeFiles(options: StageOptions): Promise<void> {
    const { via = 'direct' } = options;
    const { teleport, pagerDuty, folder } = this;
    await writeFile(join(folder, 'identity'), teleport.identityFileFor('oncall-approver'), { mode: 0o600 });
    await writeFile(join(folder, 'pagerduty-key'), FULL_ACCESS_KEY, { mode: 0o600 });
    await writeFile(join(folder, 'proxy-ca.pem'), teleport.authorities.webPki.certificatePem);
    writeConfig(folder, options, {
      teleport: {
        addr: via === 'direct' ? teleport.authAddr : teleport.proxyAddr.replace('127.0.0.1', 'localhost'),
        ...(via === 'direct' ? { via } : { proxy_ca: 'proxy-ca.pem' }),
      },
      pagerduty: { api_url: pagerDuty.url },
    });
  }
}
