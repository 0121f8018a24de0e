-- Who tells users what happens to their tasks reads what changed since it last looked (src/tasks/task_changes.h). A change is named by its
-- transaction: whatever was committed before a snapshot's xmin is visible to it, so that nobody who goes on from there misses one.
ALTER TABLE tasks ADD COLUMN change bigint NOT NULL DEFAULT 0;  -- the task's last one; a heartbeat is none, and writes to no index
CREATE INDEX tasks_of_user_by_change ON tasks (user_id, change, sequence);

CREATE FUNCTION name_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.change := pg_current_xact_id()::text::bigint;
  RETURN new;
END $$;
CREATE TRIGGER tasks_insert_is_change BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION name_change();
-- Every edge moves one of the two.
CREATE TRIGGER tasks_edge_is_change BEFORE UPDATE OF state, fence ON tasks FOR EACH ROW
  WHEN (new.state <> old.state OR new.fence <> old.fence) EXECUTE FUNCTION name_change();
