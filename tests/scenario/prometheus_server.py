"""What decant shows to Prometheus, and a real Prometheus (Debian's) with the rules of deploy/ in quicker time."""

import contextlib
import re
import shutil
import subprocess

import requests

from harness import SOURCE, wait_until

RULES = SOURCE / "deploy" / "prometheus"
PROGRAM = shutil.which("prometheus")

SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse_samples(text):
    """{(name, frozenset of labels): value}."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            found[name, frozenset(LABEL.findall(labels or ""))] = float(value)
    return found


def metrics_url(service):
    return wait_until(lambda: service.find_in_log(r"metrics are ready.*http://127\.0\.0\.1:\d+/metrics"), "metrics").split('"')[-1]


def scrape(service):
    answer = requests.get(metrics_url(service), timeout=15)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse_samples(answer.text)


def total(samples, name, **labels):
    """The sum over all samples of that name that have these labels."""
    return sum(value for (each, its), value in samples.items() if each == name and set(labels.items()) <= its)


def quicken(rules):
    """Rules whose pauses are seconds in place of minutes."""
    rules = re.sub(r"for: \d+m", "for: 2s", rules)
    return re.sub(r"\[\d+m\]", "[20s]", rules).replace("interval: 15s", "interval: 1s")


class Prometheus:
    def __init__(self, folder, port, jobs):
        """`jobs`: {job name: [host:port of a /metrics]}."""
        folder.mkdir()
        for name in ("recording.yml", "alerts.yml"):
            (folder / name).write_text(quicken((RULES / name).read_text()))
        scrapes = "".join(f"  - job_name: {job}\n    static_configs: [{{targets: {targets}}}]\n" for job, targets in jobs.items())
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            f"rule_files: [recording.yml, alerts.yml]\nscrape_configs:\n{scrapes}")
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([PROGRAM, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                             f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self.is_ready, "start of Prometheus", 60)

    def is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/-/ready", timeout=5).ok
        return False

    def ask(self, path, **parameters):
        answer = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=20)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def firing(self):
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def close(self):
        self.process.kill()
        self.process.wait()
