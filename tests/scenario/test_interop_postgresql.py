"""What docs/fleet.md tells to do with psql: users of few rights, and what it shows of the queue."""

import signal
import subprocess

import pytest

from documents import commands_of, run_commands
from harness import Client, wait_until
from sounds import noise, tone
from test_backup import postgresql

PASSWORDS = {"decant_owner": "change-this", "decant_app": "change-this-too", "decant_reader": "and-this"}


@pytest.fixture
def urls(tmp_path):
    with postgresql(tmp_path / "postgresql.log") as url:
        host = url("decant").partition("@")[2]
        yield {"admin": url("postgres")} | {user: f"postgresql://{user}:{password}@{host}" for user, password in PASSWORDS.items()}


def look(site, tmp_path, urls):
    return run_commands(commands_of("fleet.md", "Look at the queue"), tmp_path, site.environment | {"READER_DATABASE": urls["decant_reader"]})


def ask(url, sql):
    return subprocess.run(["psql", "-XAtc", sql, url], capture_output=True, text=True)


def test_users_of_few_rights_run_the_service_and_psql_shows_it(make_site, urls, tmp_path, monkeypatch):
    site = make_site(workers=1, poll_interval="200ms", lease="10min", sweep_interval="1h")
    environment = site.environment | {"ADMIN_DATABASE": urls["admin"], "OWNER_DATABASE": urls["decant_owner"]}
    run_commands(commands_of("fleet.md", "Database and users"), tmp_path, environment)
    site.configure(database=urls["decant_app"])
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    done = client.submit(tone(0.3), "flac", name="done.wav")["id"]
    client.wait_for(done, "PROCESSED")
    failed = client.submit(tone(0.3), "flac", name="failed.wav", start="100")["id"]
    client.wait_for(failed, "FAILED")
    held = client.submit(noise(600, seed=1), "mp3", name="held.wav")["id"]
    client.wait_for(held, "PROCESSING")
    worker.send(signal.SIGSTOP)
    waiting = [client.submit(tone(0.3), "flac")["id"] for _ in range(3)]

    shown = look(site, tmp_path, urls)
    sections = dict(zip(("queue", "work", "failures", "rings", "uploads", "room"), (part.split("?", 1)[1] for part in shown.split("\n\n")
                                                                               if "?" in part)))
    assert [cell.strip() for cell in sections["queue"].splitlines()[3].split("|")][:2] == ["3", "0"], shown
    assert held in sections["work"] and f"/{worker.pid}" in sections["work"] and waiting[0] not in shown, shown
    assert "(1 row)" in sections["work"] and "unprocessable" in sections["failures"], shown
    assert client.account["user"] in sections["room"], shown

    # What a reader and the service may not.
    assert "permission denied" in ask(urls["decant_reader"], "SELECT password_hash FROM users").stderr
    assert "permission denied" in ask(urls["decant_reader"], "UPDATE tasks SET state = 'FAILED'").stderr
    assert "must be owner" in ask(urls["decant_app"], "DROP TABLE tasks").stderr
    assert "permission denied" in ask(urls["decant_app"], "CREATE TABLE mine ()").stderr
    assert "permission denied" in ask(urls["decant_app"], "DELETE FROM schema_version").stderr

    worker.send(signal.SIGCONT)
    client.delete(held)
    for task_id in waiting:
        client.wait_for(task_id, "PROCESSED")
    client.delete(done)
    wait_until(lambda: ask(urls["decant_reader"], f"SELECT state FROM tasks WHERE id = '{done}'").stdout.strip() == "CANCELED", "a canceled row")
    assert worker.stop() == 0 and web.stop() == 0
