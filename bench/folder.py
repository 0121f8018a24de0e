#!/usr/bin/python3
"""A folder of mixed files, clips and songs, by `decant convert -r` against `xargs -P cores ffmpeg` with the same encoder settings, in
interleaved rounds. More than 1 is faster than ffmpeg.

Usage: script/bench folder [mp3|opus|flac|aac ...] [--files N] [--rounds N] [--jobs N]
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measure
import recordings
import servers

CACHE = servers.ROOT / "build" / "bench"
AIM = 1.3
# What decant is told and what ffmpeg is told, by decant's name of the format.
TARGETS = {
    "mp3": ("mp3", ("--bitrate", "192k"), ("-c:a", "libmp3lame", "-b:a", "192k")),
    "opus": ("opus", ("--bitrate", "96k"), ("-c:a", "libopus", "-b:a", "96k")),
    "flac": ("flac", (), ("-c:a", "flac", "-compression_level", "5")),
    "aac": ("m4a", ("--bitrate", "128k"), ("-c:a", "aac", "-b:a", "128k")),
}


def count_files(folder):
    return sum(path.is_file() for path in folder.rglob("*"))


def bench(target, settings, folder):
    extension, ours_options, ffmpeg_options = TARGETS[target]
    library = CACHE / f"library-{settings.files}"
    files = recordings.library(library, settings.files)
    ours, peer = folder / "ours", folder / "peer"

    def by_decant():
        shutil.rmtree(ours, ignore_errors=True)
        cost = measure.run([servers.DECANT, "convert", "-r", f"{library}/", ours, "--to", extension, "--jobs", settings.jobs, "--quiet",
                            *ours_options])
        assert count_files(ours) == len(files), "decant left files out"
        return cost

    def by_ffmpeg():
        shutil.rmtree(peer, ignore_errors=True)
        pairs = [(file, (peer / file.relative_to(library)).with_suffix(f".{extension}")) for file in files]
        for _, output in pairs:
            output.parent.mkdir(parents=True, exist_ok=True)
        arguments = folder / "arguments"
        arguments.write_text("".join(f"{path}\0" for pair in pairs for path in pair))
        command = f'exec ffmpeg -nostdin -v error -y -i "$1" {" ".join(ffmpeg_options)} "$2"'
        cost = measure.run(["xargs", "-0", "-a", arguments, "-n2", f"-P{os.cpu_count()}", "sh", "-c", command, "sh"])
        assert count_files(peer) == len(files), "ffmpeg left files out"
        return cost

    pairs = measure.interleaved(settings.rounds, by_decant, by_ffmpeg)
    speed = measure.ratio_of([(mine.seconds, theirs.seconds) for mine, theirs in pairs])
    cpu = measure.ratio_of([(theirs.cpu_seconds, mine.cpu_seconds) for mine, theirs in pairs])
    verdict = "met" if speed.low >= AIM else "missed" if speed.high < AIM else "open"
    seconds = [sorted(pair[side].seconds for pair in pairs)[len(pairs) // 2] for side in (0, 1)]
    print(f"| {settings.files} files to {target:<5} | {speed!s:<22} | {AIM} | {verdict:<6} | {speed.rounds} | {seconds[0]:.2f} s to ffmpeg's "
          f"{seconds[1]:.2f} s; CPU time {cpu} of ffmpeg's |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*", metavar="target", help=f"{', '.join(TARGETS)}; default: mp3")
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", default="auto", help="as decant convert takes it")
    settings = parser.parse_args()
    for target in settings.target:
        if target not in TARGETS:
            parser.error(f"unknown target {target!r}; there are {', '.join(TARGETS)}")
    print(measure.machine())
    print("| case | speed, 95 % interval | aim |  | rounds | notes |\n| --- | --- | --- | --- | --- | --- |")
    for target in settings.target or ["mp3"]:
        with tempfile.TemporaryDirectory(prefix="decant-bench-") as folder:
            bench(target, settings, pathlib.Path(folder))


if __name__ == "__main__":
    main()
