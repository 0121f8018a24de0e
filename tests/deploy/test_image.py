"""The image of deploy/container, built and run by podman with its default seccomp profile, without root, on a read-only root."""

import hashlib
import json
import pathlib
import shlex
import shutil
import subprocess

import pytest

import debian
from conftest import CACHE, DEPLOY
from harness import Client, wait_until
from sounds import tone

BASE = "localhost/debian:bookworm-slim"
# As deploy/compose.yaml has it. Without cgroups and with low limits: the test may itself run in a container.
RUN = ["--cgroups=disabled", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096",
       "--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges"]


class Podman:
    def __init__(self, storage):
        # Podman refuses a runroot of more than 50 characters, and keeps its name in the storage: a short one that follows from the long.
        run = pathlib.Path("/tmp") / f"decant-podman-{hashlib.sha256(str(storage).encode()).hexdigest()[:12]}"
        self.command = ["podman", f"--root={storage / 'root'}", f"--runroot={run}", "--storage-driver=overlay",
                        "--cgroup-manager=cgroupfs", "--events-backend=none"]

    def __call__(self, *arguments, check=True, stdin=subprocess.DEVNULL):
        command = [*self.command, *map(str, arguments)]
        if pathlib.Path("/sys/fs/cgroup/unified").exists():
            # crun knows no hosts that have both hierarchies, and asks which even when it is to use none.
            command = ["unshare", "--mount", "sh", "-c",
                       f"umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec {shlex.join(command)}"]
        done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done


@pytest.fixture(scope="module")
def podman(package):
    if reason := debian.why_not():
        pytest.skip(reason)
    if not shutil.which("podman"):
        pytest.skip("needs podman")
    base = debian.make_base(CACHE, package)
    if base is None:
        pytest.skip(f"{debian.MIRROR} cannot be reached")
    podman = Podman(CACHE / "containers")
    if podman("image", "exists", BASE, check=False).returncode != 0:
        # What the registry's debian:bookworm-slim is made of, from Debian's own mirror.
        archive = subprocess.Popen(["tar", "-C", base, "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./root/*", "-c", "."],
                                   stdout=subprocess.PIPE)
        podman("import", "-", BASE, stdin=archive.stdout)
        assert archive.wait() == 0
    yield podman
    podman("image", "prune", "-f", check=False)


@pytest.fixture(scope="module")
def image(podman, package, tmp_path_factory):
    context = tmp_path_factory.mktemp("context")
    shutil.copy(package, context)
    podman("build", "--isolation=chroot", "--format=docker", f"--build-arg=BASE={BASE}", "-f", DEPLOY / "container" / "Containerfile",
           "-t", "decant", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096", context)
    return "localhost/decant"


@pytest.fixture
def start(podman, image):
    started = []

    def start_container(*options, command=()):
        identity = podman("run", "-d", *RUN, *options, image, *command).stdout.split()[-1]
        started.append(identity)
        return identity

    yield start_container
    for identity in reversed(started):
        print(podman("logs", identity, check=False).stdout[-3000:])
        podman("rm", "-f", "-t", "0", "-v", identity, check=False)


def is_ready(podman, container):
    return podman("exec", container, "decant", "health", check=False).returncode == 0


def talk_inside(podman, container):
    process = podman("inspect", "-f", "{{.State.Pid}}", container).stdout.strip()
    return debian.network_of(process)


def test_the_image_says_how_it_is_run(podman, image):
    config = json.loads(podman("image", "inspect", image).stdout)[0]
    assert config["Config"]["User"] == "10001:10001"
    assert config["Config"]["StopSignal"] == "SIGTERM"
    assert config["Config"]["Entrypoint"] == ["/usr/bin/decant"]
    assert config["Healthcheck"]["Test"] == ["CMD", "decant", "health"]


def test_one_container_is_the_whole_service(podman, start):
    container = start("--network=none", "--env=DECANT_SANDBOX=require")
    wait_until(lambda: is_ready(podman, container), "readiness", 90, pause=0.2)
    with talk_inside(podman, container):
        client = Client.sign_up("http://127.0.0.1:8080")
        task = client.wait_for(client.submit(tone(2), "mp3")["id"], "PROCESSED", "FAILED")
        assert task["state"] == "PROCESSED", task
    assert podman("exec", container, "touch", "/usr/x", check=False).returncode != 0
    podman("stop", "-t", "35", container)
    assert podman("inspect", "-f", "{{.State.ExitCode}}", container).stdout.strip() == "0"


def test_the_roles_in_containers_of_their_own(podman, image, start):
    volume = "decant-test-roles"
    podman("volume", "rm", "-f", volume, check=False)
    data = f"--volume={volume}:/var/lib/decant"
    podman("run", "--rm", *RUN, "--network=none", data, image, "migrate")
    web = start("--network=none", data, command=["web"])
    start("--network=none", data, command=["worker"])
    wait_until(lambda: is_ready(podman, web), "readiness", 90, pause=0.2)
    with talk_inside(podman, web):
        client = Client.sign_up("http://127.0.0.1:8080")
        assert client.wait_for(client.submit(tone(2), "flac")["id"], "PROCESSED", "FAILED")["state"] == "PROCESSED"
