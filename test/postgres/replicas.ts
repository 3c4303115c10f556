import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { PostgresLedger } from '../../src/ledger/postgres/ledger.ts';
import { allEntries } from '../ledger/some-events.ts';
import { ServiceProcess, type ServiceProcessOptions } from '../service/process.ts';
import { Stage } from '../service/stage.ts';
import { aResource } from '../support/builders.ts';
import { requestsOn } from '../proof/pages.ts';
import type { Incident } from '../sim/pagerduty/incident-model.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import type { PostgresServer } from './postgres-server.ts';

/** Who asks, and what becomes of it: the engineer on call is let in, her colleague pages her. */
export type Requester = 'sre-1' | 'sre-2';

/** Replicas of the service as processes of their own, on one database, between both simulators. */
export class Replicas implements AsyncDisposable {
  readonly stage: Stage;
  readonly #alertId: string;
  readonly #ledger: PostgresLedger;
  readonly #running = new Set<ServiceProcess>();
  readonly #asked = new Map<string, Requester>();

  private constructor(stage: Stage, ledger: PostgresLedger) {
    this.stage = stage;
    this.#ledger = ledger;
    const alert = triggerAlert(stage.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });
    if (alert === undefined) throw new Error('no alert');
    this.#alertId = alert.id;
  }

  static async open(server: PostgresServer): Promise<Replicas> {
    const url = await server.database();
    const stage = await Stage.open({
      start: false,
      config: { ledger: { postgres: { url_file: 'ledger-url' } } },
    });
    await writeFile(join(stage.folder, 'ledger-url'), `${url}\n`, { mode: 0o600 });
    return new Replicas(stage, new PostgresLedger(await PostgresDatabase.open({ url: () => url })));
  }

  /** Starts a replica and waits until it watches. */
  async start(options: ServiceProcessOptions = {}): Promise<ServiceProcess> {
    const replica = new ServiceProcess(this.stage.configFile, options);
    this.#running.add(replica);
    await replica.watching();
    return replica;
  }

  async end(replica: ServiceProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.#running.delete(replica);
    return await replica.end(signal);
  }

  ask(user: Requester): string {
    const id = this.stage.request(user);
    this.#asked.set(id, user);
    return id;
  }

  askMany(count: number): readonly string[] {
    return Array.from({ length: count }, (_, index) => this.ask(index % 2 === 0 ? 'sre-1' : 'sre-2'));
  }

  /** Requests of one person, each for another database. */
  askForMany(user: Requester, count: number): void {
    const { cluster } = this.stage.teleport;
    const sres = cluster.directory.role('sres');
    const request = { ...sres.allow.request, searchAsRoles: ['prodaccess'] };
    cluster.directory.putRole({ ...sres, allow: { ...sres.allow, request } });
    for (let each = 0; each < count; each += 1) {
      const database = aResource({ name: `payments-${each}` });
      this.#asked.set(this.stage.request(user, { resourceIds: [database] }), user);
    }
  }

  pages(): readonly Incident[] {
    return this.stage.incidents().filter(({ id }) => id !== this.#alertId);
  }

  /** Requests that are not yet where they must come to: approved with a note on the alert, or paged. */
  unfinished(): readonly string[] {
    const paged = new Set(this.stage.incidents().flatMap(requestsOn));
    return [...this.#asked].flatMap(([id, user]) => {
      const finished = user === 'sre-1' ? this.#notesAbout(id) > 0 : paged.has(id);
      return finished ? [] : [id];
    });
  }

  /** Everything that happened twice or to somebody else, as sentences; empty when each request has exactly its due. */
  surplus(): readonly string[] {
    // Requests for the same of one person are asked about on one page.
    const askedAbout = this.stage.incidents().flatMap(requestsOn);
    return [...this.#asked].flatMap(([id, user]) => {
      const reviews = this.stage.teleport.cluster.request(id).reviews.length;
      const asked = askedAbout.filter((each) => each === id).length;
      const noted = this.#notesAbout(id);
      const [wantedReviews, wantedAsked, wantedNotes] = user === 'sre-1' ? [1, 0, 1] : [0, 1, 0];
      return [
        ...(reviews === wantedReviews ? [] : [`${id} of ${user} has ${reviews} reviews`]),
        ...(asked === wantedAsked ? [] : [`${id} of ${user} is asked about ${asked} times`]),
        ...(noted === wantedNotes ? [] : [`${id} of ${user} has ${noted} notes`]),
      ];
    });
  }

  /** The note names the decision, and so does the reason of the review that it tells of. */
  #notesAbout(id: string): number {
    const [decisionId] = /OA-[0-9A-F]+/u.exec(this.stage.teleport.cluster.request(id).resolveReason) ?? [];
    if (decisionId === undefined) return 0;
    return this.stage.notesOf(this.#alertId).filter((note) => note.includes(decisionId)).length;
  }

  entries() {
    return allEntries(this.#ledger);
  }

  async events(id: string): Promise<readonly LedgerEvent[]> {
    return (await this.#ledger.entriesOf(id)).map(({ event }) => event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((each) => each.end('SIGKILL')));
    await this.#ledger.close();
    await this.stage[Symbol.asyncDispose]();
  }
}
