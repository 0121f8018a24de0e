#!/usr/bin/env python3
"""Writes docs/fidelity.md: what of the tags, pictures and chapters of rich_inputs reaches each target, by decant, by the ffmpeg command
without special options, and by what pydub does. Everything is counted by mutagen, in the inputs and in the outputs.

Usage: MEDIA_TOOL=build/release/bin/media_tool tests/media/compare_fidelity.py > docs/fidelity.md
"""

import collections
import json
import os
import pathlib
import subprocess
import tempfile
import wave

import rich_inputs
import tag_reader
from tag_names import HOLDERS, NAMES, own_name

TARGETS = ["mp3", "m4a", "alac", "ogg", "opus", "flac", "wav", "aiff", "wma"]
# What is about the old file alone is nobody's loss.
TECHNICAL = {"encoder", "comm:itunnorm", "pgap", "wm/encodingsettings", "isvbr", "devicenonconformancetemplate", "txxx:encoder", "tsse"}
FORMATS = {"m4a": "ipod", "alac": "ipod", "ogg": "ogg", "wma": "asf"}
CODECS = {"alac": ["-c:a", "alac"], "ogg": ["-c:a", "libvorbis"], "wma": ["-c:a", "wmav2"]}
APE = {"album artist": "album_artist", "track": "track", "year": "date"}
Count = collections.namedtuple("Count", "kept moved lost")


def extension(target):
    return "m4a" if target == "alac" else target


def run(*command, **arguments):
    return subprocess.run([str(part) for part in command], capture_output=True, **arguments)


def by_decant(source, target, output):
    run(os.environ["MEDIA_TOOL"], "convert", source, output, target, check=True)


def by_ffmpeg(source, target, output):
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, *CODECS.get(target, []) if target == "alac" else [], output)


def by_pydub(source, target, output):
    """AudioSegment.from_file(source).export(output, format=…): ffmpeg to WAV, the samples alone, ffmpeg from WAV."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as decoded, tempfile.NamedTemporaryFile(suffix=".wav") as samples:
        run("ffmpeg", "-y", "-i", source, "-acodec", "pcm_s16le", "-vn", "-f", "wav", decoded.name)
        with wave.open(decoded.name) as heard, wave.open(samples.name, "wb") as written:
            written.setparams(heard.getparams())
            written.writeframes(heard.readframes(heard.getnframes()))
        run("ffmpeg", "-y", "-f", "wav", "-i", samples.name, *CODECS.get(target, []), "-f", FORMATS.get(target, target), output)


TOOLS = {"decant": by_decant, "ffmpeg": by_ffmpeg, "pydub": by_pydub}


def common_name(name, kind):
    """The report's name of a field in an input of a kind."""
    holder = {"mp3": "id3", "wav": "id3", "aiff": "id3", "m4a": "mp4", "wma": "asf"}.get(kind, "vorbis")
    for common in NAMES:
        if own_name(common, holder) == name.lower():
            return common
    if kind in ("wv",) or name.lower() in APE:
        return APE.get(name.lower(), name.lower())
    return name.removeprefix("TXXX:").removeprefix("----:com.apple.iTunes:")


def fate_of(field, kind, target, output):
    own = own_name(common_name(field.name, kind), HOLDERS[target])
    if any(other.name.lower() == own and other.value == field.value for other in output.fields):
        return "kept"
    return "moved" if any(field.value in other.value for other in output.fields) else "lost"


def read(path):
    try:
        return tag_reader.read(path)
    except Exception:  # no output, or one that mutagen cannot read
        return tag_reader.Found([], [], [])


def chapters_of(path):
    shown = run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path).stdout
    return [(round(float(c["start_time"]), 2), c.get("tags", {}).get("title", "")) for c in json.loads(shown or b"{}").get("chapters", [])]


def count(tool, target, sources, folder):
    totals = {"tags": collections.Counter(), "pictures": collections.Counter(), "chapters": collections.Counter()}
    for source, (found, chapters) in sources.items():
        output = folder / f"out.{extension(target)}"
        output.unlink(missing_ok=True)
        TOOLS[tool](source, target, output)
        result = read(output) if output.exists() else tag_reader.Found([], [], [])
        for field in found.fields:
            totals["tags"][fate_of(field, source.suffix[1:], target, result)] += 1
        kept = {picture[:2] + (picture[2],) for picture in result.pictures}
        data = {picture[2] for picture in result.pictures}
        for picture in found.pictures:
            totals["pictures"]["kept" if picture in kept else "moved" if picture[2] in data else "lost"] += 1
        there = chapters_of(output) if chapters and output.exists() else []
        for chapter in chapters:
            totals["chapters"]["kept" if chapter in there else "lost"] += 1
    return {what: Count(c["kept"], c["moved"], c["lost"]) for what, c in totals.items()}


def is_technical(field):
    return field.name.lower() in TECHNICAL or field.description.startswith("iTun")


def table(counts, what, total):
    lines = [f"| target | {' | '.join(f'{tool}: kept | elsewhere | lost' for tool in TOOLS)} |", f"| --- |{' ---: |' * 3 * len(TOOLS)}"]
    for target in TARGETS:
        cells = [str(number) for tool in TOOLS for number in counts[tool, target][what]]
        lines.append(f"| {target} | {' | '.join(cells)} |")
    return f"Of {total} {what}:\n\n" + "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = [rich_inputs.make(entry, folder) for entry in sorted(rich_inputs.MAKERS)]
        sources = {}
        for path in made:
            found = read(path)
            found = found._replace(fields=[field for field in found.fields if not is_technical(field)])
            sources[path] = (found, chapters_of(path))
        counts = {(tool, target): count(tool, target, sources, folder) for tool in TOOLS for target in TARGETS}
    version = run("ffmpeg", "-version", text=True).stdout.split()[2]
    tags = sum(len(found.fields) for found, _ in sources.values())
    pictures = sum(len(found.pictures) for found, _ in sources.values())
    chapters = sum(len(there) for _, there in sources.values())
    print(INTRODUCTION.format(inputs=len(sources), version=version))
    for what, total in (("tags", tags), ("pictures", pictures), ("chapters", chapters)):
        print(f"## {what.capitalize()}\n\n{table(counts, what, total)}\n")


INTRODUCTION = """# What is kept of tags, pictures and chapters

`tests/media/compare_fidelity.py` makes this page: it converts the {inputs} inputs of `tests/media/rich_inputs.py` to each target and counts with mutagen, which shares
nothing with decant or ffmpeg, what it finds in the inputs and in the outputs (chapters with ffprobe). Each value of a tag counts by itself.

- **kept**: the same value stands where the target's own readers look for it. A picture has its type and description, too; a chapter its start and title.
- **elsewhere**: the value is there, but joined with others, without its picture's type or description, or under another name; for decant the report says which.
  Much of it is converted rightly: a track number with its total, a gain in Opus's convention.
- **lost**: it is not there.

Three ways: **decant**; **ffmpeg** {version} as `ffmpeg -i input output` (for ALAC with `-c:a alac`); **pydub** as `AudioSegment.from_file(input).export(output)`
works, done here step by step: ffmpeg decodes to WAV, the samples alone are kept, ffmpeg encodes them (pydub writes tags only where its caller passes them).
Tags that are about the old file (its encoder, its gapless numbers) are left out of the counts. Inputs whose tags mutagen cannot read (LIST INFO, bext, AIFF's text
chunks, Matroska) count with their chapters alone.

What decant itself says of each thing is held against the outputs by `tests/media/test_fidelity.py`, for each of these inputs and targets.
"""


if __name__ == "__main__":
    main()
