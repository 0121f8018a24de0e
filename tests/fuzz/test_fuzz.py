"""Every demuxer under mutated files, through the sandbox: the service's side of it must not notice.

FUZZ_SECONDS (1) is how long each is fuzzed; as many run at once as there are cores. FUZZ_ONLY names some of them.
"""

import os
import pathlib
import random
import re
import struct
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["DECANT_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests" / "media"))
import inputs

noise = random.Random(7).randbytes


def ffmpeg_as(extension, *arguments):
    return f"made.{extension}", lambda path, cache: inputs.ffmpeg("-i", inputs.make("s16.wav", cache), *arguments, path)


def by_hand(extension, content):
    return f"made.{extension}", lambda path, _cache: path.write_bytes(content)


DSF = (
    b"DSD " + struct.pack("<QQQ", 28, 28 + 52 + 12 + 65536, 0)
    + b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 2, 2, 2822400, 1, 262144, 4096, 0)
    + b"data" + struct.pack("<Q", 12 + 65536) + noise(65536)
)
APE = (
    b"MAC " + struct.pack("<HHIIIIIII", 3990, 0, 52, 24, 4, 0, 8192, 0, 0) + bytes(16)
    + struct.pack("<HHIIIHHI", 2000, 0, 73728, 4608, 1, 16, 2, 44100) + struct.pack("<I", 80) + noise(8192)
)
MPC8 = b"MPCK" + b"SH\x0f" + noise(4) + b"\x08\x81\x80\x00\x00\x1f\x10" + b"RG\x0c\x01" + noise(8) + b"AP\x90\x00" + noise(2048)
XWMA = (
    b"RIFF" + struct.pack("<I", 4096) + b"XWMA" + b"fmt " + struct.pack("<IHHIIHHH", 18, 0x161, 2, 44100, 12000, 2230, 16, 0)
    + b"dpds" + struct.pack("<III", 8, 8192, 16384) + b"data" + struct.pack("<I", 4460) + noise(4460)
)

# By demuxer: names of tests/media/inputs.py, or a name of its own and what makes it. Nothing here encodes Monkey's Audio, Musepack, TAK, DSF
# and xWMA: theirs are headers as their readers expect them with noise behind.
SEEDS = {
    "mp3": ["cbr.mp3", "vbr.mp3", "no_xing.mp3", "big_id3.mp3", "tags_behind.mp3"],
    "ogg": ["vorbis.ogg", "opus.opus", "ogg.flac.ogg"],
    "flac": ["s16.flac", "s24.flac", "id3.flac"],
    "wav": ["s16.wav", "f32.wav", "adpcm_ima.wav", "rf64.wav"],
    "w64": ["w64.w64"],
    "aiff": ["s16.aiff", "float.aifc"],
    "mov": ["aac.m4a", "alac.m4a", "video.mov"],
    "aac": ["aac.aac"],
    "loas": [ffmpeg_as("latm", "-c:a", "aac", "-f", "latm")],
    "asf": ["v1.wma", "v2.wma"],
    "xwma": [by_hand("xwma", XWMA)],
    "matroska": ["vorbis.mka", "opus.webm", "video.mkv"],
    "amr": ["speech.amr"],
    "ac3": ["ac3.ac3"],
    "eac3": ["eac3.eac3"],
    "dts": ["dts.dts"],
    "wv": ["s16.wv"],
    "caf": ["s16.caf", "alac.caf"],
    "ape": [by_hand("ape", APE)],
    "mpc": [by_hand("mpc", b"MP+\x07" + struct.pack("<II", 40, 0x10000000) + noise(4096))],
    "mpc8": [by_hand("mpc", MPC8)],
    "tta": ["s16.tta"],
    "tak": [by_hand("tak", b"tBaK\x01\x0a\0\0" + noise(10) + b"\0\0\0\0" + noise(4096))],
    "dsf": [by_hand("dsf", DSF)],
    "au": ["s16.au"],
    "voc": [ffmpeg_as("voc", "-c:a", "pcm_u8")],
    "iff": [("made.8svx", lambda path, cache: inputs.run("sox", inputs.make("s16.wav", cache), "-c", "1", "-t", "8svx", path))],
    "rm": [ffmpeg_as("rm", "-c:a", "ac3")],
    "avi": ["video.avi"],
    "flv": ["video.flv"],
    "mpegts": ["video.ts"],
    "mpeg": [ffmpeg_as("mpg", "-c:a", "mp2", "-f", "mpeg")],
}


def plant(folder, cache, demuxer):
    (folder / demuxer).mkdir(parents=True)
    for seed in SEEDS[demuxer]:
        if isinstance(seed, str):
            (folder / demuxer / seed).symlink_to(inputs.make(seed, cache))
        else:
            name, maker = seed
            maker(folder / demuxer / name, cache)


def test_every_demuxer_has_seeds():
    table = (SOURCE / "src" / "audio" / "sniff.cpp").read_text()
    assert set(re.findall(r'^ *Container\{"(\w+)"', table, re.MULTILINE)) == set(SEEDS)


def test_the_engine_goes_on_whatever_it_is_given(tmp_path):
    cache, seeds = tmp_path / "cache", tmp_path / "seeds"
    cache.mkdir()
    for demuxer in os.environ.get("FUZZ_ONLY", " ".join(SEEDS)).split():
        plant(seeds, cache, demuxer)
    bin_folder = pathlib.Path(os.environ["DECANT_BIN"])
    done = subprocess.run(
        [bin_folder / "sandbox_fuzz", bin_folder / "decant-engine", os.environ.get("FUZZ_SECONDS", "1"), seeds, inputs.make("s16.wav", cache)],
        capture_output=True, text=True)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("the engine goes on") == len(list(seeds.iterdir()))
