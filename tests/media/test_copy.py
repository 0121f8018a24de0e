"""A sound that has the target's codec already is copied: the very same samples, whatever stands around them."""

import hashlib
import subprocess

import numpy
import pytest

import inputs
import readers
import strict

COPIED = [
    ("cbr.mp3", "mp3"), ("vbr.mp3", "mp3"), ("mpeg2.mp3", "mp3"), ("tags_behind.mp3", "mp3"), ("junk_in_front.mp3", "mp3"), ("big_id3.mp3", "mp3"),
    ("no_xing.mp3", "mp3"), ("video.avi", "mp3"), ("video.flv", "mp3"),
    ("aac.m4a", "m4a"), ("aac.aac", "m4a"), ("id3.aac", "m4a"), ("aac.mka", "m4a"), ("video.mp4", "m4a"), ("video.mov", "m4a"), ("video.ts", "m4a"),
    ("vorbis.ogg", "ogg"), ("vorbis.mka", "ogg"), ("opus.opus", "opus"), ("opus.webm", "opus"),
    ("s16.flac", "flac"), ("s24.flac", "flac"), ("id3.flac", "flac"), ("ogg.flac.ogg", "flac"), ("video.mkv", "flac"),
    ("alac.m4a", "alac"), ("alac.caf", "alac"),
]
WITHOUT_DELAY = {"no_xing.mp3", "video.avi", "video.flv"}
LOSSLESS = {"flac", "alac"}


def output_of(tmp_path, target):
    return tmp_path / f"out.{'m4a' if target == 'alac' else target}"


def packets(path):
    """What ffmpeg finds in the packets themselves, in order."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0", "-c", "copy", "-f", "data", "-"],
                          capture_output=True, check=True)
    return hashlib.md5(done.stdout).hexdigest()


@pytest.mark.parametrize("source, target", COPIED)
def test_the_copy_is_told_and_sounds_alike_to_the_last_bit(engine, media, tmp_path, source, target):
    output = output_of(tmp_path, target)
    result = engine.convert(media(source), output, target)
    assert result["report"]["output"]["copied"] is True
    assert result["report"]["notes"] == ["The sound was copied, not encoded again: nothing is lost."]
    assert result["report"]["losses"] == []
    engine.convert(media(source), tmp_path / "source.wav", "wav")
    engine.convert(output, tmp_path / "copy.wav", "wav")
    assert numpy.array_equal(readers.decode(tmp_path / "source.wav", "<i4"), readers.decode(tmp_path / "copy.wav", "<i4"))
    assert len(readers.decode(tmp_path / "copy.wav")) == result["samples"]
    # Where the source tells no delay, neither does the copy, so it has no Xing header and ffmpeg must guess the length.
    allowed = ("no Xing header", "Estimating duration") if source in WITHOUT_DELAY else ()
    assert [line for line in strict.complaints(output) if not any(words in line for words in allowed)] == []


@pytest.mark.parametrize("source, target", [(s, t) for s, t in COPIED if s.rpartition(".")[2] == t or (s, t) == ("alac.m4a", "alac")])
def test_another_decoder_plays_the_same(engine, media, tmp_path, source, target):
    output = output_of(tmp_path, target)
    samples = engine.convert(media(source), output, target)["samples"]
    if source in ("s24.flac", "aac.m4a", "alac.m4a"):
        # Edit lists of ffmpeg 5.1 count in milliseconds.
        played = [readers.decode(path, "<i4")[:samples] for path in (media(source), output)]
    else:
        played = [readers.play(path, 2) for path in (media(source), output)]
    assert len(played[0]) == samples
    assert numpy.array_equal(*played)


def test_a_file_that_tells_no_delay_gets_none(engine, media, tmp_path):
    engine.convert(media("no_xing.mp3"), tmp_path / "out.mp3", "mp3")
    assert packets(tmp_path / "out.mp3") == packets(media("no_xing.mp3"))
    frames = (tmp_path / "out.mp3").read_bytes()
    assert b"Xing" not in frames[:2000] and b"Info" not in frames[:2000]


@pytest.mark.parametrize("source, target", COPIED)
def test_the_size_stays(engine, media, tmp_path, source, target):
    result = engine.convert(media(source), output_of(tmp_path, target), target)
    # What FLAC keeps free for taggers, and what containers differ in.
    assert result["report"]["output"]["size"] < 1.1 * media(source).stat().st_size + 5000


@pytest.mark.parametrize("source, target", [(s, t) for s, t in COPIED if t in LOSSLESS])
def test_lossless_copies_tell_the_digest_of_their_samples(engine, media, tmp_path, source, target):
    digest = engine.convert(media(source), output_of(tmp_path, target), target)["report"]["output"]["pcmMd5"]
    assert digest == engine.convert(media(source), tmp_path / "out.wav", "wav")["report"]["output"]["pcmMd5"]


@pytest.mark.parametrize("source, target", [("cbr.mp3", "mp3"), ("aac.m4a", "m4a"), ("vorbis.ogg", "ogg"), ("opus.opus", "opus"), ("s16.flac", "flac"),
                                            ("alac.m4a", "alac")])
def test_tags_change_and_the_sound_stays(engine, media, tmp_path, source, target):
    output = output_of(tmp_path, target)
    result = engine.convert(media(source), output, target, metadata='{"title": "Another", "artist": ["One", "Two"]}', analysis="loudness")
    assert result["report"]["output"]["copied"] is True
    assert result["report"]["analysis"]["loudness"]
    assert readers.tags(output)["title"] == "Another"
    engine.convert(media(source), tmp_path / f"plain{output.suffix}", target)
    assert packets(output) == packets(tmp_path / f"plain{output.suffix}")


CHANGES = [
    ("cbr.mp3", "mp3", {"bitrate": "64k"}), ("cbr.mp3", "mp3", {"quality": 4}), ("cbr.mp3", "mp3", {"start": 0.5}), ("cbr.mp3", "mp3", {"end": 1}),
    ("aac.m4a", "m4a", {"channels": 1}), ("opus.opus", "opus", {"bitrate": 32000}), ("vorbis.ogg", "ogg", {"sampleRate": 22050}),
    ("s16.flac", "flac", {"quality": 8}), ("alac.m4a", "alac", {"start": 0.25}), ("cbr.mp3", "mp3", {"reencode": "true"}),
    ("s16.flac", "flac", {"reencode": "true"}),
]


@pytest.mark.parametrize("source, target, options", CHANGES)
def test_any_change_of_sound_encodes_again(engine, media, tmp_path, source, target, options):
    result = engine.convert(media(source), output_of(tmp_path, target), target, **options)
    assert result["report"]["output"]["copied"] is False


@pytest.mark.parametrize("source, target", [("cbr.mp3", "ogg"), ("aac.m4a", "alac"), ("s16.wav", "wav"), ("s16.flac", "alac"), ("layer2.mp2", "mp3")])
def test_another_codec_is_encoded(engine, media, tmp_path, source, target):
    assert engine.convert(media(source), output_of(tmp_path, target), target)["report"]["output"]["copied"] is False


def test_a_damaged_file_is_not_copied(engine, media, tmp_path):
    data = bytearray(media("s16.flac").read_bytes())
    middle = len(data) // 2
    data[middle:middle + 300] = bytes(300)
    (tmp_path / "broken.flac").write_bytes(data)
    result = engine.convert(tmp_path / "broken.flac", tmp_path / "out.flac", "flac")
    assert result["report"]["losses"]
    assert result["report"]["output"]["copied"] is False
    assert strict.complaints(tmp_path / "out.flac") == []


def test_a_stream_that_changes_midway_is_not_copied(engine, media, tmp_path):
    (tmp_path / "two.mp3").write_bytes(media("no_xing.mp3").read_bytes() + media("mpeg2.mp3").read_bytes())
    result = engine.convert(tmp_path / "two.mp3", tmp_path / "out.mp3", "mp3")
    assert result["report"]["output"]["copied"] is False
    assert result["sampleRate"] == 44100
    assert result["samples"] / 44100 == pytest.approx(2 * inputs.SECONDS, abs=0.2)


def test_nothing_of_a_copy_that_failed_is_left(engine, media, tmp_path):
    """The last frame is not whole, which shows when all others are copied: the encoded result is shorter, and alone in its file."""
    source = tmp_path / "cut.mp3"
    inputs.ffmpeg("-i", media("s16.wav"), "-c:a", "libmp3lame", "-b:a", "320k", "-write_xing", "0", "-id3v2_version", "0", source)
    source.write_bytes(source.read_bytes()[:-100])
    result = engine.convert(source, tmp_path / "out.mp3", "mp3")
    assert result["report"]["output"]["copied"] is False
    assert result["report"]["output"]["size"] < 0.7 * source.stat().st_size
    assert strict.complaints(tmp_path / "out.mp3") == []


@pytest.mark.parametrize("target, kind", [("mp3", "mp3"), ("m4a", "m4a"), ("ogg", "ogg"), ("opus", "opus")])
def test_copies_of_copies_stay_what_they_are(engine, media, tmp_path, target, kind):
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind}"
    engine.convert(media("long.wav"), first, target)
    assert engine.convert(first, second, target)["report"]["output"]["copied"] is True
    assert packets(second) == packets(first)
    assert second.stat().st_size <= first.stat().st_size + 100
