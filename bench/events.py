#!/usr/bin/python3
"""What it costs to tell many idle pages what happens, against the same pages that ask every three seconds; and how late an event is.

  cpu      the server's CPU time for N pages that listen, as a ratio to N that poll, interleaved
  latency  from the answer to an upload until its event is there, with N pages that listen; a look is due every DECANT_EVENTS_INTERVAL

Usage: script/bench events [cpu|latency ...] [--listeners N] [--rounds N] [--seconds N] [--database URL]
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers
from client import Client, sign_up, upload

PER_USER = 8
POLL_PAUSE = 3


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Page:
    """A page that listens."""

    def __init__(self, port, token):
        self.client = Client(port, token)
        self.client.socket.sendall(f"GET /api/events HTTP/1.1\r\nHost: bench\r\n{self.client.authorization}\r\n".encode())
        self.read_until(b"\nid: ")

    def read_until(self, text):
        while text not in self.client.buffer:
            self.client._fill()
        self.client.buffer = b""

    def close(self):
        self.client.close()


def listen(port, tokens, count):
    return [Page(port, tokens[i % len(tokens)]) for i in range(count)]


def measure_cpu(process, port, tokens, arguments):
    ratios, ours, peers = [], [], []
    for _ in range(arguments.rounds):
        pages = listen(port, tokens, arguments.listeners)
        before = cpu_seconds(process.pid)
        time.sleep(arguments.seconds)
        ours.append(cpu_seconds(process.pid) - before)
        for page in pages:
            page.close()
        time.sleep(2)

        clients = [Client(port, tokens[i % len(tokens)]) for i in range(arguments.listeners)]
        before, start = cpu_seconds(process.pid), time.monotonic()
        for turn in range(arguments.seconds // POLL_PAUSE):
            for i, client in enumerate(clients):
                due = start + (turn + i / len(clients)) * POLL_PAUSE
                time.sleep(max(0, due - time.monotonic()))
                assert client.request("GET", "/api/tasks?order=desc&max=20").status == 200
        time.sleep(max(0, start + arguments.seconds - time.monotonic()))
        peers.append(cpu_seconds(process.pid) - before)
        for client in clients:
            client.close()
        ratios.append(ours[-1] / peers[-1])
    print(f"CPU of {arguments.listeners} idle pages, ratio to polling: {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
          f"   listening {statistics.median(ours) / arguments.seconds:.2%} of a core, polling {statistics.median(peers) / arguments.seconds:.2%}")


def measure_latency(port, tokens, arguments, folder):
    pages = listen(port, tokens, arguments.listeners)
    clip = folder / "clip.wav"
    with wave.open(str(clip), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(16000))
    client, late = Client(port, tokens[0]), []
    for _ in range(20 * arguments.rounds):
        with open(clip, "rb") as file:
            task = upload(client, file, "clip.wav", "wav")
        start = time.perf_counter()
        pages[0].read_until(task["id"].encode())
        late.append(1000 * (time.perf_counter() - start))
    late.sort()
    print(f"event of an upload with {arguments.listeners} pages: {statistics.median(late):.0f} ms after the answer (median), {late[int(len(late) * .99)]:.0f} ms (p99)")
    for page in pages:
        page.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=["cpu", "latency"])
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database")
    arguments = parser.parse_args()
    settings = {"CONNECTIONS_PER_ADDRESS": 100_000, "EVENTS_LISTENERS": 100_000, "EVENTS_PER_USER": PER_USER, "PASSWORD_MEMORY": "8KiB",
                "SIGN_UPS_PER_ADDRESS": 100_000, "UPLOADS_PER_USER": 256}
    if arguments.database:
        settings["DATABASE"] = arguments.database
    with tempfile.TemporaryDirectory() as folder, servers.decant("web", pathlib.Path(folder), **settings) as (process, port):
        tokens = [sign_up(port, f"bench{i}") for i in range(-(-arguments.listeners // PER_USER))]
        if "cpu" in arguments.workloads:
            measure_cpu(process, port, tokens, arguments)
        if "latency" in arguments.workloads:
            measure_latency(port, tokens, arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
