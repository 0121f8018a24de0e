#!/usr/bin/python3
"""Measures what one machine carries and writes docs/capacity.md: the web tier against concurrent users, conversions against
length, format, workers and backends, each beside its peers in the same interleaved rounds.

  web          each request of the API, closed loop, 1 to 2,000 connections: decant, the Flask stack, nginx for raw bytes
  open         the same at fixed rates, whoever is slow
  day          750 users at once with the mix of a day
  conversions  files a minute from a full queue, CPU seconds and latency: decant, the stack, xargs -P ffmpeg
  workers      the same with 1, 2 and 4 slots
  backends     the same with SQLite, PostgreSQL, and NATS beside it
  cost         what one conversion costs: CPU seconds by program, bytes, calls of the database

A part that fails is said to have failed in the document, and the others go on; then the exit status is 1. Raw figures go to
build/bench/capacity.json. The machine must do nothing else.

Usage: script/capacity [PART …] [--quick] [--blank] [--again] [--out FOLDER]
  --quick   fewer levels, files and rounds: at most 8 minutes in place of 40
  --blank   write the document without measuring
  --again   keep the figures that build/bench/capacity.json has of the other parts
  --out     folder of capacity.md and capacity/*.svg (default: docs)
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]
import capacity_report
import measure
import recordings
import servers
import stack
from client import BOUNDARY, Client, form_parts, sign_up, upload

CORES = os.cpu_count()
CACHE = servers.ROOT / "build" / "bench"
LOADER = servers.DECANT.parent / "http_load"
# One address with one account asks for thousands; what bounds single users is not what is measured.
OPEN_LIMITS = {"UPLOADS_PER_USER": 10000, "USER_QUOTA": 0, "CONNECTIONS_PER_ADDRESS": 10000, "LOG_INS_PER_ADDRESS": 1000000,
               "LOG_INS_PER_ACCOUNT": 1000000}


class Plan:
    """How much is measured: the full run, or a quick look."""

    def __init__(self, quick):
        self.quick = quick
        self.levels = (1, 64, 750) if quick else (1, 16, 64, 256, 750, 2000)
        self.seconds = 1.2 if quick else 3
        self.songs_at_most = 100 if quick else 400
        # Each user of the last level sends at least one song: beyond this it is the disk that is measured, and filled.
        self.song_levels = tuple(level for level in self.levels if level <= (64 if quick else 750))
        self.rounds = 1 if quick else 3
        self.batch = 0.5 if quick else 1  # of the files of a case
        # Seconds that a part may take before it begins no further round.
        self.budget = {"web": 130, "open": 20, "day": 20, "conversions": 120, "workers": 30, "backends": 40, "cost": 30}
        if not quick:
            self.budget = {"web": 840, "open": 150, "day": 90, "conversions": 600, "workers": 120, "backends": 180, "cost": 90}

    def rounds_of(self, part):
        """Round numbers while there is time; one at least."""
        end = time.monotonic() + self.budget[part]
        for number in range(self.rounds):
            before = time.monotonic()
            yield number
            if time.monotonic() + (time.monotonic() - before) > end:
                return


def say(text):
    print(text, flush=True)


def put_away(folder):
    """Frees the name and what the files take, but deletes none: where many were just deleted, ext4 without a journal
    (recently_deleted() in its ialloc.c) is slow for minutes to make others, whoever asks."""
    if not folder.exists():
        return
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.truncate(path, 0)
    folder.rename(tempfile.mkdtemp(prefix="old-", dir=folder.parent))


# What is measured: decant and its peers, as (name, port, pids, token).


class Side:
    def __init__(self, name, port, pids, token=None):
        self.name, self.port, self.pids, self.token = name, port, pids, token
        self.folder = None
        self.task_id = None


@contextlib.contextmanager
def decant_web(folder, name="decant", **settings):
    with servers.decant("web", folder, **OPEN_LIMITS, **settings) as (process, port):
        side = Side(name, port, [process.pid], sign_up(port))
        yield side


@contextlib.contextmanager
def stack_web(folder):
    with stack.running(folder, with_worker=False) as running:
        yield Side("stack", running.port, running.pids(), sign_up(running.port))


@contextlib.contextmanager
def nginx(folder):
    with servers.nginx(folder) as (process, port):
        side = Side("nginx", port, [process.pid])
        side.folder = folder / "files"
        yield side


def request_bytes(method, path, token=None, body=b"", content_type="application/json"):
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}Content-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def load(side, folder, request, connections, seconds, **checks):
    """One run of http_load beside a look at the server: its answer with CPU and memory of the server."""
    file = folder / f"request-{side.name.replace(' ', '-')}-{threading.get_ident()}"
    file.write_bytes(request)
    arguments = {"port": side.port, "connections": connections, "seconds": seconds, "request": file} | checks
    done = threading.Event()
    memory = [0]

    def watch():
        while not done.wait(0.4):
            memory.append(measure.tree_memory_mib(side.pids)[1])
    watcher = threading.Thread(target=watch)
    before = measure.tree_cpu_seconds(side.pids)
    start = time.monotonic()
    watcher.start()
    try:
        run = subprocess.run([LOADER, *(f"{name}={value}" for name, value in arguments.items())], capture_output=True, text=True,
                             timeout=seconds + 200)
    finally:
        done.set()
        watcher.join()
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    answer = json.loads(run.stdout)
    wall = time.monotonic() - start
    answer["server_cpu"] = (measure.tree_cpu_seconds(side.pids) - before) / wall
    answer["loader_cpu"] = answer["loader_cpu_seconds"] / wall
    answer["memory"] = max(memory[1:] or [measure.tree_memory_mib(side.pids)[1]])
    answer["error_count"] = sum(answer["errors"].values())
    file.unlink()
    return answer


def form(path, target):
    before, after = form_parts({"newFormat": target}, path.name)
    return before + path.read_bytes() + after


def clip_and_song():
    clip = recordings.clips(CACHE, 1)[0]
    song = recordings.cut(recordings.MUSIC[0], 0, 180, CACHE / "song-192k.mp3", "-ar", "44100", "-ac", "2", "-b:a", "192k")
    return clip, song


def prepare(side, clip, song):
    """100 tasks to list, and the two files to download."""
    if side.name == "nginx":
        for file in (clip, song):
            shutil.copy(file, side.folder / file.name)
            side.task_id = side.task_id or {}
            side.task_id[file.name] = f"/{file.name}"
        return
    client = Client(side.port, side.token)
    side.task_id = {}
    for number in range(100):
        path = song if number == 99 else clip
        with open(path, "rb") as file:
            side.task_id[path.name] = f"/api/download/{upload(client, file, path.name, 'wav')['id']}?which=original"
    client.close()


def operations(clip, song, plan):
    """name → (sides, function of a side: request and what to check, the most requests)."""
    account = json.dumps({"email": "bench@example.org", "password": "bench-password-1"}).encode()
    form_type = f"multipart/form-data; boundary={BOUNDARY}"

    def uploading(path):
        body = form(path, "wav")

        def make(side):
            if side.name == "nginx":
                return request_bytes("PUT", f"/{path.name}-up", body=path.read_bytes()), {"status": 204}
            return request_bytes("POST", "/api/tasks", side.token, body, form_type), {"status": 201, "contains": '"state":"UPLOADED"'}
        return make

    def downloading(path):
        return lambda side: (request_bytes("GET", side.task_id[path.name], side.token), {"body": path})

    both, all_three = ("decant", "stack"), ("decant", "stack", "nginx")
    return {
        "login": (both, lambda side: (request_bytes("POST", "/api/auth/login", body=account), {"contains": '"token":'}), 0),
        "list": (both, lambda side: (request_bytes("GET", "/api/tasks?max=100", side.token), {"contains": '"timestamp":', "times": 100}), 0),
        "upload of a clip": (all_three, uploading(clip), 0),
        "upload of a song": (all_three, uploading(song), plan.songs_at_most),
        "download of a clip": (all_three, downloading(clip), 0),
        "download of a song": (all_three, downloading(song), 0),
    }


@contextlib.contextmanager
def web_sides(folder, clip, song, names):
    with contextlib.ExitStack() as running:
        made = []
        for name in names:
            start = {"decant": decant_web, "stack": stack_web, "nginx": nginx}[name]
            side = running.enter_context(start(folder / name))
            prepare(side, clip, song)
            if name == "nginx":
                for file in (clip, song):
                    shutil.copy(file, side.folder / f"{file.name}-up")
            made.append(side)
        yield made


def songs_the_disk_takes(song, count):
    """Copies of the song that the disk itself takes in a second, one after the other in one file and flushed at the end:
    what flushes each cannot pass it for long."""
    content = song.read_bytes()
    with tempfile.TemporaryFile(dir=CACHE) as file:
        start = time.monotonic()
        for _ in range(count):
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
        return count / (time.monotonic() - start)


def part_web(plan, folder, results):
    clip, song = clip_and_song()
    cells = results.setdefault("web", {})
    disk = results["disk"] = []
    for number in plan.rounds_of("web"):
        disk.append(songs_the_disk_takes(song, plan.songs_at_most))
        say(f"  the disk itself takes {disk[-1]:.0f} songs/s")
        for name, (sides, make, limit) in operations(clip, song, plan).items():
            # New servers for each, so that what one stored is neither in another's way nor on the disk.
            place = folder / f"web-{number}"
            with web_sides(place, clip, song, sides) as running:
                for level in plan.song_levels if limit else plan.levels:
                    for side in running if number % 2 == 0 else reversed(running):
                        request, checks = make(side)
                        most = {"limit": max(limit, level)} if limit else {}
                        answer = load(side, folder, request, level, plan.seconds, **checks, **most)
                        cells.setdefault(name, {}).setdefault(side.name, {}).setdefault(str(level), []).append(answer)
                        say(f"  {name:<20} {side.name:<7} {level:>5} users {answer['per_second']:9.0f}/s  p95 {answer['p95']:8.1f} ms  "
                            f"refused {answer['refused']} errors {answer['errors'] or 'none'}")
            put_away(place)
    # What a log-in costs beside its password hash, which the stack has none of.
    with decant_web(folder / "cheap", name="decant, cheapest hash", PASSWORD_MEMORY="8KiB", PASSWORD_PASSES=1, PASSWORD_QUEUE=10000) as side:
        request, checks = operations(clip, song, plan)["login"][1](side)
        for level in plan.levels:
            answer = load(side, folder, request, level, plan.seconds, **checks)
            cells["login"].setdefault(side.name, {}).setdefault(str(level), []).append(answer)
    put_away(folder / "cheap")


def part_open(plan, folder, results):
    clip, song = clip_and_song()
    cells = results.setdefault("open", {})
    fractions = (0.5, 1.2) if plan.quick else (0.5, 0.8, 1.2)
    for name, (_, make, _) in operations(clip, song, plan).items():
        if plan.quick and name not in ("list", "upload of a clip"):
            continue
        with web_sides(folder / "open", clip, song, ("decant", "stack")) as running:
            for side in running:
                request, checks = make(side)
                most = load(side, folder, request, 64, plan.seconds, **checks)["per_second"]
                for fraction in fractions:
                    answer = load(side, folder, request, 750, plan.seconds, rate=most * fraction, **checks)
                    cells.setdefault(name, {}).setdefault(side.name, []).append({"rate": most * fraction, "part": fraction} | answer)
                    say(f"  {name:<20} {side.name:<7} at {most * fraction:8.0f}/s  p95 {answer['p95']:8.1f} ms  unserved {answer['unserved']}")
        put_away(folder / "open")


# Requests a second and connections of each kind: 750 users.
DAY = {"list": (450, 500), "download of a clip": (120, 150), "upload of a clip": (8, 60), "login": (2, 40)}


def part_day(plan, folder, results):
    clip, song = clip_and_song()
    kinds = operations(clip, song, plan)
    seconds = 4 if plan.quick else 15
    for _ in plan.rounds_of("day"):
        with web_sides(folder / "day", clip, song, ("decant", "stack")) as running:
            for side in running:
                with concurrent.futures.ThreadPoolExecutor(len(DAY)) as pool:
                    jobs = {}
                    for name, (rate, connections) in DAY.items():
                        request, checks = kinds[name][1](side)
                        jobs[name] = pool.submit(load, side, folder, request, connections, seconds, rate=rate, **checks)
                    for name, job in jobs.items():
                        answer = job.result()
                        results.setdefault("day", {}).setdefault(name, {}).setdefault(side.name, []).append(answer)
                        say(f"  {name:<20} {side.name:<7} p95 {answer['p95']:8.1f} ms  errors {answer['errors'] or 'none'}")
                request, checks = kinds["login"][1](side)
                answer = load(side, folder, request, 750, seconds, rate=750 / 30, **checks)
                results["day"].setdefault(capacity_report.MORNING, {}).setdefault(side.name, []).append(answer)
        put_away(folder / "day")


# Conversions: each side takes the files with its workers held, and is timed from their release to the last result.


class Workers:
    """A web tier, a worker and a database whose tasks can be counted."""

    def __init__(self, name, port, token, worker, parts, count):
        self.name, self.port, self.token, self.worker, self.parts, self.count = name, port, token, worker, parts, count

    def signal(self, number):
        for pid in measure.tree([self.worker]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


COUNT = "SELECT /* bench */ count(*) FROM tasks WHERE state = 'PROCESSED'"


def counter(url):
    """A function that tells how many tasks are PROCESSED, asked beside the service."""
    if url.startswith("sqlite:"):
        database = sqlite3.connect(f"file:{url.removeprefix('sqlite://')}?mode=ro", uri=True, timeout=10, check_same_thread=False)
        return lambda: database.execute(COUNT).fetchone()[0]
    import psycopg2
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()

    def count():
        cursor.execute(COUNT)
        return cursor.fetchone()[0]
    return count


@contextlib.contextmanager
def decant_workers(folder, name="decant", database=None, database_pid=None, **settings):
    url = database or f"sqlite://{folder}/data/decant.db"
    settings = OPEN_LIMITS | {"DATABASE": url} | settings
    with servers.decant("web", folder, **settings) as (web, port):
        with servers.decant("worker", folder, **settings) as (worker, _):
            parts = {"web": web.pid, "worker": worker.pid} | ({"database": database_pid} if database_pid else {})
            yield Workers(name, port, sign_up(port), worker.pid, parts, counter(url))


@contextlib.contextmanager
def stack_workers(folder):
    with stack.running(folder) as running:
        parts = {name: part.pid for name, part in running.parts.items()}
        yield Workers("stack", running.port, sign_up(running.port), parts["celery"], parts, counter(running.database))


def submit(side, files, target):
    def send(group):
        client = Client(side.port, side.token)
        for path in group:
            with open(path, "rb") as file:
                upload(client, file, path.name, target)
        client.close()
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        list(pool.map(send, [files[i::CORES] for i in range(CORES)]))


def wait_for(side, count, seconds=400, pause=0.02):
    """Asks seldom, as asking takes the database's time."""
    end = time.monotonic() + seconds
    while side.count() < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{side.name}: {side.count()} of {count} conversions after {seconds} s")
        time.sleep(pause)


def drain(side, files, target):
    """Seconds and CPU seconds of the worker for these files, from a full queue."""
    done = side.count()
    side.signal(signal.SIGSTOP)
    try:
        submit(side, files, target)
        before = measure.tree_cpu_seconds([side.worker])
    finally:
        start = time.monotonic()
        side.signal(signal.SIGCONT)
    wait_for(side, done + len(files))
    seconds = time.monotonic() - start
    return {"per_minute": 60 * len(files) / seconds, "cpu": (measure.tree_cpu_seconds([side.worker]) - before) / len(files)}


def end_to_end(side, files, target):
    """Files a minute from the first byte sent, by one connection a core, to the last result."""
    done = side.count()
    start = time.monotonic()
    submit(side, files, target)
    wait_for(side, done + len(files))
    return 60 * len(files) / (time.monotonic() - start)


def latency(side, path, target):
    """Milliseconds from POST to PROCESSED, on an idle service."""
    done = side.count()
    client = Client(side.port, side.token)
    start = time.monotonic()
    with open(path, "rb") as file:
        upload(client, file, path.name, target)
    wait_for(side, done + 1, pause=0.002)
    client.close()
    return 1000 * (time.monotonic() - start)


def xargs_ffmpeg(files, folder, target, options):
    folder.mkdir(parents=True)
    command = f'ffmpeg -nostdin -v error -y -i "$1" {options} "{folder}/$(basename "$1").{target}"'
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(["xargs", "-0", "-n1", "-P2", "sh", "-c", command, "sh"], input="\0".join(map(str, files)).encode(), check=True)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"per_minute": 60 * len(files) / seconds, "cpu": cpu / len(files)}


def cases(plan):
    """name → (files, target, options of ffmpeg)."""
    songs = recordings.songs(CACHE, 6)
    mp3_songs = [recordings.cut(recordings.MUSIC[i % len(recordings.MUSIC)], 0, 180, CACHE / f"song-{i}-192k.mp3", "-ar", "44100", "-ac", "2",
                                "-b:a", "192k") for i in range(6)]
    halves = [recordings.cut(recordings.MUSIC[i % len(recordings.MUSIC)], i, 30, CACHE / f"half-{i:02}.wav", "-ar", "44100", "-ac", "2")
              for i in range(12)]

    def some(files, most):
        return (files * (1 + most // len(files)))[:max(2, round(most * plan.batch))]
    clips, wav_clips = recordings.clips(CACHE, 40), recordings.clips(CACHE, 40, "wav")
    mp3 = "-b:a 192k"
    full = {
        "5 s MP3 to WAV": (some(clips, 160), "wav", ""),
        "5 s WAV to MP3": (some(wav_clips, 60), "mp3", mp3),
        "5 s MP3 to OGG": (some(clips, 60), "ogg", ""),
        "5 s WAV to FLAC": (some(wav_clips, 80), "flac", ""),
        "30 s WAV to MP3": (some(halves, 24), "mp3", mp3),
        "3 min MP3 to WAV": (some(mp3_songs, 16), "wav", ""),
        "3 min WAV to MP3": (some(songs, 8), "mp3", mp3),
        "3 min MP3 to OGG": (some(mp3_songs, 8), "ogg", ""),
    }
    return {name: full[name] for name in ("5 s MP3 to WAV", "5 s MP3 to OGG", "3 min WAV to MP3")} if plan.quick else full


def part_conversions(plan, folder, results):
    cells = results.setdefault("conversions", {})
    for number in plan.rounds_of("conversions"):
        for name, (files, target, options) in cases(plan).items():
            cell = cells.setdefault(name, {})
            sides = {"decant": decant_workers, "stack": stack_workers}
            for side_name in sides if number % 2 == 0 else reversed(sides):
                with sides[side_name](folder / side_name) as side:
                    submit(side, files[:CORES], target)
                    wait_for(side, CORES)
                    answer = drain(side, files, target)
                    if "5 s" in name:
                        answer["end_to_end"] = end_to_end(side, files, target)
                    answer["latency"] = statistics.median(latency(side, files[0], target) for _ in range(1 if "min" in name else 5))
                    resident, proportional = measure.tree_memory_mib(side.parts.values())
                    answer |= {"resident": resident, "proportional": proportional}
                cell.setdefault(side_name, []).append(answer)
                put_away(folder / side_name)
                say(f"  {name:<18} {side_name:<7} {answer['per_minute']:8.0f} files/min  {answer['cpu']:.3f} CPU s  {answer['latency']:.0f} ms  "
                    f"{answer['proportional']:.0f} MiB")
            answer = xargs_ffmpeg(files, folder / "xargs", target, options)
            cell.setdefault("xargs", []).append(answer)
            put_away(folder / "xargs")
            say(f"  {name:<18} xargs   {answer['per_minute']:8.0f} files/min  {answer['cpu']:.3f} CPU s")


def part_workers(plan, folder, results):
    names = ("5 s MP3 to WAV",) if plan.quick else ("5 s MP3 to WAV", "5 s MP3 to OGG")
    for _ in plan.rounds_of("workers"):
        for name in names:
            files, target, _ = cases(plan)[name]
            for slots in (1, 2, 4):
                with decant_workers(folder / "workers", WORKERS=slots) as side:
                    submit(side, files[:CORES], target)
                    wait_for(side, CORES)
                    answer = drain(side, files, target)
                results.setdefault("workers", {}).setdefault(name, {}).setdefault(str(slots), []).append(answer)
                put_away(folder / "workers")
                say(f"  {name:<18} {slots} slots {answer['per_minute']:8.0f} files/min  {answer['cpu']:.3f} CPU s")


@contextlib.contextmanager
def backend(name, folder):
    """decant with one set of backends."""
    with contextlib.ExitStack() as running:
        if name == "SQLite":
            yield running.enter_context(decant_workers(folder))
            return
        database, url = running.enter_context(servers.postgresql("decant"))
        settings = {}
        if "NATS" in name:
            port = servers.free_port()
            program = shutil.which("nats-server") or "/usr/sbin/nats-server"
            log = running.enter_context(open(folder.parent / "nats.log", "ab"))
            running.enter_context(servers.running([program, "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder.parent / "nats"], port, log))
            settings["BROKER"] = f"nats://127.0.0.1:{port}/decant"
        yield running.enter_context(decant_workers(folder, database=url, database_pid=database.pid, **settings))


def part_backends(plan, folder, results):
    files, target, _ = cases(plan)["5 s MP3 to WAV"]
    for number in plan.rounds_of("backends"):
        names = ["SQLite", "PostgreSQL", "PostgreSQL and NATS"]
        for name in names if number % 2 == 0 else reversed(names):
            with backend(name, folder / "backend") as side:
                submit(side, files[:CORES], target)
                wait_for(side, CORES)
                answer = drain(side, files, target)
                answer["end_to_end"] = end_to_end(side, files, target)
                answer["latency"] = statistics.median(latency(side, files[0], target) for _ in range(9))
            results.setdefault("backends", {}).setdefault(name, []).append(answer)
            put_away(folder / "backend")
            put_away(folder / "nats")
            say(f"  {name:<20} {answer['per_minute']:8.0f} files/min, {answer['end_to_end']:.0f} end to end, {answer['latency']:.0f} ms")


CALLS = ("SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements WHERE query NOT LIKE '%bench%' AND query NOT LIKE '%pg_stat%' "
         "AND query !~* '^(begin|commit|rollback|savepoint|release)'")


def part_cost(plan, folder, results):
    """One conversion on PostgreSQL, the database asked what it was asked; without what an idle service takes."""
    import psycopg2
    for name in ("5 s MP3 to WAV", "3 min WAV to MP3"):
        files, target, _ = cases(plan)[name]
        options = ["-c", "shared_preload_libraries=pg_stat_statements", "-c", "autovacuum=off"]
        with servers.postgresql("cost", *options) as (database, url):
            with decant_workers(folder / "cost", database=url, database_pid=database.pid) as side:
                connection = psycopg2.connect(url)
                connection.autocommit = True
                cursor = connection.cursor()

                def ask(sql):
                    cursor.execute("/* bench */ " + sql)
                    return cursor.fetchone()[0]

                def look():
                    return {"calls": ask(CALLS), "log": float(ask("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")),
                            "rows": ask("SELECT pg_total_relation_size('tasks')"), "at": time.monotonic()} | {
                            part: measure.tree_cpu_seconds([pid]) for part, pid in side.parts.items()}
                cursor.execute("CREATE EXTENSION pg_stat_statements")
                submit(side, files[:CORES], target)
                wait_for(side, CORES)
                idle = look()
                time.sleep(4)
                before = look()
                submit(side, files, target)
                wait_for(side, CORES + len(files), pause=0.25)
                after = look()
                count, idle_time, time_taken = len(files), before["at"] - idle["at"], after["at"] - before["at"]

                def of_one(key):
                    return max(0, after[key] - before[key] - (before[key] - idle[key]) * time_taken / idle_time) / count
                results.setdefault("cost", {})[name] = {
                    "files": count,
                    "cpu": {part: of_one(part) for part in side.parts},
                    "calls": of_one("calls"),
                    "log_bytes": of_one("log"),
                    "row_bytes": (after["rows"] - before["rows"]) / count,
                    "source_bytes": float(ask("SELECT avg(source_size) FROM tasks")),
                    "result_bytes": float(ask("SELECT avg(result_size) FROM tasks WHERE result_size IS NOT NULL")),
                }
                connection.close()
        put_away(folder / "cost")
        cost = results["cost"][name]
        say(f"  {name:<18} CPU {sum(cost['cpu'].values()):.3f} s, {cost['calls']:.1f} calls, log {cost['log_bytes'] / 1024:.1f} KiB")
    # Pages are too coarse for a handful of rows, and a row does not know how long its sound is.
    results["cost"]["3 min WAV to MP3"]["row_bytes"] = results["cost"]["5 s MP3 to WAV"]["row_bytes"]


PARTS = {"web": part_web, "open": part_open, "day": part_day, "conversions": part_conversions, "workers": part_workers,
         "backends": part_backends, "cost": part_cost}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--blank", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, default=servers.ROOT / "docs")
    arguments = parser.parse_args()
    for name in arguments.part:
        if name not in PARTS:
            parser.error(f"unknown part {name!r}; there are {', '.join(PARTS)}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    results = {"quick": arguments.quick, "failed": {}}
    if not arguments.blank:
        results |= {"machine": measure.machine(), "cores": CORES, "date": time.strftime("%Y-%m-%d")}
        say(results["machine"])
    earlier = 0
    if arguments.again:
        kept = json.loads((CACHE / "capacity.json").read_text())
        if (kept["quick"], kept["cores"]) != (arguments.quick, CORES):
            parser.error("those figures are of another kind of run")
        earlier = kept["minutes"]
        parts = arguments.part or PARTS
        results = kept | {"failed": {name: why for name, why in kept["failed"].items() if name not in parts},
                          "again": kept.get("again", {}) | dict.fromkeys(parts, f"{os.getloadavg()[0]:.1f}")}
    plan = Plan(arguments.quick)
    if not arguments.blank:
        say("the recordings")
        clip_and_song()
        cases(plan)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="decant-capacity-") as folder:
        for name in [] if arguments.blank else arguments.part or PARTS:
            say(f"{name} (after {time.monotonic() - start:.0f} s)")
            part_folder = pathlib.Path(folder) / name
            part_folder.mkdir()
            results.pop(name, None)  # --again measures anew, and adds nothing to rounds of before
            try:
                PARTS[name](plan, part_folder, results)
            except Exception as error:
                traceback.print_exc()
                text = str(error).replace(f"{servers.ROOT}/", "")
                results["failed"][name] = f"{type(error).__name__}: {text.splitlines()[0] if text else 'no reason given'}"
            # After each part, so that a run that is cut leaves what it has.
            results["minutes"] = earlier + (time.monotonic() - start) / 60
            CACHE.mkdir(parents=True, exist_ok=True)
            (CACHE / "capacity.json").write_text(json.dumps(results, indent=1))
            capacity_report.write(results, arguments.out)
    if arguments.blank:
        capacity_report.write(results, arguments.out)
    say(f"wrote {arguments.out / 'capacity.md'} after {time.monotonic() - start:.0f} s")
    for name, why in results["failed"].items():
        say(f"failed: {name}: {why}")
    sys.exit(1 if results["failed"] else 0)


if __name__ == "__main__":
    main()
