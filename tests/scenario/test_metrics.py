"""Each metric moves when its event happens; a real Prometheus takes them, the rules and the dashboard's queries, and raises the alarm
for a worker that stopped."""

import contextlib
import json
import pathlib
import re
import signal
import sqlite3
import time

import pytest
import requests

from harness import SOURCE, Client, wait_until
from nats_cluster import PROGRAM as NATS
from nats_cluster import NatsCluster, choose_ports
from prometheus_server import PROGRAM, Prometheus, metrics_url, scrape, total
from sounds import noise, tone

METRICS = {"metrics_listen": "127.0.0.1:0"}
QUICK = {"lease": "1s", "sweep_interval": "200ms", "sweep_jitter": "50ms", "poll_interval": "300ms", "workers": 1}


def moved(service, name, by=1, **labels):
    """Waits until the metric has that value at the least."""
    return wait_until(lambda: total(scrape(service), name, **labels) >= by, f"{name} {labels}", pause=0.3)


def test_without_the_setting_there_are_no_metrics(make_site):
    web = make_site().start("web")
    assert not web.find_in_log("metrics are ready")
    assert requests.get(f"{web.url}/metrics", timeout=10).status_code == 404


def test_the_port_of_the_metrics_has_nothing_else(make_site):
    web = make_site(**METRICS).start("web")
    root = metrics_url(web).removesuffix("/metrics")
    for path in ("/", "/api/formats", "/livez"):
        assert requests.get(root + path, timeout=10).status_code == 404
    assert requests.post(root + "/metrics", timeout=10).status_code == 405
    assert requests.get(f"{web.url}/metrics", timeout=10).status_code == 404


def test_a_port_that_is_taken_stops_the_start_with_a_word(make_site):
    site = make_site(**METRICS)
    taken = metrics_url(site.start("web")).removeprefix("http://").removesuffix("/metrics")
    site.configure(metrics_listen=taken)
    with pytest.raises(AssertionError, match=f"port {taken.rpartition(':')[2]}: the port is taken"):
        site.start("worker")


def test_requests_and_conversions_are_counted(make_site):
    site = make_site(**METRICS, **QUICK, result_limit="1MiB")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    good = client.submit(tone(2), "mp3")["id"]
    bad = client.submit(noise(20, seed=1), "wav", name="too-large.wav", sampleRate=48000)["id"]
    assert client.wait_for(good, "PROCESSED", "FAILED")["state"] == "PROCESSED"
    assert client.wait_for(bad, "PROCESSED", "FAILED")["state"] == "FAILED"
    requests.get(f"{web.url}/api/tasks/evil%22%7D%0aowned", timeout=10)
    requests.get(f"{web.url}/no/such%22%7Downed", timeout=10)

    samples = scrape(worker)
    assert total(samples, "decant_tasks_finished_total", result="processed", **{"from": "wav", "to": "mp3"}) == 1
    assert total(samples, "decant_tasks_finished_total", result="failed", **{"from": "wav", "to": "wav"}) == 1
    assert total(samples, "decant_task_duration_seconds_count") == 2
    assert total(samples, "decant_task_duration_seconds_sum") > 0
    assert 1.9 < total(samples, "decant_audio_seconds_total") < 2.2
    assert total(samples, "decant_worker_slots") == 1
    assert total(samples, "decant_object_store_requests_total", operation="fetch", result="ok") >= 2
    assert total(samples, "decant_build_info") == 1
    assert total(samples, "decant_database_up") == 1
    assert total(samples, "decant_disk_free_bytes") > 0
    assert not any(name.startswith("decant_queue") for name, _ in samples), "the queue is shown by web processes"

    time.sleep(1.1)
    samples = scrape(web)
    assert total(samples, "decant_http_requests_total", route="POST /api/tasks", status="201") == 2
    assert total(samples, "decant_http_requests_total", route="POST /api/auth/login", status="200") == 1
    assert total(samples, "decant_http_requests_total", route="none", status="404") == 1
    assert total(samples, "decant_http_requests_total", route="none", status="400") == 1
    assert total(samples, "decant_http_request_duration_seconds_count", route="POST /api/tasks") == 2
    assert total(samples, "decant_queue_tasks", state="processed") == 1
    assert total(samples, "decant_queue_tasks", state="failed") == 1
    assert total(samples, "decant_queue_backlog") == 0
    assert "owned" not in requests.get(metrics_url(web), timeout=10).text


def test_the_queue_and_the_slots_are_shown_as_they_are(make_site):
    site = make_site(**METRICS, **QUICK)
    web = site.start("web")
    client = Client.sign_up(web.url)
    ids = [client.submit(noise(120, seed), "mp3")["id"] for seed in range(2)]
    moved(web, "decant_queue_tasks", 2, state="ready")
    moved(web, "decant_queue_backlog", 2)
    moved(web, "decant_queue_oldest_ready_age_seconds", 0.5)
    worker = site.start("worker")
    moved(worker, "decant_worker_busy")
    moved(web, "decant_queue_tasks", 1, state="leased")
    for task_id in ids:
        client.delete(task_id)


def test_lost_leases_and_sweeps_are_counted(make_site):
    site = make_site(**METRICS, **QUICK, orphan_grace="1s", orphan_scan_interval="300ms")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)

    deleted = client.submit(noise(120, seed=1), "mp3")["id"]
    client.wait_for(deleted, "PROCESSING")
    client.delete(deleted)
    moved(worker, "decant_lease_lost_total")
    moved(worker, "decant_fence_rejected_total")

    stopped = client.submit(noise(120, seed=2), "mp3")["id"]
    client.wait_for(stopped, "PROCESSING")
    worker.send(signal.SIGSTOP)
    moved(web, "decant_swept_total", reason="lease_expired")
    worker.send(signal.SIGCONT)
    moved(worker, "decant_lease_lost_total", 2)
    client.delete(stopped)

    forgotten = client.submit(tone(0.2), "flac")["id"]
    client.wait_for(forgotten, "PROCESSED")
    with contextlib.closing(sqlite3.connect(site.data / "decant.db", timeout=10)) as database, database:
        database.execute("DELETE FROM tasks WHERE state = 'PROCESSED'")

    def swept(reason):
        # Whoever sweeps first counts.
        return sum(total(scrape(each), "decant_swept_total", reason=reason) for each in (web, worker))
    wait_until(lambda: swept("canceled") >= 2, "swept: canceled", pause=0.3)
    wait_until(lambda: swept("orphan") >= 2, "swept: orphan", pause=0.3)


def test_tasks_past_the_retention_are_counted(make_site):
    site = make_site(**METRICS, **QUICK, retention="1s")
    serve = site.start("serve")
    client = Client.sign_up(serve.url)
    client.submit(tone(0.2), "flac")
    moved(serve, "decant_swept_total", reason="retention")
    moved(serve, "decant_swept_total", reason="canceled")


def test_a_database_that_cannot_be_used_is_shown(make_site):
    site = make_site(**METRICS)
    web = site.start("web")
    samples = scrape(web)
    assert total(samples, "decant_database_up") == 1
    assert ("decant_queue_backlog", frozenset()) in samples
    # As the migration of a later version would leave it.
    with contextlib.closing(sqlite3.connect(site.data / "decant.db", timeout=10)) as database, database:
        database.execute("INSERT INTO schema_version VALUES (999, 'later', 0)")
    wait_until(lambda: total(scrape(web), "decant_database_up") == 0, "word of the database", pause=0.3)
    samples = scrape(web)
    assert ("decant_queue_backlog", frozenset()) not in samples
    assert total(samples, "decant_disk_size_bytes") > 0, "what needs no database is shown all the same"


@pytest.mark.skipif(not pathlib.Path(NATS).exists(), reason="nats-server is not installed")
def test_the_way_to_a_broker_is_counted(make_site, tmp_path):
    folder = tmp_path / "nats"
    folder.mkdir()
    cluster = NatsCluster(folder)
    try:
        site = make_site(**METRICS, **QUICK, broker=cluster.url("metrics"), ring_again_after="1s")
        web, worker = site.start("web"), site.start("worker")
        client = Client.sign_up(web.url)
        task_id = client.submit(tone(0.2), "flac")["id"]
        client.wait_for(task_id, "PROCESSED")
        moved(worker, "decant_ack_results_total", status="ok")
        assert total(scrape(web), "decant_outbox_oldest_age_seconds") < 5
        worker.kill()
        client.submit(tone(0.3), "flac")
        moved(web, "decant_swept_total", reason="rung_again")
        for server in cluster.servers:
            server.kill()
        client.submit(tone(0.4), "flac")
        moved(web, "decant_outbox_oldest_age_seconds", 2)
    finally:
        cluster.close()


@pytest.mark.skipif(PROGRAM is None, reason="prometheus is not installed")
def test_prometheus_takes_the_rules_and_the_dashboard_and_tells_of_a_stopped_worker(make_site, tmp_path):
    site = make_site(**METRICS, **QUICK)
    web, worker = site.start("web"), site.start("worker")
    address = {each: metrics_url(each).removeprefix("http://").removesuffix("/metrics") for each in (web, worker)}
    prometheus = Prometheus(tmp_path / "prometheus", choose_ports(1)[0],
                            {"decant-web": [address[web]], "decant-worker": [address[worker]]})
    try:
        groups = prometheus.ask("rules")["groups"]
        assert sum(len(group["rules"]) for group in groups) > 20
        wait_until(lambda: len(prometheus.query('up{job=~"decant.*"} == 1')) == 2, "both targets", 30)
        client = Client.sign_up(web.url)

        def convert(seed):
            task_id = client.submit(noise(1, seed=seed), "mp3")["id"]
            assert client.wait_for(task_id, "PROCESSED", "FAILED")["state"] == "PROCESSED"
        for seed in range(6):
            convert(seed)
            time.sleep(0.7)
        client.tasks()
        wait_until(lambda: prometheus.query("decant:tasks_finished:rate5m > 0"), "a rate of conversions", 30)
        assert "DecantWorkerStopped" not in prometheus.firing()

        dashboard = json.loads((SOURCE / "deploy" / "grafana" / "decant.json").read_text())
        queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
        assert len(queries) > 20
        answers = {query: prometheus.query(query.replace("$__rate_interval", "30s")) for query in queries}
        empty = [query for query, answer in answers.items() if not answer]
        # Without a broker of its own there is nothing to acknowledge and no ring that waits.
        assert [query for query in empty if not re.search("ack_results|outbox", query)] == []

        worker.kill()
        client.submit(noise(1, seed=99), "mp3")
        wait_until(lambda: {"DecantWorkerStopped", "DecantProcessDown"} <= prometheus.firing(), "the alert of a stopped worker", 60)
        firing = [alert for alert in prometheus.ask("alerts")["alerts"] if alert["labels"]["alertname"] == "DecantWorkerStopped"]
        assert firing[0]["annotations"]["summary"] == "1 tasks are ready and no worker has one"

        site.start("worker")
        wait_until(lambda: "DecantWorkerStopped" not in prometheus.firing(), "the end of the alert", 60)
    finally:
        prometheus.close()
