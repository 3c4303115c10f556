import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerEntry } from '../../src/core/record/ledger-entry.ts';
import { PostgresDatabase } from '../../src/ledger/postgres-database.ts';
import { PostgresLedger } from '../../src/ledger/postgres-ledger.ts';
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { allEntries } from '../ledger/some-events.ts';
import { PostgresServer } from '../postgres/postgres-server.ts';
import { Stage } from '../service/stage.ts';
import { aLayer, aPolicy, aRule, aSchedule, aService, aUser } from '../sim/pagerduty/builders.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import type { Fate } from './fate.ts';
import { Truth } from './truth.ts';

/** A Teleport user who reviews and never asks. */
export const REVIEWER = 'lead';
export const ROTA_SCHEDULE = 'PROTASC';
/** The policies of the services that the rule names. */
export const POLICIES = ['PPOLCY1', 'PROTAPO'] as const;

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

/** Both simulators, the ledger's place and the configuration: the world that the service processes live and die in. */
export class Arena implements AsyncDisposable {
  readonly stage: Stage;
  readonly truth: Truth;
  readonly made = new Map<string, Made>();
  readonly postgres: PostgresServer | null;
  readonly #openLedger: () => Promise<Ledger>;

  private constructor(stage: Stage, postgres: PostgresServer | null, openLedger: () => Promise<Ledger>) {
    this.stage = stage;
    this.postgres = postgres;
    this.truth = new Truth(stage.pagerDuty.account);
    this.#openLedger = openLedger;
  }

  static async open({ postgres }: { readonly postgres: boolean }): Promise<Arena> {
    const server = postgres ? await PostgresServer.start() : null;
    const url = await server?.database();
    const stage = await Stage.open({
      start: false,
      config: {
        require_sso: true,
        log: { level: 'debug' },
        ...(url === undefined ? {} : { ledger: { postgres: { url_file: 'ledger-url' } } }),
      },
      rule: {
        on_call: { services: ['Payments API', 'Ledger API'] },
        escalate: { service: 'Access requests', decide_within: '3s' },
      },
    });
    populate(stage);
    if (url === undefined) {
      const file = join(stage.folder, 'ledger.sqlite');
      return new Arena(stage, null, () => Promise.resolve(new SqliteLedger(file)));
    }
    await writeFile(join(stage.folder, 'ledger-url'), `${url}\n`, { mode: 0o600 });
    return new Arena(
      stage,
      server,
      async () => new PostgresLedger(await PostgresDatabase.open({ url: () => url })),
    );
  }

  ask(fate: Fate): void {
    const id = this.stage.request(fate.user, { roles: [fate.role] });
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
    await this.stage[Symbol.asyncDispose]();
    await this.postgres?.[Symbol.asyncDispose]();
  }
}

/** The reference story, with a second service whose rota turns fast, a stranger to PagerDuty, and a role without a rule. */
function populate({ teleport: { cluster }, pagerDuty: { account } }: Stage): void {
  const { directory } = cluster;
  const sres = directory.role('sres');
  directory.putRole({ name: 'dbaccess', allow: {} });
  directory.putRole({
    ...sres,
    allow: { ...sres.allow, request: { ...sres.allow.request, roles: ['prodaccess', 'dbaccess'] } },
  });
  for (const name of ['rota-1', 'rota-2', 'stranger']) {
    directory.putUser({
      name,
      roles: ['sres'],
      traits: { email: [`${name}@example.com`] },
      connector: { type: 'saml', id: 'okta', identity: `${name}@example.com` },
    });
  }
  directory.putUser({
    name: REVIEWER,
    roles: ['access-reviewer'],
    traits: {},
    connector: { type: 'saml', id: 'okta', identity: 'lead@example.com' },
  });
  for (const turn of [1, 2]) {
    account.users.put({ id: `PROTA0${turn}`, ...aUser({ email: `rota-${turn}@example.com` }) });
  }
  const standIn = account.users.put({ id: 'PROTA99', ...aUser({ email: 'stand-in@example.com' }) });
  const schedule = aSchedule({ name: 'Ledger rota', layers: [aLayer({ userIds: [standIn.id] })] });
  const layers = schedule.layers.map((layer) => ({ id: 'PROTALA', ...layer }));
  account.schedules.put({ ...schedule, layers, id: ROTA_SCHEDULE });
  const rules = [aRule([{ kind: 'schedule', id: ROTA_SCHEDULE }])].map((rule) => ({
    id: 'PROTARU',
    ...rule,
  }));
  account.escalationPolicies.put({ ...aPolicy({ name: 'Ledger', rules: [] }), id: 'PROTAPO', rules });
  account.services.put({
    id: 'PROTASE',
    ...aService({ name: 'Ledger API', escalationPolicyId: 'PROTAPO' }),
  });
  for (const serviceId of ['PSERVC1', 'PROTASE'])
    triggerAlert(account, { serviceId, title: 'checkout fails' });
}
