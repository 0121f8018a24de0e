"""Checks docs/model/task_protocol.pml exhaustively with spin, as it is and with each of its faults seeded."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

MODEL = pathlib.Path(os.environ["DECANT_SOURCE"]) / "docs" / "model" / "task_protocol.pml"
COMPILER = os.environ.get("DECANT_MODEL_COMPILER", "clang-19")

# Only under weak fairness: whatever goes on being able to take a step takes one.
EVENTUALLY = {"no_task_is_lost", "no_orphan_stays"}
ALWAYS = {
    "no_file_is_missing",
    "one_commit_a_generation",
    "results_are_of_their_generation",
    "attempts_are_bounded",
    "canceled_is_the_end",
}

# A fault, and the properties that it breaks.
FAULTS = [
    ("COMMIT_WITHOUT_FENCE", {"results_are_of_their_generation", "no_file_is_missing"}),
    ("SWEEP_BY_TIME_ONLY", {"one_commit_a_generation", "canceled_is_the_end"}),
    ("ACKNOWLEDGE_FIRST NO_POLL NO_SWEEP", {"no_task_is_lost"}),
    ("NO_SWEEP", {"no_task_is_lost", "no_orphan_stays"}),
    ("NO_POLL NO_RING_AGAIN", {"no_task_is_lost"}),
    ("NO_GRACE", {"no_file_is_missing"}),
    ("ORPHANS_BY_AGE_ONLY", {"no_file_is_missing"}),
    ("NO_ORPHAN_SWEEP", {"no_orphan_stays"}),
    ("REMOVE_IN_DOUBT", {"no_file_is_missing"}),
    ("FORGETS_THE_FIRST_TRY", {"no_file_is_missing"}),
    ("RECONVERT_WITHOUT_STATE", {"canceled_is_the_end"}),
    ("RELEASE_FOR_EVER", {"attempts_are_bounded"}),
]

# What may be taken away because something else stands behind it.
SPARE = ["ACKNOWLEDGE_FIRST", "NO_RELAY", "NO_POLL"]


class Verifier:
    """The program that spin makes of the model, for one choice of faults."""

    def __init__(self, folder, faults=""):
        self.folder = folder
        shutil.copy(MODEL, folder)
        defines = [f"-D{fault}" for fault in faults.split()]
        generated = self.run("spin", f"-P{COMPILER} -E -x c", *defines, "-a", MODEL.name)
        assert (folder / "pan.c").exists(), generated
        self.claims = set(re.findall(r"^ltl (\w+):", generated, re.M))
        self.run(COMPILER, "-w", "-O1", "-DNFAIR=3", "-o", "pan", "pan.c")

    def run(self, *command):
        return subprocess.run(command, cwd=self.folder, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300).stdout

    def check(self, name):
        """Its report. A search that reached one of its bounds is no proof."""
        fairness = ["-f"] if name in EVENTUALLY else []
        report = self.run("./pan", "-a", *fairness, "-m500000", "-w22", "-N", name)
        assert f"never claim         \t+ ({name})" in report, report
        assert "Full statespace search" in report, report
        for bound in ("max search depth too small", "out of memory", "hash array", "Bit statespace"):
            assert bound not in report, report
        return report


def errors(report):
    return int(re.search(r"errors: (\d+)", report)[1])


def states(report):
    return int(re.search(r"(\d+) states, stored", report)[1])


@pytest.fixture(scope="module")
def protocol(tmp_path_factory):
    return Verifier(tmp_path_factory.mktemp("protocol"))


def test_every_property_is_checked(protocol):
    assert protocol.claims == EVENTUALLY | ALWAYS


@pytest.mark.parametrize("name", sorted(EVENTUALLY | ALWAYS))
def test_the_protocol_holds(protocol, name):
    report = protocol.check(name)
    assert errors(report) == 0, report
    assert "Search not completed" not in report, report
    assert states(report) > 100_000, "too few: a step has become impossible"
    print(f"{name}: {states(report)} states")


def test_every_step_can_be_taken(protocol):
    report = protocol.check("attempts_are_bounded")
    unreached = re.findall(r"^unreached in (proctype \w+|init)\n((?:\t.+\n)+)", report, re.M)
    for process, steps in unreached:
        steps = [step for step in steps.splitlines() if "-end-" not in step and "of " not in step]
        assert not steps, f"{process}: {steps}"


@pytest.mark.parametrize("faults", SPARE)
def test_no_task_is_lost_without(tmp_path, faults):
    verifier = Verifier(tmp_path, faults)
    report = verifier.check("no_task_is_lost")
    assert errors(report) == 0 and "Search not completed" not in report, report


@pytest.mark.parametrize("faults, broken", FAULTS, ids=[faults for faults, _ in FAULTS])
def test_a_seeded_fault_is_found(tmp_path, faults, broken):
    verifier = Verifier(tmp_path, faults)
    for name in sorted(broken):
        report = verifier.check(name)
        assert errors(report) == 1, report
        wanted = "acceptance cycle" if name in EVENTUALLY else "assertion violated"
        assert wanted in report, report
        assert (tmp_path / f"{MODEL.name}.trail").exists()
