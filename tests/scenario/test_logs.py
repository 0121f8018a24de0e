"""A service logs as who reads it wants it."""

import json
import os
import pty
import re
import signal
import subprocess

from harness import DECANT, Client
from sounds import tone


def test_a_service_logs_json_where_no_terminal_is(make_site):
    site = make_site(log_format="auto")
    service = site.start("serve")
    client = Client.sign_up(service.url)
    task_id = client.submit(tone(0.2), "flac")["id"]
    client.wait_for(task_id, "PROCESSED")
    client.request("GET", "/livez", headers={"X-Request-Id": "my-own"})
    assert service.stop() == 0
    lines = [json.loads(line) for line in service.log().splitlines()]
    assert all({"time", "level", "message"} <= line.keys() for line in lines)
    assert any(line.get("request") == "my-own" and line["path"] == "/livez" for line in lines)
    assert any(line.get("task") == task_id and line["message"] == "an attempt ended" for line in lines)


def test_a_service_logs_text_on_a_terminal(make_site):
    site = make_site(log_format="auto")
    ours, theirs = pty.openpty()
    process = subprocess.Popen([DECANT, "serve"], env=site.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    try:
        shown = b""
        while b"the page is ready" not in shown:
            shown += os.read(ours, 4096)
        assert re.match(rb"\d{4}-\d\d-\d\dT[\d:.]+Z info    ", shown)
        assert b'{"time"' not in shown
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        os.close(ours)
