"""`decant top`: one look for scripts, and the live view on a pseudo-terminal."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import termios
import time

import pytest
from conftest import CLEAN, DECANT, run

TASK = "01a223e9-a6d3-75b9-9ffc-0473d43fe1f{}"


@pytest.fixture
def data(tmp_path):
    """A data folder with a task that runs, one that waits and one that failed."""
    folder = tmp_path / "data"
    assert run("migrate", "--data", folder).returncode == 0
    now = round(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(folder / "decant.db")) as database, database:
        database.execute("INSERT INTO users (id, name, email, password_hash, created, disabled, token_generation)"
                         " VALUES ('u', 'ada', 'a@example.org', '', 0, 0, 0)")
        for number, (state, worker, error) in enumerate([("UPLOADED", None, None), ("PROCESSING", "host-a/17", None),
                                                         ("FAILED", None, "it broke\033[2J")]):
            database.execute(
                "INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts, max_attempts,"
                " not_before, lease_until, worker, progress, error_code, error_message, media, source_key, source_size, source_sha256,"
                " source_mime_type, source_extension) VALUES (?, 'u', ?, ?, 'n', 'mp3', '{}', ?, 1, 1, 1, 3, ?, ?, ?, 0.25, ?, ?, '{}', ?,"
                " 1, '', '', 'wav')",
                (TASK.format(number), now, now, state, now - 95_000, now + 60_000 if worker else None, worker,
                 error and "unprocessable", error, f"k{number}"))
    return folder


class Terminal:
    """`decant top` on a pseudo-terminal of 100 columns and 30 lines."""

    def __init__(self, *arguments):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self.shown = b""
        self.process = subprocess.Popen([DECANT, "top", *map(str, arguments)], env=CLEAN, stdin=self.theirs, stdout=self.theirs,
                                        stderr=subprocess.DEVNULL, start_new_session=True)

    def wait_for(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 65536)
        return self

    def ends_well(self):
        assert self.process.wait(20) == 0
        self.wait_for(b"\033[?25h\033[?1049l")
        assert termios.tcgetattr(self.theirs) == self.before, "the terminal is as it was"

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def on_terminal():
    with contextlib.ExitStack() as open_ones:
        def start(*arguments):
            terminal = Terminal(*arguments)
            open_ones.callback(terminal.close)
            return terminal
        yield start


def test_once_prints_it_and_ends(data):
    for arguments in (["--once"], []):
        result = run("top", "--data", data, *arguments)
        assert result.returncode == 0, result.stderr
        assert "1 ready, 0 delayed, 1 running" in result.stdout
        assert re.search(r"the oldest waits 1:3\d", result.stdout)
        assert re.search(r"^host-a/17 +1$", result.stdout, re.MULTILINE)
        assert re.search(rf"^{TASK.format(1)} mp3 +1 +25 %  host-a/17$", result.stdout, re.MULTILINE)
        assert "unprocessable: it broke?[2J" in result.stdout
        assert "\033" not in result.stdout


def test_json_is_one_object_for_scripts(data):
    result = run("top", "--data", data, "--json")
    assert result.returncode == 0, result.stderr
    work = json.loads(result.stdout)
    assert work["queue"] | {"oldestReadyAgeSeconds": 0} == {
        "ready": 1, "delayed": 0, "leased": 1, "processed": 0, "failed": 1, "oldestReadyAgeSeconds": 0}
    assert 95 <= work["queue"]["oldestReadyAgeSeconds"] < 200
    assert work["running"] == [{"task": TASK.format(1), "worker": "host-a/17", "target": "mp3", "attempt": 1, "progress": 0.25}]
    assert work["failed"][0] | {"ageSeconds": 0} == {
        "task": TASK.format(2), "target": "mp3", "code": "unprocessable", "message": "it broke\033[2J", "ageSeconds": 0}
    assert "outbox" not in work


def test_the_outbox_is_shown_with_a_broker(data):
    result = run("top", "--data", data, "--json", "--broker", "nats://127.0.0.1:1/x")
    assert json.loads(result.stdout)["outbox"] == {"waiting": 0, "oldestAgeSeconds": 0}


def test_without_a_database_it_says_what_to_do(tmp_path):
    result = run("top", "--data", tmp_path / "none", "--once")
    assert result.returncode == 1
    assert "decant migrate" in result.stderr


@pytest.mark.parametrize("interval", ["0", "10ms", "2h", "soon"])
def test_intervals_have_bounds(interval):
    result = run("top", "--interval", interval)
    assert result.returncode == 2 and "100ms to 1h" in result.stderr


def test_the_screen_follows_the_work(data, on_terminal):
    terminal = on_terminal("--data", data, "--interval", "100ms")
    terminal.wait_for(b"\033[?1049h").wait_for(b"1 ready, 0 delayed, 1 running").wait_for(b"host-a/17").wait_for(b"it broke?[2J")
    terminal.wait_for(b"0.0 processed a minute")
    with contextlib.closing(sqlite3.connect(data / "decant.db", timeout=10)) as database, database:
        database.execute("UPDATE tasks SET state = 'PROCESSED', lease_until = NULL, worker = NULL WHERE state = 'PROCESSING'")
    terminal.wait_for(b"1 ready, 0 delayed, 0 running").wait_for(b"1 processed, 1 failed")
    assert re.search(rb"[1-9][0-9.]* processed a minute", terminal.wait_for(b"processed a minute").shown)
    os.write(terminal.ours, b"q")
    terminal.ends_well()


@pytest.mark.parametrize("key", [b"q", b"\x03", b"\x04"])
def test_keys_quit_and_leave_the_terminal_as_it_was(data, on_terminal, key):
    terminal = on_terminal("--data", data)
    terminal.wait_for(b"q quits").wait_for(b"it broke")
    os.write(terminal.ours, key)
    terminal.ends_well()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_and_leave_the_terminal_as_it_was(data, on_terminal, number):
    terminal = on_terminal("--data", data)
    terminal.wait_for(b"it broke")
    terminal.process.send_signal(number)
    terminal.ends_well()


def test_lines_fit_a_window_that_changes(data, on_terminal):
    terminal = on_terminal("--data", data, "--interval", "1h")
    terminal.wait_for(b"it broke?[2J")
    terminal.shown = b""
    fcntl.ioctl(terminal.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 40, 0, 0))
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.wait_for(b"\033[J")
    lines = [re.sub(r"\033\[\w|\r", "", line) for line in terminal.shown.decode().split("\n")]
    assert len(lines) <= 8
    assert all(len(line) <= 40 for line in lines), lines
