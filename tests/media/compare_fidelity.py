#!/usr/bin/env python3
"""Writes docs/fidelity.md: what of the tags, pictures and chapters of rich_inputs reaches each target, by decant, by the ffmpeg command
without special options, and by what pydub does. Everything is counted by mutagen, in the inputs and in the outputs.

Usage: MEDIA_TOOL=build/release/bin/media_tool tests/media/compare_fidelity.py > docs/fidelity.md
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import wave

import rich_inputs
import tag_reader
from tag_names import HOLDERS, NAMES, own_name

TARGETS = ["mp3", "m4a", "alac", "ogg", "opus", "flac", "wav", "aiff", "wma"]
# What is about the old file alone is nobody's loss.
TECHNICAL = {"encoder", "comm:itunnorm", "pgap", "wm/encodingsettings", "isvbr", "txxx:encoder", "tsse", "©too"}
FORMATS = {"m4a": "ipod", "alac": "ipod", "ogg": "ogg", "wma": "asf"}
CODECS = {"alac": ["-c:a", "alac"], "ogg": ["-c:a", "libvorbis"], "wma": ["-c:a", "wmav2"]}
APE = {"album artist": "album_artist", "track": "track", "year": "date"}
Count = collections.namedtuple("Count", "kept moved lost")


def extension(target):
    return "m4a" if target == "alac" else target


def run(*command, **arguments):
    return subprocess.run([str(part) for part in command], capture_output=True, **arguments)


def by_decant(source, outputs):
    run(os.environ["MEDIA_TOOL"], "convert-to-many", source, *[part for target, path in outputs.items() for part in (path, target)], check=True)


def by_ffmpeg(source, outputs):
    for target, output in outputs.items():
        run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, *(CODECS["alac"] if target == "alac" else []), output)


def by_pydub(source, outputs):
    """AudioSegment.from_file(source).export(output, format=…): ffmpeg to WAV, the samples alone, ffmpeg from WAV."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as decoded, tempfile.NamedTemporaryFile(suffix=".wav") as samples:
        run("ffmpeg", "-y", "-i", source, "-acodec", "pcm_s16le", "-vn", "-f", "wav", decoded.name)
        with wave.open(decoded.name) as heard, wave.open(samples.name, "wb") as written:
            written.setparams(heard.getparams())
            written.writeframes(heard.readframes(heard.getnframes()))
        for target, output in outputs.items():
            if target == "wav":
                shutil.copy(samples.name, output)
            else:
                run("ffmpeg", "-y", "-f", "wav", "-i", samples.name, *CODECS.get(target, []), "-f", FORMATS.get(target, target), output)


FAILED = {}
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
    common = common_name(field.name, kind)
    own = own_name(common, HOLDERS[target])
    if any(other.name.lower() == own and other.value == field.value for other in output.fields):
        return "kept"
    values = {other.value for other in output.fields}
    names = {other.name.upper() for other in output.fields}
    is_split = "/" in field.value and set(field.value.split("/")) <= values
    is_gain = common.upper().endswith("_GAIN") and any(name.endswith(common.upper().removeprefix("REPLAYGAIN").removeprefix("R128")) for name in names)
    return "moved" if is_split or is_gain or any(field.value in value for value in values) else "lost"


CHUNKS = {"INAM": "TIT2", "IART": "TPE1", "IPRD": "TALB", "ICRD": "TDRC", "IGNR": "TCON", "ICMT": "COMM", "ICOP": "TCOP", "ILNG": "TLAN", "IPRT": "TRCK",
          "NAME": "TIT2", "AUTH": "TPE1", "ANNO": "COMM", "(c) ": "TCOP"}


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def chunk_texts(path):
    """LIST INFO of WAV and the text chunks of AIFF, which mutagen leaves out, as if they were frames of ID3v2."""
    data, order = path.read_bytes(), "<I" if path.suffix == ".wav" else ">I"
    fields, at = [], 12
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack(order, data[at + 4:at + 8])[0]
        if name == b"LIST":
            at += 12
            continue
        value = text_of(data[at + 8:at + 8 + size].rstrip(b"\0"))
        if name.decode("latin-1") in CHUNKS:
            fields.append(tag_reader.Field(CHUNKS[name.decode("latin-1")], value))
        at += 8 + size + size % 2
    return fields


def read(path):
    try:
        found = tag_reader.read(path)
        # mutagen adds seconds to ID3v2.3's time, which has none.
        found = found._replace(fields=[field._replace(value=re.sub(r"(T\d\d:\d\d):00$", r"\1", field.value)) for field in found.fields])
    except Exception:  # no output, or one that mutagen cannot read
        found = tag_reader.Found([], [], [])
    if path.suffix in (".wav", ".aiff") and path.exists():
        found = found._replace(fields=found.fields + chunk_texts(path))
    return found._replace(fields=[field for field in found.fields if not is_technical(field)])


def chapters_of(path):
    shown = run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path).stdout
    return [(round(float(c["start_time"]), 2), c.get("tags", {}).get("title", "")) for c in json.loads(shown or b"{}").get("chapters", [])]


def count(tool, sources, folder):
    """{target: {what: Count}}"""
    totals = {target: {what: collections.Counter() for what in ("tags", "pictures", "chapters")} for target in TARGETS}
    failed = collections.Counter()
    def convert(source):
        place = folder / tool / source.name
        place.mkdir(parents=True)
        outputs = {target: place / f"{target}.{extension(target)}" for target in TARGETS}
        TOOLS[tool](source, outputs)
        return outputs

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        converted = dict(zip(sources, pool.map(convert, sources)))
    for source, (found, chapters) in sources.items():
        outputs = converted[source]
        for target, output in outputs.items():
            result, total = read(output), totals[target]
            failed[target] += not output.exists() or output.stat().st_size == 0
            for field in found.fields:
                total["tags"][fate_of(field, source.suffix[1:], target, result)] += 1
            kept = sum(picture in result.pictures for picture in found.pictures)
            there = max(min(len(result.pictures), len(found.pictures)) - kept, 0)
            total["pictures"].update(kept=kept, moved=there, lost=len(found.pictures) - kept - there)
            starts = chapters_of(output) if chapters and output.exists() else []
            for chapter in chapters:
                total["chapters"]["kept" if chapter in starts else "lost"] += 1
    print(f"{tool}: no output for {dict(failed)}", file=sys.stderr)
    FAILED[tool] = +failed
    return {target: {what: Count(c["kept"], c["moved"], c["lost"]) for what, c in total.items()} for target, total in totals.items()}


def is_technical(field):
    return field.name.lower() in TECHNICAL or field.description.startswith("iTun")


def table(counts, what, total):
    lines = [f"| target | {' | '.join(f'{tool}: kept | elsewhere | lost' for tool in TOOLS)} |", f"| --- |{' ---: |' * 3 * len(TOOLS)}"]
    for target in TARGETS:
        cells = [str(number) for tool in TOOLS for number in counts[tool][target][what]]
        lines.append(f"| {target} | {' | '.join(cells)} |")
    return f"Of {total} {what}:\n\n" + "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = [rich_inputs.make(entry, folder) for entry in sorted(rich_inputs.MAKERS)]
        sources = {}
        for path in made:
            found = read(path)
            sources[path] = (found, chapters_of(path))
        counts = {tool: count(tool, sources, folder) for tool in TOOLS}
    version = run("ffmpeg", "-version", text=True).stdout.split()[2]
    tags = sum(len(found.fields) for found, _ in sources.values())
    pictures = sum(len(found.pictures) for found, _ in sources.values())
    chapters = sum(len(there) for _, there in sources.values())
    print(INTRODUCTION.format(inputs=len(sources), version=version))
    print("Where a way made no file, everything counts as lost: " + "; ".join(
        f"{tool} " + (", ".join(f"{number} to {target}" for target, number in failed.items()) or "none") for tool, failed in FAILED.items()) + ".\n")
    for what, total in (("tags", tags), ("pictures", pictures), ("chapters", chapters)):
        print(f"## {what.capitalize()}\n\n{table(counts, what, total)}\n")


INTRODUCTION = """# What is kept of tags, pictures and chapters

`tests/media/compare_fidelity.py` makes this page: it converts the {inputs} inputs of `tests/media/rich_inputs.py` to each target and counts with mutagen, which shares
nothing with decant or ffmpeg, what it finds in the inputs and in the outputs (chapters with ffprobe). Each value of a tag counts by itself.

- **kept**: the same value stands where the target's own readers look for it. A picture has its type and description, too; a chapter its start and title.
- **elsewhere**: the value is there, but joined with others or split, coded anew (a picture), without its picture's type or description, or under another name; for decant the report says which.
  Much of it is converted rightly: a track number with its total, a gain in Opus's convention.
- **lost**: it is not there.

Three ways: **decant**; **ffmpeg** {version} as `ffmpeg -i input output` (for ALAC with `-c:a alac`); **pydub** as `AudioSegment.from_file(input).export(output)`
works, done here step by step: ffmpeg decodes to WAV, the samples alone are kept, ffmpeg encodes them (pydub writes tags only where its caller passes them).
Tags that are about the old file (its encoder, its gapless numbers) are left out of the counts. LIST INFO of WAV and the text
chunks of AIFF, which mutagen does not read, are read by the script. Inputs whose tags neither reads (bext, Matroska) count with their chapters alone.

What decant itself says of each thing is held against the outputs by `tests/media/test_fidelity.py`, for each of these inputs and targets.
"""


if __name__ == "__main__":
    main()
