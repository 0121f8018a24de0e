-- The place in a trace of the request that made the task, or that had it converted again (src/base/trace_context.h). Older tasks have none.
ALTER TABLE tasks ADD COLUMN traceparent text;
