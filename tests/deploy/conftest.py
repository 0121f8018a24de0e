import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ.get("DECANT_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("DECANT_BIN", SOURCE / "build" / "release" / "bin"))
DEPLOY = SOURCE / "deploy"
# What is dear to make and stays the same: a Debian, its packages.
CACHE = BIN.parent / "deploy"
sys.path.insert(0, str(SOURCE / "tests" / "scenario"))


def make_package(folder, version):
    subprocess.run([SOURCE / "script" / "package", "--bin", BIN, "--version", version, "--output", folder], check=True,
                   capture_output=True, text=True, env=os.environ | {"DPKG_DEB_COMPRESSOR_LEVEL": "1"})
    return folder / f"decant_{version}_amd64.deb"


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The package of the programs under test."""
    return make_package(tmp_path_factory.mktemp("package"), "0.2.0")


@pytest.fixture(scope="session")
def previous_package(tmp_path_factory):
    """One with a lower version. Its programs are the same."""
    return make_package(tmp_path_factory.mktemp("package"), "0.1.0")


@pytest.fixture(scope="session")
def unpacked(package, tmp_path_factory):
    """The package's files."""
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder
