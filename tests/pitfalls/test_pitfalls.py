"""docs/pitfalls.md says what the tests are called, and no test is forgotten there."""

import os
import pathlib
import re

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
ROW = re.compile(r"^\| (\d+) \| [^|]* \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
# Which contract suites run on a backend: the file that says so, and the instances in it.
INSTANCES = {"SQLite": ("src/database/database_contract_test.cpp", "Databases"),
             "PostgreSQL": ("src/database/postgresql/contract_test.cpp", "Postgresql")}
# What a pitfall must be shown on at the least.
CONCERNS = {number: {"SQLite", "PostgreSQL"} for number in (1, 2, 8, 9, 10, 11, 16)} | {
    3: {"NATS", "Pub/Sub", "worker"}, 4: {"Pub/Sub"}, 5: {"Pub/Sub"}, 6: {"Pub/Sub"}, 7: {"Pub/Sub"}, 12: {"S3"}, 13: {"S3", "HTTP"},
    14: {"PostgreSQL"}, 15: {"NATS"}, 17: {"PostgreSQL", "NATS", "Pub/Sub", "S3"}}
CONCERNS[2] = CONCERNS[2] | {"NATS", "Pub/Sub", "S3"}
CONCERNS[10] = CONCERNS[10] | {"NATS"}
CONCERNS[16] = CONCERNS[16] | {"NATS", "Pub/Sub", "database:"}


def rows():
    """(number, backend, test) of each."""
    for number, backend, tests in ROW.findall((SOURCE / "docs" / "pitfalls.md").read_text()):
        for test in re.findall(r"`([^`]+)`", tests):
            yield int(number), backend.strip(), test


def written_tests():
    """The tests that there are, as the table names them, and those of them that are named after a pitfall."""
    all_tests, named = set(), set()
    for folder in ("src", "tests"):
        for path in (SOURCE / folder).rglob("*"):
            if path.suffix in (".cpp", ".h"):
                for suite, name in re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", path.read_text(), re.MULTILINE):
                    all_tests.add(f"{suite}.{name}")
                    if name.startswith("Pitfall"):
                        named.add(f"{suite}.{name}")
            elif path.name.startswith("test_") and path.suffix == ".py":
                for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE):
                    all_tests.add(f"{path.name}::{name}")
                    if name.startswith("test_pitfall") and path.parent.name != "pitfalls":
                        named.add(f"{path.name}::{name}")
    return all_tests, named


def test_every_test_of_the_table_exists_and_none_is_left_out():
    told = {test for _, _, test in rows()}
    all_tests, named = written_tests()
    assert len(named) > 60
    assert sorted(told - all_tests) == []
    assert sorted(named - told) == []


def test_every_pitfall_is_shown_on_each_backend_that_it_concerns():
    shown = {}
    for number, backend, _ in rows():
        shown.setdefault(number, set()).add(backend)
    assert sorted(shown) == list(range(1, 18))
    assert {number: sorted(backends - shown[number]) for number, backends in CONCERNS.items() if backends - shown[number]} == {}


def test_the_suites_run_on_the_backends_that_they_stand_beside():
    for _, backend, test in rows():
        suite = test.partition(".")[0]
        if suite.endswith("Contract"):
            path, instance = INSTANCES[backend]
            assert f"INSTANTIATE_TEST_SUITE_P({instance}, {suite}," in (SOURCE / path).read_text(), (backend, test)
