-- Uploads that were announced, to be put into the object store by the client itself, and are no task yet (src/tasks/direct_upload_store.h).
CREATE TABLE direct_uploads (
  id         uuid PRIMARY KEY,  -- the task's, when it becomes one
  user_id    uuid NOT NULL REFERENCES users (id),
  created    bigint NOT NULL,
  name       bytea NOT NULL,
  target     text NOT NULL,
  options    text NOT NULL,  -- JSON
  key        text NOT NULL UNIQUE,
  size       bigint NOT NULL,
  sha256     text NOT NULL,
  link_until bigint NOT NULL,  -- the file may be put until then
  open_until bigint NOT NULL   -- and this row stays until then: what the file takes is counted as long as it may come
);
CREATE INDEX direct_uploads_of_user ON direct_uploads (user_id);
CREATE INDEX direct_uploads_expired ON direct_uploads (open_until);

-- From now on users.stored_bytes is the sum of tasks.stored_bytes and direct_uploads.size.
CREATE FUNCTION count_announced_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users SET stored_bytes = users.stored_bytes + coalesce(new.size, 0) - coalesce(old.size, 0)
  WHERE id = coalesce(new.user_id, old.user_id);
  RETURN NULL;
END $$;
CREATE TRIGGER direct_uploads_inserted AFTER INSERT ON direct_uploads FOR EACH ROW EXECUTE FUNCTION count_announced_bytes();
CREATE TRIGGER direct_uploads_deleted AFTER DELETE ON direct_uploads FOR EACH ROW EXECUTE FUNCTION count_announced_bytes();
