"""Every command of the guides works as it is written, and every link and picture of them is there."""

import hashlib
import os
import re
import shutil
import subprocess

import pytest

from documents import commands_of, run_commands
from harness import DECANT, SOURCE, Client
from nats_cluster import choose_ports
from sounds import tone

GUIDES = ["quickstart.md", "operations.md", "troubleshooting.md", "architecture.md", "capacity.md"]
PICTURES = sorted((SOURCE / "docs" / "architecture").glob("*.dot"))


@pytest.fixture
def own_place(tmp_path):
    """An environment in which the address of the guides is a free one, and a folder to work in."""
    folder = tmp_path / "work"
    folder.mkdir()
    address = f"127.0.0.1:{choose_ports(1)[0]}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}
    environment = clean | {"DECANT_LISTEN": address, "DECANT_DATA": str(folder / "decant-data")}

    def run(commands, **more):
        return run_commands(commands.replace("127.0.0.1:8080", address), folder, environment | more)
    return run, folder, environment, address


def test_the_quick_start(own_place):
    run, folder, environment, _ = own_place
    run(commands_of("quickstart.md"), DECANT_PASSWORD_MEMORY="8KiB")
    for name in ("song.mp3", "Portable/song.opus", "song.ogg"):
        probed = subprocess.run([DECANT, "probe", folder / name], env=environment, capture_output=True, text=True, check=True)
        assert "A tone" in probed.stdout, name


def test_one_machine(own_place):
    run, folder, _, _ = own_place
    output = run(commands_of("operations.md", "One machine"))
    assert re.search(r'retention = "30d" +# decant.toml', output), output
    assert (folder / "decant-data" / "decant.db").exists()


def test_upgrades(own_place):
    run, folder, _, _ = own_place
    (folder / "decant-data").mkdir(mode=0o700)
    assert run(commands_of("operations.md", "Upgrades")).splitlines()[1] == "the schema is up to date"


def test_troubleshooting(own_place):
    run, folder, environment, address = own_place
    with open(folder / "decant.log", "wb") as log:
        service = subprocess.Popen([DECANT, "serve"], env=environment | {"DECANT_PASSWORD_MEMORY": "8KiB"}, stdout=log, stderr=log)
    try:
        run("until decant health; do sleep 0.2; done")
        client = Client.sign_up(f"http://{address}")
        client.wait_for(client.submit(tone(0.2), "flac")["id"], "PROCESSED")
        output = run(commands_of("troubleshooting.md"))
    finally:
        service.kill()
        service.wait()
    assert '"ready":0' in output
    assert client.account["email"] in output


@pytest.mark.parametrize("guide", GUIDES)
def test_blocks_are_either_run_or_marked_as_text(guide):
    fences = re.findall(r"^```(.*)$", (SOURCE / "docs" / guide).read_text(), re.MULTILINE)
    assert set(fences[0::2]) <= {"sh", "text"}
    assert set(fences[1::2]) <= {""}


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(guide):
    text = (SOURCE / "docs" / guide).read_text()
    for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        target = SOURCE / "docs" / (path or guide)
        assert target.exists(), f"{guide} links to {path}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}, f"{path}#{anchor}"


@pytest.mark.parametrize("source", PICTURES, ids=lambda path: path.stem)
def test_each_picture_is_drawn_from_its_source(source):
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    drawn = source.with_suffix(".svg").read_text()
    assert f"<!-- {source.name} sha256 {digest} -->" in drawn, f"{source.name} changed: run script/pictures"


@pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not installed")
@pytest.mark.parametrize("source", PICTURES, ids=lambda path: path.stem)
def test_each_picture_says_what_its_source_says(source):
    """Not byte by byte: where letters stand depends on the fonts of the machine."""
    def words(picture):
        return sorted(re.findall(r"<title>(.*?)</title>|<text [^>]*>(.*?)</text>", picture))
    again = subprocess.run(["dot", "-Tsvg", source], capture_output=True, text=True, check=True).stdout
    assert words(again) == words(source.with_suffix(".svg").read_text())


def test_operations_tell_what_to_do_about_every_alert():
    alerts = re.findall(r"- alert: (\w+)", (SOURCE / "deploy" / "prometheus" / "alerts.yml").read_text())
    text = (SOURCE / "docs" / "operations.md").read_text()
    assert alerts
    assert re.findall(r"^\| \[(\w+)\]\(observability", text, re.MULTILINE) == alerts


def test_there_are_pictures():
    text = (SOURCE / "docs" / "architecture.md").read_text()
    assert {f"architecture/{source.stem}.svg" for source in PICTURES} == set(re.findall(r"\]\((\S+\.svg)\)", text))
