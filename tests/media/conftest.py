"""Inputs of the media tests: made once with Debian's tools into a cache folder of the build, and by hand where no tool makes them."""

import json
import os
import pathlib
import subprocess

import pytest

import inputs

TOOL = os.environ["MEDIA_TOOL"]
CACHE = pathlib.Path(os.environ["MEDIA_CACHE"])


class Refused(Exception):
    """An error of the engine: code and message."""

    def __init__(self, error):
        super().__init__(f'{error["code"]}: {error["message"]}')
        self.code = error["code"]
        self.message = error["message"]


def answers(*arguments):
    """What media_tool prints, a line for each thing it does."""
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, timeout=120)
    assert done.returncode in (0, 1), f"media_tool died with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
    return [result_of(json.loads(line)) for line in done.stdout.splitlines()]


def result_of(answer):
    if "error" in answer:
        raise Refused(answer["error"])
    return answer["result"]


class Engine:
    refused = Refused

    @staticmethod
    def probe(path):
        return answers("probe", path)[0]

    @staticmethod
    def convert(source, output, target, **options):
        return answers("convert", source, output, target, *(f"{name}={value}" for name, value in options.items()))[0]

    @staticmethod
    def convert_to_many(source, outputs):
        """{target: path} → {target: result}, by one process."""
        pairs = [part for target, path in outputs.items() for part in (path, target)]
        return dict(zip(outputs, answers("convert-to-many", source, *pairs), strict=True))


@pytest.fixture(scope="session")
def engine():
    return Engine


@pytest.fixture(scope="session")
def media():
    """media(name) → path of an input by its name in inputs.MAKERS."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return lambda name: inputs.make(name, CACHE)
