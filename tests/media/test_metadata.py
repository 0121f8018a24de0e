"""Tags, pictures and chapters, as independent readers find them in the result."""

import json
import struct
import subprocess

import pytest

import inputs
import readers
from rich_inputs import png

TARGETS = ["mp3", "m4a", "ogg", "opus", "wav", "flac", "aiff", "alac", "wma"]
# What ffprobe calls a tag where it doesn't know the target's own name for it.
OTHER_NAMES = {"comment": ["description"], "date": ["wm/year"], "musicbrainz_albumid": ["musicbrainz album id", "musicbrainz/album id"]}
COMMON = {"title": "Ein Titel", "artist": "Sigur Rós", "album": "日本", "album_artist": "Various", "genre": "Post-Rock", "date": "1999",
          "track": "3/12", "disc": "1/2", "composer": "J. S. Bach", "comment": "a comment", "copyright": "nobody"}
CUSTOM = {"MUSICBRAINZ_ALBUMID": "6a5b1b4e", "Favourite Colour": "blue"}


def extension(target):
    return {"alac": "m4a"}.get(target, target)


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
    if target in ("ogg", "opus", "flac"):
        assert (found.pop("tracktotal"), found.pop("disctotal")) == ("12", "2")
        expected = {**expected, "track": "3", "disc": "1"}
    for name, value in expected.items():
        assert value in [found.get(other) for other in [name.lower(), *OTHER_NAMES.get(name.lower(), [])]], name
    lost = [tag["name"] for tag in report["tags"] if tag["fate"] == "dropped" and tag["why"] != "it describes the old file"]
    assert lost == []


@pytest.mark.parametrize("target", TARGETS)
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
    assert {"name": "REPLAYGAIN_TRACK_GAIN", "fate": "mapped", "why": "written as R128_TRACK_GAIN: -3136"} in report["tags"]
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


@pytest.mark.parametrize("between", ["m4a", "mka"])
def test_an_undetermined_language_is_no_tag(engine, media, tmp_path, between):
    source = tmp_path / f"a.{between}"
    inputs.ffmpeg("-i", media("s16.wav"), "-c:a", "aac", "-metadata", "title=t", "-metadata:s:a", "language=und", source)
    assert [tag["name"] for tag in engine.probe(source)["tags"] if tag["name"] == "language"] == []
    report = engine.convert(source, tmp_path / "out.flac", "flac")["report"]
    assert {tag["name"] for tag in report["tags"]} & {"language", "LANGUAGE"} == set()
    assert not any(line.startswith("LANGUAGE") for line in metaflac(tmp_path / "out.flac"))


def test_a_language_that_is_told_is_kept(engine, media, tmp_path):
    source = tmp_path / "a.m4a"
    inputs.ffmpeg("-i", media("s16.wav"), "-c:a", "aac", "-metadata:s:a", "language=deu", source)
    engine.convert(source, tmp_path / "out.flac", "flac")
    assert "LANGUAGE=deu" in metaflac(tmp_path / "out.flac")


def test_what_of_tags_is_not_read_is_told(engine, media, tmp_path):
    chapter = b"one\0" + struct.pack(">IIII", 0, 500, 0xFFFFFFFF, 0xFFFFFFFF)
    for name, body in ((b"TIT2", b"\3First"), (b"APIC", b"\3image/png\0\3\0" + png())):
        chapter += name + struct.pack(">I", len(body)) + b"\0\0" + body
    path = tmp_path / "a.mp3"
    path.write_bytes(id3v2_4((b"CHAP", chapter)) + bare(media("cbr.mp3")) + b"LYRICSBEGININD0000200000021LYRICS200" + id3v1(b"t", b"a", 1, 1))
    report = engine.convert(path, tmp_path / "out.flac", "flac")["report"]
    dropped = {tag["name"]: tag["why"] for tag in report["tags"] if tag["fate"] == "dropped"}
    assert set(dropped) >= {"CHAP:APIC", "Lyrics3"} and all(dropped.values())
    assert [chapter["name"] for chapter in report["chapters"]] == ["First"]
    assert readers.pictures(tmp_path / "out.flac") == []


def test_many_and_large_tags_are_bounded(engine, media, tmp_path):
    path = with_flac_blocks(media("s16.flac"), tmp_path / "many.flac", [f"T{i}=" + "v" * 3000 for i in range(2000)])
    report = engine.convert(path, tmp_path / "out.mp3", "mp3")["report"]
    fates = [tag["fate"] for tag in report["tags"]]
    assert fates.count("kept") < 520 and "dropped" in fates


def id3v2_4(*frames):
    """An ID3v2.4 tag of frames given as (id, body)."""
    def syncsafe(size):
        return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))

    body = b"".join(name + syncsafe(len(content)) + b"\0\0" + content for name, content in frames)
    return b"ID3\4\0\0" + syncsafe(len(body)) + body


def ape(**items):
    """An APEv2 tag: strings are texts, bytes are binary; "_" in a name is a space."""
    body = b"".join(
        struct.pack("<II", len(data), 0 if isinstance(value, str) else 2) + name.replace("_", " ").encode() + b"\0" + data
        for name, value in items.items() for data in [value.encode() if isinstance(value, str) else value]
    )
    return b"".join((b"APETAGEX" + struct.pack("<IIIIQ", 2000, len(body) + 32, len(items), flags, 0) + part)
                    for flags, part in ((0xA0000000, body), (0x80000000, b"")))


def id3v1(title, artist, track, genre):
    return (b"TAG" + title.ljust(30, b"\0") + artist.ljust(30, b"\0") + bytes(30) + b"1999" + b"said".ljust(29, b"\0")
            + bytes([track, genre]))


def metaflac(path):
    shown = subprocess.run(["metaflac", "--export-tags-to=-", path], capture_output=True, text=True, check=True).stdout
    return sorted(line for line in shown.splitlines() if not line.lower().startswith("encoder"))


def bare(path):
    """The frames of an MP3, or a file of another kind as it is."""
    data = path.read_bytes()
    return data[data.index(b"\xff\xfb"):] if path.suffix == ".mp3" else data


def test_id3v1_alone_is_read(engine, media, tmp_path):
    path = tmp_path / "old.mp3"
    path.write_bytes(bare(media("cbr.mp3")) + id3v1("Café".encode("latin-1"), "Señor".encode(), 7, 17))
    engine.convert(path, tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == ["ARTIST=Señor", "COMMENT=said", "DATE=1999", "GENRE=Rock", "TITLE=Café", "TRACKNUMBER=7"]
    engine.convert(path, tmp_path / "out.m4a", "m4a")
    shown = json.loads(subprocess.run(["mediainfo", "--Output=JSON", tmp_path / "out.m4a"], capture_output=True, check=True).stdout)
    general = shown["media"]["track"][0]
    assert (general["Title"], general["Performer"], general["Genre"]) == ("Café", "Señor", "Rock")


def test_the_richer_tag_wins_field_by_field(engine, media, tmp_path):
    path = tmp_path / "three.mp3"
    path.write_bytes(id3v2_4((b"TIT2", b"\3From ID3v2")) + bare(media("cbr.mp3"))
                     + ape(Title="From APE", Artist="From APE") + id3v1(b"From ID3v1", b"From ID3v1", 7, 17))
    engine.convert(path, tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == [
        "ARTIST=From APE", "COMMENT=said", "DATE=1999", "GENRE=Rock", "TITLE=From ID3v2", "TRACKNUMBER=7"]


@pytest.mark.parametrize("source", ["cbr.mp3", "s16.wv", "s16.tta"])
def test_ape_tags_have_all_values_and_the_cover(engine, media, tmp_path, source):
    path = tmp_path / source
    path.write_bytes(bare(media(source)) + ape(Artist="One\0Two", Album_Artist="All", Year="2001",
                                               **{"Cover_Art_(Front)": b"front.png\0" + png()}))
    engine.convert(path, tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == ["ALBUMARTIST=All", "ARTIST=One", "ARTIST=Two", "DATE=2001"]
    listed = subprocess.run(["metaflac", "--list", "--block-type=PICTURE", tmp_path / "out.flac"], capture_output=True, text=True, check=True).stdout
    assert "type: 3 (Cover (front))" in listed
    copied = tmp_path / "cover.png"
    subprocess.run(["metaflac", f"--export-picture-to={copied}", tmp_path / "out.flac"], check=True)
    assert copied.read_bytes() == png()


@pytest.fixture(scope="session")
def listed(media, tmp_path_factory):
    """An MP3 whose ID3v2.4 tag has several values of a name, in its own field and in a custom one."""
    path = tmp_path_factory.mktemp("listed") / "listed.mp3"
    path.write_bytes(id3v2_4((b"TPE1", b"\3One\0AC/DC"), (b"TXXX", "\1Label\0".encode("utf-16-le").replace(b"\1\0", b"\1\xff\xfe", 1)
                                                         + "\ufeffA\0\ufeffB".encode("utf-16-le"))) + bare(media("cbr.mp3")))
    return path


def test_lists_of_id3v2_reach_flac(engine, listed, tmp_path):
    engine.convert(listed, tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == ["ARTIST=AC/DC", "ARTIST=One", "LABEL=A", "LABEL=B"]


@pytest.mark.parametrize("target, reader", [("ogg", ["vorbiscomment", "-l"]), ("opus", ["opusinfo"])])
def test_lists_of_id3v2_reach_ogg(engine, listed, tmp_path, target, reader):
    engine.convert(listed, tmp_path / "out", target)
    shown = subprocess.run([*reader, tmp_path / "out"], capture_output=True, text=True, check=True).stdout
    assert [line.strip() for line in shown.splitlines() if "ARTIST=" in line] == ["ARTIST=One", "ARTIST=AC/DC"]


def test_lists_of_id3v2_reach_m4a(engine, listed, tmp_path):
    engine.convert(listed, tmp_path / "out.m4a", "m4a")
    shown = json.loads(subprocess.run(["mediainfo", "--Output=JSON", tmp_path / "out.m4a"], capture_output=True, check=True).stdout)
    assert shown["media"]["track"][0]["Performer"] == "One / AC/DC"


def test_lists_of_id3v2_reach_mp3(engine, listed, tmp_path):
    """ffprobe and mediainfo show the first value alone, so the frames are read here."""
    engine.convert(listed, tmp_path / "out.mp3", "mp3")
    data = (tmp_path / "out.mp3").read_bytes()
    assert b"TPE1\0\0\0\x0a\0\0\3One\0AC/DC" in data and b"\3Label\0A\0B" in data


@pytest.mark.parametrize("between", ["wav", "aiff"])
def test_lists_come_back_from_chunks(engine, listed, tmp_path, between):
    engine.convert(listed, tmp_path / f"between.{between}", between)
    engine.convert(tmp_path / f"between.{between}", tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == ["ARTIST=AC/DC", "ARTIST=One", "LABEL=A", "LABEL=B"]


def test_a_slash_in_id3v2_3_is_no_list(engine, media, tmp_path):
    path = tmp_path / "slash.mp3"
    content = b"\0AC/DC"
    frame = b"TPE1" + struct.pack(">IH", len(content), 0) + content
    path.write_bytes(b"ID3\3\0\0\0\0\0" + bytes([len(frame)]) + frame + bare(media("cbr.mp3")))
    engine.convert(path, tmp_path / "out.flac", "flac")
    assert metaflac(tmp_path / "out.flac") == ["ARTIST=AC/DC"]


@pytest.mark.parametrize("tail", [
    b"APETAGEX" + struct.pack("<IIIIQ", 2000, 0xFFFFFFF0, 0xFFFFFFFF, 0x80000000, 0),
    struct.pack("<II", 0xFFFFFFF0, 0) + b"Artist\0One" + b"APETAGEX" + struct.pack("<IIIIQ", 2000, 50, 0xFFFFFFFF, 0, 0),
    b"TAG" + b"\xff" * 125,
])
def test_hostile_tails_do_no_harm(engine, media, tmp_path, tail):
    path = tmp_path / "hostile.mp3"
    path.write_bytes(bare(media("cbr.mp3")) + tail)
    assert engine.convert(path, tmp_path / "out.wav", "wav")["samples"] == inputs.SAMPLES
