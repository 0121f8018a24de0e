"""kill -9, again and again, at whatever moment: nothing that was accepted is lost or done twice, and nothing is left over."""

import concurrent.futures
import contextlib
import hashlib
import os
import random
import signal
import threading
import time

from harness import Client, descendant_pids, is_running, wait_until
from sounds import noise
from submitting import submit_until_accepted

UPLOADS = 200
KILLS = 5
SEED = 20261123


class Killer(threading.Thread):
    """Kills the engine, the worker and the server in turn, and starts the latter two again."""

    def __init__(self, site, web, worker, pauses):
        super().__init__()
        self.site, self.web, self.worker, self.pauses = site, web, worker, pauses
        self.done = threading.Event()
        self.kills = {"engine": 0, "worker": 0, "web": 0}
        self.engines = []
        self.failure = None

    def has_killed_enough(self):
        return self.failure or min(self.kills.values()) >= KILLS

    def run(self):
        try:
            while not self.done.is_set():
                for kill in (self.kill_engine, self.kill_worker, self.kill_web):
                    if self.done.wait(self.pauses.uniform(0.1, 0.9)):
                        return
                    kill()
        except Exception as failure:
            self.failure = failure

    def kill_engine(self):
        """The zygote or one of its children."""
        victims = descendant_pids(self.worker.pid)
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pauses.choice(victims), signal.SIGKILL)
                self.kills["engine"] += 1

    def kill_worker(self):
        self.engines += descendant_pids(self.worker.pid)
        self.worker.kill()
        self.kills["worker"] += 1
        self.worker = self.site.start("worker")

    def kill_web(self):
        self.engines += descendant_pids(self.web.pid)
        self.web.kill()
        self.kills["web"] += 1
        self.web = self.site.start("web")


def test_pitfall2_every_accepted_upload_is_processed_exactly_once(make_site):
    started = time.monotonic()
    site = make_site(lease="2s", sweep_interval="200ms", sweep_jitter="100ms", retry_pause="50ms", retry_pause_limit="200ms",
                     poll_interval="500ms", max_attempts=50, orphan_grace="5s", orphan_scan_interval="500ms")
    chance = random.Random(SEED)
    sounds = [noise(chance.uniform(0.3, 3), seed) for seed in range(20)]
    killer = Killer(site, site.start("web"), site.start("worker"), chance)
    client = Client.sign_up(lambda: killer.web.url)
    killer.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            accepted = list(pool.map(lambda n: submit_until_accepted(client, sounds[n % len(sounds)], f"upload-{n}"), range(UPLOADS)))
        wait_until(killer.has_killed_enough, f"{KILLS} kills of each", 30)
    finally:
        killer.done.set()
        killer.join()
    assert killer.failure is None, killer.failure
    killer.worker.kill()
    killer.web.kill()

    killer.web, killer.worker = site.start("web"), site.start("worker")
    tasks = client.wait_for_all(UPLOADS)
    assert sorted(task["id"] for task in tasks) == sorted(accepted), "one task for each upload, none twice"
    unfinished = [(task["state"], task["error"]) for task in tasks if task["state"] != "PROCESSED"]
    assert unfinished == []
    for task in tasks:
        content = client.download(task["id"])
        assert hashlib.sha256(content).hexdigest() == task["result"]["sha256"]
    # The same input makes the same output: whatever was cut short before left no trace in what stands.
    results = {}
    for task in tasks:
        results.setdefault(int(task["name"].removesuffix(".wav").split("-")[1]) % len(sounds), set()).add(task["result"]["sha256"])
    assert all(len(hashes) == 1 for hashes in results.values())

    wait_until(lambda: site.objects() == site.referenced_objects(), "removal of orphan objects", 15, pause=0.2)
    assert len(site.objects()) == 2 * UPLOADS
    site.check_integrity()
    assert [pid for pid in killer.engines if is_running(pid)] == [], "engines outlived their worker"
    assert time.monotonic() - started < 90
    print(f"kills: {killer.kills}, attempts: {sum(task['attempts'] for task in tasks)}, {time.monotonic() - started:.0f} s")
