"""What happens to a task reaches a listener on any web process."""

import json
import shutil
import subprocess
import threading
import time

import pytest
import requests

from harness import Client, wait_until
from nats_cluster import choose_ports
from postgresql_server import PostgresqlServer
from sounds import noise, tone


@pytest.fixture(params=["sqlite", "postgresql"])
def make_fleet(request, make_site):
    """make_fleet(setting=value, …): two web processes and a worker."""
    server = PostgresqlServer() if request.param == "postgresql" else None

    def make(**settings):
        site = make_site(workers=1, **({"database": server.url} if server else {}), **settings)
        webs = [site.start("web") for _ in range(2)]
        worker = site.start("worker")
        return webs, worker
    yield make
    if server:
        for site in make_site.made:
            site.close()
        server.close()


class Listener:
    """Reads a stream of events on a thread of its own, as long as it lasts."""

    def __init__(self, client, url, path="/api/events", last_id=None):
        headers = {"Authorization": f"Bearer {client.token}"} | ({"Last-Event-ID": last_id} if last_id else {})
        self.answer = requests.get(url + path, headers=headers, stream=True, timeout=60)
        assert self.answer.status_code == 200, self.answer.text
        self.events, self.last_id, self.ended, self.whole = [], None, False, False
        self.times = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("data: "):
                    self.events.append(json.loads(line[6:]))
                    self.times.append(time.monotonic())
                elif line.startswith("id: "):
                    self.last_id = line[4:]
            self.whole = True
        except requests.RequestException:
            pass
        self.ended = True

    def await_id(self):
        wait_until(lambda: self.last_id, "the first id of a stream")
        return self

    def states(self, task_id):
        return [event["state"] for event in self.events if event["id"] == task_id]

    def hear(self, task_id, state, seconds=60):
        wait_until(lambda: state in self.states(task_id), f"an event of {task_id} {state}", seconds)


def test_a_listener_on_another_web_process_hears_it_all(make_fleet):
    webs, _ = make_fleet(events_interval="50ms")
    client = Client.sign_up(webs[0].url)
    stranger = Listener(Client.sign_up(webs[1].url), webs[1].url).await_id()
    listener = Listener(client, webs[1].url).await_id()
    task_id = client.submit(noise(300, seed=1), "ogg")["id"]
    of_one = Listener(client, webs[1].url, f"/api/tasks/{task_id}/events")
    listener.hear(task_id, "PROCESSED")
    states = listener.states(task_id)
    # A state that did not last is not told.
    assert [state for state in dict.fromkeys(states) if state != "UPLOADED"] == ["PROCESSING", "PROCESSED"], states
    shares = [event["progress"] for event in listener.events if event["state"] == "PROCESSING"]
    assert len(set(shares)) > 2 and shares == sorted(shares), "its progress is told"
    wait_until(lambda: of_one.ended, "the end of the task's own stream")
    assert of_one.whole and of_one.states(task_id)[-1] == "PROCESSED"
    client.delete(task_id)
    listener.hear(task_id, "CANCELED")
    assert not stranger.events


def test_who_comes_back_after_a_crash_hears_the_end(make_fleet):
    webs, _ = make_fleet(events_interval="50ms")
    client = Client.sign_up(webs[0].url)
    listener = Listener(client, webs[1].url).await_id()
    tasks = [client.submit(noise(20, seed=n), "mp3")["id"] for n in range(3)]
    listener.hear(tasks[0], "PROCESSING")
    webs[1].kill()
    wait_until(lambda: listener.ended, "the end of the stream")
    for task_id in tasks:
        client.wait_for(task_id, "PROCESSED")
    back = Listener(client, webs[0].url, last_id=listener.last_id)
    for task_id in tasks:
        if "PROCESSED" not in listener.states(task_id):
            back.hear(task_id, "PROCESSED")


def test_a_web_process_that_stops_ends_its_streams_at_once(make_fleet):
    webs, _ = make_fleet(drain_budget="30s")
    client = Client.sign_up(webs[0].url)
    listeners = [Listener(client, webs[1].url).await_id() for _ in range(3)]
    started = time.monotonic()
    assert webs[1].stop() == 0
    assert time.monotonic() - started < 15
    wait_until(lambda: all(listener.ended for listener in listeners), "the end of the streams")
    assert all(listener.whole for listener in listeners), "the last chunk was sent"


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {url}; }} }}
}}
"""


def test_events_pass_nginx_one_by_one(make_site, tmp_path):
    site = make_site(workers=1, events_interval="50ms")
    service = site.start("serve")
    port, = choose_ports(1)
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, port=port, url=service.url))
    nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
    try:
        url = f"http://127.0.0.1:{port}"

        def answers():
            try:
                return requests.get(url + "/livez", timeout=5).status_code == 200
            except requests.RequestException:
                return False
        wait_until(answers, "start of nginx")
        client = Client.sign_up(service.url)
        listener = Listener(client, url).await_id()
        for _ in range(3):
            task_id = client.submit(tone(1), "flac")["id"]
            listener.hear(task_id, "PROCESSED", seconds=20)
    finally:
        nginx.terminate()
        nginx.wait()
