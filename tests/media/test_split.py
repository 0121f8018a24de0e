"""chapters=split: a ZIP archive with a file for each chapter, read by zipfile, mutagen and ffmpeg, which share nothing with decant."""

import hashlib
import zipfile

import mutagen
import numpy
import pytest

import inputs
import readers
import strict
from rich_inputs import png

RATE = 44100
TARGETS = ["mp3", "m4a", "ogg", "opus", "wav", "flac", "aiff", "alac", "wma"]
LOSSLESS = ["wav", "flac", "aiff", "alac"]
# In milliseconds: the first begins late, no border is a whole frame of any codec, and there is a gap.
BORDERS = [(250, 1003, "Eins"), (1003, 2611, "Zwei – 2"), (2700, 3997, "Drei")]
PARTS = [(0, 1003), (1003, 2700), (2700, 4000)]


def chapters_file(path, chapters):
    escaped = [(start, end, "".join("\\" + c if c in "=;#\\\n" else c for c in title)) for start, end, title in chapters]
    path.write_text(";FFMETADATA1\n" + "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n" for start, end, title in escaped))
    return path


def book(folder, chapters, seconds=4, codec=("-c:a", "flac"), metadata=("title=Buch", "artist=Wer", "track=7/9")):
    """A Matroska file with noise that no two places of have in common."""
    samples = numpy.random.default_rng(5).integers(-9000, 9000, (int(RATE * seconds), 2), dtype="<i2")
    raw = folder / "sound.raw"
    raw.write_bytes(samples.tobytes())
    path = folder / "book.mka"
    flags = [part for entry in metadata for part in ("-metadata", entry)]
    inputs.ffmpeg("-f", "s16le", "-ar", str(RATE), "-ac", "2", "-i", raw, "-i", chapters_file(folder / "chapters", chapters),
                  "-map", "0", "-map_chapters", "1", *codec, *flags, path)
    return path, samples


def split(engine, source, folder, target, **options):
    output = folder / "out.zip"
    result = engine.convert(source, output, target, chapters="split", **options)
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
        archive.extractall(folder / "parts")
        names = archive.namelist()
    assert result["report"]["output"]["size"] == output.stat().st_size
    return result["report"], [folder / "parts" / name for name in names]


def length(start, end, rate=RATE):
    return round(end * rate / 1000) - round(start * rate / 1000)


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_for_each_chapter(engine, tmp_path, target):
    source, samples = book(tmp_path, BORDERS)
    report, parts = split(engine, source, tmp_path, target)
    extension = {"alac": "m4a"}.get(target, target)
    assert [part.name for part in parts] == [f"01 - Eins.{extension}", f"02 - Zwei – 2.{extension}", f"03 - Drei.{extension}"]
    rate = report["output"]["sampleRate"]
    assert [entry["name"] for entry in report["parts"]] == [part.name for part in parts]
    assert [entry["size"] for entry in report["parts"]] == [part.stat().st_size for part in parts]
    lengths = [entry["samples"] for entry in report["parts"]]
    assert lengths == [length(start, end, rate) for start, end in PARTS]
    assert sum(lengths) == report["output"]["samples"]
    assert [chapter["fate"] for chapter in report["chapters"]] == ["mapped"] * 3

    for number, (part, title) in enumerate(zip(parts, ["Eins", "Zwei – 2", "Drei"], strict=True), 1):
        tags = readers.tags(part)
        assert (tags["title"], tags["artist"], tags["album"]) == (title, "Wer", "Buch")
        assert tags["track"] in (f"{number}/3", str(number)), tags
        assert not readers.probe(part).get("chapters")
        # Not every container tells which channels its two are, and WAV has its tags twice.
        harmless = ("Guessed Channel Layout", "Discarding ID3 tags")
        assert [line for line in strict.complaints(part) if not any(words in line for words in harmless)] == []
    if target in LOSSLESS:
        joined = numpy.concatenate([readers.decode(part, channels=2) for part in parts])
        assert numpy.array_equal(joined, samples)
        digests = [hashlib.md5(readers.decode(part, channels=2).tobytes()).hexdigest() for part in parts]
        assert [entry["pcmMd5"] for entry in report["parts"]] == digests


def test_the_report_is_true(engine, tmp_path):
    source, _ = book(tmp_path, BORDERS)
    report, _ = split(engine, source, tmp_path, "flac")
    fates = {(tag["name"], tag["fate"]): tag.get("why") for tag in report["tags"]}
    assert fates["title", "mapped"] == "each chapter has its own; this one is their album"
    assert fates["track", "dropped"] == "each chapter has its own"
    assert ("artist", "kept") in fates


def test_the_whole_is_processed_before_it_is_cut(engine, tmp_path):
    """Resampled and faded as one sound: the parts, joined, are what one file would hold."""
    source, _ = book(tmp_path, BORDERS)
    options = {"sampleRate": 48000, "fadeIn": 1, "fadeOut": 1, "bitDepth": 24, "start": 0.1, "end": 3.9}
    engine.convert(source, tmp_path / "whole.wav", "wav", **options)
    _, parts = split(engine, source, tmp_path, "wav", **options)
    joined = numpy.concatenate([readers.decode(part, "<i4", 2) for part in parts])
    assert numpy.array_equal(joined, readers.decode(tmp_path / "whole.wav", "<i4", 2))


def test_a_cover_and_tags_that_are_asked_for(engine, tmp_path):
    source, _ = book(tmp_path, BORDERS)
    (tmp_path / "cover.png").write_bytes(png())
    inputs.ffmpeg("-i", source, "-i", tmp_path / "cover.png", "-map", "0", "-map", "1", "-c:a", "alac", "-c:v", "copy",
                  "-disposition:v", "attached_pic", tmp_path / "covered.m4a")
    _, parts = split(engine, tmp_path / "covered.m4a", tmp_path, "mp3", metadata='{"title": "Werk", "genre": "Hörbuch"}')
    for number, part in enumerate(parts, 1):
        tags = mutagen.File(part).tags
        assert (str(tags["TALB"]), str(tags["TCON"]), str(tags["TRCK"])) == ("Werk", "Hörbuch", f"{number}/3")
        assert [picture.data for picture in tags.getall("APIC")] == [png()]


def test_titles_lead_nowhere(engine, tmp_path):
    titles = ["../../../etc/passwd", "/etc/passwd", "C:\\x\\..\\y", "...", "", "a\nb\x1b[31m", "gpj.\u202Ex", "日" * 300, "same", "same"]
    source, samples = book(tmp_path, [(i * 100, i * 100 + 100, title) for i, title in enumerate(titles)], seconds=1)
    output = tmp_path / "out.zip"
    report = engine.convert(source, output, "flac", chapters="split")["report"]
    with zipfile.ZipFile(output) as archive:
        names = archive.namelist()
        joined = numpy.concatenate([readers.decode(write(tmp_path / f"{i}.flac", archive.read(name)), channels=2)
                                    for i, name in enumerate(names)])
    assert len(set(names)) == len(titles)
    for name in names:
        assert name.endswith(".flac") and len(name.encode()) < 170 and name[0].isdigit()
        assert not set(name) & set("/\\:\n\x1b\u202E") and name.isprintable()
    assert names[4] == "05 - Chapter 5.flac"
    assert numpy.array_equal(joined, samples)
    assert len(report["parts"]) == len(titles)


def write(path, data):
    path.write_bytes(data)
    return path


def test_chapters_that_are_no_parts(engine, tmp_path):
    """Two that begin together are one; what begins behind the end is none."""
    source, samples = book(tmp_path, [(0, 2000, "Teil I"), (0, 1000, "Eins"), (1000, 2000, "Zwei"), (9000, 9500, "Nie")])
    report, parts = split(engine, source, tmp_path, "flac")
    assert [part.name for part in parts] == ["01 - Eins.flac", "02 - Zwei.flac"]
    assert {chapter["name"]: chapter["fate"] for chapter in report["chapters"]} == \
        {"Teil I": "dropped", "Eins": "mapped", "Zwei": "mapped", "Nie": "dropped"}
    assert sum(len(readers.decode(part, channels=2)) for part in parts) == len(samples)


def test_many_chapters(engine, tmp_path):
    source, samples = book(tmp_path, [(i * 10, i * 10 + 10, str(i)) for i in range(400)])
    report, parts = split(engine, source, tmp_path, "wav")
    assert len(parts) == len(report["parts"]) == 255
    assert numpy.array_equal(numpy.concatenate([readers.decode(part, channels=2) for part in parts]), samples)


def test_audio_without_chapters_is_told(engine, tmp_path, media):
    with pytest.raises(engine.refused) as refused:
        engine.convert(media("s16.wav"), tmp_path / "out.zip", "mp3", chapters="split")
    assert refused.value.code == "unprocessable" and "no chapters" in str(refused.value)


def test_the_same_conversion_makes_the_same_archive(engine, tmp_path):
    source, _ = book(tmp_path, BORDERS)
    made = []
    for name in ("a.zip", "b.zip"):
        engine.convert(source, tmp_path / name, "opus", chapters="split")
        made.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert made[0] == made[1]


def test_lossy_parts_play_to_the_sample(engine, tmp_path):
    """Each MP3 plays its own part to the sample, without the encoder's delay and padding."""
    source, _ = book(tmp_path, BORDERS)
    _, parts = split(engine, source, tmp_path, "mp3")
    played = [len(readers.play(part, 2)) for part in parts]
    assert played == [length(start, end) for start, end in PARTS]
