"""Several web and worker processes on one data folder are one service."""

import time

import pytest

from harness import Client
from sounds import noise, tone


def test_several_of_each_work_together(make_site):
    site = make_site(workers=1)
    webs = [site.start("web") for _ in range(2)]
    for _ in range(3):
        site.start("worker")
    turns = iter(range(1_000_000))
    client = Client.sign_up(lambda: webs[next(turns) % len(webs)].url)
    sounds = [noise(3, seed) for seed in range(6)]
    ids = [client.submit(sounds[n % len(sounds)], "mp3", name=f"{n}.wav")["id"] for n in range(60)]
    tasks = client.wait_for_all(len(ids))
    assert sorted(task["id"] for task in tasks) == sorted(ids)
    assert {(task["state"], task["attempts"]) for task in tasks} == {("PROCESSED", 1)}, "nothing was done twice"
    assert site.objects() == site.referenced_objects()
    site.check_integrity()


def test_an_idle_worker_of_another_process_hears_the_bell(make_site):
    site = make_site(poll_interval="1h", sweep_interval="1h", workers=1)
    web = site.start("web")
    site.start("worker")
    client = Client.sign_up(web.url)
    time.sleep(0.5)
    for seconds in (0.2, 0.3):
        task_id = client.submit(tone(seconds), "flac")["id"]
        assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=5)["state"] == "PROCESSED"


def test_two_services_do_not_share_a_data_folder(make_site):
    site = make_site()
    site.start("serve")
    with pytest.raises(AssertionError, match="did not start"):
        site.start("serve")
