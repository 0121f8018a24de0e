#!/usr/bin/python3
"""The engine against the ffmpeg command with the same encoder settings, in interleaved rounds. More than 1 is faster than ffmpeg.

  two-cores  WAV of 10 and 60 minutes to each codec, alone on two cores, and the CPU time it takes
  one-core   WAV of 10 minutes to each codec, both pinned to one core
  song       a 3-minute WAV, alone on two cores
  clips      5-second clips through one warm engine against one ffmpeg each, both pinned to one core
  memory     peak memory of the largest process against the input's length, 1 minute to 10 hours

Usage: script/bench engine [workload ...] [--rounds N] [--quick] [--minutes N ...] [--only CASE ...]
"""

import argparse
import dataclasses
import itertools
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measure
import recordings
import servers

CACHE = servers.ROOT / "build" / "bench"
FFMPEG = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
ONE_CORE = ["taskset", "-c", "0"]
CPU_AIM = 1.03


@dataclasses.dataclass(frozen=True)
class Case:
    """One encoder setting, told to both sides, and the speed on two cores that is aimed at."""

    name: str
    extension: str
    ours: tuple[str, ...]
    ffmpeg: tuple[str, ...]
    aim: float
    verifies: bool = False  # the peer decodes its result again, as decant does with every lossless one


CASES = (
    Case("MP3 CBR 192", "mp3", ("--bitrate", "192k"), ("-c:a", "libmp3lame", "-b:a", "192k"), 1.85),
    Case("MP3 V2", "mp3", ("--quality", "2"), ("-c:a", "libmp3lame", "-q:a", "2"), 1.85),
    Case("Opus 96", "opus", ("--bitrate", "96k"), ("-c:a", "libopus", "-b:a", "96k"), 2.2),
    Case("AAC 128", "m4a", ("--bitrate", "128k"), ("-c:a", "aac", "-b:a", "128k"), 1.85),
    Case("Vorbis q5", "ogg", ("--quality", "5"), ("-c:a", "libvorbis", "-q:a", "5"), 1.9),
    Case("FLAC 5", "flac", (), ("-c:a", "flac", "-compression_level", "5"), 1.7),
    Case("FLAC 5, both verified", "flac", (), ("-c:a", "flac", "-compression_level", "5"), 1.7, verifies=True),
)


@dataclasses.dataclass(frozen=True)
class ClipCase:
    name: str
    clips: list[pathlib.Path]
    target: str
    ours: tuple[str, ...]
    ffmpeg: tuple[str, ...]
    aim: float


def decant(source, target, options, cores):
    return [servers.DECANT, "convert", "--quiet", "--force", "--cores", str(cores), source, target, *options]


def ffmpeg(source, case, target):
    encode = [*FFMPEG, "-i", source, *case.ffmpeg, target]
    if not case.verifies:
        return encode
    verify = [*FFMPEG, "-xerror", "-i", target, "-f", "md5", os.devnull]
    return ["sh", "-c", " && ".join(shlex.join(map(str, command)) for command in (encode, verify))]


def verdict(ratio, aim):
    """Against the aim: met or missed for certain, or `open` while the aim lies within the confidence interval."""
    return "met" if ratio.low >= aim else "missed" if ratio.high < aim else "open"


def row(name, ratio, aim, note=""):
    print(f"| {name:<28} | {ratio!s:<22} | {aim:<4} | {verdict(ratio, aim):<6} | {ratio.rounds:>2} | {note} |", flush=True)


def header(title):
    print(f"\n{title}\n| {'case':<28} | {'speed, 95 % interval':<22} | aim  |        | rounds | notes |\n| --- | --- | --- | --- | --- | --- |",
          flush=True)


def median(values):
    return sorted(values)[len(values) // 2]


def compare(name, case, source, aim, cores, rounds, folder):
    """One row: the same conversion by both, on so many cores."""
    pin = ONE_CORE if cores == 1 else []
    ours, peer = folder / f"ours.{case.extension}", folder / f"peer.{case.extension}"
    pairs = measure.interleaved(
        rounds,
        lambda: measure.run([*pin, *decant(source, ours, case.ours, cores)]),
        lambda: measure.run([*pin, *ffmpeg(source, case, peer)]),
    )
    cpu = measure.ratio_of([(theirs.cpu_seconds, mine.cpu_seconds) for mine, theirs in pairs])
    seconds = [median([pair[side].seconds for pair in pairs]) for side in (0, 1)]
    size = ours.stat().st_size / peer.stat().st_size
    row(name, measure.ratio_of([(mine.seconds, theirs.seconds) for mine, theirs in pairs]), aim,
        f"{seconds[0]:.2f} s to ffmpeg's {seconds[1]:.2f} s; CPU time {cpu} of ffmpeg's, aim {CPU_AIM}: "
        f"{'met' if cpu.high <= CPU_AIM else 'missed' if cpu.low > CPU_AIM else 'open'}; size {size:.4f} of ffmpeg's")


def bench_two_cores(settings, folder):
    header("One file alone on two cores")
    for minutes in settings.minutes or ((10,) if settings.quick else (10, 60)):
        source = recordings.music(CACHE, minutes)
        rounds = settings.rounds if minutes < 60 else max(3, settings.rounds // 2)
        for case in settings.cases:
            compare(f"{case.name}, {minutes} min", case, source, case.aim, 2, rounds, folder)


def bench_one_core(settings, folder):
    header("One file, both pinned to one core")
    source = recordings.music(CACHE, 10)
    for case in settings.cases:
        compare(f"{case.name}, 10 min", case, source, 1.0, 1, settings.rounds, folder)


def bench_song(settings, folder):
    header("A 3-minute song alone on two cores")
    source = recordings.songs(CACHE, 1)[0]
    for case in settings.cases:
        compare(f"{case.name}, 3 min", case, source, 1.7, 2, settings.rounds, folder)


def clip_cases(count):
    waves = recordings.clips(CACHE, count, "wav")
    mp3 = ("bitrate=192000",), ("-c:a", "libmp3lame", "-b:a", "192k")
    return (
        ClipCase("MP3 to WAV", recordings.clips(CACHE, count), "wav", (), (), 8),
        ClipCase("WAV to FLAC", waves, "flac", (), ("-c:a", "flac"), 4),
        ClipCase("voice to MP3 64k mono", recordings.voices(CACHE, count), "mp3", ("bitrate=64000", "channels=1"),
                 ("-c:a", "libmp3lame", "-b:a", "64k", "-ac", "1"), 3),
        ClipCase("WAV to MP3 192k", waves, "mp3", *mp3, 1.8),
    )


def bench_clips(settings, folder):
    header("5-second clips through one warm engine, one ffmpeg each, on one core")
    runner = servers.DECANT.with_name("clip_runner")
    engine = servers.DECANT.with_name("decant-engine")
    for case in clip_cases(10 if settings.quick else 40):
        def ours():
            """Milliseconds of each clip. They are converted without a pause, so the next child's fork counts too."""
            lines = "".join(f"{clip}\t{folder}/ours-{i}.{case.target}\n" for i, clip in enumerate(case.clips))
            done = subprocess.run([*ONE_CORE, runner, engine, case.target, *case.ours], input=lines, text=True,
                                  stdout=subprocess.PIPE, check=True)
            return [float(line) for line in done.stdout.splitlines()]

        def peer():
            return [1000 * measure.run([*ONE_CORE, *FFMPEG, "-i", clip, *case.ffmpeg, f"{folder}/peer-{i}.{case.target}"]).seconds
                    for i, clip in enumerate(case.clips)]

        pairs = measure.interleaved(settings.rounds, ours, peer)
        medians = [median(list(itertools.chain.from_iterable(pair[side] for pair in pairs))) for side in (0, 1)]
        row(case.name, measure.ratio_of([(sum(mine), sum(theirs)) for mine, theirs in pairs]), case.aim,
            f"a clip {medians[0]:.1f} ms to ffmpeg's {medians[1]:.1f} ms; {len(case.clips)} clips a round")


def bench_memory(settings, folder):
    print("\nPeak memory (MiB resident, the largest process) by length of a mono 44.1 kHz WAV, two cores")
    hours = recordings.music(CACHE, 10 if settings.quick else 60)
    # How far the threads drift apart, and so what is in memory between them, comes near its bound with time only.
    lengths = (1, 5, 10) if settings.quick else (1, 10, 60, 600)
    inputs = {}
    for minutes in lengths:
        # Ten hours of stereo would be more than a WAV can hold.
        inputs[minutes] = folder / f"{minutes}.wav"
        subprocess.run([*FFMPEG, "-stream_loop", "-1", "-i", hours, "-t", str(60 * minutes), "-ac", "1", inputs[minutes]], check=True)
    print("| case | " + " | ".join(f"{minutes} min" for minutes in lengths) + " | last to the one before | |\n| --- " + "| --- " * (len(lengths) + 2) + "|")
    for case in (case for case in settings.cases if not case.verifies):
        peaks = [measure.peak_memory(decant(inputs[minutes], folder / f"out.{case.extension}", case.ours, 2)) / 1024 for minutes in lengths]
        growth = peaks[-1] / peaks[-2]
        print(f"| {case.name} | " + " | ".join(f"{peak:.1f}" for peak in peaks) + f" | {growth:.2f} | {'flat' if growth <= 1.1 else 'GROWS'} |",
              flush=True)


WORKLOADS = {"two-cores": bench_two_cores, "one-core": bench_one_core, "song": bench_song, "clips": bench_clips, "memory": bench_memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", metavar="workload", help=f"{', '.join(WORKLOADS)}; default: all")
    parser.add_argument("--rounds", type=int, help="of each measurement; default 7, with --quick 3")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no file longer than 10 minutes")
    parser.add_argument("--minutes", type=int, nargs="+", metavar="N", help="lengths for two-cores; default 10 and 60")
    parser.add_argument("--only", nargs="+", metavar="CASE", help=f"of {', '.join(case.name for case in CASES)}")
    settings = parser.parse_args()
    for name in settings.workload:
        if name not in WORKLOADS:
            parser.error(f"unknown workload {name!r}; there are {', '.join(WORKLOADS)}")
    settings.rounds = settings.rounds or (3 if settings.quick else 7)
    settings.cases = [case for case in CASES if not settings.only or case.name in settings.only]
    if not settings.cases:
        parser.error(f"no such case; there are {', '.join(case.name for case in CASES)}")
    print(measure.machine())
    if os.cpu_count() < 2:
        print("this machine has one core: what is aimed at on two cannot be met here")
    for name in settings.workload or WORKLOADS:
        with tempfile.TemporaryDirectory(prefix="decant-bench-") as folder:
            WORKLOADS[name](settings, pathlib.Path(folder))


if __name__ == "__main__":
    main()
