"""The documents that the benches write are whole whatever part is missing."""

import os
import pathlib
import re
import sys
import xml.etree.ElementTree

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "bench"))
import capacity_report
import plot

CELL = {"per_second": 900.0, "p50": 1.0, "p95": 20.0, "p99": 30.0, "error_count": 0, "refused": 0, "server_cpu": 0.5, "loader_cpu": 0.4, "memory": 30.0,
        "over_150_ms": 0.0, "unserved": 0}
CONVERSION = {"per_minute": 900.0, "cpu": 0.02, "latency": 50.0, "end_to_end": 800.0, "proportional": 40.0, "resident": 60.0}
COST = {"cpu": {"web": 0.01, "worker": 0.02, "database": 0.002}, "calls": 6.0, "log_bytes": 9000.0, "row_bytes": 3000.0, "source_bytes": 8e4, "result_bytes": 9e5}
MACHINE = {"quick": False, "machine": "machine: one", "cores": 2, "date": "2026-01-01", "minutes": 30.0, "failed": {}}
WHOLE = MACHINE | {
    "web": {name: {"decant": {"1": [CELL], "750": [CELL, CELL]}, "stack": {"1": [CELL | {"per_second": 20.0}], "750": [CELL | {"per_second": 30.0}] * 2}}
            for name in ("login", "list", "upload of a clip", "upload of a song", "download of a clip", "download of a song")},
    "open": {"list": {"decant": [CELL | {"rate": 100.0, "part": 0.5}]}},
    "day": {name: {"decant": [CELL], "stack": [CELL]} for name in ("list", "login", "download of a clip", "upload of a clip")},
    "conversions": {name: {"decant": [CONVERSION], "stack": [CONVERSION | {"per_minute": 100.0}], "xargs": [{"per_minute": 300.0, "cpu": 0.06}]}
                    for name in ("5 s MP3 to WAV", "5 s WAV to MP3", "3 min WAV to MP3")},
    "workers": {"5 s MP3 to WAV": {slots: [CONVERSION] for slots in ("1", "2", "4")}},
    "backends": {name: [CONVERSION] for name in ("SQLite", "PostgreSQL")},
    "cost": {"5 s MP3 to WAV": COST},
}


def written(results, folder):
    capacity_report.write(results, folder)
    text = (folder / "capacity.md").read_text()
    assert "could not be put together" not in text
    for picture in re.findall(r"\]\((\S+\.svg)\)", text):
        xml.etree.ElementTree.parse(folder / picture)
    return text


def headings(text):
    return re.findall(r"^## .*", text, re.MULTILINE)


def test_a_whole_run(tmp_path):
    text = written(WHOLE, tmp_path)
    assert "Not measured" not in text
    assert "| lists of 100 tasks a second, best level | ≥ 20× | 30.00× | met, 1.50 of the aim |" in text
    assert "| conversions a minute, 5 s MP3 to WAV | ≥ 8× | 9.00× | met, 1.12 of the aim |" in text
    assert "| conversions a minute, 5 s MP3 to OGG | ≥ 3× | - | not measured |" in text


def test_any_part_may_fail(tmp_path):
    whole = headings(written(WHOLE, tmp_path))
    for part in ("web", "open", "day", "conversions", "workers", "backends", "cost"):
        results = {name: value for name, value in WHOLE.items() if name != part} | {"failed": {part: "RuntimeError: no server"}}
        text = written(results, tmp_path)
        assert headings(text) == whole
        assert f"**Parts that failed:** {part} (RuntimeError: no server)" in text


def test_nothing_measured_is_a_document_too(tmp_path):
    assert headings(written({"quick": False, "failed": {}}, tmp_path)) == headings(written(WHOLE, tmp_path))


def test_plots_are_small_text(tmp_path):
    plot.lines(tmp_path / "a.svg", "a < b", "x", "y", {"one": [(1, 0.5), (2000, 900)], "two": [(1, 1)]}, log=(True, True), line=(150, "150 ms"))
    plot.lines(tmp_path / "b.svg", "zero", "x", "y", {"one": [(0, 0), (1, 0)], "none": []}, marks=(0.5,))
    for name in ("a.svg", "b.svg"):
        xml.etree.ElementTree.parse(tmp_path / name)
        assert (tmp_path / name).stat().st_size < 6000
