#!/usr/bin/python3
"""The whole service against its peers, in interleaved rounds: ratios, never bare times.

  clips     forty 5-second clips MP3 -> WAV, HTTP in to PROCESSED, against xargs -P ffmpeg on the same files
  songs     twelve 3-minute songs WAV -> MP3 192k, the same way
  transfer  20 MB up and down, against nginx on the same machine with the same client
  latency   one 5-second clip MP3 -> WAV on an idle service, POST to PROCESSED, against the ffmpeg command
  memory    the server's peak resident memory with 64 uploads of 200 MB at once

Usage: script/bench service [workload ...] [--rounds N]
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import recordings
import servers
from client import Client, sign_up, upload

CORES = os.cpu_count()
CACHE = servers.ROOT / "build" / "bench"
# The limits on one user's uploads are not what is measured here.
OPEN_LIMITS = {"UPLOADS_PER_USER": 256, "USER_QUOTA": 0}


def report(name, ratios, unit, ours, peers):
    """One line: the median ratio with its range, and the medians it came from."""
    print(f"{name:<34} {statistics.median(ratios):6.2f}x  ({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} rounds)"
          f"   decant {statistics.median(ours):.4g} {unit}, peer {statistics.median(peers):.4g} {unit}", flush=True)


def convert_all(port, token, files, target):
    """Seconds from the first byte sent until the last task is PROCESSED, one uploading connection a core."""
    def send(group):
        client = Client(port, token)
        ids = []
        for path in group:
            with open(path, "rb") as file:
                ids.append(upload(client, file, path.name, target)["id"])
        client.close()
        return ids

    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        ids = [task for group in pool.map(send, [files[i::CORES] for i in range(CORES)]) for task in group]
    client = Client(port, token)
    for task in ids:
        wait_processed(client, task, 0.004)
    seconds = time.perf_counter() - start
    for task in ids:
        client.request("DELETE", f"/api/tasks/{task}")
    client.close()
    return seconds


def wait_processed(client, task, pause):
    while True:
        answer = client.request("GET", f"/api/tasks/{task}").json()
        if answer["state"] == "PROCESSED":
            return answer
        if answer["state"] in ("FAILED", "CANCELED"):
            raise RuntimeError(f"task {task} is {answer['state']}: {answer['error']}")
        time.sleep(pause)


def xargs_ffmpeg(files, folder, extension, options):
    """Seconds of `xargs -P cores ffmpeg` over the files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = "\0".join(str(path) for path in files).encode()
    command = f'ffmpeg -nostdin -v error -y -i "$1" {options} "{folder}/$(basename "$1").{extension}"'
    start = time.perf_counter()
    subprocess.run(["xargs", "-0", "-n1", f"-P{CORES}", "sh", "-c", command, "sh"], input=names, check=True)
    return time.perf_counter() - start


def bench_batch(name, files, target, extension, ffmpeg_options, rounds, folder):
    with servers.decant("serve", folder / "serve", **OPEN_LIMITS) as (_, port):
        token = sign_up(port)
        convert_all(port, token, files[:CORES], target)
        ours, peers = [], []
        for _ in range(rounds):
            ours.append(60 * len(files) / convert_all(port, token, files, target))
            peers.append(60 * len(files) / xargs_ffmpeg(files, folder / "ffmpeg", extension, ffmpeg_options))
    report(name, [a / b for a, b in zip(ours, peers)], "files/min", ours, peers)


def bench_clips(rounds, folder):
    bench_batch("clips MP3 -> WAV, 40 x 5 s", recordings.clips(CACHE, 40), "wav", "wav", "", rounds, folder)


def bench_songs(rounds, folder):
    bench_batch("songs WAV -> MP3, 12 x 3 min", recordings.songs(CACHE, 12), "mp3", "mp3", "-b:a 192k",
                max(1, rounds // 3), folder)


def bench_transfer(rounds, folder):
    sound = recordings.cut(recordings.MUSIC[0], 0, 113.4, CACHE / "twenty-megabytes.wav", "-ar", "44100", "-ac", "2")
    size = sound.stat().st_size

    def timed(action, connections):
        """MB/s of twelve transfers over these connections at once, and what each returned."""
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(len(connections)) as pool:
            results = list(pool.map(lambda i: [action(connections[i], n) for n in range(i, 12, len(connections))],
                                    range(len(connections))))
        return size / 1e6 * 12 / (time.perf_counter() - start), [one for group in results for one in group]

    def upload_decant(client, _):
        with open(sound, "rb") as file:
            return upload(client, file, "twenty.wav", "mp3")["id"]

    def upload_nginx(client, number):
        with open(sound, "rb") as file:
            status = client.send_file("PUT", f"/up-{number}.wav", file, "audio/wav").status
        assert status in (201, 204), status

    def download(path):
        def get(client, _):
            answer = client.request("GET", path, keep_body=False)
            assert answer.status == 200 and answer.body == size, answer.status
        return get

    with servers.decant("web", folder / "web", **OPEN_LIMITS) as (_, port), \
            servers.nginx(folder / "nginx") as (_, nginx_port):
        token = sign_up(port)
        for count in (1, 4):
            clients = [Client(port, token) for _ in range(count)]
            peers = [Client(nginx_port) for _ in range(count)]
            up, up_peer, down, down_peer = [], [], [], []
            for _ in range(rounds):
                speed, tasks = timed(upload_decant, clients)
                up.append(speed)
                up_peer.append(timed(upload_nginx, peers)[0])
                down.append(timed(download(f"/api/download/{tasks[0]}?which=original"), clients)[0])
                down_peer.append(timed(download("/up-0.wav"), peers)[0])
                for task in tasks:
                    clients[0].request("DELETE", f"/api/tasks/{task}")
            several = f"{count} connection{'s' if count > 1 else ''}"
            report(f"upload of 20 MB, {several}", [a / b for a, b in zip(up, up_peer)], "MB/s", up, up_peer)
            report(f"download of 20 MB, {several}", [a / b for a, b in zip(down, down_peer)], "MB/s", down, down_peer)
            for client in clients + peers:
                client.close()


def bench_latency(rounds, folder):
    clip = recordings.clips(CACHE, 1)[0]
    ours, peers = [], []
    with servers.decant("serve", folder / "serve", **OPEN_LIMITS) as (_, port), open(clip, "rb") as file:
        client = Client(port, sign_up(port))
        for i in range(3 + rounds * 5):
            start = time.perf_counter()
            task = upload(client, file, clip.name, "wav")["id"]
            wait_processed(client, task, 0.001)
            taken = time.perf_counter() - start
            time.sleep(0.05)
            start = time.perf_counter()
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, folder / "peer.wav"], check=True)
            if i >= 3:
                ours.append(taken * 1000)
                peers.append((time.perf_counter() - start) * 1000)
    report("latency MP3 -> WAV, 5 s, idle", [b / a for a, b in zip(ours, peers)], "ms", ours, peers)


def bench_memory(_, folder):
    size = 200_000_000
    sound = folder / "200-megabytes.wav"
    header = b"RIFF" + (size - 8).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + bytes.fromhex(
        "01000200 44ac0000 10b10200 04001000") + b"data" + (size - 44).to_bytes(4, "little")
    with open(sound, "wb") as file:
        file.write(header)
        file.truncate(size)
    with servers.decant("web", folder / "web", **OPEN_LIMITS) as (process, port):
        token = sign_up(port)

        def send(_):
            with open(sound, "rb") as file:
                client = Client(port, token)
                upload(client, file, sound.name, "mp3")
                client.close()

        before = servers.peak_memory_kib(process.pid)
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            list(pool.map(send, range(64)))
        after = servers.peak_memory_kib(process.pid)
    print(f"{'memory, 64 uploads of 200 MB':<34} {after / 1024:6.1f} MiB peak resident (aim 96), {before / 1024:.1f} before; "
          f"{64 * size / 1e9:.1f} GB went through: {after * 1024 / (64 * size):.4f} of it", flush=True)


WORKLOADS = {"clips": bench_clips, "songs": bench_songs, "transfer": bench_transfer, "latency": bench_latency,
             "memory": bench_memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", metavar="workload", help=f"{', '.join(WORKLOADS)}; default: all")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    for name in arguments.workload:
        if name not in WORKLOADS:
            parser.error(f"unknown workload {name!r}; there are {', '.join(WORKLOADS)}")
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"machine: {CORES} cores, {model}, {os.uname().release}; medians of interleaved rounds, more than 1x is better")
    for name in arguments.workload or WORKLOADS:
        with tempfile.TemporaryDirectory(prefix="decant-bench-") as folder:
            WORKLOADS[name](arguments.rounds, pathlib.Path(folder))


if __name__ == "__main__":
    main()
