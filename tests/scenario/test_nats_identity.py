"""Who a NATS server is, and who decant is to it: certificates, users and credentials files."""

import pathlib
import subprocess

import pytest

from harness import DECANT, Client, wait_until
from identity import CORE_ONLY, UNLIMITED, Authority, NKey, write_credentials
from nats_cluster import PROGRAM, NatsServer
from sounds import tone

pytestmark = pytest.mark.skipif(not pathlib.Path(PROGRAM).exists(), reason="nats-server is not installed")


@pytest.fixture
def start_server(tmp_path):
    def start(*arguments):
        folder = tmp_path / "nats"
        folder.mkdir()
        started.append(NatsServer(folder, "server"))
        started[0].start(*arguments)
        wait_until(started[0].is_healthy, "the NATS server", 30)
        return f"127.0.0.1:{started[0].port}"
    started = []
    yield start
    for server in started:
        server.kill()


def check_conversion(site):
    """A ring goes from the web process to the worker: no poll would come in time."""
    web = site.start("web")
    site.start("worker")
    client = Client.sign_up(web.url)
    task_id = client.submit(tone(0.3), "flac")["id"]
    assert client.wait_for(task_id, "PROCESSED", "FAILED", seconds=10)["state"] == "PROCESSED"
    return web


def refusal(site, broker):
    """What a worker says that does not start."""
    site.configure(broker=broker)
    ended = subprocess.run([DECANT, "worker"], env=site.environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    return ended.stdout + ended.stderr


def test_certificates_are_checked_both_ways(make_site, start_server, tmp_path):
    authority, stranger = Authority(tmp_path, "authority"), Authority(tmp_path, "stranger")
    certificate, key = authority.issue("server")
    host = start_server("--tlsverify", "--tlscert", certificate, "--tlskey", key, "--tlscacert", authority.path)
    certificate, key = authority.issue("client")
    shown = f"certificate={certificate}&key={key}"
    site = make_site(broker=f"tls://{host}?ca={authority.path}&{shown}", poll_interval="1h", sweep_interval="1h", workers=1)
    check_conversion(site)
    assert "TLS failed" in refusal(site, f"tls://{host}?ca={stranger.path}&{shown}")
    assert "TLS failed" in refusal(site, f"tls://{host}?{shown}"), "no authority of the system signed it"
    assert "TLS failed" in refusal(site, f"nats://{host}"), "the server wants TLS, and libnats follows"


def test_a_credentials_file_opens_the_door(make_site, start_server, tmp_path):
    operator, system, account, user = NKey("operator"), NKey("account"), NKey("account"), NKey("user")
    config = tmp_path / "nats.conf"
    config.write_text(f"operator: {operator.sign_token(operator)}\nresolver: MEMORY\nsystem_account: {system.public}\n"
                      f"resolver_preload: {{\n  {system.public}: {operator.sign_token(system, limits=CORE_ONLY)}\n"
                      f"  {account.public}: {operator.sign_token(account, limits=UNLIMITED)}\n}}\n")
    host = start_server("-c", config)
    good, forged = tmp_path / "good.creds", tmp_path / "forged.creds"
    write_credentials(good, account, user)
    write_credentials(forged, NKey("account"), user)
    site = make_site(broker=f"nats://{host}?credentials={good}", poll_interval="1h", sweep_interval="1h", workers=1)
    web = check_conversion(site)
    for broker in (f"nats://{host}?credentials={forged}", f"nats://{host}", f"nats://eve:sesame@{host}"):
        said = refusal(site, broker)
        assert "refuse this user or these credentials" in said
        assert "sesame" not in said
    assert user.seed not in site.logs() + web.log()
