"""One sound encoded by several threads sounds as if one thread had encoded it."""
import json
import os
import subprocess

import numpy
import pytest

TOOL = os.environ["MEDIA_TOOL"]
SECONDS = 64
CHUNK = 8  # so that there are seven seams


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Something like music: notes that begin and end, noise bursts, a pause, loud after silent."""
    rate = 44100
    random = numpy.random.default_rng(1)
    time = numpy.arange(SECONDS * rate) / rate
    sound = numpy.zeros((2, len(time)))
    for begin in numpy.arange(0, SECONDS, 0.37):
        length = random.uniform(0.1, 1.5)
        here = (time >= begin) & (time < begin + length)
        pitch = 110 * 2 ** (random.integers(0, 48) / 12)
        local = time[here] - begin
        note = numpy.exp(-3 * local) * sum(numpy.sin(2 * numpy.pi * pitch * k * local) / k for k in (1, 2, 3, 5))
        sound[0, here] += note * random.uniform(0, 0.3)
        sound[1, here] += note * random.uniform(0, 0.3)
        if random.random() < 0.3:
            burst = (time >= begin) & (time < begin + 0.05)
            sound[:, burst] += random.normal(0, 0.1, (2, burst.sum()))
    sound[:, (time > 20) & (time < 23)] = 0
    sound[:, time < 8] *= 0.03
    samples = (numpy.clip(sound, -1, 1) * 32000).astype("<i2").T.copy()
    path = tmp_path_factory.mktemp("song") / "song.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(rate), "-ac", "2", "-i", "-", str(path)],
                   input=samples.tobytes(), check=True)
    return path


def convert(song, target, extension, *options):
    output = song.with_name(f"{'-'.join(options) or 'plain'}.{extension}".replace("=", ""))
    run = subprocess.run([TOOL, "convert", song, output, target, *options], capture_output=True, text=True)
    told = json.loads(run.stdout)
    assert "error" not in told, told
    return output


def decode(path):
    run = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-"], capture_output=True, check=True)
    assert run.stderr == b"", run.stderr
    return numpy.frombuffer(run.stdout, "<f4")


def both(song, target, extension, *options):
    serial = convert(song, target, extension, *options, "threads=1")
    parallel = convert(song, target, extension, *options, "threads=3", f"chunk={CHUNK}")
    return serial, parallel


@pytest.mark.parametrize("target, extension", [("flac", "flac"), ("alac", "m4a"), ("wma", "wma"), ("ogg", "ogg")])
def test_the_file_is_the_same(song, target, extension):
    serial, parallel = both(song, target, extension)
    assert serial.read_bytes() == parallel.read_bytes()


@pytest.mark.parametrize("options", [("bitrate=192k",), ("bitrate=320k", "sampleRate=48000"),
                                     ("bitrate=64k", "sampleRate=22050", "channels=1"), ("bitrate=128k",)])
def test_mp3_with_a_constant_bitrate_decodes_to_the_same(song, options):
    serial, parallel = both(song, "mp3", "mp3", *options)
    assert serial.stat().st_size == parallel.stat().st_size
    a, b = decode(serial), decode(parallel)
    assert len(a) == len(b)
    frames = numpy.nonzero(a != b)[0] // 1152
    assert len(set(frames)) <= 10


@pytest.mark.parametrize("target, extension", [("flac", "flac"), ("mp3", "mp3"), ("ogg", "ogg")])
def test_a_thread_that_is_done_begins_amid_what_a_slow_one_has_left(tmp_path, target, extension):
    """Silence is encoded so much sooner than noise that the thread of the second half is free when the first has most before it."""
    wave = tmp_path / "uneven.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=sample_rate=44100:duration=120:amplitude=0.5:seed=3", "-f", "lavfi",
                    "-i", "anullsrc=sample_rate=44100:duration=120", "-filter_complex", "[0][1]concat=v=0:a=1", "-t", "240", wave], check=True)
    serial = convert(wave, target, extension, "threads=1")
    parallel = convert(wave, target, extension, "threads=2")
    assert numpy.array_equal(decode(serial), decode(parallel))


def noise(path, song):
    """Power of what the encoder changed, in dB, of each second."""
    rate = 48000 if path.suffix == ".opus" else 44100
    run = subprocess.run(["ffmpeg", "-v", "error", "-i", song, "-ar", str(rate), "-f", "f32le", "-"],
                         capture_output=True, check=True)
    source, made = numpy.frombuffer(run.stdout, "<f4"), decode(path)
    second = 2 * rate
    whole = min(len(source), len(made)) // second * second
    difference = (made[:whole] - source[:whole]).reshape(-1, second).astype("f8")
    return 10 * numpy.log10((difference**2).mean(axis=1) + 1e-10)


@pytest.mark.parametrize("target, extension, options, most", [
    ("mp3", "mp3", ("quality=2",), 0.5),
    ("mp3", "mp3", ("quality=5", "sampleRate=44100"), 0.5),
    ("opus", "opus", ("bitrate=96k",), 1.0),
])
def test_no_second_is_noisier(song, target, extension, options, most):
    serial, parallel = both(song, target, extension, *options)
    assert len(decode(serial)) == len(decode(parallel))
    worse = noise(parallel, song) - noise(serial, song)
    assert worse.max() < most, worse


def test_aac_is_as_good_on_the_whole(song):
    """Its rate control goes other ways after any difference, so that single seconds get better or worse."""
    serial, parallel = both(song, "m4a", "m4a", "bitrate=128k")
    assert len(decode(serial)) == len(decode(parallel))
    worse = noise(parallel, song) - noise(serial, song)
    print(numpy.round(worse, 1), numpy.round(noise(serial, song)))
    assert abs(worse.mean()) < 0.3, worse
    assert worse.max() < 4, worse


def peak_memory(command):
    """Bytes resident at the most."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


@pytest.mark.parametrize("takes", [5, 25, 45])
def test_a_thread_ahead_waits_for_one_that_lost_its_core(tmp_path, takes):
    """A spare core is there so many times, and then no more: the sound in between must not pile up."""
    wave = tmp_path / "hour.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=sample_rate=16000:duration=3600", wave], check=True)
    command = [TOOL, "convert", wave, tmp_path / "hour.flac", "flac"]
    alone = peak_memory([*command, "threads=1"])
    # Three chunks of 150 seconds, and their frames; the hour is 115 MB of samples alone.
    assert peak_memory([*command, "threads=2", f"takes={takes}"]) < alone + (64 << 20)
