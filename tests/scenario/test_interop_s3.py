"""Ceph's own tools and Amazon's own client see what docs/fleet.md says, on a bucket and with a user made by it."""

import hashlib
import json
import os
import secrets
import subprocess
import urllib.parse

import pytest
import requests

from documents import commands_of, run_commands
from harness import Client
from interop import run_node
from s3_site import gateway  # noqa: F401
from sounds import noise
from test_direct_uploads import announce, confirm, put

BUCKET = "decant-files"


def keys_of(path):
    [keys] = json.loads(path.read_text())["keys"]
    return {"AWS_ACCESS_KEY_ID": keys["access_key"], "AWS_SECRET_ACCESS_KEY": keys["secret_key"]}


@pytest.fixture
def made(gateway, tmp_path):
    """Bucket and users by the document: the keys of both, and the commands' environment."""
    environment = dict(os.environ) | {"CEPH_CONF": f"{gateway['folder']}/ceph.conf"}
    run_commands(commands_of("fleet.md", "Bucket and user on Ceph"), tmp_path, environment)
    admin, service = keys_of(tmp_path / "admin.json"), keys_of(tmp_path / "service.json")
    run_node("s3_client.cjs", gateway["endpoint"], "make", BUCKET, (tmp_path / "policy.json").read_text(), **admin)
    yield admin, service, environment
    subprocess.run(["radosgw-admin", "bucket", "rm", "--bucket", BUCKET, "--purge-objects"], env=environment, check=True, capture_output=True)
    for user in ("decant-admin", "decant-service"):
        subprocess.run(["radosgw-admin", "user", "rm", "--uid", user], env=environment, check=True, capture_output=True)


@pytest.fixture
def site(make_site, gateway, made, monkeypatch):
    for name, value in made[1].items():
        monkeypatch.setenv(name, value)
    query = urllib.parse.urlencode({"endpoint": gateway["endpoint"], "region": "us-east-1"})
    return make_site(objects=f"s3://{BUCKET}/prod?{query}", downloads="redirect", object_part_size="5MiB", orphan_grace="1s",
                     orphan_scan_interval="200ms", sweep_interval="200ms", sweep_jitter="0")


def test_others_read_what_decant_stored(site, gateway, made, tmp_path):
    admin, service, environment = made
    client = Client.sign_up(site.start("serve").url)
    audio = noise(90, seed=1)  # 16 MB: a result in parts
    stored = client.wait_for(client.submit(audio, "flac")["id"], "PROCESSED")
    short = noise(3, seed=2)
    opened = announce(client, short, "wav")
    assert put(opened, short) == 200
    direct = confirm(client, opened).json()["task"]
    client.wait_for(direct["id"], "PROCESSED", "FAILED")
    rows = site.rows("SELECT source_key, source_size, source_sha256 FROM tasks UNION SELECT result_key, result_size, result_sha256 FROM tasks "
                     "WHERE result_key IS NOT NULL")

    def node(action, *arguments, **keys):
        return run_node("s3_client.cjs", gateway["endpoint"], action, BUCKET, *arguments, **keys).stdout

    # Amazon's client lists the same objects, with the digests, and reads the same bytes, under decant's keys.
    listed = json.loads(node("list", "prod/", **service))
    assert listed == {f"prod/{key}": {"size": size, "metadata": {"sha256": sha256}} for key, size, sha256 in rows}
    for key, size, sha256 in rows:
        content = node("get", f"prod/{key}", **service)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
    # Its link and decant's name the same object.
    result = next(key for key, *_ in rows if key.startswith(f"results/{stored['id']}/"))
    theirs = requests.get(node("sign", f"prod/{result}", **service).decode(), timeout=10)
    location = client.request("GET", f"/api/download/{stored['id']}", allow_redirects=False).headers["Location"]
    ours = requests.get(location, timeout=10)
    assert (theirs.status_code, ours.status_code) == (200, 200) and theirs.content == ours.content
    assert ours.headers["ETag"] == theirs.headers["ETag"]

    shown = run_commands(commands_of("fleet.md", "Look at the bucket"), tmp_path, environment)
    assert '"num_objects": 4' in shown and '"owner": "decant-admin"' in shown
    for key, *_ in rows:
        assert f'"name": "prod/{key}"' in shown, "radosgw-admin"
        assert f"_prod/{key}\n" in shown, "rados"
    # Nobody without keys reads any of it.
    for key, *_ in rows:
        assert requests.get(f"{gateway['endpoint']}/{BUCKET}/prod/{key}", timeout=10).status_code == 403

    # decant's user may not change the bucket itself, nor make another.
    for policy in ("{}", "mine"):
        name = BUCKET if policy == "{}" else f"other-{secrets.token_hex(4)}"
        refused = run_node("s3_client.cjs", gateway["endpoint"], "make", name, policy, check=False, **service)
        assert refused.returncode == 1, name
    for task in client.tasks():
        client.delete(task["id"])
    assert json.loads(node("list", "prod/", **service)) == {}
