"""A full disk refuses uploads in clear words and breaks nothing."""

import subprocess

import pytest

from harness import Client
from sounds import noise, tone

SIZE = 48 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "decant-test", tmp_path], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(path, leave):
    """Takes all of the disk but about `leave` bytes."""
    with open(path, "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(1 << 16))
        except OSError:
            ballast.truncate(max(0, ballast.tell() - leave))


def test_a_full_disk_is_507_and_then_all_goes_on(small_disk, make_site):
    site = make_site(workers=1, max_attempts=2, retry_pause="100ms", retry_pause_limit="200ms")
    service = site.start("serve")
    client = Client.sign_up(service.url)
    kept = client.submit(tone(1), "flac")["id"]
    client.wait_for(kept, "PROCESSED")
    before = site.objects()
    assert len(before) == 2

    ballast = small_disk / "ballast"
    fill(ballast, leave=4 << 20)
    answer = client.post(noise(60, seed=6), "flac")
    assert answer.status_code == 507, answer.text
    problem = answer.json()
    assert problem["code"] == "quota_exceeded"
    assert len(problem["detail"].split()) > 2
    assert [task["id"] for task in client.tasks()] == [kept]
    assert site.objects() == before, "nothing of it is kept"
    assert client.download(kept)[:4] == b"fLaC"

    # Room for the upload, none for what it becomes.
    mp3 = subprocess.run(["ffmpeg", "-v", "error", "-i", "pipe:0", "-b:a", "64k", "-f", "mp3", "pipe:1"],
                         input=tone(120), stdout=subprocess.PIPE, check=True).stdout
    grown = client.submit(mp3, "wav", name="grown.mp3")["id"]
    task = client.wait_for(grown, "FAILED", "PROCESSED")
    assert task["state"] == "FAILED"
    assert task["error"]["code"] == "quota_exceeded", task["error"]
    client.delete(grown)

    fill(small_disk / "last crumbs", leave=0)
    for _ in range(3):
        assert client.post(tone(0.5), "flac").status_code in (503, 507)
    assert [task["id"] for task in client.tasks()] == [kept], "reading goes on"

    ballast.unlink()
    (small_disk / "last crumbs").unlink()
    again = client.submit(noise(5, seed=7), "flac")["id"]
    assert client.wait_for(again, "PROCESSED", "FAILED")["state"] == "PROCESSED"
    assert not service.has_ended()
    assert service.stop() == 0
    site.check_integrity()
