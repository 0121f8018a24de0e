"""The rules and the dashboard of deploy/ hold together with docs/observability.md and the names in the source."""

import json
import re
import subprocess

from conftest import SOURCE

DEPLOY = SOURCE / "deploy"
DOCUMENT = (SOURCE / "docs" / "observability.md").read_text()
RULES = DEPLOY / "prometheus"
# Names of Prometheus's own, and suffixes that it gives to histograms.
NAME = re.compile(r"\bdecant_\w+")


def exported_names():
    text = (SOURCE / "src" / "metrics" / "metrics.cpp").read_text()
    return set(re.findall(r'"(decant_\w+)"', text))


def base(name):
    return re.sub(r"_(bucket|sum|count)$", "", name)


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], cwd=RULES, capture_output=True, text=True, timeout=120)


def test_promtool_takes_rules_and_configuration():
    for arguments in (["check", "rules", "recording.yml", "alerts.yml"], ["check", "config", "prometheus.yml"],
                      ["test", "rules", "rules_test.yml"]):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "FAILED" not in done.stdout + done.stderr


def test_every_alert_is_tested_and_links_to_its_heading():
    alerts = re.findall(r"- alert: (\w+)", (RULES / "alerts.yml").read_text())
    links = re.findall(r'runbook_url: "docs/observability\.md#(\w+)"', (RULES / "alerts.yml").read_text())
    assert len(alerts) > 10
    assert links == [alert.lower() for alert in alerts]
    assert re.findall(r"^### (Decant\w+)$", DOCUMENT, re.MULTILINE) == alerts
    tested = re.findall(r"alertname: (\w+)\n\s+exp_alerts", (RULES / "rules_test.yml").read_text())
    assert set(alerts) <= set(tested), "each fires in a test"


def test_every_alert_says_what_it_means_and_what_to_do():
    for section in DOCUMENT.split("\n### ")[1:]:
        if section.startswith("Decant"):
            assert "**Means**" in section and "**Do**" in section, section.splitlines()[0]


def test_the_document_names_every_metric_and_no_other():
    exported = exported_names()
    assert len(exported) > 15
    table = set(re.findall(r"^\| `(decant_\w+)", DOCUMENT, re.MULTILINE))
    assert table == exported


def test_rules_and_dashboard_use_names_that_exist():
    exported = exported_names()
    for path in (RULES / "recording.yml", RULES / "alerts.yml", DEPLOY / "grafana" / "decant.json"):
        used = {base(name) for name in NAME.findall(path.read_text())}
        assert used - exported == set(), path.name


def test_the_dashboard_is_whole():
    dashboard = json.loads((DEPLOY / "grafana" / "decant.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            assert panel["title"] and panel["description"] and panel["targets"]
            assert panel["datasource"]["uid"] == "${datasource}"
