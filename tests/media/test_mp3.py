"""MP3 by the letter: every frame, the bit reservoir, and the Xing header with LAME's extension."""

import pytest

import inputs
import mp3_stream
import strict
from mp3_stream import Mp3Stream

SETTINGS = [
    {"bitrate": 192000}, {"bitrate": 320000}, {"bitrate": 128000, "sampleRate": 48000}, {"bitrate": 96000, "sampleRate": 32000},
    {"bitrate": 64000, "sampleRate": 22050}, {"bitrate": 48000, "sampleRate": 24000, "channels": 1},
    {"bitrate": 24000, "sampleRate": 16000, "channels": 1}, {"bitrate": 16000, "sampleRate": 8000, "channels": 1},
    {"quality": 0}, {"quality": 2}, {"quality": 9}, {"quality": 4, "channels": 1}, {"quality": 2, "sampleRate": 48000},
    {"quality": 5, "sampleRate": 32000}, {"quality": 4, "sampleRate": 24000}, {"quality": 6, "sampleRate": 12000},
]


def named(setting):
    return ",".join(f"{name}={value}" for name, value in setting.items())


@pytest.mark.parametrize("setting", SETTINGS, ids=named)
@pytest.mark.parametrize("source", ["s16.wav", "long.wav"])
def test_every_frame_and_the_header_are_by_the_letter(engine, media, tmp_path, source, setting):
    output = tmp_path / "out.mp3"
    samples = engine.convert(media(source), output, "mp3", **setting)["samples"]
    assert strict.complaints(output, samples) == []
    assert engine.convert(output, tmp_path / "back.wav", "wav")["samples"] == samples


@pytest.fixture
def good(engine, media, tmp_path):
    path = tmp_path / "good.mp3"
    engine.convert(media("long.wav"), path, "mp3", bitrate=128000)
    return path, Mp3Stream(path)


def problems_of(path, data):
    path.write_bytes(data)
    return " ".join(Mp3Stream(path).problems(samples=inputs.LONG_SAMPLES))


def test_the_check_sees_a_lost_frame(good):
    path, stream = good
    lost, after = stream.frames[500], stream.frames[501]
    found = problems_of(path, stream.data[:lost.at] + stream.data[after.at:])
    for word in ("frame count", "byte count", "music length", "music CRC", "samples", "main data begins"):
        assert word in found


def test_the_check_sees_a_reservoir_that_is_not_there(good):
    path, stream = good
    frame = next(frame for frame in stream.frames[100:] if frame.main_data_begin)
    data = bytearray(stream.data)
    data[frame.at + 4] = 0xFF  # the upper eight of main_data_begin's nine bits
    assert "main data begins" in problems_of(path, data)


def test_the_check_sees_a_wrong_header(good):
    path, stream = good
    data = bytearray(stream.data)
    toc = stream.info.tag_crc_at - 34 - 104
    data[toc + 40], data[toc + 60] = data[toc + 60], data[toc + 40]
    found = problems_of(path, data)
    assert "goes backwards" in found and "tag CRC" in found


def test_the_check_sees_junk_between_frames(good):
    path, stream = good
    at = stream.frames[300].at
    with pytest.raises(mp3_stream.Broken):
        problems_of(path, stream.data[:at] + bytes(10) + stream.data[at:])


def test_equal_sound_in_another_place_of_the_reservoir_does_not_differ(good, engine, media, tmp_path):
    _, stream = good
    engine.convert(media("long.wav"), tmp_path / "again.mp3", "mp3", bitrate=128000)
    assert mp3_stream.differing_frames(stream, Mp3Stream(tmp_path / "again.mp3")) == []
    engine.convert(media("long.wav"), tmp_path / "other.mp3", "mp3", bitrate=160000)
    assert len(mp3_stream.differing_frames(stream, Mp3Stream(tmp_path / "other.mp3"))) > 1000
