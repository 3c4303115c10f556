import { DatabaseSync } from 'node:sqlite';
import { GENESIS, hashOf } from '../../src/ledger/rows.ts';

/** SQL, or what does more than that. */
export type Change = string | ((db: DatabaseSync) => void);

/** Changes a ledger file as somebody does who owns the disk: the triggers that forbid it are the first to go. */
export function tamper(file: string, change: Change): void {
  using db = new DatabaseSync(file);
  const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
  if (typeof change === 'string') db.exec(change);
  else change(db);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** Makes the chain fit again from an entry on: what somebody does who knows how it is made. */
export function rechain(db: DatabaseSync, from: number): void {
  let previous = String(
    db.prepare('SELECT hash FROM entry WHERE seq = ?').get(from - 1)?.['hash'] ?? GENESIS,
  );
  for (const row of db.prepare('SELECT seq, at, event FROM entry WHERE seq >= ? ORDER BY seq').all(from)) {
    const entry = { seq: Number(row['seq']), at: String(row['at']), eventText: String(row['event']) };
    previous = hashOf(previous, entry);
    db.prepare('UPDATE entry SET hash = ? WHERE seq = ?').run(previous, entry.seq);
  }
}

/** Edits the event of the first entry that the condition finds; gives its number. */
export function editEvent(
  db: DatabaseSync,
  where: string,
  edit: (event: Record<string, unknown>) => void,
): number {
  const row = db.prepare(`SELECT seq, event FROM entry WHERE ${where} ORDER BY seq LIMIT 1`).get();
  const event = JSON.parse(String(row?.['event'])) as Record<string, unknown>;
  edit(event);
  db.prepare('UPDATE entry SET event = ? WHERE seq = ?').run(JSON.stringify(event), Number(row?.['seq']));
  return Number(row?.['seq']);
}
