-- The picture that was uploaded with a task: an object beside its source, of a name made from the source's key.

DROP TRIGGER tasks_inserted;
DROP TRIGGER tasks_updated;
DROP TRIGGER tasks_deleted;
ALTER TABLE tasks DROP COLUMN stored_bytes;

ALTER TABLE tasks ADD COLUMN cover_size INTEGER;  -- NULL: the task has no cover
ALTER TABLE tasks ADD COLUMN cover_sha256 TEXT CHECK ((cover_sha256 IS NULL) = (cover_size IS NULL));
-- What counts against the quota: a canceled task's files are on their way out.
ALTER TABLE tasks ADD COLUMN stored_bytes INTEGER NOT NULL AS (
  CASE state WHEN 'CANCELED' THEN 0 ELSE source_size + ifnull(cover_size, 0) + ifnull(result_size, 0) END);

CREATE TRIGGER tasks_inserted AFTER INSERT ON tasks BEGIN
  UPDATE users SET stored_bytes = stored_bytes + new.stored_bytes WHERE id = new.user_id;
END;
CREATE TRIGGER tasks_updated AFTER UPDATE ON tasks WHEN new.stored_bytes <> old.stored_bytes BEGIN
  UPDATE users SET stored_bytes = stored_bytes + new.stored_bytes - old.stored_bytes WHERE id = new.user_id;
END;
CREATE TRIGGER tasks_deleted AFTER DELETE ON tasks WHEN old.stored_bytes <> 0 BEGIN
  UPDATE users SET stored_bytes = stored_bytes - old.stored_bytes WHERE id = old.user_id;
END;
