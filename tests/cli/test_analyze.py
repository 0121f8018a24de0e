import json
import struct
import wave

import numpy
import pytest
from conftest import run

RATE = 44100


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """7 s in stereo: 1 kHz at -23 dBFS, of which the seconds from 3 to 4.5 are silent."""
    time = numpy.arange(7 * RATE) / RATE
    samples = 10 ** (-23 / 20) * numpy.sin(2 * numpy.pi * 1000 * time)
    samples[3 * RATE:int(4.5 * RATE)] = 0
    path = tmp_path_factory.mktemp("sound") / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(numpy.repeat(numpy.round(samples * 32767), 2).astype("<i2").tobytes())
    return path


def test_measures_for_people(sound):
    result = run("analyze", sound)
    assert result.returncode == 0, result.stderr
    assert "-23.2 LUFS" in result.stdout  # the edges of the silence count, too
    assert "-23.0 dBTP" in result.stdout
    assert "1 range below -60.0 dBFS, 1.500 s" in result.stdout
    assert "3.000 to 4.500 s" in result.stdout


def test_measures_for_scripts(sound):
    result = run("analyze", sound, "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"input", "losses", "analysis"}
    assert set(report["analysis"]) == {"loudness", "silence"}
    loudness = report["analysis"]["loudness"]
    assert loudness["integrated"] == pytest.approx(-23.2, abs=0.1)
    assert loudness["samplePeak"] == pytest.approx(-23, abs=0.01)
    assert loudness["dynamicRange"] == pytest.approx(0, abs=0.1)
    silence, = report["analysis"]["silence"]["ranges"]
    assert (silence["start"], silence["end"]) == pytest.approx((3, 4.5), abs=0.001)


def test_writes_the_waveform_in_both_forms(sound, tmp_path):
    for name in ("peaks.dat", "peaks.json"):
        result = run("analyze", sound, "--waveform", tmp_path / name, "--samples-per-pixel", 441, "--json")
        assert result.returncode == 0, result.stderr
        assert set(json.loads(result.stdout)["analysis"]) == {"waveform"}
    dat = (tmp_path / "peaks.dat").read_bytes()
    version, flags, rate, samples_per_pixel, length, channels = struct.unpack_from("<iIiiIi", dat)
    assert (version, flags, rate, samples_per_pixel, length, channels) == (2, 1, RATE, 441, 700, 1)
    peaks = numpy.frombuffer(dat, "i1", offset=24)
    assert len(peaks) == 2 * length
    assert json.loads((tmp_path / "peaks.json").read_text()) == {
        "version": 2, "channels": 1, "sample_rate": RATE, "samples_per_pixel": 441, "bits": 8, "length": 700,
        "data": peaks.tolist()}
    low, high = peaks[0::2], peaks[1::2]
    assert not low[300:450].any() and not high[300:450].any()
    assert set(high[:299]) == {9} and set(low[:299]) == {-9}  # 0.0708 * 128


def test_zooms_by_pixels_a_second(sound, tmp_path):
    run("analyze", sound, "--waveform", tmp_path / "w.json", "--pixels-per-second", 10, "--waveform-bits", 16)
    waveform = json.loads((tmp_path / "w.json").read_text())
    assert (waveform["samples_per_pixel"], waveform["length"], waveform["bits"]) == (4410, 70, 16)
    assert max(waveform["data"]) == 2320


def test_draws_the_spectrogram(sound, tmp_path):
    picture = tmp_path / "picture.png"
    result = run("analyze", sound, "--spectrogram", picture, "--spectrogram-width", 140, "--spectrogram-height", 64)
    assert result.returncode == 0, result.stderr
    png = picture.read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (140, 64)


def test_analyzes_the_part_between_start_and_end(sound):
    report = json.loads(run("analyze", sound, "--start", 3, "--end", 4.5, "--json").stdout)
    assert report["analysis"]["loudness"] == {"integrated": None, "range": 0, "truePeak": None, "samplePeak": None,
                                              "dynamicRange": None}
    assert report["analysis"]["silence"]["total"] == 1.5


def test_analyzes_on_the_way_of_a_conversion(sound, tmp_path):
    result = run("convert", sound, tmp_path / "out.flac", "--loudness", "--waveform", tmp_path / "out.dat",
                 "--spectrogram", tmp_path / "out.png", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["output"]["samples"] == 7 * RATE
    assert set(report["analysis"]) == {"loudness", "waveform", "spectrogram"}
    assert (tmp_path / "out.dat").stat().st_size == 24 + 2 * report["analysis"]["waveform"]["pixels"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_adds_nothing_that_was_not_asked_for(sound, tmp_path):
    report = json.loads(run("convert", sound, tmp_path / "out.flac", "--json").stdout)
    assert "analysis" not in report


@pytest.mark.parametrize("arguments, status, words", [
    (["analyze", "{sound}", "--waveform", "{tmp}/w.png"], 2, ".dat"),
    (["analyze", "{sound}", "--samples-per-pixel", "9"], 2, "samplesPerPixel"),
    (["analyze", "{sound}", "--waveform", "{tmp}/w.dat", "--samples-per-pixel", "1"], 2, "from 2 to"),
    (["analyze", "{sound}", "--silence", "--silence-threshold", "3"], 2, "silenceThreshold"),
    (["analyze", "{sound}", "--start", "8"], 1, "7.000 s"),
    (["analyze", "{tmp}/nothing.wav"], 1, "nothing.wav"),
    (["convert", "{sound}", "{sound}", "{tmp}/", "--to", "mp3", "--waveform", "{tmp}/w.dat"], 2, "one file"),
])
def test_says_what_is_wrong(sound, tmp_path, arguments, status, words):
    result = run(*[argument.format(sound=sound, tmp=tmp_path) for argument in arguments])
    assert (result.returncode, words in result.stderr) == (status, True), result.stderr
    assert not list(tmp_path.iterdir())
