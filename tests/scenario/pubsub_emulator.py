"""Google's Pub/Sub emulator, where the Google Cloud SDK with it and a Java are installed."""

import pathlib
import shutil
import socket
import subprocess

from harness import wait_until

JAVA = shutil.which("java")
SDKS = ("/usr/lib/google-cloud-sdk", "/usr/share/google-cloud-sdk", "/opt/google-cloud-sdk", pathlib.Path.home() / "google-cloud-sdk")
JARS = [jar for sdk in SDKS for jar in pathlib.Path(sdk, "platform", "pubsub-emulator", "lib").glob("cloud-pubsub-emulator-*.jar")]


class PubsubEmulator:
    """Forgets its topics when it is killed."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([JAVA, "-Xmx256m", "-jar", str(JARS[0]), "--host=127.0.0.1", f"--port={self.port}"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.takes_connections, "start of the emulator", 60)

    def takes_connections(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()
