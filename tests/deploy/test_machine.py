"""The package on a clean Debian 12 with its own systemd: installed, upgraded, removed, installed again."""

import contextlib
import sqlite3

import pytest

import debian
from conftest import CACHE, SOURCE
from harness import Client, wait_until
from sounds import noise, tone

URL = "http://127.0.0.1:8080"
UNITS = ("decant", "decant-web", "decant-worker")


@pytest.fixture(scope="module")
def machine(previous_package, package, tmp_path_factory):
    if reason := debian.why_not():
        pytest.skip(reason)
    base = debian.make_base(CACHE, package)
    if base is None:
        pytest.skip(f"{debian.MIRROR} cannot be reached")
    machine = debian.Machine(base, tmp_path_factory.mktemp("machine") / "console.log")
    yield machine
    machine.close()


@pytest.fixture(autouse=True)
def tell(request, machine):
    """What the services said, when a test fails."""
    yield
    if request.node.stash.get(FAILED, False):
        for unit in (*UNITS, "decant-migrate"):
            print(f"== {unit}\n{machine.journal(unit)[-4000:]}")


FAILED = pytest.StashKey()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.stash[FAILED] = report.failed


def wait_until_ready(machine):
    wait_until(lambda: machine.run("decant", "health", check=False).returncode == 0, "readiness", 90, pause=0.1)


def status_of(machine, pid):
    return dict(line.split(":\t", 1) for line in machine.run("cat", f"/proc/{pid}/status").stdout.splitlines() if ":\t" in line)


def convert(client, target="mp3", audio=None):
    return client.wait_for(client.submit(audio or tone(2), target)["id"], "PROCESSED", "FAILED")


def edit_setting(machine, line):
    """Into the settings, as an administrator would."""
    machine.run("sh", "-c", "cat >> /etc/decant/decant.toml", text=line + "\n")


# One life of one machine, in the order of the file.

def test_install_starts_the_service(machine, previous_package):
    machine.apt_install(previous_package)
    wait_until_ready(machine)
    pid = machine.main_pid("decant")
    assert machine.run("cat", f"/proc/{pid}/cmdline").stdout.split("\0")[:2] == ["/usr/bin/decant", "serve"]
    status = status_of(machine, pid)
    assert machine.run("id", "-un", status["Uid"].split()[0]).stdout == "decant\n"
    assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapBnd"], 16)) == ("1", "2", 0)
    # sandbox = "require": it would not have started without every layer.
    assert "the engine is ready" in machine.journal("decant")
    assert machine.run("stat", "-c", "%U %a", "/var/lib/decant", "/etc/decant/environment").stdout == "decant 700\nroot 600\n"
    assert machine.state("decant-web") == machine.state("decant-worker") == "inactive"
    sources = machine.run("sh", "-c", "cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null", check=False).stdout
    assert sources.split() == ["deb", debian.MIRROR, "bookworm", "main"]


@pytest.fixture(scope="module")
def client(machine):
    with machine.network():
        yield Client.sign_up(URL)


@pytest.fixture(scope="module")
def kept(client):
    """A task from the first days, and its result."""
    task = convert(client, "flac")
    assert task["state"] == "PROCESSED", task
    return task, client.download(task["id"])


def test_a_file_is_converted(kept):
    assert kept[1].startswith(b"fLaC")


def test_what_a_unit_may_not_do(machine, kept):
    # A unit of this name gets the hardening of all roles.
    machine.run("sh", "-c", "echo 10.1.2.3 db.example.org >> /etc/hosts")
    tries = """
use Socket;
sub report { print "$_[0]: ", ($_[1] ? "yes" : "no"), "\\n" }
report("names", gethostbyname("db.example.org"));
report("tcp", socket(my $tcp, AF_INET, SOCK_STREAM, 0));
report("netlink", socket(my $netlink, 16, 3, 0));
report("packets", socket(my $packets, 17, 3, 0));
report("own data", open(my $own, ">", "/var/lib/decant/probe"));
report("other data", open(my $other, ">", "/var/lib/probe"));
report("homes", opendir(my $homes, "/home"));
report("processes of others", -e "/proc/1");
report("settings of the kernel", -e "/proc/sys");
report("disks", (-e "/dev/vda" or -e "/dev/sda"));
unlink("/var/lib/decant/probe");
"""
    machine.run("sh", "-c", "cat > /usr/local/bin/probe.pl", text=tries)
    unit = "[Service]\nType=oneshot\nStateDirectory=decant\nExecStart=/usr/bin/perl /usr/local/bin/probe.pl\n"
    machine.run("sh", "-c", "cat > /run/systemd/system/decant-probe.service && systemctl daemon-reload", text=unit)
    machine.run("systemctl", "start", "decant-probe")
    told = dict(line.split(": ") for line in machine.journal("decant-probe").splitlines() if line.endswith((": yes", ": no")))
    assert {what for what, may in told.items() if may == "yes"} == {"names", "tcp", "own data"}, told
    assert len(told) == 10
    machine.run("sh", "-c", "rm /run/systemd/system/decant-probe.service /usr/local/bin/probe.pl && systemctl daemon-reload")


def test_an_upgrade_with_tasks_in_flight_loses_none(machine, client, kept, package):
    # Too short for all that runs: what does not end within it has to be given back.
    edit_setting(machine, 'drain_budget = "300ms"')
    machine.run("systemctl", "restart", "decant")
    wait_until_ready(machine)
    before = machine.main_pid("decant")
    audio = noise(40, seed=1)
    submitted = [client.submit(audio, "mp3", quality="0")["id"] for _ in range(12)]
    client.wait_for(submitted[0], "PROCESSING", "PROCESSED")
    machine.apt_install(package)
    assert machine.run("dpkg-query", "-W", "-f", "${Version}", "decant").stdout == "0.2.0"
    wait_until_ready(machine)
    assert machine.main_pid("decant") != before
    journal = machine.journal("decant")
    assert journal.count("stopped") == 2  # each time in order, not killed
    assert '"outcome":"given_back"' in journal
    ended = {task["id"]: task for task in client.wait_for_all(len(submitted) + 1, 120)}
    assert [(ended[task]["state"], ended[task]["attempts"]) for task in submitted] == [("PROCESSED", 1)] * len(submitted)
    assert 'drain_budget = "300ms"' in machine.run("cat", "/etc/decant/decant.toml").stdout
    assert client.download(kept[0]["id"]) == kept[1]


def older_database(path):
    """As the version before the newest migration left it."""
    migrations = sorted((SOURCE / "src" / "database" / "migrations" / "sqlite").glob("*.sql"))
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL)")
        for version, migration in enumerate(migrations[:-1], 1):
            database.executescript(migration.read_text())
            database.execute("INSERT INTO schema_version VALUES (?, ?, 0)", (version, migration.stem))
        database.commit()
    return len(migrations)


def test_the_roles_share_a_machine_and_an_upgrade_migrates_for_them(machine, client, kept, package, tmp_path):
    machine.run("systemctl", "disable", "--now", "decant")
    newest = older_database(tmp_path / "older.db")
    older = machine.copy_in(tmp_path / "older.db")
    machine.run("mv", "/var/lib/decant", "/var/lib/decant.kept")
    machine.run("install", "-d", "-o", "decant", "-g", "decant", "-m", "0700", "/var/lib/decant")
    machine.run("install", "-o", "decant", "-g", "decant", "-m", "0600", older, "/var/lib/decant/decant.db")
    machine.run("systemctl", "enable", "decant-web", "decant-worker")
    machine.apt_install(package, "--reinstall")
    assert f"the schema is at version {newest} now" in machine.journal("decant-migrate")
    wait_until_ready(machine)
    assert [machine.state(unit) for unit in UNITS] == ["inactive", "active", "active"]
    assert convert(Client.sign_up(URL))["state"] == "PROCESSED"


def test_a_database_that_cannot_be_migrated_ends_the_upgrade_and_not_the_service(machine, client, package):
    database = "/var/lib/decant/decant.db"
    machine.run("mv", database, database + ".away")
    machine.run("mkdir", database)
    web = machine.main_pid("decant-web")
    refused = machine.run("apt-get", "install", "-y", "-q", "--reinstall", f"/root/{package.name}", check=False)
    assert refused.returncode != 0
    assert "the database could not be migrated; the previous version still runs" in refused.stdout + refused.stderr
    assert machine.main_pid("decant-web") == web
    machine.run("rmdir", database)
    machine.run("mv", database + ".away", database)
    machine.run("dpkg", "--configure", "decant")
    wait_until_ready(machine)
    assert machine.main_pid("decant-web") != web
    machine.run("systemctl", "disable", "--now", "decant-web", "decant-worker")
    machine.run("rm", "-r", "/var/lib/decant")
    machine.run("mv", "/var/lib/decant.kept", "/var/lib/decant")
    machine.run("systemctl", "enable", "--now", "decant")
    wait_until_ready(machine)


def test_removed_and_installed_again_it_has_its_data(machine, client, kept, package):
    machine.run("apt-get", "remove", "-y", "-q", "decant")
    assert machine.run("pgrep", "-u", "decant", check=False).stdout == ""
    assert machine.run("test", "-e", "/usr/bin/decant", check=False).returncode == 1
    machine.apt_install(package)
    wait_until_ready(machine)
    assert client.download(kept[0]["id"]) == kept[1]
    assert client.task(kept[0]["id"])["state"] == "PROCESSED"
    assert "drain_budget" in machine.run("cat", "/etc/decant/decant.toml").stdout


def test_purging_deletes_settings_and_keeps_what_people_uploaded(machine, kept, package):
    purged = machine.run("apt-get", "purge", "-y", "-q", "decant")
    assert "stay in /var/lib/decant" in purged.stdout + purged.stderr
    assert machine.run("test", "-e", "/etc/decant", check=False).returncode == 1
    assert machine.run("test", "-e", "/var/lib/decant/decant.db").returncode == 0
    left = machine.run("find", "/etc", "/lib/systemd", "/usr", "-name", "*decant*", "-not", "-path", "/usr/share/doc/*").stdout
    assert left == ""
