"""Each kind of input to each target through the sandbox, whose children have not all libraries in memory: what works without it works in it."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
import inputs
from conftest import CACHE
from harness import DECANT, Client, Site

TARGETS = ("mp3", "ogg", "opus", "flac", "wav", "aiff", "m4a", "alac", "wma")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All as music by their names, which nothing but the choice of files in a folder goes by."""
    CACHE.mkdir(exist_ok=True)
    folder = tmp_path_factory.mktemp("folder")
    for name in inputs.MAKERS:
        shutil.copy(inputs.make(name, CACHE), folder / f"{name}.mp3")
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_converts_all(folder, target, tmp_path):
    done = subprocess.run([DECANT, "convert", "--quiet", "-r", folder, tmp_path / "out", "--to", target, "--set", "TITLE=x"],
                          capture_output=True, text=True, timeout=300, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in (tmp_path / "out").rglob("*.*")} == set(inputs.MAKERS)


def test_web_reads_all_without_encoders(folder, tmp_path):
    """`decant web` only probes: its engine's children have no encoder's library, `decant probe` has all."""
    with contextlib.closing(Site(tmp_path)) as site:
        client = Client.sign_up(site.start("web").url)
        for path in sorted(folder.iterdir()):
            task = client.submit(path.read_bytes(), "wav", name=path.name)
            [(media,)] = site.rows("SELECT media FROM tasks WHERE id = ?", task["id"])
            told = subprocess.run([DECANT, "probe", "--json", path], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
            assert media == told.stdout.strip(), path.name
