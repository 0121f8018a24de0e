"""How each input is made. Every one holds the same music-like two-channel sound of SECONDS seconds unless its name says otherwise."""

import os
import pathlib
import struct
import subprocess

RATE = 44100
LONG_SAMPLES = 40 * RATE + 1234
SAMPLES = 100_003  # no multiple of any frame size
SECONDS = SAMPLES / RATE

TONES = (
    "aevalsrc='0.3*sin(440*2*PI*t)*(0.6+0.4*sin(9*t))+0.15*sin(900*t*t)"
    "|0.3*sin(554*2*PI*t)*(0.6+0.4*cos(7*t))+0.1*sin(700*t*t)':s=44100"
)


# Tones that swell, and a burst of noise now and then: easy and hard frames by turns, so that a bit reservoir fills and empties.
BURSTS = (
    "aevalsrc='0.25*sin(330*2*PI*t)*sin(3*t)+0.3*(random(0)-0.5)*lt(mod(t,1.3),0.15)"
    "|0.25*sin(415*2*PI*t)*cos(2*t)+0.3*(random(1)-0.5)*lt(mod(t,0.9),0.1)':s=44100:d=41"
)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True)
    assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')[-2000:]}"


def ffmpeg(*arguments):
    run("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments)


def generate(path, codec, rate=RATE, channels=2, extra=()):
    """The sound from its formula, in `codec`."""
    length = SAMPLES * rate // RATE
    filters = f"aresample={rate},aformat=channel_layouts={channels}c,atrim=end_sample={length}"
    if channels <= 2:
        filters = f"aresample={rate},aformat=channel_layouts={'mono' if channels == 1 else 'stereo'},atrim=end_sample={length}"
    ffmpeg("-f", "lavfi", "-i", TONES + ":d=4", "-af", filters, "-c:a", codec, *extra, path)


def encoded(*arguments):
    return lambda path, cache: ffmpeg("-i", make("s16.wav", cache), "-map_metadata", "-1", *arguments, path)


def pcm(codec, *extra):
    return lambda path, cache: generate(path, codec, extra=extra)


def with_video(*arguments):
    return lambda path, cache: ffmpeg(
        "-f", "lavfi", "-i", f"testsrc=d={SECONDS}:s=64x48:r=5", "-i", make("s16.wav", cache), *arguments, path
    )


def surround(path, cache):
    """5.1: a tone of its own on each channel, 200 to 1200 Hz, quiet LFE."""
    tones = "|".join(f"0.2*sin({200 * (1 + channel)}*2*PI*t)" for channel in range(6))
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{tones}':s=48000:c=5.1:d=2", "-c:a", "pcm_s16le", path)


def amr_nb(path, cache):
    """AMR (RFC 4867 section 5): 100 frames of 20 ms at 4.75 kbit/s, whose bits are arbitrary, as any bits are a valid frame."""
    frame = bytes([0 << 3 | 4]) + bytes((7 * i + 3) % 256 for i in range(12))
    path.write_bytes(b"#!AMR\n" + frame * 100)


def alter(name, change):
    return lambda path, cache: path.write_bytes(change(make(name, cache).read_bytes()))


def id3v2(size):
    """An ID3v2.3 tag with a PRIV frame of `size` bytes."""
    body = b"PRIV" + struct.pack(">IH", size, 0) + b"owner\0" + bytes(size - 6)
    length = len(body)
    return b"ID3\x03\0\0" + bytes((length >> shift) & 0x7F for shift in (21, 14, 7, 0)) + body


ID3V1 = b"TAG" + b"Old title".ljust(30, b"\0") + b"Old artist".ljust(30, b"\0") + bytes(65)
APE = (
    lambda item: b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0xA0000000) + bytes(8) + item
    + b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0x80000000) + bytes(8)
)(struct.pack("<II", 4, 0) + b"Mood\0calm")


def riff_chunk_size(data, chunk, size):
    at = data.index(chunk) + 4
    return data[:at] + struct.pack("<I", size) + data[at + 4:]


MAKERS = {
    "long.wav": lambda path, cache: ffmpeg("-f", "lavfi", "-i", BURSTS, "-af", f"atrim=end_sample={LONG_SAMPLES}", path),
    "s16.wav": pcm("pcm_s16le"),
    "u8.wav": pcm("pcm_u8"),
    "s24.wav": pcm("pcm_s24le"),
    "s32.wav": pcm("pcm_s32le"),
    "f32.wav": pcm("pcm_f32le"),
    "f64.wav": pcm("pcm_f64le"),
    "alaw.wav": pcm("pcm_alaw"),
    "mulaw.wav": pcm("pcm_mulaw"),
    "adpcm_ms.wav": pcm("adpcm_ms"),
    "adpcm_ima.wav": pcm("adpcm_ima_wav"),
    "rf64.wav": pcm("pcm_s16le", "-rf64", "always"),
    "w64.w64": lambda path, cache: run("sox", make("s16.wav", cache), "-t", "w64", path),
    "s16.aiff": pcm("pcm_s16be"),
    "s24.aiff": pcm("pcm_s24be"),
    "float.aifc": pcm("pcm_f32be", "-f", "aiff"),
    "sowt.aifc": pcm("pcm_s16le", "-f", "aiff"),
    "s16.caf": pcm("pcm_s16be"),
    "s16.au": pcm("pcm_s16be"),
    "s16.flac": encoded("-c:a", "flac"),
    "s24.flac": pcm("flac", "-sample_fmt", "s32"),
    "ogg.flac.ogg": encoded("-c:a", "flac", "-f", "ogg"),
    "s16.wv": encoded("-c:a", "wavpack"),
    "s16.tta": encoded("-c:a", "tta"),
    "alac.m4a": encoded("-c:a", "alac"),
    "alac.caf": encoded("-c:a", "alac"),
    "cbr.mp3": encoded("-c:a", "libmp3lame", "-b:a", "192k"),
    "vbr.mp3": encoded("-c:a", "libmp3lame", "-q:a", "4"),
    "mpeg2.mp3": encoded("-c:a", "libmp3lame", "-ar", "22050", "-b:a", "64k"),
    "no_xing.mp3": encoded("-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"),
    "layer2.mp2": encoded("-c:a", "mp2"),
    "vorbis.ogg": encoded("-c:a", "libvorbis", "-q:a", "4"),
    "opus.opus": encoded("-c:a", "libopus", "-b:a", "96k"),
    "aac.m4a": encoded("-c:a", "aac", "-b:a", "192k"),
    "aac.mka": encoded("-c:a", "aac", "-b:a", "128k"),
    "aac.aac": encoded("-c:a", "aac", "-b:a", "128k"),
    "v1.wma": encoded("-c:a", "wmav1", "-b:a", "128k"),
    "v2.wma": encoded("-c:a", "wmav2", "-b:a", "128k"),
    "ac3.ac3": encoded("-c:a", "ac3", "-b:a", "192k"),
    "eac3.eac3": encoded("-c:a", "eac3", "-b:a", "192k"),
    "dts.dts": encoded("-c:a", "dca", "-strict", "-2", "-ar", "48000", "-b:a", "768k"),
    "opus.webm": encoded("-c:a", "libopus"),
    "vorbis.mka": encoded("-c:a", "libvorbis"),
    "speech.amr": amr_nb,
    "video.mov": with_video("-c:v", "mpeg4", "-c:a", "aac"),
    "video.mp4": with_video("-c:v", "mpeg4", "-c:a", "aac"),
    "video.avi": with_video("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "video.flv": with_video("-c:v", "flv", "-c:a", "libmp3lame"),
    "video.ts": with_video("-c:v", "mpeg2video", "-c:a", "aac"),
    "video.mkv": with_video("-c:v", "mpeg4", "-c:a", "flac"),
    "surround.wav": surround,
    "wav_named.mp3": alter("s16.wav", bytes),
    "junk_in_front.mp3": alter("cbr.mp3", lambda data: bytes(1000) + b"junk" * 99 + data[data.index(b"\xff\xfb"):]),
    "tags_behind.mp3": alter("cbr.mp3", lambda data: data + APE + ID3V1),
    "big_id3.mp3": alter("cbr.mp3", lambda data: id3v2(3_000_000) + data),
    "id3.flac": alter("s16.flac", lambda data: id3v2(1000) + data),
    "id3.aac": alter("aac.aac", lambda data: id3v2(1000) + data),
    "streamed.wav": alter("s16.wav", lambda data: riff_chunk_size(data, b"data", 0xFFFFFFFF)),
    "unfinished.wav": alter("s16.wav", lambda data: riff_chunk_size(data, b"data", 0)),
}


def make(name, cache) -> pathlib.Path:
    path = cache / name
    if not path.exists():
        # Suites that run at once share the cache.
        partial = cache / f"partial-{os.getpid()}-{name}"
        MAKERS[name](partial, cache)
        partial.rename(path)
    return path
