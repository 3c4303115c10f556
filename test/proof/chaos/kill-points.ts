import { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameOfEvent } from './points.ts';

/*
 * Loaded into a service process before its own code (`node --import`), which itself knows nothing of it:
 *   CHAOS_KILL_POINT="before effect-done review"   the process dies right before, or right after, the commit that holds such
 *                                                  an entry: between two writes to the ledger, to the instruction
 *   CHAOS_KILL_SIGNAL=SIGSTOP                      instead of dying it is frozen there, once
 *   CHAOS_CLOCK_STEP_MS=90000                      SIGUSR2 moves this process's clock by so much, a second one moves it back
 */
const [when, ...words] = (process.env['CHAOS_KILL_POINT'] ?? '').split(' ');
const point = words.join(' ');
const signal = process.env['CHAOS_KILL_SIGNAL'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';
let reached = false;
let over = false;

function note(eventText: unknown): void {
  if (typeof eventText === 'string' && nameOfEvent(eventText) === point) reached = true;
}

function dieIf(moment: 'before' | 'after'): void {
  if (!reached || over || when !== moment) return;
  over = true;
  process.kill(process.pid, signal);
}

function watchSqlite(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the statement as `this` below
  const { run } = StatementSync.prototype;
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    const [row] = values as readonly unknown[];
    if (typeof row === 'object' && row !== null && 'event' in row) note(row.event);
    return run.apply(this, values);
  } as typeof run;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the database as `this` below
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    const commits = sql === 'COMMIT';
    if (commits) dieIf('before');
    exec.call(this, sql);
    if (commits) dieIf('after');
  };
}

async function watchPostgres(): Promise<void> {
  const { Client } = await import('pg');
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the client as `this` below
  const query = Client.prototype.query as (...values: readonly unknown[]) => unknown;
  Client.prototype.query = function (this: InstanceType<typeof Client>, ...values: readonly unknown[]) {
    const [sql, parameters] = values;
    for (const value of Array.isArray(parameters) ? parameters.flat() : []) note(value);
    if (sql !== 'COMMIT') return query.apply(this, [...values]);
    dieIf('before');
    const answer = query.apply(this, [...values]);
    return answer instanceof Promise ? answer.then(afterwards) : answer;
  } as typeof Client.prototype.query;
}

function afterwards<T>(result: T): T {
  dieIf('after');
  return result;
}

function stepClockOnSignal(stepMs: number): void {
  const now = Date.now;
  let stepped = false;
  Date.now = () => now() + (stepped ? stepMs : 0);
  process.on('SIGUSR2', () => {
    stepped = !stepped;
  });
}

if (point !== '') {
  watchSqlite();
  await watchPostgres();
}
stepClockOnSignal(Number(process.env['CHAOS_CLOCK_STEP_MS'] ?? 0));
