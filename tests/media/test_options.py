"""bitrate, quality, sampleRate, channels, start, end."""

import re
import subprocess

import numpy
import pytest

import inputs
import readers


@pytest.mark.parametrize("target, bitrate", [("mp3", 128000), ("m4a", 96000), ("opus", 64000), ("wma", 128000)])
def test_bitrate(engine, media, tmp_path, target, bitrate):
    output = tmp_path / f"out.{target}"
    engine.convert(media("s16.wav"), output, target, bitrate=bitrate)
    assert output.stat().st_size * 8 / inputs.SECONDS == pytest.approx(bitrate, rel=0.4)


@pytest.mark.parametrize("target, better, worse", [("mp3", 0, 9), ("ogg", 9, 0)])
def test_quality(engine, media, tmp_path, target, better, worse):
    sizes = []
    for quality in (better, worse):
        engine.convert(media("s16.wav"), tmp_path / f"out.{target}", target, quality=quality)
        sizes.append((tmp_path / f"out.{target}").stat().st_size)
    assert sizes[0] > 1.3 * sizes[1]


@pytest.mark.parametrize("target", ["mp3", "ogg", "flac", "wav", "m4a", "wma", "aiff", "alac"])
def test_sample_rate_and_channels(engine, media, tmp_path, target):
    output = tmp_path / f"out.{'m4a' if target == 'alac' else target}"
    result = engine.convert(media("s16.wav"), output, target, sampleRate=22050, channels=1)
    stream = readers.audio_stream(output)
    assert (int(stream["sample_rate"]), stream["channels"]) == (22050, 1)
    assert result["samples"] == round(inputs.SAMPLES / 2)
    assert any("22050 Hz" in note for note in result["report"]["notes"])


def test_opus_takes_any_rate(engine, media, tmp_path):
    for source, bandwidth in (("s16.wav", 48000), ("mpeg2.mp3", 24000)):
        result = engine.convert(media(source), tmp_path / "out.opus", "opus")
        assert result["sampleRate"] == bandwidth


@pytest.mark.parametrize("source", ["s16.wav", "cbr.mp3", "vorbis.ogg", "aac.m4a", "s16.flac", "opus.opus"])
@pytest.mark.parametrize("start, end", [(0.5, 1.25), (0.001, 0.1), (2.0, None), (None, 1.0)])
def test_cut_is_exact_to_the_sample(engine, media, tmp_path, source, start, end):
    whole = tmp_path / "whole.wav"
    engine.convert(media(source), whole, "wav")
    options = {name: value for name, value in (("start", start), ("end", end)) if value is not None}
    part = tmp_path / "part.wav"
    result = engine.convert(media(source), part, "wav", **options)
    rate = result["sampleRate"]
    expected = readers.decode(whole)[round((start or 0) * rate):round(end * rate) if end else None]
    assert numpy.array_equal(readers.decode(part), expected)


def test_end_past_the_end_is_the_end(engine, media, tmp_path):
    assert engine.convert(media("s16.wav"), tmp_path / "out.wav", "wav", end=500)["samples"] == inputs.SAMPLES


def test_start_past_the_end_tells_both_times(engine, media, tmp_path):
    with pytest.raises(engine.refused) as refused:
        engine.convert(media("s16.wav"), tmp_path / "out.mp3", "mp3", start=77)
    assert refused.value.code == "unprocessable"
    assert "77.000 s" in refused.value.message and f"{inputs.SECONDS:.3f} s" in refused.value.message


@pytest.mark.parametrize("target, options", [
    ("wav", {"bitrate": 128000}), ("mp3", {"bitrate": 1_000_000}), ("mp3", {"sampleRate": 96000}), ("mp3", {"channels": 6}),
    ("mp3", {"quality": 11}), ("mp3", {"start": 3, "end": 2}), ("opus", {"sampleRate": 44100}),
])
def test_wrong_options_are_refused(engine, media, tmp_path, target, options):
    with pytest.raises(engine.refused) as refused:
        engine.convert(media("s16.wav"), tmp_path / "out", target, **options)
    assert refused.value.code == "invalid_argument"


def test_what_the_encoder_cannot_do_is_told(engine, media, tmp_path):
    with pytest.raises(engine.refused) as refused:
        engine.convert(media("s16.wav"), tmp_path / "out.ogg", "ogg", bitrate=8000)
    assert refused.value.code == "unprocessable" and "bitrate" in refused.value.message


def test_s16_reaches_lame_as_it_is(engine, media, tmp_path):
    """The same samples as ffmpeg's own command gives."""
    engine.convert(media("s16.wav"), tmp_path / "ours.mp3", "mp3", bitrate=192000)
    inputs.ffmpeg("-i", media("s16.wav"), "-sample_fmt", "s16p", "-c:a", "libmp3lame", "-b:a", "192k", tmp_path / "theirs.mp3")
    assert numpy.array_equal(readers.decode(tmp_path / "ours.mp3"), readers.decode(tmp_path / "theirs.mp3"))


def loudness_of(path):
    """Integrated loudness in LUFS and true peak in dBTP, by ffmpeg."""
    run = subprocess.run(["ffmpeg", "-hide_banner", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"],
                         capture_output=True, text=True, check=True)
    summary = run.stderr[run.stderr.rindex("Summary"):]
    return (float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1]), float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1]))


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """One second of silence, four of a tone of 1 kHz at -20 dBFS, two of silence; 24 bits, two channels."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                    "aevalsrc='between(t,1,5)*0.1*sin(2000*PI*t)|between(t,1,5)*0.1*sin(2000*PI*t)':s=48000:d=7",
                    "-c:a", "pcm_s24le", path], check=True)
    return path


@pytest.mark.parametrize("target", ["wav", "flac", "mp3", "opus", "m4a", "ogg"])
def test_loudness(engine, tone, tmp_path, target):
    output = tmp_path / f"out.{target}"
    engine.convert(tone, output, target, loudness=-23)
    assert loudness_of(output)[0] == pytest.approx(-23, abs=0.4)


def test_loudness_stays_below_the_true_peak(engine, tone, tmp_path):
    result = engine.convert(tone, tmp_path / "out.wav", "wav", loudness=-5, truePeak=-6)
    assert loudness_of(tmp_path / "out.wav")[1] == pytest.approx(-6, abs=0.15)
    assert any("true peak" in note for note in result["report"]["notes"])


def test_peak_and_gain(engine, tone, tmp_path):
    engine.convert(tone, tmp_path / "peak.wav", "wav", peak=-3)
    assert abs(readers.decode(tmp_path / "peak.wav", "<f4")).max() == pytest.approx(10 ** (-3 / 20), rel=0.001)
    engine.convert(tone, tmp_path / "gain.wav", "wav", gain=6)
    assert abs(readers.decode(tmp_path / "gain.wav", "<f4")).max() == pytest.approx(0.1 * 10 ** (6 / 20), rel=0.001)
    result = engine.convert(tone, tmp_path / "over.wav", "wav", gain=30)
    assert any("beyond full scale" in note for note in result["report"]["notes"])


def test_replay_gain_does_not_outlive_another_level(engine, tone, tmp_path):
    tagged = tmp_path / "tagged.flac"
    subprocess.run(["ffmpeg", "-v", "error", "-i", tone, "-metadata", "REPLAYGAIN_TRACK_GAIN=-3.00 dB", tagged], check=True)
    kept = engine.convert(tagged, tmp_path / "kept.ogg", "ogg")["report"]["tags"]
    assert [tag["fate"] for tag in kept if tag["name"] == "REPLAYGAIN_TRACK_GAIN"] == ["kept"]
    changed = engine.convert(tagged, tmp_path / "changed.ogg", "ogg", gain=-3)["report"]["tags"]
    assert [tag["fate"] for tag in changed if tag["name"] == "REPLAYGAIN_TRACK_GAIN"] == ["dropped"]


def test_silence_is_cut_off_to_the_sample(engine, tone, tmp_path):
    result = engine.convert(tone, tmp_path / "out.wav", "wav", trimSilence=-60)
    # The tone's first sample is 0, its last too.
    assert abs(result["samples"] - 4 * 48000) <= 2
    assert any("1.000 s before and 2.000 s after" in note for note in result["report"]["notes"])


def test_fades(engine, tone, tmp_path):
    engine.convert(tone, tmp_path / "out.wav", "wav", start=1, end=5, fadeIn=1, fadeOut=2)
    sound = abs(readers.decode(tmp_path / "out.wav", "<f4")[:, 0])
    level = [sound[int(48000 * t) - 48:int(48000 * t) + 48].max() / 0.1 for t in (0.5, 1.5, 3.0, 3.99)]
    assert level == pytest.approx([numpy.sin(numpy.pi / 4), 1, numpy.sin(numpy.pi / 4), 0], abs=0.02)


@pytest.mark.parametrize("target, depth, codec", [("wav", "16", "pcm_s16le"), ("wav", "32", "pcm_s32le"), ("wav", "float", "pcm_f32le"),
                                                  ("wav", "8", "pcm_u8"), ("aiff", "16", "pcm_s16be")])
def test_bit_depth(engine, tone, tmp_path, target, depth, codec):
    result = engine.convert(tone, tmp_path / f"out.{target}", target, bitDepth=depth)
    assert readers.audio_stream(tmp_path / f"out.{target}")["codec_name"] == codec
    assert any("Dithered" in note for note in result["report"]["notes"]) == (depth in ("8", "16"))


def test_soft_tones_survive_fewer_bits(engine, tmp_path):
    """At -100 dBFS a tone is smaller than half a step of 16 bits: rounding leaves nothing of it, dither all."""
    source = tmp_path / "soft.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "aevalsrc='0.00001*sin(2000*PI*t)':s=48000:d=4", "-c:a",
                    "pcm_s24le", source], check=True)
    engine.convert(source, tmp_path / "out.wav", "wav", bitDepth=16)
    spectrum = abs(numpy.fft.rfft(readers.decode(tmp_path / "out.wav", "<f4")[:, 0]))
    line = 4 * 1000
    assert spectrum[line] > 10 * numpy.median(spectrum)
