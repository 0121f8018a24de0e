-- Uploads that were announced, to be put into the object store by the client itself, and are no task yet (src/tasks/direct_upload_store.h).
CREATE TABLE direct_uploads (
  id         TEXT PRIMARY KEY NOT NULL,  -- the task's, when it becomes one
  user_id    TEXT NOT NULL REFERENCES users (id),
  created    INTEGER NOT NULL,
  name       TEXT NOT NULL,
  target     TEXT NOT NULL,
  options    TEXT NOT NULL,  -- JSON
  key        TEXT NOT NULL UNIQUE,
  size       INTEGER NOT NULL,
  sha256     TEXT NOT NULL,
  link_until INTEGER NOT NULL,  -- the file may be put until then
  open_until INTEGER NOT NULL   -- and this row stays until then: what the file takes is counted as long as it may come
) STRICT;
CREATE INDEX direct_uploads_of_user ON direct_uploads (user_id);
CREATE INDEX direct_uploads_expired ON direct_uploads (open_until);

-- From now on users.stored_bytes is the sum of tasks.stored_bytes and direct_uploads.size.
CREATE TRIGGER direct_uploads_inserted AFTER INSERT ON direct_uploads BEGIN
  UPDATE users SET stored_bytes = stored_bytes + new.size WHERE id = new.user_id;
END;
CREATE TRIGGER direct_uploads_deleted AFTER DELETE ON direct_uploads BEGIN
  UPDATE users SET stored_bytes = stored_bytes - old.size WHERE id = old.user_id;
END;
