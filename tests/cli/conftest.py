"""The built `decant` as a person or a script uses it."""

import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("DECANT_BIN", SOURCE / "build" / "release" / "bin"))
DECANT = BIN / "decant"

# Of the caller's environment nothing of decant's own may leak in: an unknown DECANT_ variable stops every command.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}
# The logs of services are read as a person reads them.
READABLE = {"DECANT_LOG_FORMAT": "text"}


def run(*arguments, text=None, **environment):
    """Runs decant to its end: returncode, stdout, stderr."""
    return subprocess.run([DECANT, *map(str, arguments)], env=CLEAN | environment, input=text, text=True,
                          stdin=None if text is not None else subprocess.DEVNULL, capture_output=True, timeout=60)


class Service:
    """`decant serve|web|worker` in the background, ended with the test."""

    def __init__(self, role, data, *arguments):
        self.port = free_port()
        self.log = open(pathlib.Path(data).parent / f"{role}-{self.port}.log", "w+b")
        listen = ["--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen([DECANT, role, "--data", str(data), *listen, *arguments], env=CLEAN | READABLE,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def wait_for(self, words, seconds=30):
        deadline = time.monotonic() + seconds
        while words not in self.text():
            assert self.process.poll() is None, f"ended early:\n{self.text()}"
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.text()}"
            time.sleep(0.02)
        return self

    def text(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path):
    started = []

    def start_service(role, *arguments, data=tmp_path / "data", ready=None):
        service = Service(role, data, *arguments)
        started.append(service)
        ready = ready or ("the worker is ready" if role == "worker" else "the page is ready")
        return service.wait_for(ready)

    yield start_service
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
        service.process.wait()
        service.log.close()


@pytest.fixture(scope="session")
def tone(tmp_path_factory):
    """Two seconds of a sine as WAV with tags, made by ffmpeg."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=440:sample_rate=44100:duration=2",
                    "-metadata", "title=A tone", str(path)], check=True)
    return path
