"""Starts and ends the stack: PostgreSQL, Redis, gunicorn with two workers, Celery with two processes."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

import servers

HERE = pathlib.Path(__file__).resolve().parent


class Stack:
    """What runs of it. `parts` are processes by name, so that they can be measured; `celery` may be stopped and go on."""

    def __init__(self, port, database, files, parts):
        self.port, self.database, self.files, self.parts = port, database, files, parts

    def pids(self):
        return [part.pid for part in self.parts.values()]


@contextlib.contextmanager
def running(folder, with_worker=True):
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "files"
    files.mkdir(exist_ok=True)
    with contextlib.ExitStack() as ending:
        log = ending.enter_context(open(folder / "stack.log", "ab"))
        postgres, url = ending.enter_context(servers.postgresql(folder.name))
        redis_port, port = servers.free_port(), servers.free_port()
        redis = ending.enter_context(servers.running(
            ["redis-server", "--port", redis_port, "--bind", "127.0.0.1", "--save", "", "--dir", folder], redis_port, log))
        env = os.environ | {"STACK_DATABASE": url, "STACK_REDIS": f"redis://127.0.0.1:{redis_port}/0", "STACK_FILES": str(files)}
        subprocess.run([sys.executable, "-B", "jobs.py"], cwd=HERE, env=env, check=True)
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        web = ending.enter_context(servers.running(
            ["gunicorn", "--chdir", HERE, "--workers", 2, "--bind", f"127.0.0.1:{port}", "--backlog", 4096, "--timeout", 120,
             "--log-level", "warning", "app:app"], port, log, env))
        parts = {"postgres": postgres, "redis": redis, "gunicorn": web}
        if with_worker:
            parts["celery"] = ending.enter_context(servers.running(
                [sys.executable, "-m", "celery", "-A", "jobs", "worker", "--concurrency", 2, "--loglevel", "WARNING"], None, log,
                env, HERE))
        yield Stack(port, url, files, parts)
