"""Web and workers on PostgreSQL: started at once, its server restarted under them, and moved to from SQLite."""

import concurrent.futures
import hashlib
import subprocess
import time

import pytest

from harness import DECANT, Client, wait_until
from postgresql_server import PostgresqlServer
from sounds import noise
from submitting import submit_until_accepted

UPLOADS = 40
RESTARTS = 3


@pytest.fixture
def postgresql():
    server = PostgresqlServer("/dev/shm")
    yield server
    server.close()


def migrate(site, *arguments):
    return subprocess.Popen([DECANT, "migrate", *arguments], env=site.environment, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def test_ten_processes_may_migrate_at_once(make_site, postgresql):
    site = make_site()
    site.configure(database=postgresql.url)
    started = [migrate(site) for _ in range(10)]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 10, told
    assert sum("at version" in out for out, _ in told) == 1
    assert sum("up to date" in out for out, _ in told) == 9


def test_requests_recover_from_restarts_of_the_server(make_site, postgresql):
    site = make_site(database=postgresql.url, workers=2, lease="3s", poll_interval="1s", sweep_interval="1s")
    web = site.start("web")
    workers = [site.start("worker") for _ in range(2)]
    client = Client.sign_up(web.url)
    sounds = [noise(2, seed) for seed in range(UPLOADS)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        uploads = [pool.submit(submit_until_accepted, client, sound, f"upload-{n}") for n, sound in enumerate(sounds)]
        for _ in range(RESTARTS):
            time.sleep(0.7)
            postgresql.stop()
            time.sleep(0.3)
            postgresql.start()
        accepted = [upload.result(timeout=120) for upload in uploads]
    assert len(set(accepted)) == UPLOADS, "one key, one task"
    tasks = client.wait_for_all(UPLOADS, seconds=120)
    assert {task["state"] for task in tasks} == {"PROCESSED"}
    assert sorted(task["id"] for task in tasks) == sorted(accepted)
    assert not any(service.has_ended() for service in [web, *workers]), "none was started anew"
    for service in [web, *workers]:
        wait_until(lambda one=service: one.find_in_log("the bell is back"), "a bell that reconnected")
    assert client.request("GET", "/readyz").status_code == 200
    assert postgresql.ask("SELECT count(*) FROM tasks WHERE result_key IS NULL") == "0"


def test_pitfall2_nothing_is_lost_or_done_twice_when_workers_die(make_site, postgresql):
    site = make_site(database=postgresql.url, workers=2, lease="2s", poll_interval="1s", sweep_interval="500ms", max_attempts=20)
    web = site.start("web")
    workers = [site.start("worker") for _ in range(2)]
    client = Client.sign_up(web.url)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        uploads = [pool.submit(submit_until_accepted, client, noise(20, seed), f"upload-{seed}") for seed in range(UPLOADS)]
        for number in range(6):
            time.sleep(0.5)
            workers[number % 2].kill()
            workers[number % 2] = site.start("worker")
        accepted = [upload.result(timeout=120) for upload in uploads]
    tasks = client.wait_for_all(UPLOADS, seconds=120)
    assert sorted(task["id"] for task in tasks) == sorted(set(accepted))
    assert {task["state"] for task in tasks} == {"PROCESSED"}
    assert max(task["attempts"] for task in tasks) > 1, "some were cut off"
    fences = postgresql.ask("SELECT count(*) FROM tasks WHERE result_key NOT LIKE 'results/' || id || '/' || fence || '-%'")
    assert fences == "0", "each result is of the claim that committed it"


def test_a_grown_laptop_moves_over(make_site, postgresql):
    site = make_site(workers=2)
    source = f"sqlite://{site.data / 'decant.db'}"
    serve = site.start("serve")
    client = Client.sign_up(serve.url)
    done = [client.submit(noise(1, seed), "flac", name=f"ñ {seed}\\.wav", key=f"key-{seed}")["id"] for seed in range(5)]
    for task_id in done:
        client.wait_for(task_id, "PROCESSED")
    before = {task_id: (client.task(task_id), hashlib.sha256(client.download(task_id)).hexdigest()) for task_id in done}

    refused = subprocess.run([DECANT, "migrate", "--from", source, "--to", postgresql.url], env=site.environment,
                             capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1 and "stop every decant" in refused.stderr
    serve.kill()  # in the middle of whatever it does
    moved = subprocess.run([DECANT, "migrate", "--from", source, "--to", postgresql.url], env=site.environment,
                           capture_output=True, text=True, timeout=60)
    assert moved.returncode == 0, moved.stderr
    assert "moved 1 accounts, 5 tasks" in moved.stdout
    assert "DECANT_DATABASE" in moved.stdout and "DECANT_OBJECTS" in moved.stdout
    again = subprocess.run([DECANT, "migrate", "--from", source, "--to", postgresql.url], env=site.environment,
                           capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "not empty" in again.stderr and "p%40ss" not in again.stderr

    site.configure(database=postgresql.url)
    there = site.start("serve")
    client.url = lambda: there.url
    for task_id, (task, content) in before.items():
        assert client.task(task_id) == task
        assert hashlib.sha256(client.download(task_id)).hexdigest() == content
    assert client.post(noise(1, 0), "flac", key="key-0", name="ñ 0\\.wav").json()["task"]["id"] == done[0]
    assert client.wait_for(client.submit(noise(1, 9), "mp3")["id"], "PROCESSED")
