"""A real PostgreSQL server on loopback."""

import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import SOURCE, wait_until
from nats_cluster import choose_ports

SCRIPT = SOURCE / "tests" / "servers" / "postgresql"


class PostgresqlServer:
    def __init__(self):
        # Not pytest's folder: the server may run as another user, who may not enter it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="decant-postgresql-"))
        self.folder.chmod(0o755)
        (self.folder / "password").write_text("secret")
        self.port, = choose_ports(1)
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([SCRIPT, self.folder, str(self.port)], stdout=log, stderr=log)
        wait_until(lambda: b"ready to accept connections" in (self.folder / "log").read_bytes() or self.process.poll() is not None,
                   "start of PostgreSQL", 60)
        assert self.process.poll() is None, (self.folder / "log").read_text()

    @property
    def url(self):
        return f"postgresql://decant:secret@127.0.0.1:{self.port}/postgres"

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
