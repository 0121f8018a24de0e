"""bitrate, quality, sampleRate, channels, start, end."""

import numpy
import pytest

import inputs
import readers


@pytest.mark.parametrize("target, bitrate", [("mp3", 128000), ("m4a", 96000), ("opus", 64000), ("wma", 128000)])
def test_bitrate(engine, media, tmp_path, target, bitrate):
    output = tmp_path / f"out.{target}"
    engine.convert(media("s16.wav"), output, target, bitrate=bitrate)
    assert output.stat().st_size * 8 / inputs.SECONDS == pytest.approx(bitrate, rel=0.35)


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
