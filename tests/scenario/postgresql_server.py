"""A real PostgreSQL server on loopback (tests/servers/postgresql)."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import SOURCE, wait_until
from nats_cluster import choose_ports

SCRIPT = SOURCE / "tests" / "servers" / "postgresql"


class PostgresqlServer:
    def __init__(self, parent=None):
        # Not pytest's folder: the server may run as another user, who may not enter it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="decant-postgresql-", dir=parent))
        self.folder.chmod(0o755)
        (self.folder / "password").write_text("p@ss word")
        self.port, = choose_ports(1)
        self.url = f"postgresql://decant:p%40ss%20word@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([SCRIPT, self.folder, str(self.port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self.answers() or self.process.poll() is not None, "start of PostgreSQL", 60)
        assert self.process.poll() is None, (self.folder / "log").read_text()

    def answers(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.ask("SELECT 1") == "1"
        return False

    def ask(self, sql):
        """The rows as psql writes them without decoration."""
        return subprocess.run(["psql", "--no-psqlrc", "-At", "-c", sql, self.url], env=os.environ | {"PGCONNECT_TIMEOUT": "5"},
                              check=True, capture_output=True, text=True, timeout=30).stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
