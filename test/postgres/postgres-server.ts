import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../support/free-port.ts';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';
const START_DEADLINE_MS = 15_000;
/** PostgreSQL refuses to run as root: there it runs as `nobody`. */
const ORDINARY_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/**
 * A PostgreSQL server of its own, from Debian's binaries, on a free port of loopback, with its data in a folder that goes with
 * it. It needs `apt-get update && apt-get install -y postgresql` and nothing else: no running cluster, no rights.
 */
export class PostgresServer implements AsyncDisposable {
  readonly port: number;
  readonly #binaries: string;
  readonly #folder: string;
  #process: ChildProcess | null = null;

  private constructor(binaries: string, folder: string, port: number) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const binaries = findBinaries();
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
    if (ORDINARY_USER.uid !== undefined) await chown(folder, ORDINARY_USER.uid, ORDINARY_USER.gid);
    const options = ['--pgdata', folder, '--username', 'oncall', '--auth', 'trust', '--encoding', 'UTF8'];
    // In Turkish or Czech text orders differently, which must make no difference.
    await run(join(binaries, 'initdb'), [...options, '--locale', 'C.UTF-8', '--no-sync'], {
      ...ORDINARY_USER,
      cwd: folder,
    });
    const server = new PostgresServer(binaries, folder, await freePort());
    await server.start();
    return server;
  }

  /** The address of a new, empty database. */
  async database(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await this.sql(this.#url('postgres'), `CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  /** Runs SQL as any other program would; gives the rows of the (last) statement. */
  async sql(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const results: unknown = await client.query<Record<string, unknown>>(text);
      const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: Record<string, unknown>[] };
      return last.rows;
    } finally {
      await client.end();
    }
  }

  /** Ends the server as an administrator's fast shutdown does, or without any warning. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { exitCode, signalCode } = this.#process ?? { exitCode: 0, signalCode: null };
    if (this.#process === null || exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    await exited;
    this.#process = null;
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: this.#folder,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = spawn(join(this.#binaries, 'postgres'), ['-D', this.#folder, ...flags], {
      ...ORDINARY_USER,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    const deadline = performance.now() + START_DEADLINE_MS;
    for (;;) {
      try {
        await this.sql(this.#url('postgres'), 'SELECT 1');
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(50);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGQUIT');
    await rm(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://oncall@127.0.0.1:${this.port}/${database}`;
  }
}

function findBinaries(): string {
  const versions = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found !== undefined) return found;
  throw new Error(
    'these tests start a PostgreSQL server of their own, and its programs are not installed: run `apt-get update && apt-get install -y postgresql` first',
  );
}
