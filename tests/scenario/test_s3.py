"""The whole service on a real S3 gateway: upload, convert, download by proxy and by link, and a worker killed while it stores a large result."""

import concurrent.futures
import http.server
import os
import pathlib
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests

from harness import DECANT, Client, wait_until
from s3_site import bucket, gateway, make_s3_site  # noqa: F401
from sounds import noise


def test_converts_and_downloads(make_s3_site, gateway, bucket):
    site = make_s3_site()
    client = Client.sign_up(site.start("serve").url)
    audio = noise(90, seed=1)
    task = client.submit(audio, "flac", name="a song.wav")
    task = client.wait_for(task["id"], "PROCESSED")
    assert client.download(task["id"], "original") == audio
    result = client.download(task["id"])
    assert result.startswith(b"fLaC") and len(result) == task["result"]["size"]
    part = client.request("GET", f"/api/download/{task['id']}", headers={"Range": "bytes=3000000-3000099"})
    assert part.status_code == 206 and part.content == result[3000000:3000100]
    assert bucket.keys() == site.referenced_objects(), "another client sees the same objects"
    assert bucket.content(site.rows("SELECT result_key FROM tasks")[0][0]) == result
    assert bucket.unfinished() == []
    client.delete(task["id"])
    assert bucket.keys() == set()
    assert not list((site.data / "objects").glob("*")), "nothing is kept here"
    assert gateway["secret_key"] not in site.logs() and "Signature" not in site.logs()


def test_downloads_may_leave_the_store_directly(make_s3_site, gateway):
    site = make_s3_site(downloads="redirect")
    client = Client.sign_up(site.start("serve").url)
    task = client.submit(noise(1, seed=2), "mp3", name="año nuevo.wav")
    client.wait_for(task["id"], "PROCESSED")
    path = f"/api/download/{task['id']}"
    answer = client.request("GET", path, allow_redirects=False)
    assert answer.status_code == 302 and answer.headers["Cache-Control"] == "no-store"
    link = answer.headers["Location"]
    assert link.startswith(gateway["endpoint"])
    direct = requests.get(link, timeout=10)
    assert direct.status_code == 200
    assert direct.headers["Content-Type"] == "audio/mpeg"
    assert urllib.parse.quote("año nuevo.mp3") in direct.headers["Content-Disposition"]
    played = client.request("GET", path, headers={"Sec-Fetch-Dest": "audio"}, allow_redirects=False)
    assert played.status_code == 200 and played.content == direct.content
    assert requests.get(link.replace("audio%2Fmpeg", "text%2Fhtml"), timeout=10).status_code == 403
    assert "Signature" not in site.logs()


def test_pitfall2_a_worker_killed_in_mid_multipart_leaves_nothing(make_s3_site, bucket):
    site = make_s3_site(lease="2s", sweep_interval="200ms", sweep_jitter="100ms", retry_pause="50ms", poll_interval="200ms",
                        max_attempts=50, orphan_grace="3s", orphan_scan_interval="300ms")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    task = client.submit(noise(240, seed=3), "wav", name="long.wav")  # 40 MB: eight parts
    kills = 0
    deadline = time.monotonic() + 60
    while kills < 2 and time.monotonic() < deadline:
        if any(key.startswith(f"{bucket.prefix}/results/") for key in bucket.unfinished()):
            worker.send(signal.SIGKILL)
            worker.process.wait()
            kills += 1
            worker = site.start("worker")
        elif client.task(task["id"])["state"] == "PROCESSED":
            client.request("PUT", f"/api/tasks/{task['id']}", json={"newFormat": "aiff"})
    assert kills == 2, "no upload in parts was met"
    client.wait_for(task["id"], "PROCESSED", seconds=90)
    wait_until(lambda: bucket.unfinished() == [], "removal of unfinished uploads", 30, pause=0.2)
    wait_until(lambda: bucket.keys() == site.referenced_objects(), "removal of orphan objects", 30, pause=0.2)
    assert len(bucket.keys()) == 2


@pytest.fixture
def pause(gateway):
    """Two calls: after the first the gateway takes connections and says nothing, until the second."""
    pid = gateway["pids"][-1]
    assert b"radosgw" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    yield lambda: os.kill(pid, signal.SIGSTOP), lambda: os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGCONT)


def test_a_store_that_pauses_costs_time_only(make_s3_site, bucket, pause):
    stop, resume = pause
    site = make_s3_site(object_stall_timeout="1s", retry_pause="200ms", retry_pause_limit="1s", max_attempts=50, lease="5s",
                        sweep_interval="500ms", orphan_grace="2s", orphan_scan_interval="500ms")
    service = site.start("serve")
    client = Client.sign_up(service.url)
    kept = client.submit(noise(1, seed=4), "flac")["id"]
    client.wait_for(kept, "PROCESSED")
    sounds = [noise(2 + number, seed=number) for number in range(6)]
    stop()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        uploads = [pool.submit(client.post, sound, "flac", key=f"upload-{number}") for number, sound in enumerate(sounds)]
        download = pool.submit(client.request, "GET", f"/api/download/{kept}", timeout=90)
        time.sleep(5)
        started = time.monotonic()
        assert [task["state"] for task in client.tasks()] == ["PROCESSED"], "nothing is accepted that is not stored"
        assert time.monotonic() - started < 3, "who needs no files does not wait"
        resume()
        for answer in [upload.result() for upload in uploads] + [download.result()]:
            assert answer.status_code in (200, 201, 503), answer.text
            assert answer.status_code != 503 or answer.json()["code"] == "unavailable"
    # Who was told 503 comes again.
    accepted = {client.submit(sound, "flac", key=f"upload-{number}")["id"] for number, sound in enumerate(sounds)}
    assert len(accepted) == len(sounds)
    assert [task["state"] for task in client.wait_for_all(len(sounds) + 1)] == ["PROCESSED"] * (len(sounds) + 1)
    assert client.download(kept).startswith(b"fLaC")
    wait_until(lambda: bucket.keys() == site.referenced_objects(), "removal of orphan objects", 30, pause=0.2)


def test_a_silent_store_is_unavailable(make_s3_site, pause):
    stop, _ = pause
    site = make_s3_site(object_stall_timeout="1s", object_tries=2)
    client = Client.sign_up(site.start("web").url)
    stop()
    answer = client.post(noise(1, seed=5), "flac")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), "no fault of the client's"
    assert client.tasks() == []


def test_pitfall17_missing_credentials_stop_the_start(make_s3_site):
    site = make_s3_site()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del site.environment[name]
    site.environment |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(site.folder)}
    ended = subprocess.run([DECANT, "serve"], env=site.environment, capture_output=True, text=True, timeout=10)
    assert ended.returncode != 0
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in ended.stderr


class EmptyBucket(http.server.BaseHTTPRequestHandler):
    """Lists no objects, whoever asks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        body = b"<ListBucketResult/>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def tls_store(tmp_path):
    """A store whose certificate nobody signed but itself: its URL and the certificate."""
    certificate, key = tmp_path / "store.pem", tmp_path / "store.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=store",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyBucket)
    server.asked = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", certificate, server.asked
    server.shutdown()


def test_asks_no_store_whose_certificate_is_not_trusted(make_site, tls_store, monkeypatch):
    endpoint, certificate, asked = tls_store
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    site = make_site(objects=f"s3://bucket?endpoint={endpoint}", object_tries="1")
    stranger = site.start("web")
    assert stranger.find_in_log("the object store does not answer yet.*certificate") and asked == []
    site.configure(objects=f"s3://bucket?endpoint={endpoint}&ca={certificate}")
    friend = site.start("web")
    assert not friend.find_in_log("does not answer") and asked
