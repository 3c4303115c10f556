/** Numbered changes of the schema in PostgreSQL, applied in order, each once; a released one is never edited. */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `
  -- Text is compared byte by byte (collation "C"), so that every server orders it alike.
  CREATE TABLE entry (
    seq bigint PRIMARY KEY,
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    request_id text COLLATE "C",
    once_key text COLLATE "C" UNIQUE,
    -- JSON as text: the hash covers it to the letter, which jsonb would not keep.
    event text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL
  );
  CREATE INDEX entry_by_request ON entry (request_id, seq) WHERE request_id IS NOT NULL;
  CREATE INDEX decision_by_time ON entry (at) WHERE kind = 'decided';
  CREATE INDEX checkpoint_by_seq ON entry (seq) WHERE kind = 'checkpoint';
  CREATE FUNCTION refuse_to_change_the_ledger() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
  CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_ledger();
  -- The only way to remove entries: a checkpoint that stands for them is in the chain already.
  CREATE FUNCTION refuse_to_remove_before_a_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.seq > coalesce(
        (SELECT (event::json #>> '{through,seq}')::bigint FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 1), 0)
      THEN RAISE EXCEPTION 'the ledger is append-only: entries go behind a checkpoint only';
      END IF;
      RETURN OLD;
    END $$;
  CREATE TRIGGER entry_is_removed_behind_a_checkpoint_only BEFORE DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION refuse_to_remove_before_a_checkpoint();
  -- Derived from the entries: requests that something is still due for. May be rebuilt at any time.
  CREATE TABLE open_request (request_id text COLLATE "C" PRIMARY KEY);
  -- Which replica handles a request; void once the replica has stopped to renew its lease. No part of the record.
  CREATE TABLE claim (
    request_id text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C" NOT NULL
  );
  -- Until when, by this server's clock, a replica may act on its claims.
  CREATE TABLE replica (
    owner text COLLATE "C" PRIMARY KEY,
    until timestamptz NOT NULL
  );
  `,
  `
  -- The e-mail address that each PagerDuty user had when this service first saw them. No part of the record, and never changed.
  CREATE TABLE first_address (
    user_id text COLLATE "C" PRIMARY KEY,
    address text COLLATE "C" NOT NULL,
    seen_at text COLLATE "C" NOT NULL,
    mac text COLLATE "C"
  );
  CREATE FUNCTION refuse_to_change_a_first_address() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the first address is kept as it was'; END $$;
  CREATE TRIGGER first_address_is_never_changed BEFORE UPDATE OF user_id, address, seen_at ON first_address
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_a_first_address();
  `,
  `
  -- Shows that the service wrote the entry. No part of the record: made anew when the key is changed.
  ALTER TABLE entry ADD COLUMN seal text COLLATE "C";
  DROP TRIGGER IF EXISTS entry_is_never_changed ON entry;
  CREATE TRIGGER entry_is_never_changed
    BEFORE UPDATE OF seq, at, kind, request_id, once_key, event, hash OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_ledger();
  `,
  `
  -- What makes the keys of pages unguessable where the ledger has no key of its own; the same for all replicas. One row.
  CREATE TABLE page_secret (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    secret text NOT NULL
  );
  `,
  `
  -- Which of the first addresses it is, so that one that is gone is missed: each entry of a sealed ledger says how many there were.
  ALTER TABLE first_address ADD COLUMN number integer;
  CREATE UNIQUE INDEX first_address_by_number ON first_address (number);
  `,
  `
  -- What was seen of each target by watching it, as JSON. No part of the record: what is lost of it is seen anew.
  CREATE TABLE watched (
    target text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    mac text COLLATE "C"
  );
  `,
  `
  CREATE INDEX ended_by_seq ON entry (seq) WHERE kind = 'ended';
  -- What was read of Teleport's audit log and is not written down yet, as JSON. No part of the record.
  CREATE TABLE usage_state (
    name text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    mac text COLLATE "C"
  );
  `,
];
