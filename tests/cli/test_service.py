import os
import resource
import signal
import socket
import stat
import time

import pytest
import requests
from conftest import free_port, run


def test_serve_starts_from_nothing_and_stops_cleanly(start, tmp_path):
    service = start("serve")
    assert f'url="http://127.0.0.1:{service.port}/"' in service.text()
    assert "text/html" in requests.get(f"http://127.0.0.1:{service.port}/", timeout=10).headers["Content-Type"]
    healthy = run("health", "--listen", f"127.0.0.1:{service.port}")
    assert healthy.returncode == 0 and "ready" in healthy.stdout

    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "jwt.key").stat().st_mode) == 0o600
    assert service.stop() == 0
    assert service.text().rstrip().endswith("stopped")
    assert run("health", "--listen", f"127.0.0.1:{service.port}").returncode == 1


def test_interrupt_stops_as_term_does(start):
    assert start("serve").stop(signal.SIGINT) == 0


def test_it_takes_all_the_open_files_that_the_host_grants(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        service = start("serve")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)


def test_accounts_and_keys_survive_a_restart(start):
    first = start("serve")
    base = f"http://127.0.0.1:{first.port}/api"
    form = {"user": "ada", "email": "ada@example.org", "password1": "correct horse", "password2": "correct horse"}
    assert requests.post(f"{base}/auth/signup", json=form, timeout=20).status_code == 201
    token = requests.post(f"{base}/auth/login", json={"email": form["email"], "password": form["password1"]}, timeout=20).json()["token"]
    assert first.stop() == 0
    second = start("serve")
    answer = requests.get(f"http://127.0.0.1:{second.port}/api/tasks", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.status_code == 200


def test_a_second_signal_ends_it_at_once(start):
    service = start("serve", "--drain-budget", "60s", "--header-timeout", "60s")
    # A request that never ends keeps the drain waiting.
    with socket.create_connection(("127.0.0.1", service.port)) as hanging:
        hanging.sendall(b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        service.process.send_signal(signal.SIGTERM)
        service.wait_for("stopping")
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(5) == 128 + signal.SIGTERM


def test_a_second_serve_on_the_same_data_is_refused(start, tmp_path):
    first = start("serve")
    result = run("serve", "--data", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}")
    assert result.returncode == 1
    assert str(first.process.pid) in result.stderr and "--data" in result.stderr


def test_a_port_in_use_is_named(start, tmp_path):
    first = start("serve")
    result = run("serve", "--data", tmp_path / "other", "--listen", f"127.0.0.1:{first.port}")
    assert result.returncode == 1
    assert str(first.port) in result.stderr and "taken" in result.stderr


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("serve", "--data", tmp_path / "file" / "data")
    assert result.returncode == 1
    assert str(tmp_path / "file" / "data") in result.stderr and "--data" in result.stderr


def test_a_signing_key_that_others_may_read_is_refused(start, tmp_path):
    start("serve").stop()
    os.chmod(tmp_path / "data" / "jwt.key", 0o644)
    result = run("serve", "--data", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}")
    assert result.returncode == 1
    assert "chmod 600" in result.stderr


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_halves_need_a_database(tmp_path, role):
    result = run(role, "--data", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}")
    assert result.returncode == 1
    assert "decant migrate" in result.stderr


def test_several_of_each_half_work_together(start, tone, tmp_path):
    assert run("migrate", "--data", tmp_path / "data").returncode == 0
    webs = [start("web"), start("web")]
    workers = [start("worker"), start("worker")]
    one, two = (f"http://127.0.0.1:{web.port}/api" for web in webs)
    form = {"user": "ada", "email": "ada@example.org", "password1": "correct horse", "password2": "correct horse"}
    assert requests.post(f"{one}/auth/signup", json=form, timeout=20).status_code == 201
    token = requests.post(f"{two}/auth/login", json={"email": form["email"], "password": form["password1"]}, timeout=20).json()["token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    links = []
    for i in range(6):
        with open(tone, "rb") as file:
            answer = session.post(f"{(one, two)[i % 2]}/tasks", files={"audio": file}, data={"newFormat": "mp3"}, timeout=20)
        assert answer.status_code == 201, answer.text
        links.append(answer.json()["task"]["id"])
    for web_api in (one, two):
        for task in links:
            assert wait_for_end(session, f"{web_api}/tasks/{task}")["state"] == "PROCESSED"
    assert [service.stop() for service in webs + workers] == [0, 0, 0, 0]


def wait_for_end(session, url):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        task = session.get(url, timeout=10).json()
        if task["state"] not in ("UPLOADED", "PROCESSING"):
            return task
        time.sleep(0.02)
    raise AssertionError(task)
