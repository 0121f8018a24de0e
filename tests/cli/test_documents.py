"""The documents say what the program has."""

import re

from conftest import SOURCE, run
from test_commands import COMMANDS

MANUAL = SOURCE / "docs" / "man" / "decant.1"


def test_the_manual_names_every_command_and_setting():
    text = MANUAL.read_text().replace("\\-", "-")
    commands = text.split(".SH COMMANDS")[1].split(".SH ")[0]
    assert [name for name in COMMANDS if f".B {name}\n" not in commands] == []
    settings = re.findall(r"^(\w+) = ", run("config").stdout, re.MULTILINE)
    assert len(settings) > 20
    assert [name for name in settings if f"DECANT_{name.upper()}" not in text] == []


def test_the_manual_names_every_option_of_convert():
    text = MANUAL.read_text().replace("\\-", "-")
    own = run("convert", "--help").stdout.split("Settings:")[0]
    options = set(re.findall(r"--[a-z-]+", own)) - {"--help"}
    assert [name for name in sorted(options) if name not in text] == []


def test_the_readme_links_to_files_that_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", (SOURCE / "README.md").read_text())
    assert links
    assert [link for link in links if not (SOURCE / link).exists()] == []
