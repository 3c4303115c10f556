import { setTimeout as pause } from 'node:timers/promises';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { storyOf, type Story } from '../../src/core/record/story.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { FULL_ACCESS_KEY, twoTeamsWorld } from '../sim/pagerduty/reference-world.ts';
import { control, Part } from './processes.ts';

const PAGES_TOKEN = 'a-token-that-nobody-guesses-of-the-demo-0123456789';
const OWNER = { label: 'pagerduty_service', field: 'owns', field_of: { services: ['Payments API'] } };
const WEBHOOK_SECRET = 'the secret of the webhook subscription';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface TeleportRequest {
  readonly id: string;
  readonly state: string;
  readonly resolveReason: string;
  /** Until when the access goes, once it is given. */
  readonly expires: string;
  readonly reviews: readonly {
    readonly author: string;
    readonly proposedState: string;
    readonly reason: string;
  }[];
}

export interface Lock {
  readonly target: { readonly accessRequest: string };
  readonly message: string;
  readonly expires: string | null;
}

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly incident_key: string;
  readonly service: { readonly summary: string };
  readonly assignments: readonly { readonly assignee: { readonly summary: string } }[];
  readonly notes: readonly { readonly content: string }[];
}

/** Where the service runs: from the source, or from something that was made of it. */
export interface Placement {
  /** Settings that differ there: at least where the ledger is, as the service sees it. */
  readonly settings: { readonly ledger: { readonly sqlite: string }; readonly http?: object };
  /** The same ledger as seen from here. */
  ledgerFile(folder: string): string;
  /** Starts the service; all its settings stand in the folder, in `oncall-approver.yaml` and the files that it names. */
  start(folder: string): Part;
}

const fromSource: Placement = {
  settings: {
    ledger: { sqlite: 'ledger.sqlite' },
    http: {
      listen: '127.0.0.1:0',
      pagerduty_webhook: { secret_files: ['webhook-secret'] },
      pages: { token_file: 'pages-token' },
    },
  },
  ledgerFile: (folder) => join(folder, 'ledger.sqlite'),
  start: (folder) =>
    new Part('src/main.ts', ['run', '--config', join(folder, 'oncall-approver.yaml')], 'stderr'),
};

/** The three parts of the demo, each a process of its own, and what a person standing beside them can do and see. */
export class World implements AsyncDisposable {
  readonly service: Part;
  readonly #teleport: Part;
  readonly #pagerDuty: Part;
  readonly #teleportControl: string;
  readonly #pagerDutyControl: string;
  readonly #folder: string;
  readonly #ledgerFile: string;

  private constructor(parts: {
    service: Part;
    teleport: Part;
    pagerDuty: Part;
    teleportControl: string;
    pagerDutyControl: string;
    folder: string;
    ledgerFile: string;
  }) {
    this.service = parts.service;
    this.#teleport = parts.teleport;
    this.#pagerDuty = parts.pagerDuty;
    this.#teleportControl = parts.teleportControl;
    this.#pagerDutyControl = parts.pagerDutyControl;
    this.#folder = parts.folder;
    this.#ledgerFile = parts.ledgerFile;
  }

  /** Starts Teleport and PagerDuty, writes the settings a person would write, and starts the service. */
  static async open(placement: Placement = fromSource): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-demo-'));
    const teleport = new Part(
      'test/sim/teleport/main.ts',
      ['--identity-out', folder, '--read-audit-log', '--estate'],
      'stdout',
    );
    const account = join(folder, 'pagerduty.json');
    await writeFile(account, JSON.stringify(twoTeamsWorld()));
    const pagerDuty = new Part('test/sim/pagerduty/main.ts', ['--world', account], 'stdout');
    const at = await teleport.line('Teleport', () => true);
    const pd = await pagerDuty.line('PagerDuty', () => true);
    await writeFile(join(folder, 'pagerduty-key'), FULL_ACCESS_KEY, { mode: 0o600 });
    await writeFile(join(folder, 'webhook-secret'), WEBHOOK_SECRET, { mode: 0o600 });
    await writeFile(join(folder, 'pages-token'), PAGES_TOKEN, { mode: 0o600 });
    const config = join(folder, 'oncall-approver.yaml');
    await writeFile(
      config,
      stringify({ ...settings(String(at['proxy_addr']), String(pd['url'])), ...placement.settings }),
    );
    const service = placement.start(folder);
    const world = new World({
      service,
      teleport,
      pagerDuty,
      folder,
      ledgerFile: placement.ledgerFile(folder),
      teleportControl: `http://${String(at['control_addr'])}`,
      pagerDutyControl: String(pd['controlUrl']),
    });
    await service.line('the service', ({ msg }) => msg === 'watching access requests');
    return world;
  }

  /** For databases, or the role; with `pendingMs` it lapses after so long, if nobody answers. */
  async request(
    user: string,
    reason: string,
    {
      pendingMs,
      databases = [],
      roles = [databases.length === 0 ? 'prodaccess' : 'db-access'],
    }: {
      readonly pendingMs?: number;
      readonly databases?: readonly string[];
      readonly roles?: readonly string[];
    } = {},
  ): Promise<string> {
    const { id } = await control<{ id: string }>('POST', `${this.#teleportControl}/requests`, {
      user,
      roles,
      resources: databases.map((name) => `db/${name}`),
      reason,
      ...(pendingMs === undefined ? {} : { pending_ms: pendingMs }),
    });
    return id;
  }

  /** Teleport removes requests that have lapsed; whether this one is gone. */
  async isSwept(requestId: string): Promise<boolean> {
    await control('POST', `${this.#teleportControl}/sweep`, { grace_ms: 0 });
    const { requests } = await this.#teleportState();
    return !requests.some(({ id }) => id === requestId);
  }

  async locks(): Promise<readonly Lock[]> {
    return (await this.#teleportState()).locks;
  }

  async review(author: string, requestId: string, reason: string): Promise<void> {
    await control('POST', `${this.#teleportControl}/requests/${requestId}/reviews`, {
      author,
      state: 'APPROVED',
      reason,
    });
  }

  /** Somebody works with what was given to them: a session on a host and one on a database, until `leave`. */
  async work(user: string, requestId: string): Promise<void> {
    const where = { user, host: 'web-1', database: 'payments-main' };
    await control('POST', `${this.#teleportControl}/requests/${requestId}/sessions`, where);
  }

  async leave(requestId: string): Promise<void> {
    await control('POST', `${this.#teleportControl}/requests/${requestId}/sessions/end`, {});
  }

  /** The page of a decision, as its reader has it. */
  async decisionPage(requestId: string): Promise<string> {
    const url = await this.#listener();
    const headers = { authorization: `Bearer ${PAGES_TOKEN}` };
    return await (await fetch(`${url}/decisions/${requestId}`, { headers })).text();
  }

  async #listener(): Promise<string> {
    const { url } = await this.service.line('the listener', ({ url: address }) => address !== undefined);
    return String(url);
  }

  async note(incident: string, user: string, content: string): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/note`, { incident, user, content });
  }

  /** Puts somebody on call now, for so many seconds. */
  async override(schedule: string, user: string, seconds: number): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/override`, { schedule, user, minutes: seconds / 60 });
  }

  /** From now on PagerDuty tells the service of everything at its webhook route. */
  async subscribeToWebhooks(): Promise<string> {
    const url = await this.#listener();
    const { webhook_subscription: subscription } = await control<{ webhook_subscription: { id: string } }>(
      'POST',
      `${this.#pagerDutyControl}/webhooks`,
      { url: `${url}/webhooks/pagerduty`, secrets: [WEBHOOK_SECRET] },
    );
    return subscription.id;
  }

  async unsubscribe(id: string): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/webhooks/delete`, { id });
  }

  async alert(service: string, title: string): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/alert`, { service, title });
  }

  /** PagerDuty answers 503 to everything, or works again. */
  async outage(on: boolean): Promise<void> {
    if (on) await control('POST', `${this.#pagerDutyControl}/faults`, { kind: 'status', status: 503 });
    else await control('POST', `${this.#pagerDutyControl}/faults/clear`, {});
  }

  /** PagerDuty answers questions again, and takes nothing yet: what comes back first does not depend on chance. */
  async onlyReadsAreBack(): Promise<void> {
    await this.outage(false);
    const match = { method: 'POST' };
    await control('POST', `${this.#pagerDutyControl}/faults`, { kind: 'status', status: 503, match });
  }

  /** PagerDuty's own time passes: unanswered incidents go up their escalation policy. */
  async minutesPass(minutes: number): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/clock`, { advance_ms: minutes * 60_000 });
  }

  async clockBack(): Promise<void> {
    await control('POST', `${this.#pagerDutyControl}/clock`, { offset_ms: 0 });
  }

  async teleportRequest(id: string): Promise<TeleportRequest> {
    const { requests } = await this.#teleportState();
    const found = requests.find((request) => request.id === id);
    if (found === undefined) throw new Error(`Teleport has no request ${id}`);
    return found;
  }

  #teleportState(): Promise<{
    readonly requests: readonly TeleportRequest[];
    readonly locks: readonly Lock[];
  }> {
    return control('GET', `${this.#teleportControl}/state`);
  }

  async incidents(): Promise<readonly Incident[]> {
    return (await control<{ incidents: Incident[] }>('GET', `${this.#pagerDutyControl}/state`)).incidents;
  }

  /** Reads that PagerDuty received to decide, the look-up of incidents for notes not counted. */
  async reads(): Promise<number> {
    const { calls } = await control<{ calls: { method: string; path: string }[] }>(
      'GET',
      `${this.#pagerDutyControl}/calls`,
    );
    return calls.filter(({ method, path }) => method === 'GET' && !path.startsWith('/incidents')).length;
  }

  /** What is read once at the start, of teams and owners too, is counted for no decision. */
  async startIsRead(): Promise<void> {
    for (let before = -1, now = await this.reads(); before !== now; now = await this.reads()) {
      before = now;
      await pause(500);
    }
  }

  /** What the ledger says of a request, read from its file while the service runs. */
  async story(id: string): Promise<Story> {
    const ledger = new SqliteLedger(this.#ledgerFile);
    try {
      return storyOf(await ledger.entriesOf(id));
    } finally {
      await ledger.close();
    }
  }

  /** Runs a `ledger` command of the program as an auditor would; gives what it printed last and its exit code. */
  async ledger(...words: readonly string[]): Promise<{ readonly said: string; readonly code: number }> {
    const config = join(this.#folder, 'oncall-approver.yaml');
    const args = ['src/main.ts', 'ledger', ...words, '--config', config];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
      return { said: stdout.trim().split('\n').at(-1) ?? '', code: 0 };
    } catch (error) {
      const { stdout = '', code = 1 } = error as { stdout?: string; code?: number };
      return { said: stdout, code };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
    await Promise.all([this.#teleport[Symbol.asyncDispose](), this.#pagerDuty[Symbol.asyncDispose]()]);
    await rm(this.#folder, { recursive: true });
  }
}

/** The settings of the reference story. */
function settings(proxyAddr: string, pagerDutyUrl: string) {
  return {
    teleport: {
      addr: proxyAddr.replace('127.0.0.1', 'localhost'),
      identity: 'identity',
      proxy_ca: 'web-ca.pem',
    },
    pagerduty: { api_url: pagerDutyUrl, api_key_file: 'pagerduty-key', from: 'oncall-approver@example.com' },
    identities: [{ trait: 'email' }],
    rules: [
      {
        name: 'prod-oncall',
        roles: ['prodaccess'],
        // The last scene puts somebody on call as it begins.
        on_call: { services: ['Payments API'], min_shift_age: '0s' },
        require: { reason: true },
        otherwise: 'escalate',
        escalate: { service: 'Access requests', decide_within: '3s' },
        access_ends: 'with_shift',
      },
      {
        name: 'database-admins',
        roles: ['db-admin'],
        // The team's policy names Robin Three herself, without a schedule.
        on_call: { teams: ['Databases'], min_shift_age: '0s', permanent: true },
        require: { reason: true },
        escalate: { service: 'Database desk', decide_within: '3s' },
      },
      {
        name: 'databases',
        roles: ['db-access'],
        on_call: {
          // Fields count after a day unless told, by looks four times an hour: no scene lasts so long.
          owner: { ...OWNER, unowned: 'Access requests', settled: '0s' },
          min_shift_age: '0s',
        },
        require: { reason: true },
        escalate: { owner: true, decide_within: '3s' },
      },
    ],
    usage: { settles: '1s' },
  };
}
