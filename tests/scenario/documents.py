"""The commands that documents tell people to type."""

import os
import re
import signal
import subprocess

from harness import DECANT, SOURCE


def commands_of(document, *headings):
    """All blocks of `sh` of a document, or of the sections with these headings, one after the other."""
    text = (SOURCE / "docs" / document).read_text()
    if headings:
        sections = re.split(r"^#+ (.*)\n", text, flags=re.MULTILINE)
        found = dict(zip(sections[1::2], sections[2::2]))
        text = "\n".join(found[heading] for heading in headings)
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks, f"no commands in {document} {headings}"
    return "\n".join(blocks)


def run_commands(commands, folder, environment, seconds=120):
    """As one script that ends at the first command that fails; what it left running ends with it."""
    script = "set -eu -o pipefail\n" + commands
    environment = environment | {"PATH": f"{DECANT.parent}:{environment['PATH']}"}
    process = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        # A service in the background has its output elsewhere, so this ends with the script.
        output, _ = process.communicate(timeout=seconds)
    finally:
        stop_group(process.pid)
    assert process.returncode == 0, f"exit status {process.returncode}:\n{output}"
    return output


def stop_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
