"""Tags, pictures and chapters, as independent readers find them in the result."""

import json
import struct
import subprocess
import zlib

import pytest

import inputs
import readers

TARGETS = ["mp3", "m4a", "ogg", "opus", "wav", "flac", "aiff", "alac", "wma"]
PICTURE_TARGETS = [target for target in TARGETS if target != "wma"]
COMMON = {"title": "Ein Titel", "artist": "Sigur Rós", "album": "日本", "album_artist": "Various", "genre": "Post-Rock", "date": "1999",
          "track": "3/12", "disc": "1/2", "composer": "J. S. Bach", "comment": "a comment", "copyright": "nobody"}
CUSTOM = {"MUSICBRAINZ_ALBUMID": "6a5b1b4e", "Favourite Colour": "blue"}


def extension(target):
    return {"alac": "m4a"}.get(target, target)


def png(width=8, height=4):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width * 3)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="session")
def sources(media, tmp_path_factory):
    """The same tagged sound as FLAC, MP3, M4A and Ogg, with a picture in all but the last."""
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "cover.png").write_bytes(png())
    flags = [part for name, value in {**COMMON, **CUSTOM}.items() for part in ("-metadata", f"{name}={value}")]
    cover = ["-i", folder / "cover.png", "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic"]
    plain = media("s16.wav")
    inputs.ffmpeg("-i", plain, *cover, "-c:a", "flac", *flags, folder / "a.flac")
    inputs.ffmpeg("-i", plain, *cover, "-c:a", "libmp3lame", *flags, folder / "a.mp3")
    inputs.ffmpeg("-i", plain, *cover, "-c:a", "aac", *flags, folder / "a.m4a")
    inputs.ffmpeg("-i", plain, "-c:a", "libvorbis", *flags, folder / "a.ogg")
    return folder


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", ["a.flac", "a.mp3", "a.m4a", "a.ogg"])
def test_tags_survive(engine, sources, tmp_path, source, target):
    output = tmp_path / f"out.{extension(target)}"
    report = engine.convert(sources / source, output, target)["report"]
    found = readers.tags(output)
    # What libavformat's own M4A has no place for was lost before.
    expected = COMMON if source == "a.m4a" else {**COMMON, **CUSTOM}
    for name, value in expected.items():
        assert found.get(name.lower()) == value or found.get({"comment": "description"}.get(name)) == value, name
    assert all(tag["fate"] == "kept" or tag["why"] == "it describes the old file" for tag in report["tags"])


@pytest.mark.parametrize("target", PICTURE_TARGETS)
@pytest.mark.parametrize("source", ["a.flac", "a.mp3", "a.m4a"])
def test_cover_survives(engine, sources, tmp_path, source, target):
    output = tmp_path / f"out.{extension(target)}"
    report = engine.convert(sources / source, output, target)["report"]
    found = readers.pictures(output)
    assert [(picture["codec_name"], picture["width"], picture["height"]) for picture in found] == [("png", 8, 4)]
    assert len(report["pictures"]) == 1 and report["pictures"][0]["fate"] == "kept"
    copied = tmp_path / "cover.png"
    inputs.ffmpeg("-i", output, "-map", "0:v", "-c", "copy", "-f", "image2", "-update", "1", copied)
    assert copied.read_bytes() == png()


def test_wma_tells_that_the_cover_is_dropped(engine, sources, tmp_path):
    report = engine.convert(sources / "a.flac", tmp_path / "out.wma", "wma")["report"]
    assert [(picture["fate"], picture["why"]) for picture in report["pictures"]] == [("dropped", "WMA files hold no pictures")]


def with_flac_blocks(plain, path, comments, pictures=()):
    """Replaces the Vorbis comments of a FLAC file by hand and adds pictures (type, description, data)."""
    fields = b"".join(struct.pack("<I", len(field.encode())) + field.encode() for field in comments)
    comment = struct.pack("<I", 4) + b"test" + struct.pack("<I", len(comments)) + fields
    blocks = bytes([4]) + struct.pack(">I", len(comment))[1:] + comment
    for kind, description, data in pictures:
        body = struct.pack(">II", kind, 9) + b"image/png" + struct.pack(">I", len(description)) + description
        body += bytes(16) + struct.pack(">I", len(data)) + data
        blocks += bytes([6]) + struct.pack(">I", len(body))[1:] + body
    data = plain.read_bytes()
    at = 4
    while not data[at] & 0x80:
        at += 4 + int.from_bytes(data[at + 1:at + 4], "big")
    frames = at + 4 + int.from_bytes(data[at + 1:at + 4], "big")
    path.write_bytes(data[:42] + blocks + b"\x81\0\0\0" + data[frames:])
    return path


@pytest.fixture()
def rich(media, tmp_path):
    comments = ["ARTIST=One; with semicolon", "ARTIST=Two", "TITLE=t", "X=" + "x" * 300, "REPLAYGAIN_TRACK_GAIN=-7.25 dB",
                "CHAPTER000=00:00:00.000", "CHAPTER000NAME=First", "CHAPTER001=00:00:01.000", "CHAPTER001NAME=Second"]
    return with_flac_blocks(media("s16.flac"), tmp_path / "rich.flac", comments, [(3, b"front", png()), (4, b"back side", png(5, 5))])


def test_several_values_stay_apart_in_flac(engine, rich, tmp_path):
    engine.convert(rich, tmp_path / "out.flac", "flac")
    shown = subprocess.run(["metaflac", "--export-tags-to=-", tmp_path / "out.flac"], capture_output=True, text=True, check=True).stdout
    assert [line for line in shown.splitlines() if line.startswith("ARTIST=")] == ["ARTIST=One; with semicolon", "ARTIST=Two"]
    listed = subprocess.run(["metaflac", "--list", "--block-type=PICTURE", tmp_path / "out.flac"], capture_output=True, text=True, check=True).stdout
    assert "type: 3 (Cover (front))" in listed and "type: 4 (Cover (back))" in listed and "description: back side" in listed
    subprocess.run(["flac", "-t", "-s", tmp_path / "out.flac"], check=True)


@pytest.mark.parametrize("target, reader", [("ogg", ["vorbiscomment", "-l"]), ("opus", ["opusinfo"])])
def test_several_values_stay_apart_in_ogg(engine, rich, tmp_path, target, reader):
    output = tmp_path / f"out.{target}"
    engine.convert(rich, output, target)
    shown = subprocess.run([*reader, output], capture_output=True, text=True, check=True).stdout
    artists = [line.strip() for line in shown.splitlines() if line.strip().startswith("ARTIST=")]
    assert artists == ["ARTIST=One; with semicolon", "ARTIST=Two"]
    assert len(readers.pictures(output)) == 2


def test_several_values_stay_apart_in_mp3(engine, rich, tmp_path):
    engine.convert(rich, tmp_path / "out.mp3", "mp3")
    data = (tmp_path / "out.mp3").read_bytes()
    assert b"\x03One; with semicolon\0Two" in data


def test_opus_has_gain_in_its_own_convention(engine, rich, tmp_path):
    report = engine.convert(rich, tmp_path / "out.opus", "opus")["report"]
    assert readers.tags(tmp_path / "out.opus")["r128_track_gain"] == str(round((-7.25 - 5) * 256))
    assert {"name": "REPLAYGAIN_TRACK_GAIN", "fate": "mapped", "why": "written as R128_TRACK_GAIN"} in report["tags"]
    engine.convert(tmp_path / "out.opus", tmp_path / "back.flac", "flac")
    assert readers.tags(tmp_path / "back.flac")["replaygain_track_gain"] == "-7.25 dB"


@pytest.mark.parametrize("target", ["mp3", "m4a", "alac", "ogg", "opus", "flac", "wma"])
def test_chapters_survive(engine, rich, tmp_path, target):
    output = tmp_path / f"out.{extension(target)}"
    engine.convert(rich, output, target)
    chapters = readers.probe(output)["chapters"]
    assert [(float(c["start_time"]), c["tags"]["title"]) for c in chapters] == [(0.0, "First"), (1.0, "Second")]


def test_chapters_move_with_the_cut(engine, rich, tmp_path):
    report = engine.convert(rich, tmp_path / "out.mp3", "mp3", start=1.5, end=2)["report"]
    assert [(c["name"], c["fate"]) for c in report["chapters"]] == [("First", "dropped"), ("Second", "mapped")]
    chapters = readers.probe(tmp_path / "out.mp3")["chapters"]
    assert [(float(c["start_time"]), float(c["end_time"])) for c in chapters] == [(0.0, 0.5)]


def test_mediainfo_agrees(engine, sources, tmp_path):
    for target in ("mp3", "m4a", "flac", "wav"):
        output = tmp_path / f"out.{target}"
        engine.convert(sources / "a.flac", output, target)
        shown = json.loads(subprocess.run(["mediainfo", "--Output=JSON", output], capture_output=True, check=True).stdout)
        general = shown["media"]["track"][0]
        assert general["Title"] == COMMON["title"] and general["Performer"] == COMMON["artist"], target
        assert general["Album"] == COMMON["album"], target


def test_text_that_is_no_utf8_becomes_valid(engine, media, tmp_path):
    path = with_flac_blocks(media("s16.flac"), tmp_path / "bad.flac", ["TITLE=?"])
    path.write_bytes(path.read_bytes().replace(b"TITLE=?", b"TITLE=\xff"))
    assert engine.probe(path)["tags"] == [{"name": "title", "value": "\N{REPLACEMENT CHARACTER}"}]


def test_many_and_large_tags_are_bounded(engine, media, tmp_path):
    path = with_flac_blocks(media("s16.flac"), tmp_path / "many.flac", [f"T{i}=" + "v" * 3000 for i in range(2000)])
    report = engine.convert(path, tmp_path / "out.mp3", "mp3")["report"]
    fates = [tag["fate"] for tag in report["tags"]]
    assert fates.count("kept") < 520 and "dropped" in fates
