"""A clean Debian 12 that boots with its own systemd, from Debian's mirror alone."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess

from harness import child_pids, wait_until

MIRROR = "http://deb.debian.org/debian"
INCLUDED = "systemd,systemd-sysv,dbus"
# systemd-nspawn has a filter of its own, from before Landlock, and forbids mlock without a capability. A machine of its own has no such filter.
ALLOWED_CALLS = "@memlock landlock_create_ruleset landlock_restrict_self"

libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why there can be none here, or None."""
    if os.geteuid() != 0:
        return "needs root to make and boot a Debian"
    for program in ("debootstrap", "systemd-nspawn"):
        if not shutil.which(program):
            return f"needs {program}"
    return None


def make_base(folder, package):
    """The base system with all that the package depends on downloaded, not installed; None when the mirror cannot be reached.

    It is made once; a lock keeps others out meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        base = folder / "bookworm"
        if not base.exists():
            unfinished = folder / "bookworm.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            log = folder / "debootstrap.log"
            with open(log, "wb") as output:
                made = subprocess.run(["debootstrap", "--variant=minbase", f"--include={INCLUDED}", "bookworm", unfinished, MIRROR],
                                      stdout=output, stderr=output, stdin=subprocess.DEVNULL)
            if made.returncode != 0:
                assert "Failed getting release file" in log.read_text(errors="replace"), log.read_text(errors="replace")[-2000:]
                return None
            unfinished.rename(base)
        needed = depends_of(package)
        noted = folder / "downloaded"
        if not noted.exists() or noted.read_text() != needed:
            shutil.copy(package, base / "root" / "decant.deb")
            for arguments in (["update"], ["install", "-y", "--no-install-recommends", "--download-only", "/root/decant.deb"]):
                got = subprocess.run(["chroot", base, "apt-get", "-q", *arguments], capture_output=True, text=True,
                                     env={"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})
                assert got.returncode == 0, got.stdout + got.stderr
            noted.write_text(needed)
        return base


def depends_of(package):
    return subprocess.run(["dpkg-deb", "-f", package, "Depends"], capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def network_of(process):
    """This thread talks in the network of another process meanwhile."""
    with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{process}/ns/net") as theirs:
        assert libc.setns(theirs.fileno(), 0x40000000) == 0  # CLONE_NEWNET
        try:
            yield
        finally:
            assert libc.setns(ours.fileno(), 0x40000000) == 0


class Machine:
    """A booted copy of `base`, which itself stays as it is; without any network but its own loopback."""

    def __init__(self, base, log_path):
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", f"--directory={base}", f"--machine=decant-{os.getpid()}", "--volatile=overlay",
                 "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--resolv-conf=off", "--timezone=off",
                 f"--system-call-filter={ALLOWED_CALLS}", "--boot"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=lambda: libc.prctl(1, signal.SIGTERM))  # PR_SET_PDEATHSIG: it ends with the test
        self.log_path = log_path
        self.leader = wait_until(self.find_leader, "boot", 60)
        wait_until(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"),
                   "boot", 180, pause=0.2)

    def find_leader(self):
        assert self.process.poll() is None, self.log_path.read_text(errors="replace")
        # Its init, once it is that: systemd-nspawn forks twice before.
        for child in child_pids(self.process.pid):
            with contextlib.suppress(OSError):
                if open(f"/proc/{child}/comm").read() == "systemd\n":
                    return str(child)
        return None

    def run(self, *command, check=True, text=None):
        """Runs a command as root in it."""
        done = subprocess.run(["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--",
                               "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", *command],
                              input=text, capture_output=True, text=True, timeout=200)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def copy_in(self, path):
        """Its path there."""
        with open(path, "rb") as file:
            subprocess.run(["nsenter", "-t", self.leader, "-m", "--", "/bin/sh", "-c", f"cat > /root/{path.name}"], stdin=file, check=True)
        return f"/root/{path.name}"

    def apt_install(self, package, *options):
        return self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", *options, self.copy_in(package))

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout

    def state(self, unit):
        return self.run("systemctl", "is-active", unit, check=False).stdout.strip()

    def main_pid(self, unit):
        return int(self.run("systemctl", "show", "-P", "MainPID", unit).stdout)

    def network(self):
        return network_of(self.leader)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
