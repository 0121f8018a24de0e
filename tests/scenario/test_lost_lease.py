"""A worker that sleeps past its lease finds, on waking, that the task is somebody else's."""

import signal
import time

from harness import Client, wait_until
from sounds import noise


def test_pitfall1_a_stopped_worker_has_no_effect_after_its_lease(make_site):
    site = make_site(lease="1s", sweep_interval="200ms", sweep_jitter="50ms", poll_interval="500ms", workers=1,
                     orphan_grace="3s", orphan_scan_interval="300ms")
    web = site.start("web")
    client = Client.sign_up(web.url)
    sleeper = site.start("worker")
    task_id = client.submit(noise(120, seed=1), "mp3")["id"]
    client.wait_for(task_id, "PROCESSING")
    sleeper.send(signal.SIGSTOP)

    other = site.start("worker")
    task = client.wait_for(task_id, "PROCESSED", "FAILED")
    assert task["state"] == "PROCESSED", task["error"]
    assert task["attempts"] == 2
    before = site.rows("SELECT state, fence, attempts, result_key, result_sha256, updated FROM tasks")

    sleeper.send(signal.SIGCONT)
    wait_until(lambda: sleeper.find_in_log(r'outcome="lost"'), "word of the lost task in the worker's log")
    time.sleep(1)
    assert site.rows("SELECT state, fence, attempts, result_key, result_sha256, updated FROM tasks") == before
    wait_until(lambda: site.objects() == site.referenced_objects(), "removal of what the late worker made", 15)
    assert len(client.download(task_id)) == task["result"]["size"]

    other.kill()
    second = client.submit(noise(1, seed=2), "mp3")["id"]
    assert client.wait_for(second, "PROCESSED", "FAILED")["state"] == "PROCESSED", "the late worker works on"
