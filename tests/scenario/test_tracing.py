"""One trace from the upload to the commit: in the logs of every process, and at a collector where one is named."""

import json
import secrets
import time

import pytest
import requests

from harness import Client, wait_until
from prometheus_server import scrape, total
from sounds import noise, tone
from trace_collector import CONSUMER, INTERNAL, SERVER, Collector

STEPS = ["fetch", "convert", "hash", "store", "commit"]
QUICK = {"log_format": "json", "otlp_interval": "50ms", "poll_interval": "300ms"}


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.close()


def new_trace():
    return secrets.token_hex(16), secrets.token_hex(8)


def traceparent(trace, span, flags="01"):
    return {"traceparent": f"00-{trace}-{span}-{flags}"}


def submit(client, audio, target, headers=None):
    answer = client.request("POST", "/api/tasks", data={"newFormat": target}, files={"audio": ("a.wav", audio)}, headers=headers or {})
    assert answer.status_code == 201, answer.text
    return answer.json()["task"]["id"]


def lines(service, **wanted):
    """The log's lines that have these fields."""
    parsed = [json.loads(line) for line in service.log().splitlines()]
    return [line for line in parsed if wanted.items() <= line.items()]


def traces_of(task_id, service):
    return {line["trace"] for line in lines(service, task=task_id)}


def convert(client, task_id):
    assert client.wait_for(task_id, "PROCESSED", "FAILED")["state"] == "PROCESSED"


def test_from_upload_to_commit_is_one_trace(make_site, collector):
    site = make_site(**QUICK, otlp_endpoint=collector.url)
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    trace, caller = new_trace()
    task_id = submit(client, tone(1), "mp3", traceparent(trace, caller) | {"X-Request-Id": "of-the-upload"})
    convert(client, task_id)
    wait_until(lambda: len(collector.find(trace=trace)) == 2 + len(STEPS), "all spans")

    (upload,) = collector.find(trace=trace, name="POST /api/tasks")
    assert (upload.kind, upload.parent, upload.failed) == (SERVER, caller, False)
    assert upload.attributes == {"http.request.method": "POST", "http.route": "/api/tasks", "http.response.status_code": 201,
                                 "url.scheme": "http", "url.path": "/api/tasks", "decant.request.id": "of-the-upload"}
    (attempt,) = collector.find(trace=trace, name="attempt")
    assert (attempt.kind, attempt.parent, attempt.failed) == (CONSUMER, upload.id, False)
    assert attempt.attributes == {"decant.task.id": task_id, "decant.task.attempt": 1, "decant.task.target": "mp3",
                                  "decant.task.outcome": "processed"}
    steps = sorted(collector.find(trace=trace, parent=attempt.id), key=lambda span: span.start)
    assert sorted(span.name for span in steps) == sorted(STEPS)
    assert {span.kind for span in steps} == {INTERNAL}
    ordered = [next(span for span in steps if span.name == name) for name in STEPS]
    assert upload.start < attempt.start <= ordered[0].start
    assert all(before.end <= after.start for before, after in zip(ordered, ordered[1:]))
    assert ordered[-1].end <= attempt.end
    convert_step = ordered[1]
    assert convert_step.end - convert_step.start > 1_000_000, "a conversion takes longer than a millisecond"

    for span, service in ((upload, web), (attempt, worker)):
        assert span.resource["service.name"] == "decant"
        assert span.resource["service.version"]
        assert span.resource["service.instance.id"].endswith(f"/{service.pid}")
    (line,) = lines(web, request="of-the-upload")
    assert line["trace"] == trace
    assert traces_of(task_id, worker) == {trace}
    assert not [span for span in collector.find() if not span.attributes.get("url.path", "/api/").startswith("/api/")]


def test_a_task_stays_in_its_trace_until_it_is_asked_for_again(make_site, collector):
    site = make_site(**QUICK, otlp_endpoint=collector.url, workers=1, drain_budget="1s")
    web, first = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    task_id = submit(client, noise(180, seed=1), "mp3", {"X-Request-Id": "no-trace-of-its-own"})
    client.wait_for(task_id, "PROCESSING")
    assert first.stop() == 0, "it gives the task back"
    second = site.start("worker")
    convert(client, task_id)
    (line,) = lines(web, request="no-trace-of-its-own")
    trace = line["trace"]
    assert traces_of(task_id, first) == traces_of(task_id, second) == {trace}
    wait_until(lambda: len(collector.find(trace=trace, name="attempt")) == 2, "both attempts")
    (upload,) = collector.find(trace=trace, name="POST /api/tasks")
    assert upload.parent is None, "nobody called"
    attempts = collector.find(trace=trace, name="attempt")
    assert {span.parent for span in attempts} == {upload.id}
    assert {span.attributes["decant.task.outcome"]: span.failed for span in attempts} == {"given_back": True, "processed": False}
    assert len({span.resource["service.instance.id"] for span in attempts}) == 2

    again, caller = new_trace()
    answer = client.request("PUT", f"/api/tasks/{task_id}", json={"newFormat": "flac"}, headers=traceparent(again, caller))
    assert answer.status_code == 200, answer.text
    convert(client, task_id)
    wait_until(lambda: collector.find(trace=again, name="attempt"), "the attempt of the second conversion")
    (change,) = collector.find(trace=again, name="PUT /api/tasks/{id}")
    assert change.parent == caller
    assert collector.find(trace=again, name="attempt")[0].parent == change.id
    assert traces_of(task_id, second) == {trace, again}


def test_a_trace_that_is_not_recorded_is_logged_only(make_site, collector):
    site = make_site(**QUICK, otlp_endpoint=collector.url)
    serve = site.start("serve")
    client = Client.sign_up(serve.url)
    trace, caller = new_trace()
    task_id = submit(client, tone(0.2), "flac", traceparent(trace, caller, "00"))
    convert(client, task_id)
    recorded = submit(client, tone(0.3), "flac")
    convert(client, recorded)
    assert serve.stop() == 0
    assert traces_of(task_id, serve) == {trace}
    assert any(span.attributes.get("decant.task.id") == recorded for span in collector.find(name="attempt")), "the stop sends the rest"
    assert collector.find(trace=trace) == []


@pytest.mark.parametrize("header", ["", "x" * 5000, "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff-" + "a" * 32 + "-" + "b" * 16 + "-01",
                                    "00-" + "A" * 32 + "-" + "b" * 16 + "-01", "00-" + "a" * 32 + "-" + "b" * 16 + "-01-more", '"}\t{"'])
def test_a_bad_traceparent_harms_nothing(make_site, header):
    serve = make_site(**QUICK).start("serve")
    answer = requests.get(f"{serve.url}/api/formats", headers={"traceparent": header, "X-Request-Id": "bad"}, timeout=10)
    assert answer.status_code == 200
    (line,) = wait_until(lambda: lines(serve, request="bad"), "its line")
    assert len(line["trace"]) == 32 and line["trace"] not in header


@pytest.mark.parametrize("fault", ["away", "unwilling", "slow"])
def test_a_collector_that_fails_delays_nobody(make_site, collector, fault):
    # All spans of the sign-up, the log-in, the tasks and the looks at them, which are more than the queue takes.
    site = make_site(**QUICK, otlp_endpoint=collector.url, otlp_queue=5, otlp_batch=5, otlp_timeout="2s", metrics_listen="127.0.0.1:0")
    if fault == "away":
        collector.close()
    elif fault == "unwilling":
        collector.status = 503
    else:
        collector.delay = 60
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    begun = time.monotonic()
    tasks = [submit(client, tone(0.2 + number / 10), "flac") for number in range(6)]
    for task_id in tasks:
        convert(client, task_id)
    assert time.monotonic() - begun < 15
    for service in (web, worker):
        wait_until(lambda: total(scrape(service), "decant_spans_total", result="dropped") > 0, f"drops of {service.log_path.name}", pause=0.3)
        samples = scrape(service)
        assert total(samples, "decant_spans_total", result="exported") == 0
    slow = [line["ms"] for line in lines(web, message="request") if line["path"] != "/api/auth/signup" and line["ms"] > 2000]
    assert slow == [], "no request waited for the collector"
    for service in (worker, web):
        stopping = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - stopping < 10
        assert len(lines(service, message="spans do not reach the collector")) == 1, "told once"


def test_spans_arrive_when_the_collector_is_back(make_site, collector):
    site = make_site(**QUICK, otlp_endpoint=collector.url, metrics_listen="127.0.0.1:0")
    collector.status = 503
    serve = site.start("serve")
    client = Client.sign_up(serve.url)
    wait_until(lambda: collector.requests > 0, "a request that is refused")
    collector.status = 200
    wait_until(lambda: collector.find(name="POST /api/auth/signup"), "the span of the refused batch")
    wait_until(lambda: total(scrape(serve), "decant_spans_total", result="exported") > 0, "a count", pause=0.3)
    assert total(scrape(serve), "decant_spans_total", result="failed") == 0
    assert lines(serve, message="spans reach the collector again")
    assert client.token


def test_nothing_is_sent_when_it_is_off(make_site, collector):
    site = make_site(**QUICK, metrics_listen="127.0.0.1:0")
    web, worker = site.start("web"), site.start("worker")
    client = Client.sign_up(web.url)
    trace, caller = new_trace()
    task_id = submit(client, tone(0.2), "flac", traceparent(trace, caller))
    convert(client, task_id)
    assert traces_of(task_id, worker) == {trace}
    for service in (web, worker):
        samples = scrape(service)
        assert total(samples, "decant_spans_total") == 0
        assert service.stop() == 0
    assert collector.requests == 0


def test_an_endpoint_with_a_password_is_refused_unrepeated(make_site):
    site = make_site(**QUICK, otlp_endpoint="http://ada:s3cret@127.0.0.1:4318")
    with pytest.raises(AssertionError, match="otlp_endpoint must be a URL like") as refused:
        site.start("web")
    assert "s3cret" not in str(refused.value)
