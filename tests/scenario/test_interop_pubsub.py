"""Google's own client sees what docs/fleet.md says on Google's emulator, and what it forges does no harm."""

import json
import subprocess

import pytest

from documents import commands_of, run_commands
from harness import DECANT, Client, wait_until
from interop import GOOGLE_PACKAGES, run_node
from pubsub_emulator import JARS, JAVA, PubsubEmulator
from sounds import tone

pytestmark = pytest.mark.skipif(not (JARS and JAVA), reason="Google's Pub/Sub emulator is not installed, or no Java for it")


@pytest.fixture
def emulator():
    made = PubsubEmulator()
    yield made
    made.kill()


def run_client(emulator, action, *arguments, **more):
    return run_node("pubsub_client.cjs", action, "test", *arguments, packages=GOOGLE_PACKAGES, PUBSUB_EMULATOR_HOST=emulator.host, **more).stdout


def test_rings_are_read_and_forged_messages_do_no_harm(make_site, emulator, tmp_path):
    site = make_site(broker="pubsub://test/tasks", workers=1, poll_interval="1h", sweep_interval="1h")
    site.environment["PUBSUB_EMULATOR_HOST"] = emulator.host
    shown = run_commands(commands_of("fleet.md", "Google Pub/Sub"), tmp_path, site.environment)
    assert "projects/test/subscriptions/tasks-sub" in shown and "the broker is ready" in shown

    def node(action, *arguments):
        return run_client(emulator, action, *arguments)

    node("subscribe", "tasks", "look")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    done = client.submit(tone(0.3), "flac")["id"]
    client.wait_for(done, "PROCESSED", seconds=30)
    assert json.loads(node("pull", "look")) == {"task_id": done, "generation": 1}, "with a subscription of one's own"
    for text in ("nothing", "{}", "[" * 500, json.dumps({"task_id": done, "generation": 99}), json.dumps({"task_id": done, "generation": 1}),
                 json.dumps({"task_id": "'; DROP TABLE tasks; --", "generation": 1})):
        node("publish", "tasks", text)
    last = client.submit(tone(0.5), "flac")["id"]
    client.wait_for(last, "PROCESSED", seconds=30)
    # A real ring that somebody else sends works as well as ours.
    assert [(task["state"], task["attempts"]) for task in client.tasks()] == [("PROCESSED", 1)] * 2
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox") == [(0,)], "an empty outbox")
    assert not worker.has_ended() and worker.stop() == 0


def test_pitfall10_a_ring_that_became_a_dead_letter_loses_no_task(make_site, emulator):
    site = make_site(broker="pubsub://test/tasks", workers=1, poll_interval="1h", sweep_interval="1s", ring_again_after="2min")
    site.environment["PUBSUB_EMULATOR_HOST"] = emulator.host
    subprocess.run([DECANT, "broker", "create"], env=site.environment, check=True)
    run_client(emulator, "subscribe", "tasks-dead", "letters")
    client = Client.sign_up(site.start("web").url)
    task = client.submit(tone(0.3), "flac")["id"]
    told = json.loads(run_client(emulator, "refuse", "tasks-sub", "letters", seconds=120))
    assert told == {"refused": 10, "letter": json.dumps({"task_id": task, "generation": 1}, separators=(",", ":"))}
    site.start("worker", ring_again_after="1s")
    client.wait_for(task, "PROCESSED", seconds=30)
    assert [(row["state"], row["attempts"]) for row in client.tasks()] == [("PROCESSED", 1)]
