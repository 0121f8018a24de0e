"""Files that are no audio, lie about their size, are cut short, or break in the middle."""

import random
import struct
import time

import pytest

import inputs
import readers

NO_AUDIO = {
    "empty.mp3": (b"", "empty"),
    "text.mp3": (b"just some words\n" * 50, "text"),
    "random.mp3": (random.Random(1).randbytes(200_000), "not audio"),
    "zeros.wav": (bytes(100_000), "not audio"),
    "list.m3u8": (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n", "playlist"),
    "list.mp3": (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
    "call.wav": (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n", "session description"),
    "dash.m4a": (b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>', "XML"),
    "song.mid": (b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0", "notes"),
    "module.mod": (b"song name".ljust(1080, b"\0") + b"M.K." + bytes(2048), "not audio"),
    "spc.spc": (b"SNES-SPC700 Sound File Data v0.30" + bytes(66_000), "not audio"),
    "picture.mp3": (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
    "tag_only.mp3": (inputs.id3v2(2000), "no audio"),
    "free.mp3": (b"The free lunch is over, and so is this text.", "text"),
}

# 1 KB that claims 4 GB.
CLAIMS = {
    "wav": b"RIFF\xff\xff\xff\xf0WAVEfmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0data\xf0\xff\xff\xff",
    "aiff": b"FORM\xff\xff\xff\xf0AIFFCOMM\0\0\0\x12\0\2\x3f\xff\xff\xff\0\x10\x40\x0e\xac\x44\0\0\0\0\0\0SSND\xff\xff\xff\x00\0\0\0\0\0\0\0\0",
    "m4a": b"\0\0\0\x14ftypM4A \0\0\0\0M4A \xff\xff\xff\x00mdat",
    "caf": b"caff\0\1\0\0desc" + struct.pack(">QdIIIIII", 32, 44100, 0x6C70636D, 0, 4, 1, 2, 16) + b"data" + struct.pack(">QI", 1 << 32, 0),
    "au": b".snd" + struct.pack(">IIIII", 24, 0xFFFFFF00, 3, 44100, 2),
    "mp3": b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
    "flac": b"fLaC\0\0\0\x22" + struct.pack(">HH", 4096, 4096) + bytes(6) + struct.pack(">Q", 44100 << 44 | 1 << 41 | 15 << 36 | 0xFFFFFFFFF) + bytes(16)
            + b"\x86\xff\xff\xff",
}


@pytest.mark.parametrize("name", sorted(NO_AUDIO))
def test_what_is_no_audio_is_refused_in_words(engine, tmp_path, name):
    content, word = NO_AUDIO[name]
    path = tmp_path / name
    path.write_bytes(content)
    for attempt in (lambda: engine.probe(path), lambda: engine.convert(path, tmp_path / "out.wav", "wav")):
        with pytest.raises(engine.refused) as refused:
            attempt()
        assert refused.value.code == "unsupported_media"
        assert word in refused.value.message


@pytest.mark.parametrize("kind", sorted(CLAIMS))
def test_a_kilobyte_that_claims_four_gigabytes(engine, tmp_path, kind):
    path = tmp_path / f"claim.{kind}"
    path.write_bytes(CLAIMS[kind].ljust(1024, b"\0"))
    began = time.monotonic()
    with pytest.raises(engine.refused) as refused:
        engine.probe(path)
    assert refused.value.code == "unprocessable"
    assert "cut short" in refused.value.message
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("length", [10**7 * 3600 * 24 * 366 * 1000, 2**63 - 1])
def test_a_length_that_cannot_be_is_not_believed(engine, media, tmp_path, length):
    data = bytearray(media("v2.wma").read_bytes())
    file_properties = data.index(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))  # ASF specification, 3.2
    struct.pack_into("<Q", data, file_properties + 64, length)
    path = tmp_path / "long.wma"
    path.write_bytes(data)
    assert engine.probe(path)["duration"] is None
    whole = engine.convert(media("v2.wma"), tmp_path / "whole.wav", "wav")["samples"]
    assert engine.convert(path, tmp_path / "out.wav", "wav")["samples"] == whole


@pytest.mark.parametrize("container, codec", [("mp4", "mpeg4"), ("mkv", "mpeg4"), ("avi", "mpeg4"), ("ts", "mpeg2video"), ("flv", "flv")])
def test_video_without_sound(engine, tmp_path, container, codec):
    path = tmp_path / f"silent.{container}"
    inputs.ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=5", "-c:v", codec, path)
    with pytest.raises(engine.refused) as refused:
        engine.probe(path)
    assert refused.value.code == "unsupported_media"
    assert "without sound" in refused.value.message


@pytest.mark.parametrize("part", [0.3, 0.7, 0.97])
@pytest.mark.parametrize("source", [
    "s16.wav", "rf64.wav", "w64.w64", "s16.aiff", "s16.caf", "s16.au", "s16.flac", "s16.wv", "cbr.mp3", "vbr.mp3", "vorbis.ogg",
    "opus.opus", "ogg.flac.ogg", "aac.m4a", "alac.m4a", "v2.wma", "opus.webm", "vorbis.mka", "video.mp4", "video.mkv", "video.mov",
])
def test_a_truncated_file_is_refused_at_probe(engine, media, tmp_path, source, part):
    whole = media(source).read_bytes()
    path = tmp_path / source
    path.write_bytes(whole[:int(len(whole) * part)])
    with pytest.raises(engine.refused) as refused:
        engine.probe(path)
    assert refused.value.code == "unprocessable"
    assert "cut short" in refused.value.message


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("behind", [b"", b"TAG".ljust(128, b"\0")], ids=["nothing", "id3v1"])
def test_flac_that_ends_in_silence_is_whole(engine, tmp_path, channels, behind):
    """Its last frames have some 13 bytes."""
    path = tmp_path / "silent.flac"
    inputs.ffmpeg("-f", "lavfi", "-i", "sine=d=2", "-f", "lavfi", "-i", "anullsrc=d=2.01", "-filter_complex", "[0][1]concat=v=0:a=1", "-ac", channels, path)
    whole = path.read_bytes()
    path.write_bytes(whole + behind)
    assert engine.probe(path)["duration"] == pytest.approx(4.01, abs=0.001)
    assert engine.convert(path, tmp_path / "out.flac", "flac", reencode="true")["samples"] == round(4.01 * 44100)
    path.write_bytes(whole[:-40] + behind)
    with pytest.raises(engine.refused) as refused:
        engine.probe(path)
    assert "cut short" in refused.value.message


def test_music_that_looks_like_the_header_of_a_flac_frame(engine, tmp_path):
    """Noise is stored as it is. In the last frame it holds what the first one begins with."""
    path = tmp_path / "noise.flac"
    samples = bytearray(random.Random(3).randbytes(2 * 44100 * 2))

    def encode():
        inputs.run("sh", "-c", 'ffmpeg -v error -y -f s16be -ar 44100 -ac 1 -i "$0" -fflags bitexact "$1"', tmp_path / "noise.raw", path)
        return path.read_bytes()

    (tmp_path / "noise.raw").write_bytes(samples)
    data = encode()
    first = data.index(b"\xff\xf8", 42)
    header = data[first:first + 6]
    samples[-400:-394] = header
    (tmp_path / "noise.raw").write_bytes(samples)
    assert header in encode()[-500:]
    assert engine.probe(path)["duration"] == 2


@pytest.mark.parametrize("source", ["s16.flac", "vorbis.ogg", "opus.opus", "aac.m4a", "alac.m4a", "s16.wv", "v2.wma", "ac3.ac3", "opus.webm", "ogg.flac.ogg"])
def test_a_break_in_the_middle_is_never_silent(engine, media, tmp_path, source):
    data = bytearray(media(source).read_bytes())
    middle = len(data) // 2
    data[middle:middle + 3000] = bytes(3000)
    path = tmp_path / source
    path.write_bytes(data)
    whole = engine.convert(media(source), tmp_path / "whole.wav", "wav")["samples"]
    try:
        result = engine.convert(path, tmp_path / "out.wav", "wav")
    except engine.refused as refused:
        assert refused.code == "unprocessable"
        return
    assert result["report"]["losses"] or result["samples"] >= whole
    for loss in result["report"]["losses"]:
        assert 0 <= loss["position"] <= inputs.SECONDS and loss["reason"]
    assert len(readers.decode(tmp_path / "out.wav")) == result["samples"]


def test_a_stream_that_changes_midway(engine, media, tmp_path):
    """Two MP3 of different rates and channels behind one another: both are heard, at the first one's rate."""
    path = tmp_path / "two.mp3"
    path.write_bytes(media("layer2.mp2").read_bytes() + media("mpeg2.mp3").read_bytes())
    result = engine.convert(path, tmp_path / "out.wav", "wav")
    assert result["sampleRate"] == 44100
    assert result["samples"] / 44100 == pytest.approx(2 * inputs.SECONDS, abs=0.2)


def test_names_that_tell_another_format(engine, media, tmp_path):
    path = tmp_path / "really.wav"
    path.write_bytes(media("vorbis.ogg").read_bytes())
    info = engine.probe(path)
    assert (info["extension"], info["mimeType"], info["codec"]) == ("ogg", "audio/ogg", "vorbis")




@pytest.mark.parametrize("hidden, codec", [("dts.dts", "dts"), ("cbr.mp3", "pcm_s16le")])
def test_what_looks_like_another_codec_in_wave_samples(engine, media, tmp_path, hidden, codec):
    """DTS is kept so on CDs; anything else that samples look like is chance, or somebody who wants another decoder to be reached."""
    data = media(hidden).read_bytes()
    path = tmp_path / "disguise.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
                     + b"data" + struct.pack("<I", len(data)) + data)
    assert engine.probe(path)["codec"] == codec
