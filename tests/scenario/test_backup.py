"""Backups that are taken by the commands of docs/operations.md while the service works, and what a restore of them has."""

import contextlib
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

from documents import commands_of, run_commands
from harness import SOURCE, Client, Site, wait_until
from nats_cluster import choose_ports
from sounds import tone

SECRET = "only-for-this-test"


class Uploads:
    """Somebody who uploads all the time; what was accepted and finished before a moment must be in a backup of that moment."""

    def __init__(self, client):
        self.client = client
        self.accepted = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.done.is_set():
            number = len(self.accepted)
            self.accepted.append((self.client.submit(tone(0.2 + number % 7 / 10), "flac", name=f"{number}.wav")["id"], number))
            self.done.wait(0.01)

    def wait_for(self, count):
        wait_until(lambda: len(self.accepted) >= count, f"{count} uploads", 60)

    def stop(self):
        self.done.set()
        self.thread.join()


@contextlib.contextmanager
def postgresql(log_path):
    """A server of its own; yields url(database). Its folder is where the user postgres may go, too, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="decant-postgresql-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "password").write_text(f"{SECRET}\n")
        with run_postgresql(folder, log_path) as url:
            yield url


@contextlib.contextmanager
def run_postgresql(folder, log_path):
    (port,) = choose_ports(1)
    with open(log_path, "wb") as log:
        server = subprocess.Popen([SOURCE / "tests" / "servers" / "postgresql", folder, str(port)], stdout=log, stderr=log)

    def url(database):
        return f"postgresql://decant:{SECRET}@127.0.0.1:{port}/{database}"

    def answers():
        assert server.poll() is None, log_path.read_text()
        return subprocess.run(["psql", "-qc", "SELECT 1", url("postgres")], capture_output=True).returncode == 0
    try:
        wait_until(answers, "PostgreSQL", 60)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def check_restored(site, client, before, later):
    """`before`: accepted before the backup began. `later`: while it was taken, so that they may be missing, but never half."""
    service = site.start("serve" if "DECANT_DATABASE" not in site.environment else "web")
    worker = None if "DECANT_DATABASE" not in site.environment else site.start("worker")
    restored = Client(service.url)
    restored.account = client.account
    answer = restored.request("POST", "/api/auth/login", json={"email": client.account["email"], "password": client.account["password1"]})
    assert answer.status_code == 200, answer.text
    assert restored.request("GET", "/api/tasks").status_code == 401
    restored.token = client.token
    tasks = {task["id"]: task for task in restored.wait_for_all(len(restored.tasks()), seconds=120)}
    assert [number for task_id, number in before if task_id not in tasks] == []
    for task_id, number in before + later:
        if task_id not in tasks:
            continue
        assert tasks[task_id]["state"] == "PROCESSED", tasks[task_id]
        assert restored.download(task_id, "original") == tone(0.2 + number % 7 / 10)
        assert restored.download(task_id)[:4] == b"fLaC"
    assert worker is None or not worker.has_ended()
    return tasks


def test_sqlite_while_the_service_runs(make_site, tmp_path):
    site = make_site(workers=1, lease="3s")
    service = site.start("serve")
    client = Client.sign_up(service.url)
    uploads = Uploads(client)
    try:
        uploads.wait_for(40)
        before = list(uploads.accepted)
        run_commands(commands_of("operations.md", "Back up SQLite"), tmp_path, site.environment)
        uploads.wait_for(len(uploads.accepted) + 5)
    finally:
        uploads.stop()
    run_commands(commands_of("operations.md", "Restore SQLite"), tmp_path, site.environment)

    # Objects of uploads that the database of the backup does not know are what the sweep is for.
    restored = restored_site(tmp_path, orphan_grace="1s", orphan_scan_interval="200ms", sweep_interval="100ms", sweep_jitter="0")
    make_site.made.append(restored)
    tasks = check_restored(restored, client, before, uploads.accepted[len(before):])
    assert len(tasks) < len(uploads.accepted)
    wait_until(lambda: restored.objects() == restored.referenced_objects(), "no file without a row")
    restored.check_integrity()


def restored_site(tmp_path, **settings):
    """The folder that the guide restores to, as a site."""
    folder = tmp_path / "restored-site"
    folder.mkdir()
    shutil.move(tmp_path / "restored", folder / "data")
    return Site(folder, **settings)


def test_objects_before_the_database_lose_uploads(make_site, tmp_path):
    """Why the guide says which of the two comes first."""
    site = make_site(workers=1, lease="3s")
    client = Client.sign_up(site.start("serve").url)
    first = client.submit(tone(0.3), "flac")["id"]
    client.wait_for(first, "PROCESSED")
    backup = commands_of("operations.md", "Back up SQLite").splitlines()
    (objects,) = [line for line in backup if line.startswith("tar ")]
    run_commands(f"mkdir backup\n{objects}", tmp_path, site.environment)
    between = client.submit(tone(0.4), "flac")["id"]
    client.wait_for(between, "PROCESSED")
    run_commands("\n".join(line for line in backup if line != objects), tmp_path, site.environment)
    run_commands(commands_of("operations.md", "Restore SQLite"), tmp_path, site.environment)

    restored = restored_site(tmp_path)
    make_site.made.append(restored)
    client.url = lambda url=restored.start("serve").url: url
    assert client.download(first)[:4] == b"fLaC"
    assert client.task(between)["state"] == "PROCESSED"
    assert client.request("GET", f"/api/download/{between}").status_code == 500
    assert "the file is lost" in site.logs() + restored.logs()


def test_postgresql_while_the_service_runs(make_site, tmp_path):
    with postgresql(tmp_path / "postgresql.log") as url:
        for database in ("decant", "restored"):
            subprocess.run(["createdb", "--maintenance-db", url("postgres"), database], check=True)
        site = make_site(workers=1, lease="3s", database=url("decant"))
        web = site.start("web")
        site.start("worker")
        client = Client.sign_up(web.url)
        uploads = Uploads(client)
        environment = site.environment | {"RESTORED_DATABASE": url("restored")}
        try:
            uploads.wait_for(40)
            before = list(uploads.accepted)
            run_commands(commands_of("operations.md", "Back up PostgreSQL"), tmp_path, environment)
            uploads.wait_for(len(uploads.accepted) + 5)
        finally:
            uploads.stop()
        site.close()
        run_commands(commands_of("operations.md", "Restore PostgreSQL"), tmp_path, environment)
        restored = restored_site(tmp_path, database=url("restored"))
        make_site.made.append(restored)
        tasks = check_restored(restored, client, before, uploads.accepted[len(before):])
        assert len(tasks) < len(uploads.accepted)
        restored.close()
