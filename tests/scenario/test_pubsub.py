"""Web and workers on Google Pub/Sub, as its emulator has it: whoever dies, what was accepted is processed, and once."""

import concurrent.futures
import hashlib
import random
import subprocess
import threading
import time

import pytest

from harness import DECANT, Client, wait_until
from pubsub_emulator import JARS, JAVA, PubsubEmulator
from sounds import noise, tone
from submitting import submit_until_accepted

pytestmark = pytest.mark.skipif(not (JARS and JAVA), reason="Google's Pub/Sub emulator is not installed, or no Java for it")

UPLOADS = 40
SEED = 20261124
URL = "pubsub://test/tasks"


@pytest.fixture
def emulator():
    made = PubsubEmulator()
    yield made
    made.kill()


def set_up(site, action="create"):
    return subprocess.run([DECANT, "broker", action], env=site.environment, capture_output=True, text=True, timeout=60)


@pytest.fixture
def make_pubsub_site(make_site, emulator):
    def make(**settings):
        site = make_site(broker=URL, **settings)
        site.environment["PUBSUB_EMULATOR_HOST"] = emulator.host
        assert set_up(site).returncode == 0
        return site
    return make


def test_a_broker_is_set_up_and_checked(make_site, emulator):
    site = make_site(broker=URL)
    site.environment["PUBSUB_EMULATOR_HOST"] = emulator.host
    missing = set_up(site, "check")
    assert missing.returncode == 1 and "not ready" in missing.stdout and "missing: projects/test/topics/tasks" in missing.stdout
    assert set_up(site, "describe").returncode == 1
    made = set_up(site)
    assert made.returncode == 0 and "made: projects/test/subscriptions/tasks-sub" in made.stdout
    again = set_up(site)
    assert again.returncode == 0 and "made" not in again.stdout
    ready = set_up(site, "check")
    assert ready.returncode == 0 and "the broker is ready" in ready.stdout
    assert "tasks-dead" in set_up(site, "describe").stdout


def test_a_ring_reaches_an_idle_worker_at_once(make_pubsub_site):
    # No poll and no sweep would come in time.
    site = make_pubsub_site(poll_interval="1h", sweep_interval="1h", workers=1)
    web = site.start("web")
    site.start("worker")
    client = Client.sign_up(web.url)
    time.sleep(1)
    for seconds in (0.2, 0.3, 0.4):
        task_id = client.submit(tone(seconds), "flac")["id"]
        assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=5)["state"] == "PROCESSED"
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox")


def test_pitfall2_nothing_is_lost_or_done_twice_when_workers_die(make_pubsub_site):
    site = make_pubsub_site(lease="3s", sweep_interval="300ms", sweep_jitter="100ms", retry_pause="50ms",
                            retry_pause_limit="200ms", max_attempts=50, workers=1)
    chance = random.Random(SEED)
    sounds = [noise(chance.uniform(0.3, 3), seed) for seed in range(10)]
    web = site.start("web")
    workers = [site.start("worker") for _ in range(2)]
    client = Client.sign_up(web.url)
    done = threading.Event()

    def kill_workers():
        kills = 0
        while kills < 4 or not done.is_set():
            time.sleep(chance.uniform(0.3, 1.5))
            number = chance.randrange(len(workers))
            workers[number].kill()
            workers[number] = site.start("worker")
            kills += 1
        return kills

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        killing = pool.submit(kill_workers)
        try:
            accepted = list(pool.map(
                lambda number: submit_until_accepted(client, sounds[number % len(sounds)], f"upload-{number}"), range(UPLOADS)))
        finally:
            done.set()
        kills = killing.result()

    tasks = client.wait_for_all(UPLOADS, 90)
    assert sorted(task["id"] for task in tasks) == sorted(accepted), "one task for each upload, none twice"
    assert [(task["state"], task["error"]) for task in tasks if task["state"] != "PROCESSED"] == []
    for task in tasks:
        assert hashlib.sha256(client.download(task["id"])).hexdigest() == task["result"]["sha256"]
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox")
    site.check_integrity()
    print(f"kills: {kills}, attempts: {sum(task['attempts'] for task in tasks)}")


def test_without_any_broker_uploads_are_taken_and_converted(make_pubsub_site, emulator):
    site = make_pubsub_site(poll_interval="500ms", workers=1)
    web = site.start("web")
    worker = site.start("worker")
    client = Client.sign_up(web.url)
    emulator.kill()
    task_id = client.submit(tone(0.3), "flac")["id"]
    assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=30)["state"] == "PROCESSED"
    assert site.rows("SELECT count(*) FROM outbox") != [(0,)]
    # Who starts now is not kept from it, and who stops needs no broker for that.
    site.start("worker")
    assert worker.stop() == 0

    emulator.start()
    assert set_up(site).returncode == 0
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox", 60, pause=0.2)
    task_id = client.submit(tone(0.4), "flac")["id"]
    assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=30)["state"] == "PROCESSED"
    assert web.stop() == 0
