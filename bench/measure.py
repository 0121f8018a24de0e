"""Runs programs and measures them: wall time, CPU time and peak memory of the whole process tree, and ratios with their confidence."""

import contextlib
import ctypes
import dataclasses
import os
import pathlib
import random
import statistics
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36


@dataclasses.dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float  # user and system, of the program and all that it started


def adopt_orphans():
    """From now on processes that outlive their parent come to this one, so that what they cost is counted."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command, env=None):
    """Runs it to its end and that of all it started; raises when it fails."""
    adopt_orphans()
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu_seconds = usage.ru_utime + usage.ru_stime
    with contextlib.suppress(ChildProcessError):
        while True:
            _, _, usage = os.wait4(-1, 0)
            cpu_seconds += usage.ru_utime + usage.ru_stime
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Cost(seconds, cpu_seconds)


def descendants(pid):
    found = []
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def peak_memory(command):
    """The largest resident set, in KiB, that any one process had of those that the command started.

    Read from the kernel's own high-water mark every few milliseconds: only a peak in a process's last moment is missed.
    """
    largest = 0
    done = threading.Event()

    def watch(pid):
        nonlocal largest
        while not done.wait(0.02):
            for process in descendants(pid):
                with contextlib.suppress(OSError):
                    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
                        if line.startswith("VmHWM:"):
                            largest = max(largest, int(line.split()[1]))

    with subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL) as process:
        watcher = threading.Thread(target=watch, args=(process.pid,))
        watcher.start()
        process.wait()
        done.set()
        watcher.join()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return largest


@dataclasses.dataclass(frozen=True)
class Ratio:
    """The median of the rounds' ratios and the 95 % interval that resampling the rounds gives it."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio_of(pairs):
    """Of (ours, peer) measured in the same round: peer / ours, so that more than 1 is better for us."""
    ratios = [peer / ours for ours, peer in pairs]
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(2000))
    return Ratio(statistics.median(ratios), medians[49], medians[1949], len(ratios))


def interleaved(rounds, ours, peer):
    """[(what ours() returned, what peer() returned)] of each round; who goes first alternates."""
    pairs = []
    for number in range(rounds):
        if number % 2 == 0:
            first = ours()
            pairs.append((first, peer()))
        else:
            second = peer()
            pairs.append((ours(), second))
    return pairs


def machine():
    """One line: CPU, cores, kernel, ffmpeg and the encoders that both sides use."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    names = ["ffmpeg", "libavcodec59", "libmp3lame0", "libopus0", "libvorbisenc2"]
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *names], capture_output=True, text=True)
    load = os.getloadavg()[0]
    return (f"machine: {model}, {os.cpu_count()} cores, Linux {os.uname().release}; {query.stdout.rstrip(', ')}; "
            f"load {load:.1f} at the start{'' if load < 0.5 else ' (not quiet: do not quote these figures)'}")


def tree(pids):
    """These processes and all that they started and that run."""
    return [process for pid in pids for process in (pid, *descendants(pid))]


def tree_cpu_seconds(pids):
    """User and system time so far of these processes and of their children, also of those that ended and were waited for."""
    total = 0
    for pid in tree(pids):
        with contextlib.suppress(OSError):
            # utime, stime, cutime, cstime: fields 14 to 17 of proc(5); the name before them may hold anything.
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
    return total / os.sysconf("SC_CLK_TCK")


def tree_memory_mib(pids):
    """(resident, proportional) memory: the sum of RSS counts shared pages in each process, that of PSS once."""
    resident = proportional = 0
    for pid in tree(pids):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    resident += int(line.split()[1])
                elif line.startswith("Pss:"):
                    proportional += int(line.split()[1])
    return resident / 1024, proportional / 1024
