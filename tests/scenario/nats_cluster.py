"""Real nats-servers that keep streams together, on loopback."""

import contextlib
import json
import shutil
import socket
import subprocess
import urllib.request

from harness import LOOPBACK, wait_until

PROGRAM = shutil.which("nats-server") or "/usr/sbin/nats-server"


def choose_ports(count):
    """Ports that are free now, no two the same."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class NatsServer:
    def __init__(self, folder, name, host=LOOPBACK):
        self.folder, self.name, self.host = folder, name, host
        self.port, self.cluster_port, self.monitor_port = choose_ports(3)
        self.process = None

    @property
    def route(self):
        return f"nats://{self.host.address}:{self.cluster_port}"

    def start(self, *arguments):
        self.process = subprocess.Popen(
            [*self.host.prefix, PROGRAM, "-a", self.host.address, "-p", str(self.port), "-m", str(self.monitor_port), "-n", self.name, "-js",
             "-sd", self.folder / self.name, "-l", self.folder / f"{self.name}.log", *arguments])

    def start_in_cluster(self, routes):
        self.start("--cluster_name", "decant", "--cluster", self.route, "--routes", routes)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, path):
        with urllib.request.urlopen(f"http://{self.host.address}:{self.monitor_port}{path}", timeout=5) as answer:
            return json.load(answer)

    def is_healthy(self):
        """Whether all it keeps is up to date."""
        with contextlib.suppress(OSError):
            return self.ask("/healthz")["status"] == "ok"
        return False


class NatsCluster:
    def __init__(self, folder, hosts=(LOOPBACK,) * 3):
        self.servers = [NatsServer(folder, f"server-{number}", host) for number, host in enumerate(hosts)]
        self.routes = ",".join(server.route for server in self.servers)
        for server in self.servers:
            server.start_in_cluster(self.routes)
        wait_until(self.has_leader, "a leader of the NATS servers", 60)

    def url(self, stream, parameters=""):
        hosts = ",".join(f"{server.host.address}:{server.port}" for server in self.servers)
        return f"nats://{hosts}/{stream}{parameters}"

    def ask_somebody(self, path):
        for server in self.servers:
            with contextlib.suppress(OSError):
                return server.ask(path)
        return {}

    def has_leader(self):
        return self.ask_somebody("/jsz").get("meta_cluster", {}).get("leader")

    def find_stream(self, name):
        """What a living server tells of a stream; None when there is none."""
        for account in self.ask_somebody("/jsz?streams=1&consumers=1").get("account_details", []):
            for stream in account.get("stream_detail", []):
                if stream["name"] == name:
                    return stream
        return None

    def find_leader(self, stream):
        """The server that answers for the stream; None while there is none."""
        found = self.find_stream(stream)
        leader = found and found["cluster"].get("leader")
        return next((server for server in self.servers if server.name == leader), None)

    def restart(self, server):
        server.start_in_cluster(self.routes)

    def close(self):
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
