-- Rings that are owed to a broker (src/tasks/outbox.h). A row is written with what makes its task ready, and goes when the broker has it.
CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY,
  task_id    TEXT NOT NULL,     -- no reference: a ring for a task that is gone is harmless
  generation INTEGER NOT NULL,
  created    INTEGER NOT NULL,  -- when the task may be claimed, or now
  due        INTEGER NOT NULL   -- when a relay may take it: at first the same, then the end of what another relay holds
) STRICT;
CREATE INDEX outbox_due ON outbox (due, id);

-- When the last ring for the task was written.
ALTER TABLE tasks ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
