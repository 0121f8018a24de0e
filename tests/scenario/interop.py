"""Clients from npm (tests/interop), and the processes beside them."""

import json
import os
import pathlib
import subprocess

from harness import SOURCE

PACKAGES = pathlib.Path(os.environ["DECANT_INTEROP_PACKAGES"])
GOOGLE_PACKAGES = pathlib.Path(os.environ["DECANT_GOOGLE_PACKAGES"])


def run_node(client, *arguments, packages=PACKAGES, check=True, seconds=60, **environment):
    """The ended process; its output as bytes."""
    return subprocess.run(["node", SOURCE / "tests" / "interop" / client, *arguments], check=check, capture_output=True, timeout=seconds,
                          env=os.environ | {"NODE_PATH": str(packages / "node_modules")} | environment)


def ask_node(client, *arguments, **more):
    """What it prints as JSON."""
    return json.loads(run_node(client, *arguments, **more).stdout)
