-- Times are milliseconds since 1970 UTC, by the clock that every connection registers as now_ms().
-- Migrations are never edited once released: a change is a new file.

CREATE TABLE users (
  id               TEXT PRIMARY KEY NOT NULL,
  name             TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email            TEXT NOT NULL UNIQUE,
  password_hash    TEXT NOT NULL,
  created          INTEGER NOT NULL,
  disabled         INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  token_generation INTEGER NOT NULL,
  stored_bytes     INTEGER NOT NULL DEFAULT 0  -- the sum of tasks.stored_bytes, kept by the triggers below
) STRICT;

CREATE TABLE tasks (
  sequence         INTEGER PRIMARY KEY,  -- in order of insertion, for a fair queue within one millisecond
  id               TEXT NOT NULL UNIQUE,
  user_id          TEXT NOT NULL REFERENCES users (id),
  created          INTEGER NOT NULL,
  updated          INTEGER NOT NULL,
  name             TEXT NOT NULL,
  target           TEXT NOT NULL,
  options          TEXT NOT NULL,  -- JSON
  state            TEXT NOT NULL CHECK (state IN ('UPLOADED', 'PROCESSING', 'PROCESSED', 'FAILED', 'CANCELED')),
  generation       INTEGER NOT NULL,
  fence            INTEGER NOT NULL,
  attempts         INTEGER NOT NULL,
  max_attempts     INTEGER NOT NULL,
  not_before       INTEGER NOT NULL,
  lease_until      INTEGER CHECK ((lease_until IS NOT NULL) = (state = 'PROCESSING')),
  worker           TEXT,  -- who holds the lease, for people
  progress         REAL NOT NULL,
  error_code       TEXT,
  error_message    TEXT,
  media            TEXT NOT NULL,  -- JSON
  source_key       TEXT NOT NULL,
  source_size      INTEGER NOT NULL,
  source_sha256    TEXT NOT NULL,
  source_mime_type TEXT NOT NULL,
  source_extension TEXT NOT NULL,
  result_key       TEXT,  -- NULL: no result yet, and then the other result columns are NULL or empty, too
  result_size      INTEGER CHECK ((result_size IS NULL) = (result_key IS NULL)),
  result_sha256    TEXT,
  result_mime_type TEXT,
  result_extension TEXT,
  result_target    TEXT NOT NULL DEFAULT '',
  report           TEXT NOT NULL DEFAULT '',  -- JSON
  idempotency_key  TEXT,
  -- What counts against the quota: a canceled task's files are on their way out.
  stored_bytes     INTEGER NOT NULL AS (CASE state WHEN 'CANCELED' THEN 0 ELSE source_size + ifnull(result_size, 0) END)
) STRICT;

-- The queue. Finished rows are in neither index, so a claim costs the same however many there are.
CREATE INDEX tasks_ready ON tasks (not_before, sequence) WHERE state = 'UPLOADED';
CREATE INDEX tasks_leased ON tasks (lease_until) WHERE state = 'PROCESSING';
-- Lists of one user; an id sorts by the time of its making.
CREATE INDEX tasks_of_user ON tasks (user_id, id) WHERE state <> 'CANCELED';
CREATE INDEX tasks_of_user_by_state ON tasks (user_id, state, id) WHERE state <> 'CANCELED';
CREATE UNIQUE INDEX tasks_by_idempotency_key ON tasks (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- The sweep.
CREATE INDEX tasks_finished ON tasks (state, updated) WHERE state IN ('PROCESSED', 'FAILED');
CREATE INDEX tasks_canceled ON tasks (updated) WHERE state = 'CANCELED';
CREATE INDEX tasks_by_source_key ON tasks (source_key);
CREATE INDEX tasks_by_result_key ON tasks (result_key) WHERE result_key IS NOT NULL;

CREATE TRIGGER tasks_inserted AFTER INSERT ON tasks BEGIN
  UPDATE users SET stored_bytes = stored_bytes + new.stored_bytes WHERE id = new.user_id;
END;
CREATE TRIGGER tasks_updated AFTER UPDATE ON tasks WHEN new.stored_bytes <> old.stored_bytes BEGIN
  UPDATE users SET stored_bytes = stored_bytes + new.stored_bytes - old.stored_bytes WHERE id = new.user_id;
END;
CREATE TRIGGER tasks_deleted AFTER DELETE ON tasks WHEN old.stored_bytes <> 0 BEGIN
  UPDATE users SET stored_bytes = stored_bytes - old.stored_bytes WHERE id = old.user_id;
END;
