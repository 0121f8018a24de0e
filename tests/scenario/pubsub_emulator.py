"""Google's Pub/Sub emulator, where the Google Cloud SDK with it and a Java are installed."""

import pathlib
import shutil
import socket
import subprocess

from harness import LOOPBACK, wait_until

JAVA = shutil.which("java")
SDKS = ("/usr/lib/google-cloud-sdk", "/usr/share/google-cloud-sdk", "/opt/google-cloud-sdk", pathlib.Path.home() / "google-cloud-sdk")
JARS = [jar for sdk in SDKS for jar in pathlib.Path(sdk, "platform", "pubsub-emulator", "lib").glob("cloud-pubsub-emulator-*.jar")]


class PubsubEmulator:
    """Forgets its topics when it is killed."""

    def __init__(self, host=LOOPBACK):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.place, self.host = host, f"{host.address}:{self.port}"
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.place.prefix, JAVA, "-Xmx256m", "-jar", str(JARS[0]), f"--host={self.place.address}", f"--port={self.port}"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.takes_connections, "start of the emulator", 60)

    def takes_connections(self):
        with socket.socket() as probe:
            return probe.connect_ex((self.place.address, self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    close = kill
