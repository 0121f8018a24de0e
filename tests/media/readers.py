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


def decoded_lengths(channels):
    """Samples a channel of many files by one ffmpeg: {path: channels} → {path: samples}. The decoded sound is left beside each."""
    decoded = {path: path.with_suffix(".decoded") for path in channels}
    sources = [part for path in channels for part in ("-i", path)]
    outputs = [part for i, path in enumerate(channels) for part in ("-map", f"{i}:a:0", "-f", "s16le", decoded[path])]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *sources, *outputs], capture_output=True, check=True)
    return {path: decoded[path].stat().st_size / (2 * channels[path]) for path in channels}
