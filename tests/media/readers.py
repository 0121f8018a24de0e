"""What programs that are not ours find in a file."""

import json
import subprocess

import numpy


def probe(path):
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)],
        capture_output=True, check=True,
    )
    return json.loads(done.stdout)


def audio_stream(path):
    return next(stream for stream in probe(path)["streams"] if stream["codec_type"] == "audio")


def tags(path):
    """Of the file and its audio stream, names in lower case."""
    found = probe(path)
    merged = dict(found["format"].get("tags", {}))
    for stream in found["streams"]:
        if stream["codec_type"] == "audio":
            merged.update(stream.get("tags", {}))
    return {name.lower(): value for name, value in merged.items()}


def pictures(path):
    return [stream for stream in probe(path)["streams"] if stream.get("disposition", {}).get("attached_pic")]


def decode(path, dtype="<i2", channels=None):
    """All samples as ffmpeg decodes them: an array of shape (samples, channels). Telling the channels saves asking for them."""
    sample_format = {"<i2": "s16le", "<i4": "s32le", "<f4": "f32le"}[dtype]
    channels = channels or audio_stream(path)["channels"]
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", sample_format, "-"],
        capture_output=True, check=True,
    )
    return numpy.frombuffer(done.stdout, dtype).reshape(-1, channels)


def play(path, channels):
    """What a player makes audible, without the encoder's delay and padding: an array of shape (samples, channels), full scale 1.0.
    By the format's own decoder where there is one: mpg123, opusdec, flac (16 bits a sample only)."""
    suffix = path.suffix
    if suffix == ".mp3":
        pcm = numpy.frombuffer(output_of("mpg123", "-q", "-e", "f32", "-s", path), "<f4")
    elif suffix == ".opus":
        pcm = numpy.frombuffer(output_of("opusdec", "--quiet", "--float", "--no-dither", "--rate", "48000", path, "-"), "<f4")
    elif suffix == ".flac":
        raw = output_of("flac", "-d", "-s", "-c", "--force-raw-format", "--endian=little", "--sign=signed", path)
        pcm = numpy.frombuffer(raw, "<i2").astype(numpy.float32) / 32768
    else:
        pcm = decode(path, "<f4", channels)
    pcm = pcm.reshape(-1, channels)
    # ffmpeg 5.1 plays up to a frame more than the edit list says.
    return pcm[:round(m4a_edit(path)[1])] if suffix == ".m4a" else pcm


def output_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    return done.stdout


def decoded_lengths(channels):
    """Samples a channel of many files by one ffmpeg: {path: channels} → {path: samples}. The decoded sound is left beside each."""
    decoded = {path: path.with_suffix(".decoded") for path in channels}
    sources = [part for path in channels for part in ("-i", path)]
    outputs = [part for i, path in enumerate(channels) for part in ("-map", f"{i}:a:0", "-f", "s16le", decoded[path])]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *sources, *outputs], capture_output=True, check=True)
    return {path: decoded[path].stat().st_size / (2 * channels[path]) for path in channels}


def boxes(data, *path):
    """Contents of the boxes at a path of types in an MP4 file (ISO/IEC 14496-12), which an editor may nest at will."""
    if not path:
        yield data
        return
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8:at + 16], "big"), 16
        size = size or len(data) - at
        if kind == path[0]:
            yield from boxes(data[at + head:at + size], *path[1:])
        at += max(size, 8)


def m4a_edit(path):
    """(first sample, samples) of the sound by the edit list, in samples of the track: what a player is to play."""
    data = path.read_bytes()
    movie_scale = timescale(next(boxes(data, b"moov", b"mvhd")))
    track_scale = timescale(next(boxes(data, b"moov", b"trak", b"mdia", b"mdhd")))
    edits = next(boxes(data, b"moov", b"trak", b"edts", b"elst"))
    assert int.from_bytes(edits[4:8], "big") == 1, "one edit"
    width = 8 if edits[0] == 1 else 4
    duration = int.from_bytes(edits[8:8 + width], "big")
    begin = int.from_bytes(edits[8 + width:8 + 2 * width], "big")
    return begin, duration * track_scale / movie_scale


def timescale(header):
    """Of an mvhd or mdhd box: units a second."""
    at = 20 if header[0] == 1 else 12
    return int.from_bytes(header[at:at + 4], "big")
