#!/usr/bin/python3
"""What encoding in parallel changes: each file is converted by one thread and by several, and both are compared with each other and
with the source, as decoders that are not ours hear them. Exits 1 when a gate is missed.

Usage: script/bench seams [--quick] [--encodings NAME ...] [--sounds NAME ...] [--cores N] [--repeat N]

The gates: FLAC and ALAC are decoded the same; so is MP3, but for few frames, none of them noisier by more than 0.5 dB; Vorbis has the
same signal-to-noise ratio to 0.01 dB; Opus and WMA have no second that is noisier by more than 1 dB; AAC, whose encoder's noise depends
on all that it has heard, has one in two minutes at most, against the noisiest of four sequential files with other sounds before, or as many
as the worst of these four has against the other three.
All have the exact length, and strict readers find nothing that they do not find in the sequential file.
"""

import argparse
import collections
import dataclasses
import functools
import json
import pathlib
import re
import sys
import tempfile
import wave

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import hard_sounds
import measure
import recordings
import servers

sys.path.insert(0, str(servers.ROOT / "tests" / "media"))
import mp3_stream
import readers
import strict

CACHE = servers.ROOT / "build" / "bench"
FRAME = 1152  # samples: the window for what is said of frames, whatever the codec's own frame is
FLOOR = 1e-9  # mean square: noise below -90 dB of full scale is all the same
MASKED = 1e-6  # and so is noise 60 dB below the sound in the same window
MP3_NOISE_GATE = 0.5  # dB in any frame
MP3_FRAMES_GATE = 0.01  # of all frames
VORBIS_GATE = 0.01  # dB of signal to noise
SECOND_GATE = 1.0  # dB in any second
HISTORIES = (100, 333, 777)  # AAC frames of another sound before the source, in the sequential encodes beside the reference
AAC_FRAME = 1024
NOISY_SECONDS_GATE = 1 / 120  # of all, for codecs whose noise depends on history


@dataclasses.dataclass(frozen=True)
class Encoding:
    target: str
    extension: str
    options: tuple[str, ...]
    gate: str  # a name in GATES
    rates: range = range(8000, 192001)  # of sources that it suits


FULL, LOW = range(32000, 192001), range(8000, 32000)
ENCODINGS = {
    "MP3 CBR 192": Encoding("mp3", "mp3", ("--bitrate", "192k"), "mp3", FULL),
    "MP3 CBR 128": Encoding("mp3", "mp3", ("--bitrate", "128k"), "mp3", FULL),
    "MP3 CBR 64": Encoding("mp3", "mp3", ("--bitrate", "64k"), "mp3", LOW),
    "MP3 V0": Encoding("mp3", "mp3", ("--quality", "0"), "mp3"),
    "MP3 V2": Encoding("mp3", "mp3", ("--quality", "2"), "mp3"),
    "MP3 V6": Encoding("mp3", "mp3", ("--quality", "6"), "mp3", FULL),
    "Vorbis q5": Encoding("ogg", "ogg", ("--quality", "5"), "vorbis"),
    "Opus 96": Encoding("opus", "opus", ("--bitrate", "96k"), "lossy", FULL),
    "Opus 24": Encoding("opus", "opus", ("--bitrate", "24k"), "lossy"),
    "AAC 128": Encoding("m4a", "m4a", ("--bitrate", "128k"), "history", FULL),
    "AAC 32": Encoding("m4a", "m4a", ("--bitrate", "32k"), "history", LOW),
    "WMA 128": Encoding("wma", "wma", ("--bitrate", "128k"), "lossy", FULL),
    "FLAC": Encoding("flac", "flac", (), "lossless"),
    "ALAC": Encoding("alac", "m4a", (), "lossless", FULL),
}

RECORDED = {
    "music": lambda: recordings.join(recordings.MUSIC[2:], 240, CACHE / "seams-music.wav", "-ar", "44100", "-ac", "2"),
    "more-music": lambda: recordings.join(recordings.MUSIC[-9:], 240, CACHE / "seams-more-music.wav", "-ar", "48000", "-ac", "2"),
    "low-rate-music": lambda: recordings.join(recordings.LOW_RATE_MUSIC, 240, CACHE / "seams-low-rate.wav", "-ar", "22050", "-ac", "2"),
    "actors": lambda: recordings.join(recordings.SPEECH[:150], 240, CACHE / "seams-actors.wav", "-ar", "22050", "-ac", "2"),
    "actors-mono-44k": lambda: recordings.join(recordings.SPEECH[150:300], 240, CACHE / "seams-actors-mono.wav", "-ar", "44100", "-ac", "1"),
    "telephone": lambda: recordings.join(recordings.TELEPHONE_SPEECH[:200], 240, CACHE / "seams-telephone.wav", "-ar", "8000", "-ac", "1"),
}
SOUNDS = RECORDED | {name: functools.partial(hard_sounds.make, name, CACHE) for name in hard_sounds.MAKERS}
QUICK_SOUNDS = ("music", "actors", "silence-to-loud")
QUICK_ENCODINGS = ("MP3 CBR 192", "MP3 V2", "Vorbis q5", "Opus 96", "Opus 24", "AAC 128", "FLAC")


@dataclasses.dataclass(frozen=True)
class Source:
    path: pathlib.Path
    rate: int
    channels: int
    samples: int


def look_at(path):
    stream = readers.audio_stream(path)
    return Source(path, int(stream["sample_rate"]), stream["channels"], int(stream["duration_ts"]))


def packets_of(path):
    """{presentation time: hash} of the packets."""
    found = json.loads(readers.output_of("ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts,data_hash",
                                         "-show_data_hash", "CRC32", "-of", "json", path))
    return {packet["pts"]: packet["data_hash"] for packet in found["packets"]}


def differing_packets(serial, parallel):
    """(how many differ in what sounds, of how many)"""
    if serial.suffix == ".mp3":
        one, other = mp3_stream.Mp3Stream(serial), mp3_stream.Mp3Stream(parallel)
        return len(mp3_stream.differing_frames(one, other)), len(one.frames)
    one, other = packets_of(serial), packets_of(parallel)
    return sum(one.get(time) != other.get(time) for time in one.keys() | other.keys()), len(one)


def noise_by_window(decoded, source, window):
    """Mean square of the noise in each window of so many samples, and no less than what could be heard."""
    floor = numpy.maximum(FLOOR, MASKED * energy_by_window(source, window))
    return numpy.maximum(energy_by_window(decoded - source, window), floor)


def energy_by_window(sound, window):
    whole = len(sound) // window * window
    return numpy.square(sound[:whole]).mean(axis=1, dtype=numpy.float64).reshape(-1, window).mean(axis=1)


def decibels(ratio):
    return 10 * numpy.log10(ratio)


def signal_to_noise(decoded, source):
    noise = numpy.square(decoded - source).mean(dtype=numpy.float64)
    return decibels(max(numpy.square(source).mean(dtype=numpy.float64), FLOOR) / max(noise, FLOOR))


@dataclasses.dataclass
class Comparison:
    is_same_file: bool
    packets: tuple[int, int] = (0, 1)  # that differ, of all
    samples: int = 0  # that differ
    signal_to_noise: float = 0  # of the sequential file, dB
    signal_to_noise_change: float = 0  # of the parallel one against it, dB
    worst_second: float = 0  # dB noisier
    noisy_seconds: float = 0  # of all, those beyond SECOND_GATE
    usual_noisy_seconds: float = 0  # the same of the worst of several sequential files against the others
    worst_frame: float = 0
    seams: int = 0  # places where, after frames that are the same, a difference begins
    worst_seam: float = 0  # dB noisier in the five frames around such a place
    elsewhere: float = 0  # what 99 % of all stretches of five frames away from them stay below
    length: int = 0
    expected_length: range | None = None
    complaints: list[str] = dataclasses.field(default_factory=list)


def expected_length(path, source, rate):
    """Samples a channel that may be heard, by the source's length; None where the container cannot tell."""
    if path.suffix == ".wma":
        return None
    whole, rest = divmod(source.samples * rate, source.rate)
    return range(whole, whole + (2 if rest else 1))


def read_source(source, rate):
    options = ["-ar", str(rate)] if rate != source.rate else []
    raw = readers.output_of("ffmpeg", "-nostdin", "-v", "error", "-i", source.path, *options, "-f", "f32le", "-")
    return numpy.frombuffer(raw, "<f4").reshape(-1, source.channels)


def find_seams(differs):
    """Numbers of the frames at which a difference begins after at least eight that are the same."""
    padded = numpy.concatenate([numpy.zeros(8, bool), differs])
    quiet_before = ~numpy.lib.stride_tricks.sliding_window_view(padded, 8)[:len(differs)].any(axis=1)
    return numpy.flatnonzero(differs & quiet_before)


def around_seams(result, by_frame, differs):
    """Fills in what is said of seams: of five frames each, so that the codec's overlap is inside."""
    seams = find_seams(differs)
    stretches = numpy.lib.stride_tricks.sliding_window_view(numpy.pad(by_frame, 2, mode="edge"), 5).mean(axis=1)
    result.seams = len(seams)
    near = numpy.zeros(len(by_frame), bool)
    for seam in seams:
        near[max(0, seam - 2):seam + 3] = True
    if near.any():
        result.worst_seam = stretches[near].max()
    if (~near).any():
        result.elsewhere = numpy.quantile(stretches[~near], 0.99)


def with_another_history(source, encoding, frames, folder):
    """The source as one thread encodes it when so many frames of noise come before: an array of shape (samples, channels)."""
    lead = frames * AAC_FRAME
    longer, encoded = folder / "longer.wav", folder / f"longer.{encoding.extension}"
    noise = numpy.random.default_rng(frames).integers(-9000, 9000, (lead, source.channels), numpy.int16)
    with wave.open(str(source.path)) as original, wave.open(str(longer), "wb") as file:
        file.setparams(original.getparams())
        file.writeframes(noise.astype("<i2").tobytes() + original.readframes(source.samples))
    convert(longer, encoded, encoding, 1)
    return readers.play(encoded, source.channels)[lead:]


def noisier(noise, others):
    """By how many dB, in each second, than the noisiest of the others."""
    return decibels(noise / numpy.maximum.reduce(others))


def noisy_seconds(noise, others):
    """Of all seconds, those that are noisier than in all the others."""
    return (noisier(noise, others) > SECOND_GATE).mean()


def compare(serial, parallel, source, encoding):
    """Of the two files, encoded from the source."""
    result = Comparison(serial.read_bytes() == parallel.read_bytes())
    known = collections.Counter(kind_of(line) for line in strict.complaints(serial))
    result.complaints = list((collections.Counter(kind_of(line) for line in strict.complaints(parallel)) - known).elements())
    rate = 48000 if parallel.suffix == ".opus" else int(readers.audio_stream(parallel)["sample_rate"])
    result.expected_length = expected_length(parallel, source, rate)
    heard = readers.play(parallel, source.channels)
    result.length = len(heard)
    if result.is_same_file:
        return result
    reference = readers.play(serial, source.channels)[:len(heard)]
    heard = heard[:len(reference)]
    result.packets = differing_packets(serial, parallel)
    differing = (heard != reference).any(axis=1)
    result.samples = int(differing.sum())
    sound = read_source(source, rate)
    count = min(len(sound), len(heard))
    sound, reference, heard, differing = sound[:count], reference[:count], heard[:count], differing[:count]
    result.signal_to_noise = signal_to_noise(reference, sound)
    result.signal_to_noise_change = signal_to_noise(heard, sound) - result.signal_to_noise
    sequential = [noise_by_window(reference, sound, rate)]
    if encoding.gate == "history":
        sequential += [noise_by_window(with_another_history(source, encoding, frames, parallel.parent)[:count], sound, rate)
                       for frames in HISTORIES]
        result.usual_noisy_seconds = max(noisy_seconds(sequential[i], sequential[:i] + sequential[i + 1:]) for i in range(len(sequential)))
    result.noisy_seconds = noisy_seconds(noise_by_window(heard, sound, rate), sequential)
    result.worst_second = noisier(noise_by_window(heard, sound, rate), sequential).max()
    by_frame = decibels(noise_by_window(heard, sound, FRAME) / noise_by_window(reference, sound, FRAME))
    result.worst_frame = by_frame.max()
    around_seams(result, by_frame, differing[:len(by_frame) * FRAME].reshape(-1, FRAME).any(axis=1))
    return result


def kind_of(complaint):
    """Without numbers and names, so that the same complaint of two files is the same."""
    return re.sub(r"/\S+|0x[0-9a-f]+|[0-9.]+", "#", complaint)



def lossless_gate(result):
    return [f"{result.samples} samples differ"] if result.samples else []


def mp3_gate(result):
    differing, frames = result.packets
    missed = [f"{differing} frames of {frames} differ"] if differing > MP3_FRAMES_GATE * frames else []
    return missed + ([f"a frame is noisier by {result.worst_frame:.2f} dB"] if result.worst_frame > MP3_NOISE_GATE else [])


def vorbis_gate(result):
    change = result.signal_to_noise_change
    return [f"signal to noise changes by {change:+.3f} dB"] if abs(change) > VORBIS_GATE else []


def lossy_gate(result):
    return [f"a second is noisier by {result.worst_second:.2f} dB"] if result.worst_second > SECOND_GATE else []


def history_gate(result):
    allowed = max(NOISY_SECONDS_GATE, result.usual_noisy_seconds)
    if result.noisy_seconds <= allowed:
        return []
    return [f"{result.noisy_seconds:.1%} of the seconds are noisier, by up to {result.worst_second:.2f} dB; of a sequential file {allowed:.1%}"]


GATES = {"lossless": lossless_gate, "mp3": mp3_gate, "vorbis": vorbis_gate, "lossy": lossy_gate, "history": history_gate}


def missed_gates(encoding, result):
    missed = GATES[encoding.gate](result)
    if result.expected_length is not None and result.length not in result.expected_length:
        missed.append(f"{result.length} samples, not {result.expected_length.start}")
    return missed + [f"strict readers: {complaint}" for complaint in result.complaints[:3]]


COLUMNS = ("encoding", "sound", "cores used", "CPU time", "file", "packets that differ", "samples that differ", "signal/noise dB", "change",
           "worst second dB", "worst frame dB", "seams seen", "worst seam dB", "99 % elsewhere", "verdict")


def describe(name, sound, cost, result, missed):
    differences = ("same", "0", "0", "", "", "", "", "0", "", "") if result.is_same_file else (
        "differs", f"{result.packets[0]} of {result.packets[1]}", str(result.samples), f"{result.signal_to_noise:.2f}",
        f"{result.signal_to_noise_change:+.4f}", f"{result.worst_second:+.2f}", f"{result.worst_frame:+.2f}", str(result.seams),
        f"{result.worst_seam:+.2f}", f"{result.elsewhere:+.2f}")
    return "| " + " | ".join((name, sound, *cost, *differences, "; ".join(missed) or "good")) + " |"


def convert(source, target, encoding, cores):
    """What it cost."""
    return measure.run([servers.DECANT, "convert", "--quiet", "--force", "--cores", str(cores), source, target, "--to", encoding.target,
                        *encoding.options])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer sounds and encodings")
    parser.add_argument("--encodings", nargs="+", metavar="NAME", choices=ENCODINGS, help=", ".join(ENCODINGS))
    parser.add_argument("--sounds", nargs="+", metavar="NAME", choices=SOUNDS, help=", ".join(SOUNDS))
    parser.add_argument("--cores", type=int, default=2, help="job tokens of the parallel conversion")
    parser.add_argument("--repeat", type=int, default=1, help="parallel conversions of each: where seams lie depends on timing")
    settings = parser.parse_args()
    encodings = settings.encodings or (QUICK_ENCODINGS if settings.quick else ENCODINGS)
    sounds = settings.sounds or (QUICK_SOUNDS if settings.quick else SOUNDS)
    print(measure.machine())
    print("| " + " | ".join(COLUMNS) + " |\n" + "| --- " * len(COLUMNS) + "|", flush=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="decant-seams-") as folder:
        for sound in sounds:
            source = look_at(SOUNDS[sound]())
            for name in encodings:
                encoding = ENCODINGS[name]
                if source.rate not in encoding.rates:
                    continue
                serial, parallel = (pathlib.Path(folder) / f"{kind}.{encoding.extension}" for kind in ("serial", "parallel"))
                alone = convert(source.path, serial, encoding, 1)
                for _ in range(settings.repeat):
                    cost = convert(source.path, parallel, encoding, settings.cores)
                    cost = (f"{cost.cpu_seconds / cost.seconds:.2f}", f"{cost.cpu_seconds / alone.cpu_seconds:.2f}")
                    result = compare(serial, parallel, source, encoding)
                    missed = missed_gates(encoding, result)
                    failures += bool(missed)
                    print(describe(name, sound, cost, result, missed), flush=True)
    print(f"\n{failures} missed a gate" if failures else "\nall gates met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
