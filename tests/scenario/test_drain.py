"""Stopping with more work than time."""

import signal
import time

import pytest

from harness import Client
from sounds import noise

LONG = 300


def test_pitfall16_sigterm_gives_work_back_and_loses_nothing(make_site):
    site = make_site(drain_budget="1s", lease="30s", workers=2)
    web = site.start("web")
    worker = site.start("worker")
    client = Client.sign_up(web.url)
    audio = noise(LONG, seed=3)
    ids = [client.submit(audio, "ogg")["id"] for _ in range(4)]
    for task_id in ids[:2]:
        client.wait_for(task_id, "PROCESSING")
    started = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - started < 8
    for task in client.tasks():
        assert (task["state"], task["attempts"], task["error"]) == ("UPLOADED", 0, None)

    site.start("worker")
    tasks = client.wait_for_all(len(ids), seconds=200)
    assert {(task["state"], task["attempts"]) for task in tasks} == {("PROCESSED", 1)}


def test_work_that_fits_the_budget_is_finished(make_site):
    site = make_site(drain_budget="30s", workers=1)
    service = site.start("serve")
    client = Client.sign_up(service.url)
    task_id = client.submit(noise(20, seed=4), "mp3")["id"]
    client.wait_for(task_id, "PROCESSING", "PROCESSED")
    assert service.stop() == 0
    assert site.rows("SELECT state, attempts FROM tasks") == [("PROCESSED", 1)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(make_site, number):
    site = make_site(drain_budget="1min", workers=1)
    service = site.start("serve")
    client = Client.sign_up(service.url)
    task_id = client.submit(noise(LONG, seed=5), "ogg")["id"]
    client.wait_for(task_id, "PROCESSING")
    service.send(number)
    time.sleep(0.5)
    assert not service.has_ended(), "the first signal waits for the work"
    started = time.monotonic()
    service.send(number)
    assert service.process.wait(5) == 128 + number
    assert time.monotonic() - started < 1
    site.check_integrity()
