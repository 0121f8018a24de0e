"""Uploads that go to the object store without passing through decant: curl puts them by the answer alone, on a real S3 gateway."""

import hashlib
import json
import subprocess
import time

import requests

from harness import Client, wait_until
from s3_site import bucket, gateway, make_s3_site  # noqa: F401
from sounds import noise


def announce(client, content, target="flac", status=201, **more):
    answer = client.request("POST", "/api/uploads/direct", json={
        "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "newFormat": target, **more})
    assert answer.status_code == status, answer.text
    return answer.json()


def put(opened, content, **headers):
    """As the answer says, by curl: the status."""
    arguments = ["curl", "-sS", "-X", opened["method"], "--data-binary", "@-", "-o", "-", "-w", "\n%{http_code}", opened["url"]]
    for name, value in (opened["headers"] | headers).items():
        if name != "content-length":  # of what is sent, as every client does it
            arguments += ["-H", f"{name}: {value}"]
    ended = subprocess.run([*arguments, "-H", "content-type:"], input=content, capture_output=True, timeout=60, check=True)
    return int(ended.stdout.rpartition(b"\n")[2])


def confirm(client, opened):
    return client.request("POST", opened["confirm"], timeout=60)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_a_file_goes_to_the_store_and_becomes_a_task(make_s3_site, gateway, bucket):
    site = make_s3_site(downloads="redirect")
    client = Client.sign_up(site.start("serve").url)
    audio = noise(90, seed=1)  # 16 MB
    opened = announce(client, audio, filename="año nuevo.wav", options={"channels": 1})
    assert opened["url"].startswith(gateway["endpoint"]) and opened["method"] == "PUT"
    assert problem(confirm(client, opened)) == (409, "conflict")
    assert put(opened, audio) == 200
    answer = confirm(client, opened)
    assert answer.status_code == 201, answer.text
    task = answer.json()["task"]
    assert (task["id"], task["name"], task["originalExt"]) == (opened["id"], "año nuevo.wav", "wav")
    assert answer.headers["Location"] == f"/api/tasks/{task['id']}"
    assert confirm(client, opened).json()["task"]["id"] == task["id"], "again is the same task"
    assert len(client.tasks()) == 1
    task = client.wait_for(task["id"], "PROCESSED")
    assert client.download(task["id"], "original") == audio
    assert client.download(task["id"]).startswith(b"fLaC")
    assert bucket.keys() == site.referenced_objects()
    assert put(opened, audio) == 412, "nobody puts it twice"
    client.delete(task["id"])
    assert bucket.keys() == set()
    assert "Signature" not in site.logs() and gateway["secret_key"] not in site.logs()


def test_the_link_takes_nothing_but_what_was_announced(make_s3_site, bucket):
    site = make_s3_site()
    client = Client.sign_up(site.start("web").url)
    audio = noise(1, seed=2)
    opened = announce(client, audio)
    assert put(opened, audio[:-1] + b"\0") == 400, "other bytes"
    assert put(opened, audio + b"\0") == 403, "more bytes"
    assert put(opened, audio[:-2]) == 403, "fewer bytes"
    assert put(opened, audio, **{"x-amz-acl": "public-read"}) == 403
    assert put(opened, audio, **{"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}) == 403
    assert requests.put(opened["url"], data=audio, timeout=10).status_code == 403, "without its fields"
    assert put(opened | {"url": opened["url"].replace(".upload?", ".uploae?")}, audio) == 403
    assert requests.get(opened["url"], timeout=10).status_code == 403
    assert bucket.keys() == set()
    assert put(opened, audio) == 200
    assert requests.get(opened["url"].partition("?")[0], timeout=10).status_code == 403, "it is not public"
    # A store's owner may do what a client cannot; decant looks for itself.
    [key] = bucket.keys()
    bucket.replace(key, audio + b"\0")
    assert problem(confirm(client, opened)) == (422, "unprocessable")
    bucket.replace(key, audio[:-1] + b"\0")
    assert problem(confirm(client, opened)) == (422, "unprocessable")
    assert client.tasks() == []


def test_a_link_ends_and_its_upload_after_it(make_s3_site, bucket):
    site = make_s3_site(upload_link_lifetime="1s", direct_upload_grace="4s", sweep_interval="200ms", sweep_jitter="0",
                        user_quota="1MiB")
    client = Client.sign_up(site.start("web").url)
    audio = noise(3, seed=3)  # half a megabyte
    kept, lost = announce(client, audio), announce(client, audio[:100])
    assert put(kept, audio) == 200 and put(lost, audio[:100]) == 200
    announce(client, bytes(600_000), status=507)
    late = announce(client, audio[:200])
    time.sleep(2.2)
    assert put(late, audio[:200]) == 403, "the link has expired"
    assert confirm(client, kept).status_code == 201, "what came in time may be confirmed after it"
    wait_until(lambda: len(bucket.keys()) == 1, "removal of what nobody confirmed", 20)
    assert problem(confirm(client, lost)) == (404, "not_found")
    assert bucket.keys() == site.referenced_objects()
    assert site.rows("SELECT stored_bytes FROM users") == [(len(audio),)]
    assert client.task(kept["id"])["state"] == "UPLOADED"


def test_what_is_no_audio_is_refused(make_s3_site, bucket):
    site = make_s3_site(upload_link_lifetime="2s", direct_upload_grace="1h", sweep_interval="200ms", sweep_jitter="0")
    client = Client.sign_up(site.start("web").url)
    text = b"this is no audio" * 100
    opened = announce(client, text)
    assert put(opened, text) == 200
    assert problem(confirm(client, opened)) == (415, "unsupported_media")
    assert client.tasks() == []
    wait_until(lambda: bucket.keys() == set(), "removal of what was refused", 20)
    assert problem(confirm(client, opened)) == (404, "not_found")


def test_nobody_confirms_what_is_anothers(make_s3_site):
    site = make_s3_site(direct_uploads_per_user=2)
    web = site.start("web")
    client, stranger = Client.sign_up(web.url), Client.sign_up(web.url)
    audio = noise(1, seed=4)
    opened = announce(client, audio)
    assert put(opened, audio) == 200
    assert problem(confirm(stranger, opened)) == (404, "not_found")
    announce(client, audio)
    assert announce(client, audio, status=429)["code"] == "rate_limited"
    announce(stranger, audio)
    assert confirm(client, opened).status_code == 201
    assert problem(confirm(stranger, opened)) == (404, "not_found")


def test_a_folder_gives_no_links(make_site):
    site = make_site()
    client = Client.sign_up(site.start("web").url)
    refused = announce(client, b"x", status=409)
    assert "POST /api/tasks" in refused["detail"], json.dumps(refused)
