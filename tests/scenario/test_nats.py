"""Web and workers on three NATS servers: whoever dies, what was accepted is processed, and once."""

import concurrent.futures
import hashlib
import pathlib
import random
import threading
import time

import pytest

from harness import Client, wait_until
from nats_cluster import PROGRAM, NatsCluster
from sounds import noise, tone
from submitting import submit_until_accepted

pytestmark = pytest.mark.skipif(not pathlib.Path(PROGRAM).exists(), reason="nats-server is not installed")

UPLOADS = 80
SEED = 20261124


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "nats"
    folder.mkdir()
    made = NatsCluster(folder)
    yield made
    made.close()


class Killer(threading.Thread):
    """Kills a worker and the leader of the stream in turn, and starts them again."""

    def __init__(self, site, cluster, workers, chance):
        super().__init__()
        self.site, self.cluster, self.workers, self.chance = site, cluster, workers, chance
        self.done = threading.Event()
        self.kills = {"worker": 0, "leader": 0}
        self.failure = None

    def has_killed_enough(self):
        return self.failure or (self.kills["worker"] >= 4 and self.kills["leader"] >= 2)

    def run(self):
        try:
            while not self.done.is_set():
                for kill in (self.kill_worker, self.kill_leader, self.kill_worker):
                    if self.done.wait(self.chance.uniform(0.3, 1.5)):
                        return
                    kill()
        except Exception as failure:
            self.failure = failure

    def kill_worker(self):
        number = self.chance.randrange(len(self.workers))
        self.workers[number].kill()
        self.kills["worker"] += 1
        self.workers[number] = self.site.start("worker")

    def kill_leader(self):
        leader = self.cluster.find_leader("decant")
        if leader is None:
            return
        leader.kill()
        self.kills["leader"] += 1
        wait_until(lambda: self.cluster.find_leader("decant") not in (None, leader), "another leader of the stream", 30)
        self.cluster.restart(leader)
        # Two that are away at once leave no majority; this is about one.
        wait_until(leader.is_healthy, "the old leader as a follower", 30)


def test_pitfall2_nothing_is_lost_or_done_twice_when_workers_and_the_leader_die(make_site, cluster):
    started = time.monotonic()
    site = make_site(broker=cluster.url("decant", "?duplicate_window=1s"), lease="3s", sweep_interval="300ms",
                     sweep_jitter="100ms", retry_pause="50ms", retry_pause_limit="200ms", max_attempts=50,
                     orphan_grace="5s", orphan_scan_interval="500ms", workers=1)
    chance = random.Random(SEED)
    sounds = [noise(chance.uniform(0.3, 3), seed) for seed in range(10)]
    web = site.start("web")
    killer = Killer(site, cluster, [site.start("worker") for _ in range(2)], chance)
    client = Client.sign_up(web.url)
    killer.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            accepted = list(pool.map(
                lambda number: submit_until_accepted(client, sounds[number % len(sounds)], f"upload-{number}"), range(UPLOADS)))
        wait_until(killer.has_killed_enough, "enough kills", 90)
    finally:
        killer.done.set()
        killer.join()
    assert killer.failure is None, killer.failure

    tasks = client.wait_for_all(UPLOADS, 90)
    assert sorted(task["id"] for task in tasks) == sorted(accepted), "one task for each upload, none twice"
    assert [(task["state"], task["error"]) for task in tasks if task["state"] != "PROCESSED"] == []
    for task in tasks:
        assert hashlib.sha256(client.download(task["id"])).hexdigest() == task["result"]["sha256"]
    wait_until(lambda: site.objects() == site.referenced_objects(), "removal of orphan objects", 20, pause=0.2)
    assert len(site.objects()) == 2 * UPLOADS
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox")
    wait_until(lambda: cluster.find_stream("decant")["state"]["messages"] == 0, "an empty stream", 30, pause=0.2)
    site.check_integrity()
    print(f"kills: {killer.kills}, attempts: {sum(task['attempts'] for task in tasks)}, {time.monotonic() - started:.0f} s")


def test_a_ring_reaches_an_idle_worker_at_once(make_site, cluster):
    # No poll and no sweep would come in time.
    site = make_site(broker=cluster.url("decant"), poll_interval="1h", sweep_interval="1h", workers=1)
    web = site.start("web")
    site.start("worker")
    client = Client.sign_up(web.url)
    time.sleep(1)
    for seconds in (0.2, 0.3, 0.4):
        task_id = client.submit(tone(seconds), "flac")["id"]
        assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=5)["state"] == "PROCESSED"
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox")


def test_without_any_broker_uploads_are_taken_and_converted(make_site, cluster):
    site = make_site(broker=cluster.url("decant"), poll_interval="500ms", workers=1)
    web = site.start("web")
    worker = site.start("worker")
    client = Client.sign_up(web.url)
    for server in cluster.servers:
        server.kill()
    wait_until(lambda: web.find_in_log("the broker is away"), "word of the outage")
    task_id = client.submit(tone(0.3), "flac")["id"]
    assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=30)["state"] == "PROCESSED"
    wait_until(lambda: web.find_in_log("rings do not reach the broker"), "a clear error", 30)
    assert site.rows("SELECT count(*) FROM outbox") != [(0,)]
    # Who starts now is not kept from it, and who stops needs no broker for that.
    site.start("worker")
    assert worker.stop() == 0

    for server in cluster.servers:
        cluster.restart(server)
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox", 60, pause=0.2)
    wait_until(lambda: web.find_in_log("rings reach the broker again"), "word of its end", 30)
    task_id = client.submit(tone(0.4), "flac")["id"]
    assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=30)["state"] == "PROCESSED"
    assert web.stop() == 0
