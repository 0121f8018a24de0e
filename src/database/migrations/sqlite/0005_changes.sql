-- Who tells users what happens to their tasks reads what changed since it last looked (src/tasks/task_changes.h).
CREATE TABLE changes (last INTEGER NOT NULL) STRICT;  -- one row: how many there were
INSERT INTO changes VALUES (0);

ALTER TABLE tasks ADD COLUMN change INTEGER NOT NULL DEFAULT 0;  -- the task's last one; a heartbeat is none
CREATE INDEX tasks_of_user_by_change ON tasks (user_id, change);

CREATE TRIGGER tasks_insert_is_change AFTER INSERT ON tasks BEGIN
  UPDATE changes SET last = last + 1;
  UPDATE tasks SET change = (SELECT last FROM changes) WHERE sequence = new.sequence;
END;
-- Every edge moves one of the two.
CREATE TRIGGER tasks_edge_is_change AFTER UPDATE OF state, fence ON tasks
WHEN new.state <> old.state OR new.fence <> old.fence BEGIN
  UPDATE changes SET last = last + 1;
  UPDATE tasks SET change = (SELECT last FROM changes) WHERE sequence = new.sequence;
END;
