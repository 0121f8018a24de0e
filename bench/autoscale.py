#!/usr/bin/python3
"""A day's load on a group of workers that grows and shrinks, against a fixed group, with preemptions; writes docs/autoscale.md with plots.

PostgreSQL, `decant web` and real `decant worker` processes, one slot each. The signal is `backlog` of /api/stats/queue, what waits and what runs. The rule
is that of a horizontal pod autoscaler under KEDA and of a managed instance group:

  wanted = backlog / target, rounded up, between the bounds; at once when it grows; when it shrinks, the most that was wanted within the stabilisation window
  scale-in and notice of preemption: SIGTERM, and SIGKILL when the drain budget is over

The day is compressed to minutes; the load is one curve with noise, the same for both groups. Twenty preemptions: every other one is kill -9 without notice.
To leave two cores room for a group, the engines of each worker are held to a part of a core by SIGSTOP and SIGCONT, as cpulimit does it; a
trigger in the bench's own database notes when tasks start and end.

Usage: script/bench autoscale [--day SECONDS] [--most N] [--out FOLDER]
"""

import argparse
import bisect
import concurrent.futures
import contextlib
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import measure
import plot
import recordings
import servers
from client import Client, sign_up, upload

CACHE = servers.ROOT / "build" / "bench"
# Tasks a second over the hours of a day, as parts of the peak.
CURVE = ((0, 0.08), (5, 0.05), (7, 0.2), (10, 1.0), (12, 0.95), (13.5, 0.6), (15.5, 0.95), (17, 0.9), (20, 0.35), (23, 0.12), (24, 0.08))
DRAIN_SECONDS = 4
LEASE_SECONDS = 5
POLL_SECONDS = 1
STABILISATION_SECONDS = 8
START_GOAL = 5
PREEMPTIONS = 20

TRIGGER = """
CREATE TABLE bench_events (task_id text, what text, at double precision);
CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO bench_events VALUES (NEW.id, NEW.state, extract(epoch FROM clock_timestamp())); RETURN NULL; END $$;
CREATE TRIGGER bench_note AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.fence <> NEW.fence AND NEW.state = 'PROCESSING' OR OLD.state <> NEW.state AND NEW.state IN ('PROCESSED', 'FAILED', 'UPLOADED'))
  EXECUTE FUNCTION bench_note();
"""


def part_of_peak(hour):
    place = min(bisect.bisect_right([at for at, _ in CURVE], hour), len(CURVE) - 1)
    (start, low), (end, high) = CURVE[place - 1], CURVE[place]
    return low + (high - low) * (hour - start) / (end - start)


def arrivals(day, peak):
    """Seconds at which tasks come: a Poisson process along the curve, the same in each run."""
    chance = random.Random(7)
    times, now = [], 0.0
    while True:
        now += chance.expovariate(peak)
        if now >= day:
            return times
        if chance.random() < part_of_peak(24 * now / day):
            times.append(now)


class Worker:
    def __init__(self, env, log):
        self.started = time.monotonic()
        self.process = subprocess.Popen([servers.DECANT, "worker"], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.told = None  # when it was sent SIGTERM
        self.ended = None

    def is_leaving(self):
        return self.told is not None

    def tell(self):
        self.told = time.monotonic()
        self.process.send_signal(signal.SIGTERM)

    def look(self):
        """Notes its end, and ends what does not end by itself within the budget."""
        if self.ended is None and self.process.poll() is not None:
            self.ended = time.monotonic()
        if self.ended is None and self.told is not None and time.monotonic() - self.told > DRAIN_SECONDS + 1:
            self.process.kill()


class Throttle(threading.Thread):
    """Holds the engines of the workers to a part of a core."""

    def __init__(self, group, share):
        super().__init__(daemon=True)
        self.group, self.share = group, share
        self.done = threading.Event()

    def send(self, number):
        for worker in self.group.running():
            for pid in measure.descendants(worker.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    def run(self):
        cycle = 0.06
        while not self.done.is_set():
            self.send(signal.SIGCONT)
            self.done.wait(cycle * self.share)
            self.send(signal.SIGSTOP)
            self.done.wait(cycle * (1 - self.share))
        self.send(signal.SIGCONT)


class Group:
    """Workers, as many as wanted."""

    def __init__(self, env, log):
        self.env, self.log, self.workers, self.lock = env, log, [], threading.Lock()

    def running(self):
        with self.lock:
            return [worker for worker in self.workers if worker.ended is None]

    def staying(self):
        return [worker for worker in self.running() if not worker.is_leaving()]

    def resize(self, wanted):
        for worker in self.running():
            worker.look()
        staying = self.staying()
        for _ in range(wanted - len(staying)):
            worker = Worker(self.env, self.log)
            with self.lock:
                self.workers.append(worker)
        for worker in staying[wanted:]:
            worker.tell()

    def close(self):
        for worker in self.running():
            worker.tell()
        while self.running():
            for worker in self.running():
                worker.look()
            time.sleep(0.05)

    def worker_seconds(self, until):
        return sum(min(worker.ended or until, until) - worker.started for worker in self.workers if worker.started < until)


def run_day(arguments, folder, clips, fixed):
    """One day; what was seen of it."""
    import psycopg2
    seen = {"at": [], "due": [], "workers": [], "wanted": [], "backlog": [], "oldest": [], "preemptions": []}
    times = arrivals(arguments.day, arguments.peak)
    with servers.postgresql("autoscale") as (_, url):
        settings = {"DATABASE": url, "LEASE": f"{LEASE_SECONDS}s", "DRAIN_BUDGET": f"{DRAIN_SECONDS}s", "WORKERS": 1, "CORES": 1,
                    "MAX_ATTEMPTS": 20, "SWEEP_INTERVAL": "1s", "SWEEP_JITTER": "0", "ORPHAN_GRACE": "10s", "ORPHAN_SCAN_INTERVAL": "2s",
                    "UPLOADS_PER_USER": 1000, "USER_QUOTA": 0, "DATABASE_CONNECTIONS": 4}
        with contextlib.ExitStack() as ending:
            _, port = ending.enter_context(servers.decant("web", folder, **settings))
            connection = psycopg2.connect(url)
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(TRIGGER)
            token = sign_up(port)
            env = {name: value for name, value in os.environ.items() if not name.startswith("DECANT_")}
            env |= {"DECANT_DATA": str(folder / "data"), "DECANT_LOG_LEVEL": "warning"}
            env |= {f"DECANT_{name}": str(value) for name, value in settings.items()}
            group = Group(env, ending.enter_context(open(folder / "workers.log", "ab")))
            throttle = Throttle(group, arguments.share)
            throttle.start()
            ending.callback(group.close)
            group.resize(fixed or arguments.least)
            time.sleep(2)  # The day begins with a group that is there.
            for worker in group.workers:
                worker.started = time.monotonic()
            start = time.monotonic()
            local = threading.local()

            def send(due, number):
                time.sleep(max(0, start + due - time.monotonic()))
                if not hasattr(local, "client"):
                    local.client = Client(port, token)
                path = clips[number % len(clips)]
                with open(path, "rb") as file:
                    return upload(local.client, file, path.name, "mp3")["id"]
            sending = ending.enter_context(concurrent.futures.ThreadPoolExecutor(16))
            accepted = [sending.submit(send, due, number) for number, due in enumerate(times)]

            chance = random.Random(11)
            notices = [] if fixed else [arguments.day * (number + chance.random()) / PREEMPTIONS for number in range(PREEMPTIONS)]
            wishes = []
            client = Client(port)
            while (now := time.monotonic() - start) < arguments.day:
                stats = client.request("GET", "/api/stats/queue").json()
                wishes = [(at, wish) for at, wish in wishes if now - at < STABILISATION_SECONDS]
                wishes.append((now, max(arguments.least, min(arguments.most, math.ceil(stats["backlog"] / arguments.target)))))
                wanted = fixed or max(wish for _, wish in wishes)
                while notices and notices[0] <= now:
                    notices.pop(0)
                    staying = group.staying()
                    if not staying:
                        continue
                    victim = chance.choice(staying)
                    if len(seen["preemptions"]) % 2 == 0:
                        victim.tell()
                    else:
                        victim.process.kill()
                        victim.process.wait()
                        victim.ended = time.monotonic()
                    seen["preemptions"].append(now)
                group.resize(wanted)
                seen["at"].append(now)
                seen["due"].append(arguments.peak * part_of_peak(24 * now / arguments.day))
                seen["workers"].append(len(group.running()))
                seen["wanted"].append(wanted)
                seen["backlog"].append(stats["backlog"])
                seen["oldest"].append(stats["oldestReadyAgeSeconds"])
                time.sleep(max(0, POLL_SECONDS - (time.monotonic() - start - now)))
            seen["worker_seconds"] = group.worker_seconds(start + arguments.day)
            ids = [job.result() for job in accepted]

            end = time.monotonic() + 90
            done = set()
            while len(done) < len(ids) and time.monotonic() < end:
                cursor.execute("SELECT id FROM tasks WHERE state IN ('PROCESSED', 'FAILED')")
                done = {row[0] for row in cursor.fetchall()}
                group.resize(max(1, len(group.staying())))
                time.sleep(0.2)
            cursor.execute("SELECT id, state, result_key, extract(epoch FROM to_timestamp(created / 1000.0))::float8 FROM tasks")
            rows = {row[0]: row[1:] for row in cursor.fetchall()}
            cursor.execute("SELECT task_id, what, at FROM bench_events ORDER BY at")
            first, last, commits, claims = {}, {}, {}, {}
            seen["spans"] = []
            for task, what, at in cursor.fetchall():
                if what == "PROCESSING":
                    first.setdefault(task, at)
                    last[task] = at
                    claims[task] = claims.get(task, 0) + 1
                elif what == "PROCESSED":
                    commits[task] = commits.get(task, 0) + 1
                    seen["spans"].append((last[task], at))
            connection.close()
            seen["waits"] = sorted(max(0, first[task] - rows[task][2]) for task in ids if task in first)
            seen["accepted"] = len(ids)
            seen["lost"] = sum(task not in rows or rows[task][0] != "PROCESSED" for task in ids)
            seen["twice"] = sum(count > 1 for count in commits.values())
            seen["again"] = sum(count > 1 for count in claims.values())

            def results_left_over():
                stored = {path.name.replace("+", "/") for path in (folder / "data" / "objects").glob("*/*") if path.name.startswith("results+")}
                return stored ^ {key for _, key, _ in rows.values() if key}
            end = time.monotonic() + 30
            while results_left_over() and time.monotonic() < end:
                time.sleep(0.5)
            seen["left_over"] = len(results_left_over())
            client.close()
            throttle.done.set()
            throttle.join()
    return seen


def within(waits, seconds):
    return 100 * bisect.bisect_right(waits, seconds) / len(waits) if waits else 0


def busiest(spans, window, workers):
    """The part of so many workers' time that conversions take in the busiest stretch of `window` seconds."""
    def taken(begin):
        return sum(max(0, min(end, begin + window) - max(start, begin)) for start, end in spans)
    return max((taken(begin) for begin, _ in spans), default=0) / (window * workers)


def percentile(values, part):
    return values[min(len(values) - 1, int(part * len(values)))] if values else 0


def write(arguments, scaled, fixed, machine, folder):
    folder.mkdir(parents=True, exist_ok=True)
    hours = [24 * at / arguments.day for at in scaled["at"]]
    series = {"tasks a second, due": list(zip(hours, scaled["due"])), "workers running": list(zip(hours, scaled["workers"])),
              "backlog": list(zip(hours, scaled["backlog"]))}
    marks = [24 * at / arguments.day for at in scaled["preemptions"]]
    plot.lines(folder / "capacity" / "autoscale.svg", "A day's load and the group that carries it; red: preemptions", "hour of the day", "", series, marks=marks)
    plot.lines(folder / "capacity" / "autoscale-age.svg", "Age of the oldest task that waits", "hour of the day", "seconds", {
        "scaled group": list(zip(hours, scaled["oldest"])), "fixed group": list(zip([24 * at / arguments.day for at in fixed["at"]], fixed["oldest"]))},
        marks=marks, line=(START_GOAL, f"{START_GOAL} s"))
    used = scaled["worker_seconds"] / fixed["worker_seconds"]
    share = within(scaled["waits"], START_GOAL)

    def row(what, key):
        return f"| {what} | {key(scaled)} | {key(fixed)} |"
    lost = scaled["lost"] + fixed["lost"]
    twice = scaled["twice"] + fixed["twice"] + scaled["left_over"] + fixed["left_over"]
    text = f"""# Autoscaling, shown

`script/bench autoscale` wrote this page. A day's load, compressed to {arguments.day:.0f} seconds (one second is {86400 / arguments.day / 60:.1f} minutes of the day), went to a
group of workers that grows and shrinks by the rule of an instance group or of KEDA, and to a fixed group of {arguments.most}, in the same run. The load
changes {86400 / arguments.day:.0f} times as fast as on a real day while processes start and drain in real time, so the rule has it harder here.

- {machine[0].upper()}{machine[1:]}.
- Real processes: PostgreSQL, one `decant web`, `decant worker` with one slot each, its engines held to {100 * arguments.share:.0f} % of a core, so that {arguments.most} of them
  fit on this machine. 5-second clips from WAV to MP3, at most {arguments.peak:g} a second.
- Signal: `backlog` of `/api/stats/queue` every {POLL_SECONDS} s. Wanted: backlog / {arguments.target:g}, rounded up, {arguments.least} to {arguments.most}; at once upwards; downwards the most of
  the last {STABILISATION_SECONDS} s. Scale-in by SIGTERM, SIGKILL after the drain budget of {DRAIN_SECONDS} s. Lease {LEASE_SECONDS} s.
- The fixed group carries the peak with little to spare: its workers convert for {100 * busiest(fixed["spans"], arguments.day / 10, arguments.most):.0f} % of their time in the busiest tenth of the day.
- {len(scaled["preemptions"])} preemptions of the scaled group, every other one kill -9 without notice.

| | scaled group | fixed group of {arguments.most} |
| --- | --- | --- |
{row("tasks accepted", lambda day: day["accepted"])}
{row("worker-minutes", lambda day: f"{day['worker_seconds'] / 60:.1f}")}
{row(f"started within {START_GOAL} s", lambda day: f"{within(day['waits'], START_GOAL):.1f} %")}
{row("wait for the start, p50 / p95 / p99, s", lambda day: ' / '.join(f"{percentile(day['waits'], part):.2f}" for part in (0.5, 0.95, 0.99)))}
{row("oldest task that waited, at the most, s", lambda day: f"{max(day['oldest']):.1f}")}
{row("claimed again after a preemption", lambda day: day["again"])}
{row("lost", lambda day: day["lost"])}
{row("committed twice", lambda day: day["twice"])}
{row("results without a row, or rows without a result", lambda day: day["left_over"])}

| aim | measured | |
| --- | --- | --- |
| half the worker-minutes of the fixed group | {used:.2f} | {"met" if used <= 0.5 else "missed"} |
| 95 % of tasks start within {START_GOAL} s | {share:.1f} % | {"met" if share >= 95 else "missed"} |
| {PREEMPTIONS} preemptions | {len(scaled["preemptions"])} | {"met" if len(scaled["preemptions"]) >= PREEMPTIONS else "missed"} |
| none lost | {lost} | {"met" if lost == 0 else "missed"} |
| none done twice | {twice} | {"met" if twice == 0 else "missed"} |

![Load, workers and backlog over the day](capacity/autoscale.svg)

![Age of the oldest waiting task](capacity/autoscale-age.svg)
"""
    (folder / "autoscale.md").write_text(text)
    return text, lost == 0 and twice == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", type=float, default=180, help="seconds that the day lasts (default: 180; two days are run)")
    parser.add_argument("--peak", type=float, default=6, help="tasks a second at the peak")
    parser.add_argument("--least", type=int, default=1, help="workers at the least")
    parser.add_argument("--most", type=int, default=8, help="workers at the most, and of the fixed group")
    parser.add_argument("--target", type=float, default=2, help="backlog for each worker")
    parser.add_argument("--share", type=float, default=0.16, help="of a core, that the engines of a worker get")
    parser.add_argument("--out", type=pathlib.Path, default=servers.ROOT / "docs", help="folder of autoscale.md and capacity/*.svg (default: docs)")
    arguments = parser.parse_args()
    machine = measure.machine()
    print(machine, flush=True)
    clips = recordings.clips(CACHE, 40, "wav")
    days = {}
    for name, fixed in (("scaled", 0), ("fixed", arguments.most)):
        with tempfile.TemporaryDirectory(prefix="decant-autoscale-") as folder:
            days[name] = run_day(arguments, pathlib.Path(folder), clips, fixed)
        seen = days[name]
        print(f"{name}: {seen['accepted']} tasks, {seen['worker_seconds'] / 60:.1f} worker-minutes, {within(seen['waits'], START_GOAL):.1f} % started within "
              f"{START_GOAL} s, lost {seen['lost']}, twice {seen['twice']}, left over {seen['left_over']}, claimed again {seen['again']}", flush=True)
    text, is_right = write(arguments, days["scaled"], days["fixed"], machine, arguments.out)
    print(text[text.index("| aim"):text.index("![Load")])
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
