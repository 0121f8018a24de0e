"""Starts and ends what is measured: decant and its peers, each on a free loopback port in a temporary folder."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DECANT = pathlib.Path(os.environ.get("DECANT_BIN", ROOT / "build" / "release" / "bin")) / "decant"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} did not listen within {seconds} s")


@contextlib.contextmanager
def running(command, port, log, env=None, folder=None, ends_by=signal.SIGTERM):
    """The process, once it listens; with port None at once."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=folder)
    try:
        if port is not None:
            wait_for_port(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(ends_by)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def postgresql(name, *options):
    """A PostgreSQL of its own, fsync on, with an empty database; yields (process, its URL)."""
    # Its user may not enter folders that only we may.
    with tempfile.TemporaryDirectory(prefix=f"decant-{name}-postgresql-") as path:
        folder = pathlib.Path(path)
        folder.chmod(0o755)
        (folder / "password").write_text("bench\n")
        port = free_port()
        command = [ROOT / "tests" / "servers" / "postgresql", folder, port, "-c", "shared_buffers=128MB", "-c", "max_connections=200",
                   *options]
        with open(folder / "log", "wb") as log, running(command, port, log, ends_by=signal.SIGINT) as process:
            url = f"postgresql://decant:bench@127.0.0.1:{port}/"
            # It answers a moment later than it listens.
            while subprocess.run(["pg_isready", "-q", "-d", url + "postgres"]).returncode == 1:
                time.sleep(0.05)
            made = subprocess.run(["createdb", "--maintenance-db", url + "postgres", "bench"], capture_output=True, text=True)
            if made.returncode != 0:
                raise RuntimeError(f"PostgreSQL: {made.stderr}")
            yield process, url + "bench"


@contextlib.contextmanager
def decant(role, folder, **settings):
    """`decant serve`, `web` or `worker`; yields (process, port). Settings are DECANT_* names without the prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}
    env |= {"DECANT_DATA": str(folder / "data"), "DECANT_LISTEN": f"127.0.0.1:{port}", "DECANT_LOG_LEVEL": "warning"}
    env |= {f"DECANT_{name}": str(value) for name, value in settings.items()}
    with open(folder / f"{role}.log", "ab") as log:
        if role == "web":
            subprocess.run([DECANT, "migrate"], env=env, check=True, stdout=log, stderr=log)
        with running([DECANT, role], None if role == "worker" else port, log, env) as process:
            yield process, port


@contextlib.contextmanager
def nginx(folder):
    """nginx with WebDAV PUT into, and downloads out of, folder/files; yields (process, port)."""
    files = folder / "files"
    for part in (files, folder / "body"):
        part.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = folder / "nginx.conf"
    # As root it would give its workers to an account that may not enter our folder.
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(f"""
{user} daemon off; worker_processes {os.cpu_count()}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; client_max_body_size 1g;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/body; fastcgi_temp_path {folder}/body;
  uwsgi_temp_path {folder}/body; scgi_temp_path {folder}/body;
  server {{ listen 127.0.0.1:{port}; root {files}; location / {{ dav_methods PUT; }} }}
}}
""")
    with open(folder / "nginx.log", "ab") as log:
        with running(["/usr/sbin/nginx", "-c", config, "-e", folder / "error.log"], port, log) as process:
            yield process, port


def peak_memory_kib(pid):
    """The process's own high-water mark of resident memory (VmHWM of proc(5))."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("no VmHWM")
