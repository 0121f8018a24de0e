"""Real processes of decant on a data folder of their own, and people who use them over HTTP."""

import contextlib
import os
import pathlib
import re
import secrets
import signal
import sqlite3
import subprocess
import time

import requests

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
DECANT = pathlib.Path(os.environ.get("DECANT_BIN", SOURCE / "build" / "release" / "bin")) / "decant"
PASSWORD = "a horse, a staple"
FINISHED = ("PROCESSED", "FAILED")


def wait_until(condition, what, seconds=20, pause=0.02):
    """The first true value of condition()."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(pause)
    raise AssertionError(f"{what}: not within {seconds} s")


def child_pids(pid):
    """The processes whose parent is `pid`."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state parent …"; a name may hold anything, also spaces and parentheses.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def descendant_pids(pid):
    found = []
    for child in child_pids(pid):
        found += [child, *descendant_pids(child)]
    return found


def is_running(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Host:
    """Where a program runs: its address there, and what stands before its command line."""

    def __init__(self, address, prefix=()):
        self.address, self.prefix = address, list(prefix)


LOOPBACK = Host("127.0.0.1")


class Service:
    """One process of decant: serve, web or worker."""

    def __init__(self, role, environment, log_path, host=LOOPBACK):
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen([*host.prefix, DECANT, role], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ready = r"the worker is ready" if role == "worker" else r"the page is ready.*http://[\d.]+:\d+"
        self.started = wait_until(lambda: self.find_in_log(ready) or self.has_ended(), f"start of {role}", 30)
        assert not self.has_ended(), f"{role} did not start:\n{self.log()}"
        self.url = role != "worker" and re.search(r"http://[\d.]+:\d+", self.started)[0]

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def find_in_log(self, pattern):
        found = re.search(pattern, self.log())
        return found and found[0]

    def has_ended(self):
        return self.process.poll() is not None

    def engine_pid(self):
        """The engine's zygote."""
        children = child_pids(self.pid)
        return children[0] if children else None

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=40):
        """A clean stop: the exit status."""
        self.send(signal.SIGTERM)
        return self.process.wait(seconds)


def as_variables(settings):
    return {f"DECANT_{name.upper()}": str(value) for name, value in settings.items()}


class Site:
    """A data folder and the processes that work on it."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.data = folder / "data"
        self.services = []
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}
        self.configure(data=self.data, listen="127.0.0.1:0", sign_ups_per_address=1000, password_memory="8KiB",
                       **{"log_format": "text"} | settings)
        subprocess.run([DECANT, "migrate"], env=self.environment, check=True, capture_output=True)

    def configure(self, **settings):
        """For processes that start from now on."""
        self.environment |= as_variables(settings)

    def start(self, role, host=LOOPBACK, **settings):
        environment = self.environment | as_variables(settings)
        service = Service(role, environment, self.folder / f"{len(self.services)}-{role}.log", host)
        self.services.append(service)
        return service

    def close(self):
        for service in self.services:
            if not service.has_ended():
                with contextlib.suppress(ProcessLookupError):
                    service.send(signal.SIGCONT)
                service.kill()

    def logs(self):
        return "\n".join(f"== {service.log_path.name}\n{service.log()[-6000:]}" for service in self.services)

    def rows(self, sql, *values):
        """Reads the database beside the running processes."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'decant.db'}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, values).fetchall()

    def objects(self):
        """The keys of all stored files."""
        # {shard}/{name}, the name with "+" for each "/" of the key.
        return {path.name.replace("+", "/") for path in (self.data / "objects").glob("*/*") if path.is_file()}

    def referenced_objects(self):
        return {key for row in self.rows("SELECT source_key, result_key FROM tasks") for key in row if key}

    def check_integrity(self):
        assert self.rows("PRAGMA integrity_check") == [("ok",)]
        assert self.rows("PRAGMA foreign_key_check") == []


class Client:
    """Somebody with an account. `site.url()` may change: whoever is asked answers."""

    def __init__(self, url, name=None):
        self.url = url if callable(url) else lambda: url
        name = name or f"u{secrets.token_hex(6)}"
        self.account = {"user": name, "email": f"{name}@example.org", "password1": PASSWORD, "password2": PASSWORD}
        self.token, self.timeout = None, 30

    @classmethod
    def sign_up(cls, url):
        client = cls(url)
        answer = client.request("POST", "/api/auth/signup", json=client.account)
        assert answer.status_code == 201, answer.text
        answer = client.request("POST", "/api/auth/login", json={"email": client.account["email"], "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.token = answer.json()["token"]
        return client

    def request(self, method, path, **arguments):
        headers = arguments.pop("headers", {}) | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        return requests.request(method, self.url() + path, headers=headers, timeout=arguments.pop("timeout", self.timeout), **arguments)

    def post(self, audio, target, name="a.wav", key=None, **options):
        """POST /api/tasks: the answer, whatever it is."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.request("POST", "/api/tasks", data={"newFormat": target, **options},
                            files={"audio": (name, audio)}, headers=headers)

    def submit(self, audio, target, **arguments):
        """The task that an accepted upload becomes."""
        answer = self.post(audio, target, **arguments)
        assert answer.status_code == 201, answer.text
        return answer.json()["task"]

    def task(self, task_id):
        answer = self.request("GET", f"/api/tasks/{task_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tasks(self):
        answer = self.request("GET", "/api/tasks?max=1000")
        assert answer.status_code == 200, answer.text
        assert "Link" not in answer.headers
        return answer.json()

    def delete(self, task_id):
        answer = self.request("DELETE", f"/api/tasks/{task_id}")
        assert answer.status_code == 204, answer.text

    def download(self, task_id, which="result"):
        answer = self.request("GET", f"/api/download/{task_id}?which={which}")
        assert answer.status_code == 200, answer.text
        return answer.content

    def wait_for(self, task_id, *states, seconds=60):
        def reached():
            task = self.task(task_id)
            return task if task["state"] in states else None
        return wait_until(reached, f"task {task_id} {' or '.join(states)}", seconds)

    def wait_for_all(self, count, seconds=60):
        """All tasks, once `count` are finished."""
        def finished():
            tasks = self.tasks()
            return tasks if sum(task["state"] in FINISHED for task in tasks) >= count else None
        return wait_until(finished, f"{count} tasks finished", seconds, pause=0.2)
