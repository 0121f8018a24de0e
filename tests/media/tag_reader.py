"""Tags, pictures and chapters as mutagen finds them: a reader that shares nothing with decant."""

import base64
import collections
import struct

import mutagen
from mutagen import aiff, asf, flac, id3, mp3, mp4, wave

Field = collections.namedtuple("Field", "name value language description", defaults=("", ""))
Found = collections.namedtuple("Found", "fields pictures chapters")


def read(path):
    """Fields by their own names in the file, pictures as (type, description, data), chapters as (seconds, title)."""
    opened = mutagen.File(path)
    if opened is None or opened.tags is None:
        return Found([], [], [])
    if isinstance(opened, mp4.MP4):
        return read_mp4(opened)
    if isinstance(opened, asf.ASF):
        return read_asf(opened.tags)
    if isinstance(opened.tags, id3.ID3) or isinstance(opened, (mp3.MP3, wave.WAVE, aiff.AIFF)):
        return read_id3(opened.tags)
    if isinstance(opened.tags, mutagen.apev2.APEv2):
        return read_ape(opened.tags)
    return read_vorbis(opened)


def read_id3(tags):
    fields, pictures, chapters = [], [], []
    for frame in tags.values():
        name = frame.FrameID
        if name == "APIC":
            pictures.append((int(frame.type), frame.desc, frame.data))
        elif name == "CHAP":
            titles = frame.sub_frames.getall("TIT2")
            chapters.append((frame.start_time / 1000, str(titles[0]) if titles else ""))
        elif name in ("TIPL", "TMCL"):
            fields += [Field(name, person) for _, person in frame.people]
        elif name == "COMM":
            fields += [Field(name, value, frame.lang, frame.desc) for value in frame.text]
        elif name == "USLT":
            fields.append(Field(name, frame.text, frame.lang, frame.desc))
        elif name == "UFID":
            fields.append(Field(f"UFID:{frame.owner}", frame.data.decode("latin-1")))
        elif name == "WXXX":
            fields.append(Field(name, frame.url, "", frame.desc))
        elif name.startswith("W"):
            fields.append(Field(name, frame.url))
        elif name == "TXXX":
            fields += [Field(f"TXXX:{frame.desc}", value) for value in frame.text]
        elif name == "TCON":
            fields += [Field(name, value) for value in frame.genres]
        elif name in ("TDRC", "TDOR"):
            fields += [Field(name, str(value).replace(" ", "T")) for value in frame.text]
        elif name.startswith("T") or name in ("GRP1", "MVNM", "MVIN"):
            fields += [Field(name, str(value)) for value in frame.text]
    return Found([field for field in fields if field.value], pictures, sorted(chapters))


def read_mp4(opened):
    fields, pictures = [], []
    for name, values in opened.tags.items():
        if name == "covr":
            pictures = [(3, "", bytes(value)) for value in values]
        elif name in ("trkn", "disk"):
            fields += [Field(name, f"{number}/{total}" if total else str(number)) for number, total in values]
        elif isinstance(values, bool):
            fields.append(Field(name, str(int(values))))
        else:
            # mutagen takes names for Latin-1, taggers for UTF-8.
            name = name.encode("latin-1").decode() if name.startswith("----") else name
            fields += [Field(name, value.decode() if isinstance(value, bytes) else str(value)) for value in values]
    # Nero's chapter list counts in units of 100 ns; mutagen takes that for true only where the movie counts in milliseconds.
    scale = opened.chapters._timescale / 1000 if opened.chapters else 1
    return Found(fields, pictures, [(chapter.start * scale, chapter.title) for chapter in opened.chapters or []])


def read_asf(tags):
    fields, pictures = [], []
    for name, value in tags:
        if name == "WM/Picture":
            kind, size = struct.unpack("<BI", value.value[:5])
            mime_end = text_end(value.value, 5)
            description_end = text_end(value.value, mime_end)
            description = value.value[mime_end:description_end - 2].decode("utf-16-le")
            pictures.append((kind, description, value.value[description_end:description_end + size]))
        elif str(value):
            fields.append(Field(name, str(value)))
    return Found(fields, pictures, [])


def text_end(data, at):
    while data[at:at + 2] != b"\0\0":
        at += 2
    return at + 2


def read_ape(tags):
    fields, pictures = [], []
    for name, value in tags.items():
        if value.kind == mutagen.apev2.BINARY:
            pictures.append((3, "", value.value.split(b"\0", 1)[1]))
        else:
            fields += [Field(name, part) for part in value]
    return Found(fields, pictures, [])


def read_vorbis(opened):
    blocks = list(opened.pictures) if isinstance(opened, flac.FLAC) else []
    fields, times, titles = [], {}, {}
    for name, value in opened.tags:
        upper = name.upper()
        if upper == "METADATA_BLOCK_PICTURE":
            blocks.append(flac.Picture(base64.b64decode(value)))
        elif upper.startswith("CHAPTER") and upper.endswith("NAME"):
            titles[upper[:-4]] = value
        elif upper.startswith("CHAPTER"):
            hours, minutes, seconds = value.split(":")
            times[upper] = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        elif value:
            fields.append(Field(upper, value))
    chapters = [(seconds, titles.get(name, "")) for name, seconds in sorted(times.items())]
    return Found(fields, [(block.type, block.desc, block.data) for block in blocks], chapters)
