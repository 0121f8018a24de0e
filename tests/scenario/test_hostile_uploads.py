"""What bad input gets: refused at upload, in words, and nothing of it is kept; or done with every loss named."""

import struct
import subprocess

import numpy
import pytest

from harness import Client
from sounds import ffmpeg, noise, tone


@pytest.fixture
def site(make_site):
    return make_site(workers=1, max_attempts=2, retry_pause="50ms", orphan_grace="1s")


@pytest.fixture
def client(site):
    return Client.sign_up(site.start("serve").url)


def huge_claim(samples):
    """A WAV header that claims 4 GB, and what follows it."""
    return (b"RIFF" + struct.pack("<I", 0xF0000024) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44100, 176400, 4, 16) +
            b"data" + struct.pack("<I", 0xF0000000) + samples)


def flac_with_huge_picture():
    """A FLAC whose picture block claims 4 GB inside of 1 KB."""
    picture = struct.pack(">II", 3, 0xFFFFFFF0) + bytes(980)
    return b"fLaC" + b"\x86" + struct.pack(">I", len(picture))[1:] + picture


def truncated_mp4(folder):
    """The index at the end is cut off."""
    whole = ffmpeg(folder, "whole.m4a", audio=tone(5))
    return whole[: len(whole) // 2]


def mute_video(folder):
    return ffmpeg(folder, "mute.mp4", "-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=10", "-an")


NO_AUDIO = {
    "text": lambda folder: b"Dear Sir or Madam, this is a letter and no music at all.\n" * 50,
    "empty": lambda folder: b"",
    "one byte": lambda folder: b"R",
    "random bytes": lambda folder: numpy.random.default_rng(8).bytes(100_000),
    "a script": lambda folder: b"#!/bin/sh\ncat /etc/passwd\n",
    "an HTML page": lambda folder: b"<!doctype html><script>alert(1)</script>" * 30,
    "a picture": lambda folder: ffmpeg(folder, "picture.png", "-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1"),
    "HLS playlist": lambda folder: b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat script": lambda folder: b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "SDP": lambda folder: b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
    "a video without sound": mute_video,
    "a WAV of 44 bytes that claims 4 GB": lambda folder: huge_claim(b""),
    "a WAV of 1 KB that claims 4 GB": lambda folder: huge_claim(bytes(980)),
    "a picture that claims 4 GB": lambda folder: flac_with_huge_picture(),
    "an MP4 without its index": truncated_mp4,
}


@pytest.mark.parametrize("what", NO_AUDIO)
def test_what_is_no_audio_is_refused_at_once(site, client, tmp_path, what):
    answer = client.post(NO_AUDIO[what](tmp_path), "wav", name="song.mp3")
    assert answer.status_code in (415, 422), answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"] in ("unsupported_media", "unprocessable")
    assert len(problem["detail"].split()) >= 3, "a reason in words"
    assert "/" not in problem["detail"].replace("and/or", ""), "no path"
    assert client.tasks() == []
    assert site.objects() == set()
    assert site.rows("SELECT count(*) FROM tasks") == [(0,)]


def damaged(audio):
    """Zeros and noise over the middle third."""
    third = len(audio) // 3
    return audio[:third] + numpy.random.default_rng(9).bytes(third) + audio[2 * third:]


@pytest.mark.parametrize("codec, damage", [(codec, damage) for codec in ("flac", "mp3", "ogg", "wav", "aac")
                                           for damage in ("cut", "overwritten") if (codec, damage) != ("wav", "overwritten")])
def test_what_breaks_in_the_middle_is_never_silently_short(client, tmp_path, codec, damage):
    whole = noise(10, seed=10) if codec == "wav" else ffmpeg(tmp_path, f"whole.{codec}", audio=noise(10, seed=10))
    audio = whole[: len(whole) // 2] if damage == "cut" else damaged(whole)
    answer = client.post(audio, "flac", name=f"broken.{codec}")
    if answer.status_code in (415, 422):
        return
    assert answer.status_code == 201, answer.text
    task = client.wait_for(answer.json()["task"]["id"], "PROCESSED", "FAILED")
    if task["state"] == "FAILED":
        assert len(task["error"]["message"].split()) >= 3
        return
    result = tmp_path / "result.flac"
    result.write_bytes(client.download(task["id"]))
    seconds = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", result],
                                   stdout=subprocess.PIPE, check=True).stdout)
    # A stream of frames that just ends (MP3 and AAC without an index, Ogg) doesn't tell that there was more.
    tells_its_length = codec in ("flac", "wav")
    if seconds < 9.9 and (damage == "overwritten" or tells_its_length):
        assert task["report"]["losses"], f"{seconds} of 10 seconds, and not a word about it"


NAMES = {
    "up": "../../../etc/passwd.wav",
    "absolute": "/etc/cron.d/evil.wav",
    "quotes": "a\"b'c.wav",
    "markup": "\"><img src=x onerror=alert(1)>.wav",
    "emoji": "🎵🎶 música.wav",
    "right to left": "שיר יפה.wav",
    "dash": "-rf.wav",
    "shell": "$(touch pwned);`id`|cat.wav",
    "4 KB": "x" * 4096 + ".wav",
}


@pytest.mark.parametrize("what", NAMES)
def test_a_name_is_shown_and_never_a_path(site, client, what):
    name = NAMES[what]
    answer = client.request("POST", "/api/tasks", data={"newFormat": "flac", "filename": name}, files={"audio": ("a.wav", tone(0.1))})
    assert answer.status_code == 201, answer.text
    task = client.wait_for(answer.json()["task"]["id"], "PROCESSED", "FAILED")
    assert task["state"] == "PROCESSED", task["error"]
    assert task["name"] == (name if len(name) <= 255 else name[:255])
    assert sorted(key.rpartition("/")[0] for key in site.objects()) == [f"results/{task['id']}", f"sources/{task['id']}"]
    download = client.request("GET", f"/api/download/{task['id']}")
    assert download.content[:4] == b"fLaC"
    disposition = download.headers["Content-Disposition"]
    assert "\r" not in disposition and "\n" not in disposition
    assert disposition.startswith("attachment")


@pytest.mark.parametrize("name", ["a\0b.wav", "a\nb.wav", "a\r\nSet-Cookie: x=y\r\n.wav"])
def test_control_characters_leave_a_name(client, name):
    answer = client.request("POST", "/api/tasks", data={"newFormat": "flac", "filename": name}, files={"audio": ("a.wav", tone(0.1))})
    assert answer.status_code == 201, answer.text
    task = client.wait_for(answer.json()["task"]["id"], "PROCESSED", "FAILED")
    assert not set(task["name"]) & set("\0\r\n")
    download = client.request("GET", f"/api/download/{task['id']}")
    assert "Set-Cookie" not in download.headers
