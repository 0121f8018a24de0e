"""Two zones behind HAProxy, each part broken in turn under steady uploads and downloads: what was accepted is done, and once."""

import collections
import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests

import network
from harness import DECANT, SOURCE, Client, wait_until
from nats_cluster import PROGRAM as NATS
from nats_cluster import NatsCluster
from pubsub_emulator import JARS, JAVA, PubsubEmulator
from sounds import noise
from steady_load import SteadyLoad

BUCKET = "decant-zones"
EDGE = "10.77.0.10"  # as deploy/haproxy.cfg has it, and 10.77.1.10, 10.77.2.10
HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
ZONES = (1, 2)
SETTLE = 2  # seconds of load before and after each fault

pytestmark = [
    pytest.mark.skipif(bool(network.why_impossible()), reason=network.why_impossible()),
    pytest.mark.skipif(not pathlib.Path(HAPROXY).exists(), reason="HAProxy is not installed"),
]


def is_ready(url):
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/readyz", timeout=5).status_code == 200
    return False


class Postgresql:
    def __init__(self, host):
        self.host = host
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="decant-zones-"))
        self.folder.chmod(0o755)
        password = secrets.token_hex(12)
        (self.folder / "password").write_text(password)
        (self.folder / "hba.conf").write_text("host all all 10.77.0.0/16 scram-sha-256\n")
        self.url = f"postgresql://decant:{password}@{host.address}:5432/postgres"
        self.start()

    def start(self):
        self.log = open(self.folder.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(
            [*self.host.prefix, SOURCE / "tests" / "servers" / "postgresql", self.folder, "5432", "-c", f"listen_addresses={self.host.address}",
             "-c", f"hba_file={self.folder}/hba.conf"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until(self.is_up, "start of PostgreSQL", 30)

    def is_up(self):
        assert self.process.poll() is None, "PostgreSQL ended"
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.rows("SELECT 1")
        return None

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def rows(self, sql):
        told = subprocess.run(["psql", self.url, "-XAt", "-F", "\t", "-c", sql], check=True, capture_output=True, text=True, timeout=30)
        return [line.split("\t") for line in told.stdout.splitlines()]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".log").unlink(missing_ok=True)


class Store:
    """Ceph's S3 gateway on a host of its own."""

    def __init__(self, host, folder):
        self.program, self.path = SOURCE / "tests" / "servers" / "ceph-gateway", folder / "gateway.json"
        self.starting = subprocess.Popen([*host.prefix, self.program, "start", self.path, host.address])

    def wait(self):
        assert self.starting.wait(120) == 0, "Ceph does not start"
        self.state = json.loads(self.path.read_text())
        if "skip" in self.state:
            pytest.skip(self.state["skip"])
        session = pytest.importorskip("botocore.session").Session()
        self.client = session.create_client("s3", region_name="us-east-1", endpoint_url=self.state["endpoint"],
                                            aws_access_key_id=self.state["access_key"], aws_secret_access_key=self.state["secret_key"])
        self.client.create_bucket(Bucket=BUCKET)
        self.url = f"s3://{BUCKET}?endpoint={self.state['endpoint']}&region=us-east-1"

    def keys(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def send(self, signal_number):
        os.kill(self.state["pids"][-1], signal_number)

    def close(self):
        subprocess.run([self.program, "stop", self.path], check=False)


class Fleet:
    """The hosts and what runs on them. `processes` is by host: its role and its service."""

    def __init__(self, folder, make_site, monkeypatch):
        self.folder, self.monkeypatch, self.closing = folder, monkeypatch, contextlib.ExitStack()
        self.core = network.Switch("core")
        network.ip("addr", "add", "10.77.0.1/16", "dev", "core")  # the people, who are this process
        self.zones = {zone: network.Switch(f"zone{zone}", self.core) for zone in ZONES}
        self.make_site = make_site
        self.edge = self.core.add_host("edge", EDGE)
        self.store = self.make(Store, self.core.add_host("store", "10.77.0.40"), folder)
        self.database = self.make(Postgresql, self.core.add_host("database", "10.77.0.20"))
        self.roles, self.processes = {}, {}
        for zone, switch in self.zones.items():
            for name, role, address in (("web", "web", 10), ("worker-1", "worker", 21), ("worker-2", "worker", 22)):
                host = switch.add_host(f"{name}-{zone}", f"10.77.{zone}.{address}")
                self.roles[f"{name}-{zone}"] = (role, host)

    def make(self, kind, *arguments):
        made = kind(*arguments)
        self.closing.callback(made.close)
        return made

    def configure(self, broker, **settings):
        self.store.wait()
        self.monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.store.state["access_key"])
        self.monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", self.store.state["secret_key"])
        # Few threads, so that a part that is away would soon hold all of them.
        self.site = self.make_site(
            database=self.database.url, objects=self.store.url, broker=broker, jwt_keys=self.folder / "jwt.key", trusted_proxies=EDGE,
            blocking_threads=2, workers=1, lease="4s", sweep_interval="1s", sweep_jitter="200ms", retry_pause="200ms", retry_pause_limit="1s",
            max_attempts=50, orphan_grace="45s", orphan_scan_interval="1s", drain_budget="15s", access_lifetime="1h", **settings)

    def start(self):
        for name in self.roles:
            self.start_process(name)
        with open(self.folder / "haproxy.log", "wb") as log:
            self.proxy = subprocess.Popen([*self.edge.prefix, HAPROXY, "-db", "-f", SOURCE / "deploy" / "haproxy.cfg"], stdout=log, stderr=log)
        self.closing.callback(self.proxy.kill)
        self.url = f"http://{EDGE}"
        wait_until(lambda: is_ready(self.url), "HAProxy with a server that is ready", 20)

    def start_process(self, name):
        role, host = self.roles[name]
        self.processes[name] = self.site.start(role, host, data=self.folder / name, listen=f"{host.address}:8080")

    def worker_at(self, task_id):
        """The host whose worker has the task now; None when it is waiting or done."""
        rows = self.database.rows(f"SELECT worker FROM tasks WHERE id = '{task_id}' AND state = 'PROCESSING'")
        pid = rows and int(rows[0][0].rpartition("/")[2])
        return next((name for name, service in self.processes.items() if service.pid == pid), None)

    def processed(self):
        """How often workers said that they had committed each task."""
        found = collections.Counter()
        for service in self.site.services:
            found.update(re.findall(r'an attempt ended task="([^"]+)".* outcome="processed"', service.log()))
        return found

    def close(self):
        self.closing.close()


@pytest.fixture
def fleet(tmp_path, make_site, monkeypatch):
    made = Fleet(tmp_path, make_site, monkeypatch)
    yield made
    for site in make_site.made:
        site.close()
    made.close()


class Trial:
    """Breaks one part after the other under load, and checks after each that nothing was lost or done twice."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.client = Client.sign_up(fleet.url)
        self.client.timeout = 60
        self.load = SteadyLoad(self.client, [noise(0.3 + 0.1 * seed, seed) for seed in range(8)], ["flac", "mp3", "ogg"])
        self.long_sound = len(self.load.sounds)
        self.load.sounds.append(noise(60, seed=99))
        self.rows = []
        self.begun = time.monotonic()

    def run(self, name, fault, most_errors=None):
        self.load.resume()
        time.sleep(SETTLE)
        begin = time.monotonic()
        fault()
        time.sleep(SETTLE)
        self.load.pause()
        summary = self.load.summary(begin, time.monotonic())
        self.rows.append((name, summary))
        print(f"{name}: {summary}, {time.monotonic() - self.begun:.0f} s", flush=True)
        assert self.load.failures == []
        assert most_errors is None or summary["errors"] <= most_errors, summary
        self.check()
        return summary

    def check(self):
        accepted = self.load.accepted
        rows = wait_until(self.find_all_done, "the end of all tasks", 60, pause=0.3)
        assert {row[0] for row in rows} == set(accepted) and len(rows) == len(accepted), "one task for each accepted upload"
        assert [row for row in rows if row[1] != "PROCESSED"] == []
        results = collections.defaultdict(set)
        for task_id, _, fence, result_key, digest in rows:
            assert result_key.startswith(f"results/{task_id}/{fence}-"), f"{task_id}: fence {fence}, but {result_key}"
            results[accepted[task_id]].add(digest)
        # Long ones are cut into parts when cores are idle, and then become other, equally good files.
        different = {made for made, digests in results.items() if len(digests) > 1 and made[0] != self.long_sound}
        assert not different, "the same sound became different files"
        done = self.fleet.processed()
        assert sum(done.values()) > 0.9 * len(accepted) and max(done.values()) == 1, "done twice"

    def find_all_done(self):
        rows = self.fleet.database.rows("SELECT id, state, fence, result_key, result_sha256 FROM tasks")
        return rows if len(rows) >= len(self.load.accepted) and all(row[1] in ("PROCESSED", "FAILED") for row in rows) else None

    def check_objects(self):
        def referenced():
            return {key for row in self.fleet.database.rows("SELECT source_key, result_key FROM tasks") for key in row}
        wait_until(lambda: self.fleet.store.keys() == referenced(), "removal of orphan objects", 70, pause=1)
        assert len(self.fleet.store.keys()) == 2 * len(self.load.accepted)

    def start_long_task(self, fits=lambda host: True):
        """A worker that is in the middle of a long conversion."""
        def on_the_way():
            return next((host for task in tasks if (host := self.fleet.worker_at(task)) and fits(host)), None)
        tasks = []
        for _ in range(10):
            tasks.append(self.load.upload(self.long_sound, "opus"))
            with contextlib.suppress(AssertionError):
                return wait_until(on_the_way, "a long conversion", 2, pause=0.05)
        raise AssertionError("no long conversion was met")

    def kill_worker(self):
        victim = self.start_long_task()
        self.fleet.processes[victim].kill()
        time.sleep(1)
        self.fleet.start_process(victim)

    def cut_zone(self):
        self.start_long_task(lambda host: host.endswith("-1"))
        self.fleet.zones[1].cut()
        time.sleep(12)
        self.fleet.zones[1].mend()
        wait_until(lambda: is_ready("http://10.77.1.10:8080"), "the zone's return", 60)

    def restart_database(self):
        self.fleet.database.stop()
        time.sleep(1)
        self.fleet.database.start()

    def stop_database_for_long(self):
        self.fleet.database.stop()
        time.sleep(8)
        self.fleet.database.start()

    def pause_store(self, seconds):
        self.fleet.store.send(signal.SIGSTOP)
        time.sleep(seconds)
        self.fleet.store.send(signal.SIGCONT)

    def roll(self):
        for name in self.fleet.roles:
            assert self.fleet.processes[name].stop() == 0, name
            self.fleet.start_process(name)
            if name.startswith("web"):
                time.sleep(1.5)  # HAProxy takes it in again

    def print_table(self):
        print("\n| fault | requests | errors | mended by a retry | seconds of degraded service | slowest answer |\n| --- | --- | --- | --- | --- | --- |")
        for name, one in self.rows:
            errors = ", ".join(f"{count} {kind}" for kind, count in sorted(one["kinds"].items()))
            print(f"| {name} | {one['tries']} | {one['rate']:.1%}{': ' if errors else ''}{errors} | {one['mended']} of {one['errors']} "
                  f"| {one['degraded']} | {one['slowest']:.1f} s |")
        print(f"{len(self.load.accepted)} uploads accepted, {time.monotonic() - self.begun:.0f} s")


@pytest.mark.skipif(not pathlib.Path(NATS).exists(), reason="nats-server is not installed")
def test_on_nats(fleet):
    folder = fleet.folder / "nats"
    folder.mkdir()
    cluster = fleet.make(NatsCluster, folder, [fleet.core.add_host(f"nats-{n}", f"10.77.0.3{n}") for n in range(1, 4)])
    fleet.configure(cluster.url("decant", "?duplicate_window=1s"))
    fleet.start()

    def restart_leader():
        leader = wait_until(lambda: cluster.find_leader("decant"), "a leader")
        leader.kill()
        wait_until(lambda: cluster.find_leader("decant") not in (None, leader), "another leader of the stream", 30)
        cluster.restart(leader)
        wait_until(leader.is_healthy, "the old leader as a follower", 30)

    def cut_broker():
        for server in cluster.servers:
            server.kill()
        time.sleep(4)
        for server in cluster.servers:
            cluster.restart(server)

    trial = Trial(fleet)
    try:
        trial.run("one worker killed", trial.kill_worker, most_errors=0)
        trial.run("a zone cut off for 12 s", trial.cut_zone)
        trial.run("the broker's leader restarted", restart_leader, most_errors=0)
        trial.run("all of the broker away for 4 s", cut_broker, most_errors=0)
        trial.run("PostgreSQL restarted", trial.restart_database)
        trial.run("PostgreSQL away for 8 s", trial.stop_database_for_long)
        paused = trial.run("the object store paused for 20 s", lambda: trial.pause_store(20), most_errors=0)
        assert paused["slowest look"] < 5, "who needs no file waited for the object store"
        trial.run("every process replaced", trial.roll, most_errors=2)
        wait_until(lambda: fleet.database.rows("SELECT count(*) FROM outbox") == [["0"]], "an empty outbox", 30)
        wait_until(lambda: cluster.find_stream("decant")["state"]["messages"] == 0, "an empty stream", 30, pause=0.2)
        trial.check_objects()
    finally:
        trial.load.close()
        trial.print_table()


@pytest.mark.skipif(not (JARS and JAVA), reason="Google's Pub/Sub emulator is not installed, or no Java for it")
def test_on_pubsub(fleet):
    emulator = fleet.make(PubsubEmulator, fleet.core.add_host("pubsub", "10.77.0.50"))
    fleet.monkeypatch.setenv("PUBSUB_EMULATOR_HOST", emulator.host)
    # Shorter than the pause: then what asks the store ends with an error, and tasks are given back.
    fleet.configure("pubsub://test/tasks", object_stall_timeout="4s")

    def make_subscription():
        subprocess.run([DECANT, "broker", "create"], env=fleet.site.environment, check=True, capture_output=True, timeout=60)

    def restart_broker():
        emulator.kill()
        time.sleep(2)
        emulator.start()
        make_subscription()  # it kept nothing

    make_subscription()
    fleet.start()

    trial = Trial(fleet)
    try:
        trial.run("one worker killed", trial.kill_worker, most_errors=0)
        trial.run("a zone cut off for 12 s", trial.cut_zone)
        trial.run("the broker restarted", restart_broker, most_errors=0)
        trial.run("the object store paused for 14 s", lambda: trial.pause_store(14))
        trial.run("every process replaced", trial.roll, most_errors=2)
        wait_until(lambda: fleet.database.rows("SELECT count(*) FROM outbox") == [["0"]], "an empty outbox", 30)
        trial.check_objects()
    finally:
        trial.load.close()
        trial.print_table()
