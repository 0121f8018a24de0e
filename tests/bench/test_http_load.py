"""The load tool finds every answer that is not right, and times from when a request was due."""

import http.server
import json
import os
import pathlib
import subprocess
import threading
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
LOADER = pathlib.Path(os.environ.get("DECANT_BIN", SOURCE / "build" / "release" / "bin")) / "http_load"
BODY = b'{"id":1,"id":2}'


class Handler(http.server.BaseHTTPRequestHandler):
    """What it does is its path: /right, /wrong, /short, /close, /busy, /broken, /cut, /slow, /fading."""

    protocol_version = "HTTP/1.1"
    connections = set()
    answers = 0

    def do_POST(self):
        self.connections.add(self.client_address)
        self.rfile.read(int(self.headers["Content-Length"]))
        way = self.path[1:]
        if way == "slow":
            time.sleep(0.05)
        if way == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
            return
        self.send_response({"busy": 503, "broken": 500}.get(way, 200))
        if way == "fading":
            Handler.answers += 1
            way = ("right", "wrong", "right", "short", "other")[Handler.answers // 3 % 5]
        body = {"wrong": BODY.replace(b"2", b"3"), "short": BODY[:8], "other": BODY.replace(b"d", b"e")}.get(way, BODY)
        self.send_header("Content-Length", str(len(body)))
        if way == "close":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def load(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "body").write_bytes(BODY)

    def run(way, **arguments):
        Handler.connections = set()
        request = tmp_path / "request"
        request.write_bytes(f"POST /{way} HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n".encode() + b"x" * 200000)
        arguments = {"port": server.server_port, "connections": 3, "seconds": 20, "limit": 30, "request": request} | arguments
        done = subprocess.run([LOADER, *(f"{name}={value}" for name, value in arguments.items())], capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)
    yield run
    server.shutdown()
    thread.join()
    server.server_close()


def test_right_answers_over_connections_that_are_kept(load, tmp_path):
    answer = load("right", body=tmp_path / "body", contains='"id":', times=2)
    assert (answer["answers"], answer["errors"], answer["refused"]) == (30, {}, 0)
    assert len(Handler.connections) == 3
    assert 0 < answer["p50"] <= answer["p95"] <= answer["p99"] <= answer["max"]


def test_a_server_that_ends_connections_is_followed(load):
    answer = load("close")
    assert (answer["answers"], answer["errors"]) == (30, {})
    assert len(Handler.connections) == 30


def test_the_text_is_counted_in_each_body_that_is_another(load):
    Handler.answers = 0
    answer = load("fading", limit=15, contains='"id":', times=2)
    assert (answer["answers"], answer["errors"]) == (9, {"wrong body": 6})


@pytest.mark.parametrize("way", ["wrong", "short"])
def test_each_byte_is_compared(load, tmp_path, way):
    answer = load(way, body=tmp_path / "body", limit=3)
    assert (answer["answers"], answer["errors"]) == (0, {"wrong body": 3})


def test_the_text_is_counted(load):
    assert load("right", contains='"id":', times=3, limit=3)["errors"] == {"wrong body": 3}


def test_refusals_errors_and_cut_answers_are_told_apart(load):
    assert load("busy", limit=3)["refused"] == 3
    assert load("broken", limit=3)["errors"] == {"status 500": 3}
    assert load("cut", limit=3)["errors"] == {"closed": 3}


def test_nobody_there_is_an_error(load):
    assert load("right", port=1, limit=3)["errors"] == {"connect": 3}


def test_an_open_loop_counts_the_wait_of_what_was_due(load):
    """50 ms each over one connection, twice as many due: the last waits for about half of the time."""
    answer = load("slow", connections=1, seconds=1, rate=40, limit=0)
    assert answer["max"] > 300
    assert answer["unserved"] > 5
