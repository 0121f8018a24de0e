"""Writes docs/capacity.md and its plots from what bench/capacity.py measured. What is missing is said to be missing."""

import statistics

import plot

MORNING = "750 log in within half a minute"
MISSING = "*Not measured: {why}.*\n"


def median(cells, key):
    return statistics.median(cell[key] for cell in cells)


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join(out + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


class Report:
    def __init__(self, results, folder):
        self.results, self.plots = results, folder / "capacity"
        self.out = []

    def say(self, text):
        self.out.append(text.strip() + "\n")

    def has(self, part):
        """Whether it was measured; says so if not."""
        failed = self.results["failed"].get(part)
        if failed:
            self.say(MISSING.format(why=f"this part failed ({failed})"))
        elif part not in self.results:
            self.say(MISSING.format(why="this part was not run; `script/capacity` fills it in"))
        return part in self.results

    def picture(self, name, alt):
        self.say(f"![{alt}](capacity/{name}.svg)")

    def cells(self, *path):
        """The rounds of one cell, or nothing."""
        found = self.results
        for step in path:
            found = found.get(step, {})
        return found or []

    def ratio(self, key, ours, peer):
        """The median over the rounds of ours / peer."""
        rounds = [a[key] / b[key] for a, b in zip(self.cells(*ours), self.cells(*peer)) if b[key] > 0]
        return statistics.median(rounds) if rounds else None

    # The aims

    def aims(self):
        def more(what, aim, value):
            return what, f"≥ {aim:g}×", "-" if value is None else f"{value:.2f}×", verdict(value, aim, value is not None and value >= aim)

        def less(what, aim, value, unit=""):
            return what, f"≤ {aim:g}{unit}", "-" if value is None else f"{number(value)}{unit}", verdict(value, aim, value is not None and value <= aim)

        def verdict(value, aim, met):
            if value is None:
                return "not measured"
            return f"{'met' if met else 'missed'}, {value / aim:.2f} of the aim"

        def best(name, side):
            """Most right answers a second at any level."""
            found = self.cells("web", name, side)
            return max((median(cells, "per_second") for cells in found.values()), default=None) if found else None

        def web(name):
            ours, peer = best(name, "decant"), best(name, "stack")
            return ours / peer if ours and peer else None
        rows = [
            more("conversions a minute, 5 s MP3 to WAV", 8, self.ratio("per_minute", ("conversions", "5 s MP3 to WAV", "decant"), ("conversions", "5 s MP3 to WAV", "stack"))),
            more("conversions a minute, 5 s MP3 to OGG", 3, self.ratio("per_minute", ("conversions", "5 s MP3 to OGG", "decant"), ("conversions", "5 s MP3 to OGG", "stack"))),
            more("conversions a minute, 3 min WAV to MP3", 1.2, self.ratio("per_minute", ("conversions", "3 min WAV to MP3", "decant"), ("conversions", "3 min WAV to MP3", "stack"))),
            more("lists of 100 tasks a second, best level", 20, web("list")),
            more("uploads of a clip a second, best level", 1.5, web("upload of a clip")),
            more("uploads of a song a second, best level", 3, web("upload of a song")),
        ]
        for name in ("list", "download of a clip", "download of a song", "login"):
            cells = self.cells("web", name, "decant", "750")
            rows.append(less(f"p95 at 750 users, {name}", 150, median(cells, "p95") if cells else None, " ms"))
            wrong = sum(cell["error_count"] + cell["refused"] for cell in cells) if cells else None
            rows.append((f"errors and refusals at 750 users, {name}", "0", number(wrong), "not measured" if wrong is None else "met" if wrong == 0 else "missed"))
        for name in ("list", "download of a clip", "login"):
            cells = self.cells("day", name, "decant")
            rows.append(less(f"p95 at 750 users with the mix of a day, {name}", 150, median(cells, "p95") if cells else None, " ms"))
        cells = self.cells("day", MORNING, "decant")
        rows.append(less(f"p95 when {MORNING}", 150, median(cells, "p95") if cells else None, " ms"))
        memory = self.ratio("proportional", ("conversions", "5 s MP3 to WAV", "decant"), ("conversions", "5 s MP3 to WAV", "stack"))
        rows.append(less("memory of the whole service after conversions, of the stack's", 0.333, memory))
        self.say("## The aims\n\nRatios are to the Flask stack in the same rounds.\n\n" + table(("what", "aim", "measured", ""), rows))
        rate = best("login", "decant")
        if rate:
            self.say(f"A log-in costs a password hash (Argon2id, 19 MiB, two passes; OWASP's least), one at a time on every two cores: {number(rate)} a second here, whoever "
                     f"asks. 750 who log in at the very same moment are all in after {number(750 / rate)} s, none refused; *login* at 750 users is this without end.")
        if self.results.get("disk"):
            self.say(f"The disk here takes {number(statistics.median(self.results['disk']))} of the songs that are uploaded a second, written one after the other by one process and flushed once at the end. decant flushes each song before it answers, and cannot pass that for long; the stack "
                     "and nginx leave theirs to the kernel.")
        slow = self.cells("web", "list", "stack", "750")
        if slow:
            shares = ", ".join(f"{name} {100 * median(self.cells('web', name, 'stack', '750'), 'over_150_ms'):.0f} %"
                               for name in self.results["web"] if self.cells("web", name, "stack", "750"))
            self.say(f"The stack's answers that took longer than 150 ms at 750 users: {shares}.")

    # Scenario 1

    def web(self):
        self.say("""
## Scenario 1: the web tier

Each request by itself, in a closed loop: every user asks again when answered. No worker runs on either side. The load tool (`bench/http_load.cpp`) runs on the
same cores, follows keep-alive, and checks every answer: its status, the number of tasks in a list, each byte of a download. gunicorn's sync workers
end each connection after its answer; what it takes to make a new one is their users' time, too. decant hashes passwords (Argon2id, 19 MiB) and probes uploads, stores
and flushes them before it answers; the stack compares plain text, probes nothing, flushes nothing. Nothing changes here between two lists, so decant answers
them from memory; in the mix of a day it seldom can. *refused* are answers 429 and 503, which say when to
come again. Songs are uploaded by at most 750 users, one each. CPU is in cores; memory is proportional (PSS), of the whole tree of processes of a side, database included.
""")
        if not self.has("web"):
            return
        for name, sides in self.results["web"].items():
            rows = []
            for side, levels in sides.items():
                for level, cells in levels.items():
                    rows.append((side, f"{int(level):,}", number(median(cells, "per_second")), *(number(median(cells, key)) for key in ("p50", "p95", "p99")),
                                 sum(cell["error_count"] for cell in cells) or "0", sum(cell["refused"] for cell in cells) or "0",
                                 number(median(cells, "server_cpu")), number(median(cells, "loader_cpu")), number(median(cells, "memory"))))
            self.say(f"### {name[0].upper()}{name[1:]}\n\n" + table(
                ("side", "users", "a second", "p50 ms", "p95 ms", "p99 ms", "errors", "refused", "CPU", "CPU of the load", "MiB"), rows))
            slug = name.replace(" ", "-")
            plot.lines(self.plots / f"{slug}.svg", f"{name}: p95 against users", "users at once, closed loop", "milliseconds", {
                side: [(int(level), max(0.01, median(cells, "p95"))) for level, cells in levels.items()] for side, levels in sides.items()},
                log=(True, True), line=(150, "150 ms"))
            plot.lines(self.plots / f"{slug}-rate.svg", f"{name}: right answers a second", "users at once, closed loop", "a second", {
                side: [(int(level), max(0.01, median(cells, "per_second"))) for level, cells in levels.items()] for side, levels in sides.items()},
                log=(True, True))
            self.picture(slug, f"{name}, p95 against users")
            self.picture(f"{slug}-rate", f"{name}, answers a second against users")

    def open(self):
        self.say("""
### Open loop

Requests are due at a fixed pace whoever is slow, over 750 connections, and are timed from the moment they were due: nobody waits politely. The rates are
parts of what the same side answered in a closed loop of 64. *unserved* were due and never sent.
""")
        if not self.has("open"):
            return
        rows = [(name, side, number(cell["rate"]), f"{100 * cell['part']:.0f} %", number(cell["per_second"]), *(number(cell[key]) for key in ("p50", "p95", "p99")),
                 cell["error_count"], cell["refused"], cell["unserved"])
                for name, sides in self.results["open"].items() for side, cells in sides.items() for cell in cells]
        self.say(table(("request", "side", "due a second", "of its most", "answered a second", "p50 ms", "p95 ms", "p99 ms", "errors", "refused", "unserved"), rows))
        for name, sides in self.results["open"].items():
            slug = f"open-{name.replace(' ', '-')}"
            plot.lines(self.plots / f"{slug}.svg", f"{name}, open loop", "due a second", "p95 in milliseconds", {
                side: [(cell["rate"], max(0.01, cell["p95"])) for cell in cells] for side, cells in sides.items()}, log=(True, True), line=(150, "150 ms"))
            self.picture(slug, f"{name}, open loop: p95 against rate")

    def day(self):
        self.say("""
### 750 users and the mix of a day

Open loop, all at once: 500 users look at their lists (450 a second), 150 download clips (120), 60 upload clips (8), 40 log in (2). The last row by itself: a password hash takes a core for its time
by design, so that a machine has a fixed number of log-ins a second, and those who come faster wait their turn. Who is logged in stays so.
""")
        if not self.has("day"):
            return
        self.say(table(("request", "side", "answered a second", "p50 ms", "p95 ms", "p99 ms", "over 150 ms", "errors", "refused", "unserved"), [
            (name, side, number(median(cells, "per_second")), *(number(median(cells, key)) for key in ("p50", "p95", "p99")), f"{100 * median(cells, 'over_150_ms'):.0f} %",
             sum(cell["error_count"] for cell in cells), sum(cell["refused"] for cell in cells), sum(cell["unserved"] for cell in cells))
            for name, sides in self.results["day"].items() for side, cells in sides.items()]))

    # Scenario 2

    def conversions(self):
        self.say("""
## Scenario 2: conversions

Files a minute from a full queue: the files are uploaded while the worker is held (SIGSTOP), then it is let go, and the time runs until the last result
is there. Two conversions at once on all sides: decant with two slots, Celery with two processes, `xargs -P2 ffmpeg` without any service. MP3 at 192 kbit/s
everywhere, the other encoders as each side has them by default. *end to end*: the same files from the first byte sent over two connections, nothing held. *latency*: POST to
PROCESSED on an idle service. CPU seconds are the worker's, with all its children. decant carries tags and covers over, decodes lossless results again to
verify them, flushes and commits; the others do not.
""")
        if self.has("conversions"):
            rows = []
            for name, sides in self.results["conversions"].items():
                for side, cells in sides.items():
                    optional = lambda key: number(median(cells, key)) if key in cells[0] else "-"
                    times = self.ratio("per_minute", ("conversions", name, "decant"), ("conversions", name, side))
                    rows.append((name, side, number(median(cells, "per_minute")), f"{times:.2f}×" if side != "decant" and times else "", optional("end_to_end"),
                                 f"{median(cells, 'cpu'):.3f}", optional("latency"), optional("proportional"), optional("resident")))
            self.say(table(("conversion", "side", "files/min", "decant is", "end to end", "CPU s a file", "latency ms", "MiB (PSS)", "MiB (RSS)"), rows))
            by_length = {}
            for name, sides in self.results["conversions"].items():
                if "WAV to MP3" in name:
                    length = {"5 s": 5, "30 s": 30, "3 min": 180}[name.split(" WAV")[0]]
                    for side, cells in sides.items():
                        by_length.setdefault(side, []).append((length, median(cells, "cpu")))
            if by_length and any(len(points) > 1 for points in by_length.values()):
                plot.lines(self.plots / "cpu-by-length.svg", "WAV to MP3: CPU seconds of one conversion", "length in seconds", "CPU seconds", by_length, log=(True, True))
                self.picture("cpu-by-length", "CPU seconds of one conversion against its length")
        self.say("### Slots\n\nHow many conversions a worker makes at once, on these cores.")
        if self.has("workers"):
            self.say(table(("conversion", "slots", "files/min", "of two slots", "CPU s a file"), [
                (name, slots, number(median(cells, "per_minute")), f"{self.ratio('per_minute', ('workers', name, slots), ('workers', name, '2')):.2f}", f"{median(cells, 'cpu'):.3f}")
                for name, by_slots in self.results["workers"].items() for slots, cells in by_slots.items()]))
            plot.lines(self.plots / "slots.svg", "files a minute against slots", "slots", "files a minute", {
                name: [(int(slots), median(cells, "per_minute")) for slots, cells in by_slots.items()] for name, by_slots in self.results["workers"].items()})
            self.picture("slots", "files a minute against slots")
        self.say("### Backends\n\n5-second clips from MP3 to WAV, where what is around the conversion weighs most. PostgreSQL with fsync on and NATS run on the same cores, and take their part of them.")
        if self.has("backends"):
            self.say(table(("backends", "files/min", "of SQLite", "end to end", "CPU s a file", "latency ms"), [
                (name, number(median(cells, "per_minute")), f"{self.ratio('per_minute', ('backends', name), ('backends', 'SQLite')):.2f}", number(median(cells, "end_to_end")),
                 f"{median(cells, 'cpu'):.3f}", number(median(cells, "latency"))) for name, cells in self.results["backends"].items()]))

    # What follows

    def cost(self):
        self.say("""
## What one conversion costs

On PostgreSQL, upload included: CPU of each program, statements that the database got (of `pg_stat_statements`, without BEGIN and COMMIT), bytes of its
log, bytes of its tables and indexes a task (with autovacuum off, so that versions of rows are not used again), and the files; what an idle service takes in the same time is subtracted. Each file crosses the web tier once and the worker once.
""")
        if not self.has("cost"):
            return
        costs = self.results["cost"]
        parts = list(next(iter(costs.values()))["cpu"])
        self.say(table(("", *costs), [
            *((f"CPU seconds, {part}", *(f"{cost['cpu'][part]:.4f}" for cost in costs.values())) for part in parts),
            ("CPU seconds, all", *(f"{sum(cost['cpu'].values()):.4f}" for cost in costs.values())),
            ("statements", *(f"{cost['calls']:.1f}" for cost in costs.values())),
            ("bytes of log", *(number(cost["log_bytes"]) for cost in costs.values())),
            ("bytes in the database", *(number(cost["row_bytes"]) for cost in costs.values())),
            ("bytes of the source", *(number(cost["source_bytes"]) for cost in costs.values())),
            ("bytes of the result", *(number(cost["result_bytes"]) for cost in costs.values())),
        ]))

    def fleet(self):
        self.say("""
## What that means for a fleet

**Computed, not measured**: the costs above, cores of this kind busy to 70 %, nothing lost by growing. [operations.md](operations.md) tells which limit
comes when, and what is done about it.
""")
        if "cost" not in self.results:
            self.say(MISSING.format(why="it follows from the costs of one conversion"))
            return
        rows = []
        for name, cost in self.results["cost"].items():
            cpu = cost["cpu"]
            database = cpu.get("database", 0)
            own = sum(cpu.values()) - database
            for cores in (10, 100, 1000):
                rate = 0.7 * cores / own
                moved = 2 * rate * (cost["source_bytes"] + cost["result_bytes"])
                rows.append((name, f"{cores:,}", number(rate), number(60 * rate), f"{rate * database / 0.7:.1f}", number(rate * cost["calls"]),
                             number(rate * cost["log_bytes"] / 1e6), number(moved / 1e6), number(rate * 86400 * cost["row_bytes"] / 1e9)))
        self.say(table(("conversion", "cores of web and workers", "a second", "a minute", "cores of the database", "statements/s", "log MB/s", "store MB/s", "rows GB a day"), rows))
        self.say("Where the database needs more cores than one server has, or the log more than one disk takes, tasks must be split over several databases; where "
                 "the store's megabytes pass what the network carries, downloads must go by signed links. Which of these comes first is read from the rows above.")

    def goals(self):
        self.say("## Service level goals, headroom, what saturates first")
        self.say("""
Goals that one machine of this kind can be held to: 99.9 % of requests answered without an error of the service; lists and downloads with p95 below 150 ms up to 750
users at once; uploads of a clip below 1 s up to 64; a task starts within 5 s while the workers are not all busy. Headroom is what the best level within the
goal answered, through what the mix of a day asks for. For what saturates, the processor time of server and load tool together is held against the
cores at the level with the most answers: near all of them means the processor, and the server would do more with the load elsewhere; well below means a
wait, which for uploads is the disk's flush and for log-ins the bound on password hashes.
""")
        if not self.has("web"):
            return
        asked = {"list": 450, "download of a clip": 120, "upload of a clip": 8, "login": 2}
        goal = {"upload of a clip": 1000, "upload of a song": 5000}
        rows = []
        for name, sides in self.results["web"].items():
            levels = sides.get("decant", {})
            within = [cells for cells in levels.values() if median(cells, "p95") <= goal.get(name, 150) and not sum(cell["error_count"] for cell in cells)]
            best = max(levels.values(), key=lambda cells: median(cells, "per_second"))
            good = max((median(cells, "per_second") for cells in within), default=0)
            busy = (median(best, "server_cpu") + median(best, "loader_cpu")) / self.results["cores"]
            rows.append((name, f"{goal.get(name, 150):,} ms", number(good), f"{good / asked[name]:.0f}×" if name in asked else "-", f"{100 * busy:.0f} %",
                         f"{100 * median(best, 'loader_cpu') / self.results['cores']:.0f} %", "processor" if busy >= 0.8 else "a wait, not the processor"))
        self.say(table(("request", "p95 goal", "a second within it", "headroom", "cores busy at the most", "of that the load tool", "saturates first"), rows))

    def write(self):
        results = self.results
        machine = results.get("machine", "machine: none yet; run `script/capacity` on a quiet one")
        self.say(f"""
# Capacity

What one machine carries, beside what it replaces. `script/capacity` measures all of this and writes this page; figures of another machine are made
by running it there. {"This was the quick run (`--quick`): one round, few levels; look, do not quote. " if results["quick"] else ""}Nothing here is a figure by itself:
each side was measured in the same rounds, who goes first alternating, medians over the rounds.

- {machine[0].upper()}{machine[1:]}{f"; {results['date']}, {results['minutes']:.0f} minutes" if "date" in results else ""}.
- **decant**: `decant web` and `decant worker`, SQLite and files in a folder, default settings but for the limits on single users.
- **stack**: Flask, gunicorn with two sync workers, Celery with two processes, Redis, PostgreSQL, pydub (`bench/peers/`), written from the description of the
  system that decant replaces.
- **nginx** for raw bytes, **xargs**: `xargs -P2 ffmpeg`, without any service, for conversions.
""")
        if results.get("again"):
            self.say("Measured again after the rest, each in rounds of its own: "
                     + ", ".join(f"{name} (load {load} at its start)" for name, load in results["again"].items()) + ".\n")
        if results["failed"]:
            self.say("**Parts that failed:** " + "; ".join(f"{name} ({why})" for name, why in results["failed"].items()) + ".")
        for part in (self.aims, self.web, self.open, self.day, self.conversions, self.cost, self.fleet, self.goals):
            start = len(self.out)
            try:
                part()
            except Exception as error:  # One broken table must not take the others with it.
                del self.out[start:]
                self.say(f"## {part.__name__}\n\n" + MISSING.format(why=f"the figures could not be put together ({type(error).__name__}: {error})"))
        return "\n".join(self.out)


def write(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "capacity.md").write_text(Report(results, folder).write())
