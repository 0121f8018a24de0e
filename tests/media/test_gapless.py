"""A tone that is cut into three files, each converted on its own: played one after the other they are the tone again."""

import wave

import numpy
import pytest

import readers

HERTZ = 440
LEVEL = 0.5
CUTS = [0, 100_003, 187_654, 300_000]  # no multiples of any frame size
EDGE = 4096  # samples: more than a frame of any codec and its overlap


def tone(rate, begin, end):
    return LEVEL * numpy.sin(2 * numpy.pi * HERTZ / rate * numpy.arange(begin, end) + 0.3)


@pytest.fixture
def play_pieces(engine, tmp_path):
    def play(target, rate, **options):
        """The three pieces as a player plays them, left channel."""
        pieces = []
        for number, (begin, end) in enumerate(zip(CUTS, CUTS[1:])):
            source = tmp_path / f"source-{number}.wav"
            with wave.open(str(source), "wb") as file:
                file.setparams((2, 2, rate, 0, "NONE", ""))
                file.writeframes(numpy.repeat(numpy.rint(32767 * tone(rate, begin, end)), 2).astype("<i2").tobytes())
            output = tmp_path / f"{number}.{'m4a' if target == 'alac' else target}"
            engine.convert(source, output, target, **options)
            pieces.append(readers.play(output, 2)[:, 0])
        return pieces
    return play


@pytest.mark.parametrize("target", ["wav", "aiff", "flac", "alac"])
def test_lossless_pieces_are_the_tone(play_pieces, target):
    joined = numpy.concatenate(play_pieces(target, 44100))
    assert numpy.array_equal(numpy.rint(32768 * joined), numpy.rint(32767 * tone(44100, 0, CUTS[-1])))


LOSSY = [
    ("mp3", 44100, {"bitrate": 192000}), ("mp3", 44100, {"quality": 2}),
    ("mp3", 22050, {"bitrate": 64000}), ("mp3", 8000, {"bitrate": 16000}),
    ("mp3", 48000, {"bitrate": 128000}), ("ogg", 44100, {"quality": 5}), ("ogg", 48000, {"quality": 2}),
    ("opus", 48000, {"bitrate": 128000}), ("m4a", 44100, {"bitrate": 192000}), ("m4a", 48000, {"bitrate": 128000}),
]
# ASF tells no delay or padding, so WMA is not among them.


def fit_tone(sound, rate, begin):
    """(the tone nearest to the sound, samples by which it is late): the edges are not looked at."""
    time = 2 * numpy.pi * HERTZ / rate * numpy.arange(begin, begin + len(sound))
    waves = numpy.stack([numpy.sin(time), numpy.cos(time)], axis=1)
    (sine, cosine), *_ = numpy.linalg.lstsq(waves[EDGE:-EDGE], sound[EDGE:-EDGE], rcond=None)
    return waves @ [sine, cosine], (0.3 - numpy.arctan2(cosine, sine)) / (2 * numpy.pi * HERTZ / rate)


@pytest.mark.parametrize("target, rate, options", LOSSY)
def test_lossy_pieces_are_as_long_as_they_were_and_in_their_place(play_pieces, target, rate, options):
    pieces = play_pieces(target, rate, **options)
    assert [len(piece) for piece in pieces] == list(numpy.diff(CUTS))
    # Opus takes away what is lower than 3 Hz; that alone moves this tone by 0.12 samples.
    shifts = [fit_tone(piece, rate, begin)[1] for piece, begin in zip(pieces, CUTS)]
    assert numpy.abs(shifts).max() < 0.25


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
@pytest.mark.parametrize("samples", [1, 2, 47, 48, 576, 577])
def test_mp3_of_a_few_samples(engine, tmp_path, rate, samples):
    """By mpg123. At rates with frames of 576 samples ffmpeg's decoder plays 529 more when the sound is shorter than 48: delay and padding
    meet in one packet there, and the padding's side data replaces what is left of the delay."""
    source = tmp_path / "source.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(b"\x00\x10" * samples)
    engine.convert(source, tmp_path / "made.mp3", "mp3")
    assert len(readers.play(tmp_path / "made.mp3", 1)) == samples


@pytest.mark.parametrize("target, rate, options", LOSSY)
def test_no_click_at_the_joins(play_pieces, target, rate, options):
    joined = numpy.concatenate(play_pieces(target, rate, **options))
    error = joined - fit_tone(joined, rate, 0)[0]
    inside = numpy.abs(error[CUTS[0] + EDGE:CUTS[1] - EDGE]).max()
    for join in CUTS[1:-1]:
        if target == "ogg":
            # libvorbis continues the sound into its padding by linear prediction.
            assert numpy.abs(error[join - 512:join + 512]).max() < 2.5 * inside
        else:
            # These encoders are fed silence before and behind the sound, so the last samples of each piece carry some of that step. One
            # lost or doubled piece of 64 samples would be 0.25.
            assert numpy.sqrt(numpy.square(error[join - 512:join + 512]).mean()) < 0.05 * LEVEL / numpy.sqrt(2)
