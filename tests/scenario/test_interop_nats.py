"""The NATS project's own client sees what docs/fleet.md says, and what it forges does no harm."""

import json
import pathlib
import signal
import subprocess

import pytest

from documents import commands_of, run_commands
from harness import Client, wait_until
from interop import ask_node, run_node
from nats_cluster import PROGRAM, NatsServer
from sounds import tone

pytestmark = pytest.mark.skipif(not pathlib.Path(PROGRAM).exists(), reason="nats-server is not installed")

OPERATOR = ("operator", "change-this")
DECANT = ("decant", "change-this-too")


@pytest.fixture
def server(tmp_path, monkeypatch):
    folder = tmp_path / "nats"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = NatsServer(folder, "server")
    yield made
    if made.process:
        made.kill()


def test_users_of_few_rights_ring_and_forged_messages_do_no_harm(make_site, server, tmp_path):
    site = make_site(workers=1, poll_interval="1h", sweep_interval="1h")
    environment = site.environment | {"PATH": f"{pathlib.Path(PROGRAM).parent}:{site.environment['PATH']}"}
    run_commands(commands_of("fleet.md", "Server and users"), server.folder, environment)
    server.process = subprocess.Popen([PROGRAM, "-c", "nats.conf", "-a", "127.0.0.1", "-p", str(server.port), "-m", str(server.monitor_port),
                                       "-l", "server.log"])
    wait_until(server.is_healthy, "the NATS server", 30)
    host = f"127.0.0.1:{server.port}"
    site.configure(broker=f"nats://decant:change-this-too@{host}/decant")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    done = client.submit(tone(0.3), "flac")["id"]
    client.wait_for(done, "PROCESSED", seconds=10)

    def node(*arguments, user=OPERATOR):
        return ask_node("nats_client.cjs", host, *user, *arguments)

    # Stream, consumer and messages are what the document says.
    wait_until(lambda: node("describe", "decant")["stream"]["state"]["messages"] == 0, "a settled ring")
    described = node("describe", "decant")
    assert described["stream"]["config"]["subjects"] == ["decant.rings"]
    assert described["stream"]["config"]["retention"] == "workqueue"
    [consumer] = described["consumers"]
    assert consumer["name"] == "workers" and consumer["config"]["ack_policy"] == "explicit"
    worker.send(signal.SIGSTOP)
    waiting = client.submit(tone(0.4), "flac")["id"]
    wait_until(lambda: node("describe", "decant")["stream"]["state"]["messages"] == 1, "a ring that waits")
    [message] = node("peek", "decant")
    assert json.loads(message) == {"task_id": waiting, "generation": 1}
    shown = json.loads(run_commands(commands_of("fleet.md", "Look at the stream"), server.folder,
                                    environment | {"NATS_MONITOR": f"127.0.0.1:{server.monitor_port}"}))
    [stream] = [stream for account in shown["account_details"] for stream in account["stream_detail"] if stream["name"] == "decant"]
    [consumer] = stream["consumer_detail"]
    assert stream["state"]["messages"] == 1 and consumer["num_pending"] + consumer["num_ack_pending"] == 1
    worker.send(signal.SIGCONT)
    client.wait_for(waiting, "PROCESSED", seconds=60)

    # Whoever may publish wastes looks and nothing else.
    forged = ["", "nothing", "{}", "[" * 500, json.dumps({"task_id": done, "generation": 1}), json.dumps({"task_id": done, "generation": 99}),
              json.dumps({"task_id": "00000000-0000-7000-8000-000000000000", "generation": 1}),
              json.dumps({"task_id": "'; DROP TABLE tasks; --", "generation": 1}), json.dumps({"task_id": done, "generation": 2**63}),
              "x" * 3000, "\x00\xff", '{"task_id":"__import__(\\"os\\").system(\\"id\\")","generation":1}']
    assert node("publish", "decant", *[text.replace("\x00", "\x01") for text in forged]) == len(forged)
    too_large = run_node("nats_client.cjs", host, *OPERATOR, "publish", "decant", "x" * 100_000, check=False)
    assert too_large.returncode == 1, "the stream takes no large ones"
    wait_until(lambda: node("describe", "decant")["stream"]["state"]["messages"] == 0, "an empty stream", 60)
    assert not worker.has_ended()
    last = client.submit(tone(0.5), "flac")["id"]
    client.wait_for(last, "PROCESSED", seconds=10)
    assert [(task["state"], task["attempts"]) for task in client.tasks()] == [("PROCESSED", 1)] * 3

    # decant's user may not read or remove what is others'.
    assert "Permissions Violation" in node("subscribe", "decant", "other.>", user=DECANT)
    assert run_node("nats_client.cjs", host, *DECANT, "publish", "other", "x", check=False).returncode == 1
    assert "change-this" not in site.logs()
    assert worker.stop() == 0
