"""What is in the package, held against the programs."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import BIN, DEPLOY, make_package

DECANT = BIN / "decant"
UNITS = {"decant": "serve", "decant-web": "web", "decant-worker": "worker"}
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}


def run(*command, **arguments):
    return subprocess.run(list(map(str, command)), text=True, capture_output=True, timeout=60, env=CLEAN | arguments.pop("env", {}), **arguments)


def seconds_of(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|min|h|d)?", text).groups()
    return int(number) * {"ms": 0.001, None: 1, "s": 1, "min": 60, "h": 3600, "d": 86400}[unit]


def settings_in(text):
    """{name: value} of `decant config`."""
    return dict(re.findall(r"^(\w+) = \"?(.*?)\"? +#", text, re.MULTILINE))


@pytest.mark.parametrize("unit, bound", [("decant-web", 2.0), ("decant-worker", 3.0), ("decant", 3.0), ("decant-migrate", 3.0)])
def test_units_are_hardened(unpacked, unit, bound):
    told = run("systemd-analyze", "security", "--offline=true", f"--root={unpacked}", "--no-pager", f"{unit}.service")
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)[1])
    assert exposure <= bound, told.stdout


@pytest.mark.parametrize("unit, role", UNITS.items())
def test_units_wait_for_the_drain(unpacked, unit, role):
    lines = (unpacked / f"lib/systemd/system/{unit}.service").read_text().splitlines()
    budget = seconds_of(settings_in(run(DECANT, "config").stdout)["drain_budget"])
    stop = seconds_of(next(line for line in lines if line.startswith("TimeoutStopSec=")).partition("=")[2])
    assert budget + 5 <= stop <= budget + 30
    # Else the engine would get the signal too, and the conversions end with it.
    assert "KillMode=mixed" in lines
    assert f"ExecStart=/usr/bin/decant {role}" in lines


def test_the_settings_file_is_good_as_it_is_and_with_every_line_uncommented(tmp_path):
    text = (DEPLOY / "debian" / "decant.toml").read_text()
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    assert uncommented != text
    for name, content in (("as-it-is", text), ("uncommented", uncommented)):
        (tmp_path / name).write_text(content)
        told = run(DECANT, "config", "--config", tmp_path / name)
        assert told.returncode == 0, told.stderr
    budget = settings_in(told.stdout)["drain_budget"]
    assert budget == settings_in(run(DECANT, "config").stdout)["drain_budget"]


def test_the_environment_file_names_settings_that_exist():
    text = (DEPLOY / "debian" / "environment").read_text()
    variables = dict(re.findall(r"^#(\w+)=(.*)$", text, re.MULTILINE))
    assert "DECANT_DATABASE" in variables
    told = run(DECANT, "config", env=variables)
    assert told.returncode == 0, told.stderr


def test_the_same_programs_give_the_same_package(package, tmp_path):
    again = make_package(tmp_path, "0.2.0")
    assert again.read_bytes() == package.read_bytes()


def test_maintainer_scripts_and_script_package_pass_shellcheck():
    scripts = [DEPLOY / "debian" / name for name in ("postinst", "prerm", "postrm")]
    told = run("shellcheck", *scripts, DEPLOY.parent / "script" / "package")
    assert told.returncode == 0, told.stdout


def test_the_document_names_files_and_commands_that_exist():
    source = DEPLOY.parent
    text = (source / "docs" / "deployment.md").read_text()
    named = set(re.findall(r"`((?:deploy|tests|script)/[\w./-]+)`", text)) | {f"docs/{link}" for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    assert len(named) > 8
    assert [name for name in sorted(named) if not (source / name).exists()] == []
    commands = set(re.findall(r"`decant ([a-z]+)", text))
    assert [name for name in sorted(commands) if run(DECANT, name, "--help").returncode != 0] == []


# Completion.

def command_paths():
    yield ()
    for name in re.findall(r"^  ([a-z]+) {2,}", run(DECANT, "--help").stdout.split("Subcommands:")[1].split("Examples:")[0], re.MULTILINE):
        yield (name,)
        below = run(DECANT, name, "--help").stdout.partition("Subcommands:")[2].partition("Examples:")[0]
        yield from ((name, word) for word in re.findall(r"^  ([a-z]+) {2,}", below, re.MULTILINE))


def options_of(path):
    told = run(DECANT, *path, "--help").stdout.split("\nExamples:")[0]
    return set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", told, re.MULTILINE))


def subcommands_of(path, paths):
    return {other[-1] for other in paths if other[:-1] == path and other}


def bash_offers(unpacked, *words):
    script = """source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _decant 2>/dev/null; printf '%s\\n' "${COMPREPLY[@]}" """
    told = run("bash", "-c", script, unpacked / "usr/share/bash-completion/completions/decant", *words)
    return set(told.stdout.split())


def fish_offers(unpacked, *words):
    told = run("fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"',
               unpacked / "usr/share/fish/vendor_completions.d/decant.fish", " ".join(words))
    return {line.split("\t")[0] for line in told.stdout.splitlines()}


@pytest.mark.parametrize("offers, program", [(bash_offers, "bash"), (fish_offers, "fish")])
def test_completion_offers_every_command_and_option(unpacked, offers, program):
    if not shutil.which(program):
        pytest.skip(f"needs {program}")
    paths = list(command_paths())
    assert len(paths) > 15
    for path in paths:
        assert subcommands_of(path, paths) <= offers(unpacked, "decant", *path, ""), path
        assert offers(unpacked, "decant", *path, "--") >= options_of(path), path
    assert offers(unpacked, "decant", "serve", "--sandbox", "") >= {"auto", "require"}


def test_completion_of_zsh_names_every_command_and_option(unpacked):
    if not shutil.which("zsh"):
        pytest.skip("needs zsh")
    script = unpacked / "usr/share/zsh/vendor-completions/_decant"
    assert run("zsh", "-n", script).returncode == 0
    cases = dict(re.findall(r"^    '([a-z ]*)'\)\n(.*?)\n      ;;", script.read_text(), re.MULTILINE | re.DOTALL))
    for path in command_paths():
        offered = set(re.findall(r"'\*(--[a-z-]+)\[", cases[" ".join(path)]))
        assert offered == options_of(path), path
