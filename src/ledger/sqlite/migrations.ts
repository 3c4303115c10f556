/** Numbered changes of the schema, applied in order, each once; a released one is never edited. */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    request_id TEXT,
    once_key TEXT UNIQUE,
    event TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entry_by_request ON entry (request_id, seq) WHERE request_id IS NOT NULL;
  CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  -- Derived from the entries: requests that something is still due for. May be rebuilt at any time.
  CREATE TABLE open_request (request_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX decision_by_time ON entry (at) WHERE kind = 'decided';
  CREATE INDEX checkpoint_by_seq ON entry (seq) WHERE kind = 'checkpoint';
  -- The only way to remove entries: a checkpoint that stands for them is in the chain already.
  DROP TRIGGER entry_is_never_removed;
  CREATE TRIGGER entry_is_removed_behind_a_checkpoint_only BEFORE DELETE ON entry
    WHEN OLD.seq > coalesce(
      (SELECT json_extract(event, '$.through.seq') FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 1), 0)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries go behind a checkpoint only'); END;
  `,
  `
  -- The e-mail address that each PagerDuty user had when this service first saw them. No part of the record, and never changed.
  CREATE TABLE first_address (
    user_id TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    mac TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER first_address_is_never_changed BEFORE UPDATE OF user_id, address, seen_at ON first_address
    BEGIN SELECT RAISE(ABORT, 'the first address is kept as it was'); END;
  `,
  `
  -- Shows that the service wrote the entry. No part of the record: made anew when the key is changed.
  ALTER TABLE entry ADD COLUMN seal TEXT;
  DROP TRIGGER IF EXISTS entry_is_never_changed;
  CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OF seq, at, kind, request_id, once_key, event, hash ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  `,
  `
  -- Which of the first addresses it is, so that one that is gone is missed: each entry of a sealed ledger says how many there were.
  ALTER TABLE first_address ADD COLUMN number INTEGER;
  CREATE UNIQUE INDEX first_address_by_number ON first_address (number);
  `,
  `
  -- What was seen of each target by watching it, as JSON. No part of the record: what is lost of it is seen anew.
  CREATE TABLE watched (
    target TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    mac TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX ended_by_seq ON entry (seq) WHERE kind = 'ended';
  -- What was read of Teleport's audit log and is not written down yet, as JSON. No part of the record.
  CREATE TABLE usage_state (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    mac TEXT
  ) STRICT, WITHOUT ROWID;
  `,
];
