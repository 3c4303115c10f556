import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import type { LedgerEvent, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startService, type Service } from '../../src/service/start-service.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import type { AccessRequestProposal } from '../sim/teleport/access-requests.ts';
import {
  startTeleport,
  type SimulatedTeleport,
  type StartTeleportOptions,
} from '../sim/teleport/start-teleport.ts';
import { RecordingReporter } from './recording-reporter.ts';

export interface StageOptions extends StartTeleportOptions {
  readonly via?: 'direct' | 'proxy';
  /** Merged over the configuration of the reference story, section by section. */
  readonly config?: Record<string, unknown>;
  /** `pagerduty.freshness`; as by default unless told. */
  readonly freshness?: string;
  /** Merged over its only rule. */
  readonly rule?: Record<string, unknown>;
  /** Whether the service is started at once; true unless told. */
  readonly start?: boolean;
}

/** Both simulators and the service between them, over real sockets, in the set-up of the reference story. */
export class Stage implements AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly pagerDuty: SimulatedPagerDuty;
  readonly folder: string;
  readonly configFile: string;
  reports = new RecordingReporter();
  #service: Service | null = null;

  private constructor(teleport: SimulatedTeleport, pagerDuty: SimulatedPagerDuty, folder: string) {
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

  get service(): Service {
    if (this.#service === null) throw new Error('the service is not running');
    return this.#service;
  }

  /** Starts the service and waits until it watches. */
  async startService(): Promise<Service> {
    this.reports = new RecordingReporter();
    this.#service = await startService({
      config: loadConfig(this.configFile, {}),
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

  /** Asks for prodaccess as a requester would; gives the request's id. */
  request(user: string, proposal: Partial<Omit<AccessRequestProposal, 'user'>> = {}): string {
    const { id } = this.teleport.cluster.createRequest({
      user,
      roles: ['prodaccess'],
      reason: 'checkout fails for 30 % of customers',
      ...proposal,
    });
    return id;
  }

  state(requestId: string): string {
    return this.teleport.cluster.request(requestId).state;
  }

  approveAs(reviewer: string, requestId: string, reason = ''): void {
    this.#resolveAs(reviewer, requestId, 'APPROVED', reason);
  }

  denyAs(reviewer: string, requestId: string, reason = ''): void {
    this.#resolveAs(reviewer, requestId, 'DENIED', reason);
  }

  /** The decision in force. */
  decided(requestId: string): RecordedDecision {
    const decided = this.reports.of('decided').findLast((event) => event.decided.requestId === requestId);
    if (decided === undefined) throw new Error(`request ${requestId} is not decided`);
    return decided.decided;
  }

  decidedEvents(events: readonly LedgerEvent[]): readonly LedgerEvent[] {
    return events.filter(({ kind }) => kind === 'decided');
  }

  locks() {
    return this.teleport.cluster.locks.list({ targets: [], inForceOnly: false });
  }

  /** Looks at once for what the service would look for before long: answers, the end of a shift. */
  async followUp(requestId: string): Promise<void> {
    await this.service.lookAgain(requestId);
  }

  incidents() {
    return this.pagerDuty.account.incidents.all();
  }

  notesOf(incidentId: string | undefined): readonly string[] {
    return this.pagerDuty.account.incidents.require(incidentId ?? '').notes.map(({ content }) => content);
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

  /** Community knows no reviews: there a person sets the state. */
  #resolveAs(author: string, requestId: string, state: 'APPROVED' | 'DENIED', reason: string): void {
    const { cluster } = this.teleport;
    if (cluster.capabilities.edition === 'community')
      cluster.setRequestState({ id: requestId, state, reason });
    else cluster.submitReview({ requestId, author, proposedState: state, reason });
  }

  async #writeFiles({ via = 'direct', config = {}, rule = {}, freshness }: StageOptions): Promise<void> {
    const { teleport, pagerDuty, folder } = this;
    await writeFile(join(folder, 'identity'), teleport.identityFileFor('oncall-approver'), { mode: 0o600 });
    await writeFile(join(folder, 'pagerduty-key'), FULL_ACCESS_KEY, { mode: 0o600 });
    await writeFile(join(folder, 'proxy-ca.pem'), teleport.authorities.webPki.certificatePem);
    await writeFile(
      this.configFile,
      stringify({
        teleport: {
          addr: via === 'direct' ? teleport.authAddr : teleport.proxyAddr.replace('127.0.0.1', 'localhost'),
          identity: 'identity',
          ...(via === 'direct' ? { via } : { proxy_ca: 'proxy-ca.pem' }),
        },
        pagerduty: {
          api_url: pagerDuty.url,
          api_key_file: 'pagerduty-key',
          from: 'oncall-approver@example.com',
          ...(freshness === undefined ? {} : { freshness }),
        },
        identities: [{ trait: 'email' }],
        rules: [
          {
            name: 'prod-oncall',
            roles: ['prodaccess'],
            on_call: { services: ['Payments API'] },
            require: { reason: true },
            otherwise: 'escalate',
            escalate: { service: 'Access requests', decide_within: '2s' },
            ...rule,
          },
        ],
        ledger: { sqlite: 'ledger.sqlite' },
        ...config,
      }),
    );
  }
}
