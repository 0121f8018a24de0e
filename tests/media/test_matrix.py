"""Every kind of file that is read, to every format that is written."""

import shutil

import pytest

import inputs
import readers

TARGETS = ["mp3", "m4a", "ogg", "opus", "wav", "flac", "aiff", "alac", "wma"]
LOSSLESS_TARGETS = {"wav", "flac", "aiff", "alac"}
# What ffmpeg itself decodes to exact length; its M4A and WMA readers round up to whole frames.
GAPLESS_TARGETS = LOSSLESS_TARGETS | {"mp3", "ogg", "opus"}
LOSSLESS_SOURCES = [
    "s16.wav", "u8.wav", "s24.wav", "s32.wav", "f32.wav", "f64.wav", "rf64.wav", "w64.w64", "s16.aiff", "s24.aiff", "float.aifc",
    "sowt.aifc", "s16.caf", "s16.au", "s16.flac", "s24.flac", "ogg.flac.ogg", "s16.wv", "s16.tta", "alac.m4a", "alac.caf",
    "wav_named.mp3", "id3.flac", "streamed.wav", "unfinished.wav", "video.mkv",
]
# Lossy kinds that tell where the sound begins and ends, to the sample.
GAPLESS_SOURCES = ["alaw.wav", "mulaw.wav", "cbr.mp3", "vbr.mp3", "vorbis.ogg", "aac.m4a", "tags_behind.mp3", "big_id3.mp3", "video.mov", "video.mp4"]
OTHER_SOURCES = [
    "adpcm_ms.wav", "adpcm_ima.wav", "mpeg2.mp3", "layer2.mp2", "opus.opus", "aac.aac", "v1.wma", "v2.wma", "ac3.ac3",
    "eac3.eac3", "dts.dts", "opus.webm", "vorbis.mka", "video.avi", "video.flv", "video.ts", "junk_in_front.mp3", "id3.aac",
]
# The most that a codec's delay and padding can add or take where the container does not tell them.
FRAME_SECONDS = 0.125


def extension(target):
    return {"alac": "m4a"}.get(target, target)


@pytest.fixture(scope="module", params=LOSSLESS_SOURCES + GAPLESS_SOURCES + OTHER_SOURCES)
def converted(request, engine, media, tmp_path_factory):
    """A source, and by target what the engine tells and how many samples ffmpeg decodes: one process of each for all targets."""
    source = request.param
    folder = tmp_path_factory.mktemp("converted")
    outputs = {target: folder / f"{target}.{extension(target)}" for target in TARGETS}
    results = engine.convert_to_many(media(source), outputs)
    channels = {target: result["report"]["output"]["channels"] for target, result in results.items()}
    lengths = readers.decoded_lengths({outputs[target]: count for target, count in channels.items()})
    yield source, {target: (results[target], lengths[outputs[target]]) for target in TARGETS}
    shutil.rmtree(folder)


@pytest.mark.parametrize("target", TARGETS)
def test_every_source_to_every_target(converted, target):
    source, by_target = converted
    result, length = by_target[target]
    rate = result["sampleRate"]
    assert result["report"]["losses"] == []
    if source in LOSSLESS_SOURCES + GAPLESS_SOURCES:
        assert result["samples"] == round(inputs.SAMPLES * rate / inputs.RATE)
    else:
        assert result["samples"] / rate == pytest.approx(inputs.SECONDS, abs=FRAME_SECONDS)
    decoded = length * rate / (48000 if target == "opus" else rate)
    if target in GAPLESS_TARGETS:
        assert decoded == result["samples"]
    else:
        assert 0 <= decoded - result["samples"] < 2048


def test_amr(engine, media, tmp_path):
    result = engine.convert(media("speech.amr"), tmp_path / "out.wav", "wav")
    assert (result["sampleRate"], result["samples"]) == (8000, 16000)


@pytest.mark.parametrize("target", sorted(LOSSLESS_TARGETS))
@pytest.mark.parametrize("source", ["s16.wav", "s24.flac", "s16.aiff", "u8.wav", "alac.m4a", "s16.wv"])
def test_lossless_to_lossless_keeps_every_bit(engine, media, tmp_path, source, target):
    output = tmp_path / f"out.{extension(target)}"
    engine.convert(media(source), output, target)
    assert (readers.decode(media(source), "<i4") == readers.decode(output, "<i4")).all()


@pytest.mark.parametrize("source, codec", [
    ("u8.wav", "pcm_u8"), ("s16.wav", "pcm_s16le"), ("s24.aiff", "pcm_s24le"), ("s32.wav", "pcm_s32le"), ("f32.wav", "pcm_f32le"),
    ("f64.wav", "pcm_f64le"), ("vorbis.ogg", "pcm_s16le"), ("s24.flac", "pcm_s24le"), ("alaw.wav", "pcm_s16le"),
])
def test_wav_has_the_depth_of_its_source(engine, media, tmp_path, source, codec):
    engine.convert(media(source), tmp_path / "out.wav", "wav")
    assert readers.audio_stream(tmp_path / "out.wav")["codec_name"] == codec


@pytest.mark.parametrize("source", ["f32.wav", "s32.wav"])
def test_fewer_bits_are_told(engine, media, tmp_path, source):
    result = engine.convert(media(source), tmp_path / "out.flac", "flac")
    assert any("24 bits" in note for note in result["report"]["notes"])


@pytest.mark.parametrize("target", TARGETS)
def test_surround_keeps_its_channels_apart(engine, media, tmp_path, target):
    output = tmp_path / f"out.{extension(target)}"
    result = engine.convert(media("surround.wav"), output, target)
    samples = readers.decode(output, "<f4")[4800:62336]
    if target in ("mp3", "wma"):
        assert samples.shape[1] == 2
        assert any("6 to 2 channels" in note for note in result["report"]["notes"])
        return
    assert samples.shape[1] == 6
    import numpy
    for channel in range(6):
        if channel == 3 and target in ("ogg", "opus", "m4a"):
            continue  # lossy codecs cut the LFE above 120 Hz
        spectrum = numpy.abs(numpy.fft.rfft(samples[:, channel]))
        peak = numpy.argmax(spectrum) * 48000 / len(samples)
        assert peak == pytest.approx(200 * (1 + channel), abs=2), f"channel {channel}"
