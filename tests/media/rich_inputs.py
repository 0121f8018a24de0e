"""Short sounds with rich tags, in every format that holds tags and with every oddity that files have. Written by mutagen, by ffmpeg, and by hand."""

import base64
import os
import struct
import subprocess
import zlib

from mutagen import aiff, apev2, asf, flac, id3, mp4, oggopus, oggvorbis, wave, wavpack

import inputs

CODECS = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "0", "-write_xing", "0"], "flac": ["-c:a", "flac"],
    "ogg": ["-c:a", "libvorbis"], "opus": ["-c:a", "libopus"], "m4a": ["-c:a", "aac"], "wav": ["-c:a", "pcm_s16le"],
    "aiff": ["-c:a", "pcm_s16be"], "wma": ["-c:a", "wmav2"], "wv": ["-c:a", "wavpack"], "mka": ["-c:a", "libvorbis"],
}
COMMON = {"title": "Ein Titel", "artist": "Sigur Rós", "album": "日本", "genre": "Post-Rock", "date": "1999-05-03", "composer": "J. S. Bach"}
REPLAY_GAIN = {"REPLAYGAIN_TRACK_GAIN": "-7.25 dB", "REPLAYGAIN_TRACK_PEAK": "0.988", "REPLAYGAIN_ALBUM_GAIN": "+1.50 dB"}
MUSICBRAINZ = {"MusicBrainz Album Id": "6a5b1b4e-0f2c", "MusicBrainz Artist Id": "b1c2", "MusicBrainz Release Track Id": "c3d4"}
RIGHT_TO_LEFT = "שלום עולם ‏مرحبا"
EMOJI = "🎵 Musik 👩‍👩‍👧 e\u0301"
LYRICS = "\n".join(f"Zeile {i}: la la lä" for i in range(5000))
CHAPTERS = ";FFMETADATA1\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
    for start, end, title in ((0, 100, "Eins"), (100, 200, "Zwei – 2"), (200, 300, "Drei")))


def png(width=8, height=4):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width * 3)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def make_jpeg():
    return subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s=8x8", "-frames:v", "1", "-fflags", "+bitexact",
                           "-flags:v", "+bitexact", "-c:v", "mjpeg", "-f", "image2", "-"], capture_output=True, check=True).stdout


JPEG = make_jpeg()


def plain(kind, cache):
    path = cache / f"plain.{kind}"
    if not path.exists():
        partial = cache / f"partial-{os.getpid()}-plain.{kind}"
        tone = ["-f", "lavfi", "-i", "sine=d=0.3:r=44100", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"]
        inputs.ffmpeg(*tone, *CODECS[kind], partial)
        partial.rename(path)
    return path.read_bytes()


def with_id3(*frames, version=4):
    def make(path, cache):
        path.write_bytes(plain("mp3", cache))
        tags = id3.ID3()
        for frame in frames:
            tags.add(frame)
        if version == 3:
            tags.update_to_v23()
        tags.save(path, v1=0, v2_version=version)
    return make


def with_raw_id3(make_tag):
    return lambda path, cache: path.write_bytes(make_tag() + plain("mp3", cache))


def with_mutagen(kind, opener, change):
    def make(path, cache):
        path.write_bytes(plain(kind, cache))
        opened = opener(path)
        if opened.tags is None:
            opened.add_tags()
        change(opened)
        opened.save()
    return make


def with_fields(kind, opener, fields):
    def change(opened):
        for name, value in fields.items():
            opened[name] = value
    return with_mutagen(kind, opener, change)


def with_ffmpeg(kind, metadata=None, chapters=False):
    def make(path, cache):
        source = path.with_suffix(".plain.wav")
        source.write_bytes(plain("wav", cache))
        arguments = ["-i", source]
        if chapters:
            path.with_suffix(".chapters").write_text(CHAPTERS)
            arguments += ["-i", path.with_suffix(".chapters"), "-map_chapters", "1"]
        flags = [part for name, value in (metadata or {}).items() for part in ("-metadata", f"{name}={value}")]
        inputs.ffmpeg(*arguments, *CODECS[kind], *flags, path)
        source.unlink()
    return make


def text(frame, *values, encoding=3):
    return getattr(id3, frame)(encoding=encoding, text=list(values))


def own(name, *values):
    return id3.TXXX(encoding=3, desc=name, text=list(values))


def picture(kind, description, data, mime="image/png"):
    return id3.APIC(encoding=3, mime=mime, type=kind, desc=description, data=data)


COMMON_FRAMES = [text("TIT2", COMMON["title"]), text("TPE1", COMMON["artist"]), text("TALB", COMMON["album"]), text("TCON", COMMON["genre"]),
                 text("TDRC", COMMON["date"]), text("TCOM", COMMON["composer"]), text("TPE2", "Various"), text("TRCK", "3/12"), text("TPOS", "1/2")]
CHAPTER_FRAMES = [
    id3.CTOC(element_id="toc", flags=3, child_element_ids=["a", "b"], sub_frames=[]),
    id3.CHAP(element_id="a", start_time=0, end_time=100, sub_frames=[text("TIT2", "Eins")]),
    id3.CHAP(element_id="b", start_time=100, end_time=300, sub_frames=[text("TIT2", "Zwei")]),
]


def syncsafe(size):
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3v22():
    def frame(name, body):
        return name + struct.pack(">I", len(body))[1:] + body
    frames = (frame(b"TT2", b"\0Alt") + frame(b"TP1", "\1\0Björk".encode("utf-16-le")[:1] + "\ufeffBjörk".encode("utf-16-le")) + frame(b"TYE", b"\0" b"1998")
              + frame(b"TRK", b"\0" b"2/9") + frame(b"TCO", b"\0(17)") + frame(b"COM", b"\0engnote\0said") + frame(b"PIC", b"\0PNG\3front\0" + png()))
    return b"ID3\2\0\0" + syncsafe(len(frames)) + frames


def unsynchronised():
    body = "\1".encode("latin-1") + "\ufeffÿþ à".encode("utf-16-le")
    frames = b"TIT2" + struct.pack(">IH", len(body), 0) + body
    frames = frames.replace(b"\xff", b"\xff\0")
    return b"ID3\3\0\x80" + syncsafe(len(frames)) + frames


def broken_frames():
    good = b"TIT2" + syncsafe(5) + b"\0\0\3Good"
    bad = b"TPE1" + b"\x7f\x7f\x7f\x7f" + b"\0\0\3lost"
    return b"ID3\4\0\0" + syncsafe(len(good) + len(bad)) + good + bad


def id3v1():
    return (b"TAG" + "Café".encode("latin-1").ljust(30, b"\0") + b"Somebody".ljust(30, b" ") + bytes(30) + b"1999" + b"said".ljust(29, b"\0") + bytes([7, 17]))


def ape_mp3(path, cache):
    path.write_bytes(plain("mp3", cache))
    tags = apev2.APEv2()
    tags["Title"], tags["Artist"], tags["Year"], tags["Album Artist"] = "From APE", ["One", "Two"], "2001", "All"
    tags["Track"], tags["MUSICBRAINZ_ALBUMID"] = "3/12", "6a5b"
    tags["Cover Art (Front)"] = apev2.APEValue(b"front.png\0" + png(), apev2.BINARY)
    tags.save(path)


def three_tags(path, cache):
    ape_mp3(path, cache)
    path.write_bytes(path.read_bytes() + id3v1())
    tags = id3.ID3()
    tags.add(text("TIT2", "From ID3v2"))
    tags.save(path, v1=1)


def flac_pictures(opened):
    opened["title"] = "Pictures"
    for kind, description, data, mime in ((3, "front", png(), "image/png"), (4, "hinten ä", JPEG, "image/jpeg"), (8, "", png(5, 5), "image/png")):
        opened.add_picture(flac_picture(kind, description, data, mime))


def flac_picture(kind, description, data, mime):
    block = flac.Picture()
    block.type, block.desc, block.data, block.mime, block.width, block.height, block.depth = kind, description, data, mime, 8, 4, 24
    return block


def ogg_pictures(opened):
    blocks = [flac_picture(3, "front", png(), "image/png"), flac_picture(5, "Heft", JPEG, "image/jpeg")]
    opened["metadata_block_picture"] = [base64.b64encode(block.write()).decode() for block in blocks]
    opened["title"] = "Bild"


VORBIS_CHAPTERS = {"CHAPTER000": "00:00:00.000", "CHAPTER000NAME": "Eins", "CHAPTER001": "00:00:00.150", "CHAPTER001NAME": "Zwei"}


def freeform(**fields):
    return {f"----:com.apple.iTunes:{name.replace('_', ' ')}": [value.encode()] for name, value in fields.items()}


def riff_info(path, cache):
    data = plain("wav", cache)
    body = b"INFO"
    for name, value in ((b"INAM", "Tïtel"), (b"IART", "Künstler"), (b"IPRD", "Album"), (b"ICRD", "2001"), (b"ICMT", "größer"), (b"IKEY", "a; b")):
        content = value.encode("latin-1") + b"\0"
        body += name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    data += b"LIST" + struct.pack("<I", len(body)) + body
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])


def broadcast(path, cache):
    data = plain("wav", cache)
    body = (b"A description".ljust(256, b"\0") + b"Somebody".ljust(32, b"\0") + b"REF1".ljust(32, b"\0") + b"2001-02-03" + b"04:05:06"
            + bytes(8) + struct.pack("<H", 1) + bytes(254))
    data = data[:12] + b"bext" + struct.pack("<I", len(body)) + body + data[12:]
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])


def aiff_texts(path, cache):
    data = plain("aiff", cache)
    for name, value in ((b"NAME", b"Old title"), (b"AUTH", "Jos\u00e9".encode("latin-1")), (b"ANNO", b"a note")):
        data += name + struct.pack(">I", len(value)) + value + bytes(len(value) % 2)
    path.write_bytes(data[:4] + struct.pack(">I", len(data) - 8) + data[8:])


def asf_picture(kind, description, data):
    return asf.ASFByteArrayAttribute(
        struct.pack("<BI", kind, len(data)) + "image/png\0".encode("utf-16-le") + (description + "\0").encode("utf-16-le") + data)


def wma_rich(opened):
    opened["Title"], opened["Author"], opened["WM/Year"] = "Ein Titel", ["One", "Two 🎵"], "1999"
    opened["WM/AlbumTitle"], opened["WM/TrackNumber"], opened["MusicBrainz/Album Id"] = "日本", asf.ASFDWordAttribute(3), "6a5b"
    opened["WM/Genre"] = ["Rock", "Pop"]
    opened["WM/Picture"] = [asf_picture(3, "front", png()), asf_picture(4, "back", png(200, 200) + bytes(70_000))]
    opened["Mine"] = "own"


MAKERS = {
    "common24.mp3": with_id3(*COMMON_FRAMES),
    "common23_utf16.mp3": with_id3(*[type(f)(encoding=1, text=f.text) for f in COMMON_FRAMES], version=3),
    "several_values.mp3": with_id3(text("TPE1", "One", "AC/DC", "Three"), text("TCON", "Rock", "Pop"), own("Label", "A", "B")),
    "slash23.mp3": with_id3(text("TPE1", "AC/DC", encoding=1), version=3),
    "languages.mp3": with_id3(
        *[id3.COMM(encoding=3, lang=lang, desc=desc, text=[value]) for lang, desc, value in
          (("eng", "", "good"), ("deu", "", "gut"), ("spa", "nota", "bueno"), ("XXX", "", "any"))],
        *[id3.USLT(encoding=3, lang=lang, desc="", text=value) for lang, value in (("eng", "words\nlines"), ("deu", "Wörter"))]),
    "musicbrainz.mp3": with_id3(id3.UFID(owner="http://musicbrainz.org", data=b"9f8e7d6c"), *[own(n, v) for n, v in MUSICBRAINZ.items()]),
    "replaygain.mp3": with_id3(*[own(n.lower(), v) for n, v in REPLAY_GAIN.items()]),
    "rva2.mp3": with_id3(id3.RVA2(desc="track", channel=1, gain=-7.25, peak=0.5)),
    "lyrics_in_time.mp3": with_id3(id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("One", 0), ("Two", 150)])),
    "pictures.mp3": with_id3(picture(3, "front", png()), picture(4, "hinten ä", JPEG, "image/jpeg"), picture(8, "", png(5, 5))),
    "chapters.mp3": with_id3(text("TIT2", "Buch"), *CHAPTER_FRAMES),
    "people.mp3": with_id3(id3.TIPL(encoding=3, people=[["producer", "Pia"], ["mix", "Max"]]), id3.TMCL(encoding=3, people=[["guitar", "Gus"]])),
    "urls.mp3": with_id3(id3.WOAR(url="http://a.example/"), id3.WXXX(encoding=3, desc="shop", url="http://b.example/")),
    "private.mp3": with_id3(text("TIT2", "t"), id3.PRIV(owner="x", data=b"y"), id3.POPM(email="a@b", rating=200, count=3), id3.PCNT(count=5),
                            id3.GEOB(encoding=3, mime="text/plain", filename="f", desc="d", data=b"data")),
    "unsynchronised.mp3": with_raw_id3(unsynchronised),
    "id3v22.mp3": with_raw_id3(id3v22),
    "id3v1.mp3": lambda path, cache: path.write_bytes(plain("mp3", cache) + id3v1()),
    "apev2.mp3": ape_mp3,
    "three_tags.mp3": three_tags,
    "lyrics_100k.mp3": with_id3(id3.USLT(encoding=3, lang="deu", desc="", text=LYRICS)),
    "broken_frames.mp3": with_raw_id3(broken_frames),
    "scripts.mp3": with_id3(text("TIT2", RIGHT_TO_LEFT), text("TPE1", EMOJI, encoding=1), own("Emoji 🎵", EMOJI)),
    "many_values.mp3": with_id3(text("TPE1", *[f"Artist {i}" for i in range(60)])),
    "empty_values.mp3": with_id3(text("TIT2", ""), text("TPE1", "", "Two"), own("", "no name")),
    "dates23.mp3": with_id3(text("TDRC", "2001-03-24T18:30", encoding=0), text("TDOR", "1969", encoding=0), version=3),
    "odd_fields.mp3": with_id3(text("TBPM", "128"), text("TKEY", "Am"), text("TSRC", "DEA123456789"), text("TCMP", "1"), text("TLAN", "deu"),
                               text("TPE3", "Conductor"), text("TSOP", "Ros, Sigur"), text("TIT1", "Group"), text("TPUB", "Label"), text("TCOP", "© 1999")),
    "itunes_numbers.mp3": with_id3(text("TIT2", "t"), id3.COMM(encoding=0, lang="eng", desc="iTunNORM", text=[" 00000A"])),
    "common.flac": with_fields("flac", flac.FLAC, {**COMMON, "albumartist": "Various", "tracknumber": "3/12", "comment": "a comment"}),
    "several_values.flac": with_fields("flac", flac.FLAC, {"artist": ["One; semicolon", "Two"], "genre": ["A", "B"], "comment": ["x", "y"], "lyrics": ["l", "m"]}),
    "totals.flac": with_fields("flac", flac.FLAC, {"tracknumber": "03", "tracktotal": "12", "discnumber": "1", "totaldiscs": "2"}),
    "pictures.flac": with_mutagen("flac", flac.FLAC, flac_pictures),
    "chapters.flac": with_fields("flac", flac.FLAC, VORBIS_CHAPTERS),
    "odd_names.flac": with_fields("flac", flac.FLAC, {"a b-c": "1", "DESCRIPTION": "described", "Barcode": "123", "bpm": "128.5", "compilation": "yes",
                                                      "date": "May 1999", "tracknumber": "A1", "UFID": "u", "musicbrainz_trackid": "m"}),
    "gain.flac": with_fields("flac", flac.FLAC, REPLAY_GAIN),
    "scripts.flac": with_fields("flac", flac.FLAC, {"title": RIGHT_TO_LEFT, "artist": EMOJI, "lyrics": LYRICS}),
    "pictures.ogg": with_mutagen("ogg", oggvorbis.OggVorbis, ogg_pictures),
    "several_values.ogg": with_fields("ogg", oggvorbis.OggVorbis, {"artist": ["One", "Two"], "musicbrainz_artistid": ["a", "b"], **COMMON, "Artist": ["x", "y"]}),
    "empty_values.ogg": with_fields("ogg", oggvorbis.OggVorbis, {"title": "", "artist": ["", "Two"]}),
    "gain.opus": with_fields("opus", oggopus.OggOpus, {"R128_TRACK_GAIN": "-3136", "R128_ALBUM_GAIN": "256", "title": "Opus"}),
    "chapters.opus": with_fields("opus", oggopus.OggOpus, {**VORBIS_CHAPTERS, "title": "Kapitel"}),
    "common.m4a": with_fields("m4a", mp4.MP4, {"\xa9nam": "Ein Titel", "\xa9ART": "Sigur Rós", "\xa9alb": "日本", "aART": "Various", "\xa9day": "1999",
                                               "trkn": [(3, 12)], "disk": [(1, 2)], "\xa9wrt": "Bach", "\xa9lyr": "la\nla", "\xa9cmt": "gut", "cprt": "© x"}),
    "several_values.m4a": with_fields("m4a", mp4.MP4, {"\xa9ART": ["One", "Two"], "\xa9gen": ["A", "B"], "----:com.apple.iTunes:ARTISTS": [b"One", b"Two"]}),
    "freeform.m4a": with_fields("m4a", mp4.MP4, {**freeform(MusicBrainz_Album_Id="6a5b", MusicBrainz_Track_Id="9f8e", ISRC="DEA1", Mine_own="ä", replaygain_track_gain="-7.25 dB")}),
    "covers.m4a": with_fields("m4a", mp4.MP4, {"covr": [mp4.MP4Cover(png(), mp4.MP4Cover.FORMAT_PNG), mp4.MP4Cover(JPEG, mp4.MP4Cover.FORMAT_JPEG)], "\xa9nam": "t"}),
    "chapters.m4a": with_ffmpeg("m4a", {"title": "Buch"}, chapters=True),
    "numbers.m4a": with_fields("m4a", mp4.MP4, {"tmpo": [120], "cpil": True, "pgap": True, "trkn": [(5, 0)], "sonm": "Titel, Ein", "soar": "Ros", "tvsh": "Show", "desc": "short", "ldes": "long"}),
    "info_latin1.wav": riff_info,
    "id3.wav": with_mutagen("wav", wave.WAVE, lambda opened: [opened.tags.add(frame) for frame in [*COMMON_FRAMES, own("Mine", "x", "y"), picture(3, "front", png())]]),
    "broadcast.wav": broadcast,
    "id3.aiff": with_mutagen("aiff", aiff.AIFF, lambda opened: [opened.tags.add(frame) for frame in [*COMMON_FRAMES, picture(3, "front", png())]]),
    "texts.aiff": aiff_texts,
    "rich.wma": with_mutagen("wma", asf.ASF, wma_rich),
    "plain.wma": with_ffmpeg("wma", {**COMMON, "Mine": "own"}),
    "tags.mka": with_ffmpeg("mka", {**COMMON, "MUSICBRAINZ_ALBUMID": "6a5b", "track": "3"}),
    "chapters.mka": with_ffmpeg("mka", {"title": "Buch"}, chapters=True),
    "ape.wv": with_fields("wv", wavpack.WavPack, {"Title": "WavPack", "Artist": ["One", "Two"], "Comment": "ape", "Track": "3/12", "REPLAYGAIN_TRACK_GAIN": "-7.25 dB"}),
}


def make(name, cache):
    cache = cache / "rich"
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / name
    if not path.exists():
        # Suites that run at once share the cache.
        partial = cache / f"partial-{os.getpid()}-{name}"
        MAKERS[name](partial, cache)
        partial.rename(path)
    return path
