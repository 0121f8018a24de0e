"""The cloud takes a machine away, and says so before."""

import http.server
import threading
import time

import pytest

from harness import Client, wait_until
from sounds import noise


class MetadataService:
    """Answers as the metadata services of GCE and EC2 do, on loopback."""

    def __init__(self, cloud):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status, text="", **fields):
                self.send_response(status)
                for name, value in ({"Content-Length": len(text)} | fields).items():
                    self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                self.wfile.write(text.encode())

            def do_PUT(self):
                self.reply(200 if cloud == "aws" and self.path == "/latest/api/token" else 404, "token" if cloud == "aws" else "")

            def do_GET(self):
                service.asked += 1
                if cloud == "gce" and self.headers["Metadata-Flavor"] == "Google":
                    values = {"preempted": "TRUE" if service.is_taken else "FALSE", "maintenance-event": "NONE"}
                    value = values.get(self.path.removeprefix("/computeMetadata/v1/instance/"))
                    return self.reply(200 if value else 404, value or "", Metadata_Flavor="Google")
                if cloud == "aws" and self.path == "/latest/meta-data/spot/instance-action":
                    if self.headers["X-aws-ec2-metadata-token"] != "token":
                        return self.reply(401)
                    return self.reply(200, '{"action": "terminate", "time": "2026-11-24T05:00:00Z"}') if service.is_taken else self.reply(404)
                return self.reply(404)

            def log_message(self, *arguments):
                pass

        self.is_taken, self.asked = False, 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def make_metadata():
    made = []
    yield lambda cloud: made.append(MetadataService(cloud)) or made[-1]
    for service in made:
        service.close()


@pytest.mark.parametrize("cloud, setting", [("gce", "gce"), ("aws", "auto")])
def test_a_worker_that_is_taken_away_gives_its_work_back(make_site, make_metadata, cloud, setting):
    metadata = make_metadata(cloud)
    site = make_site(drain_budget="1s", lease="30s", workers=2)
    web = site.start("web")
    site.configure(preemption=setting, preemption_metadata=metadata.origin, preemption_interval="50ms")
    worker = site.start("worker")
    client = Client.sign_up(web.url)
    ids = [client.submit(noise(300, seed=seed), "ogg")["id"] for seed in range(3)]
    for task_id in ids[:2]:
        client.wait_for(task_id, "PROCESSING")
    assert metadata.asked > 0 and not worker.has_ended()

    started = time.monotonic()
    metadata.is_taken = True
    assert worker.process.wait(20) == 0
    assert time.monotonic() - started < 8, "inside the budget, and a little"
    assert "stopping" in worker.log() and ("preempted" if cloud == "gce" else "spot interruption") in worker.log()
    for task in client.tasks():
        assert (task["state"], task["attempts"], task["error"]) == ("UPLOADED", 0, None)

    site.configure(preemption="off")
    site.start("worker")
    tasks = client.wait_for_all(len(ids), seconds=300)
    assert {(task["state"], task["attempts"]) for task in tasks} == {("PROCESSED", 1)}
    assert site.objects() == site.referenced_objects()


def test_work_that_fits_the_budget_is_finished_before(make_site, make_metadata):
    metadata = make_metadata("gce")
    site = make_site(drain_budget="20s", preemption="gce", preemption_metadata=metadata.origin, preemption_interval="50ms", workers=1)
    service = site.start("serve")
    client = Client.sign_up(service.url)
    task_id = client.submit(noise(120, seed=4), "mp3")["id"]
    client.wait_for(task_id, "PROCESSING", "PROCESSED")
    metadata.is_taken = True
    wait_until(lambda: "the instance is preempted" in service.log(), "the stop")
    assert service.process.wait(40) == 0
    assert site.rows("SELECT state, attempts FROM tasks") == [("PROCESSED", 1)]


def test_no_cloud_delays_or_fails_no_start(make_site):
    # 192.0.2.0/24 is nobody's (RFC 5737).
    site = make_site(preemption="auto", preemption_metadata="http://192.0.2.1", workers=1)
    started = time.monotonic()
    service = site.start("serve")
    assert time.monotonic() - started < 10
    client = Client.sign_up(service.url)
    assert client.submit(noise(1, seed=1), "flac")["id"]
    assert service.stop() == 0
