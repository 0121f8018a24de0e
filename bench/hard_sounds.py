"""Sounds made to be hard at a seam, as WAVs of two channels at 44.1 kHz, 16 bit: the same bytes each time they are made."""

import wave

import numpy

RATE = 44100
SECONDS = 150


def seconds():
    return numpy.arange(SECONDS * RATE) / RATE


def chance():
    return numpy.random.default_rng(1)


def switched(*parts):
    """The parts in turn, five seconds of each."""
    turn = (seconds() // 5).astype(int) % len(parts)
    return numpy.select([(turn == number)[:, None] for number in range(len(parts))], parts)


def both(mono):
    return numpy.stack([mono, mono], axis=1)


def noise(level):
    return level * (2 * chance().random((SECONDS * RATE, 2), numpy.float32) - 1)


def impulses():
    """Single full-scale samples in silence, at uneven distances."""
    sound = numpy.zeros((SECONDS * RATE, 2))
    at = numpy.cumsum(chance().integers(RATE // 20, RATE, 2 * SECONDS))
    sound[at[at < len(sound)]] = 0.9
    return sound


def sweeps():
    """20 Hz to 20 kHz in ten seconds, up on the left and down on the right, over and over."""
    span = 10
    time = seconds() % span
    growth = numpy.log(1000) / span
    up = 0.7 * numpy.sin(2 * numpy.pi * 20 * (numpy.exp(growth * time) - 1) / growth)
    return numpy.stack([up, up[::-1]], axis=1)


def silence_to_loud():
    return switched(numpy.zeros((1, 2)), noise(0.9), numpy.zeros((1, 2)), both(0.9 * numpy.sin(2 * numpy.pi * 700 * seconds())))


def stereo_to_mono():
    """Unlike channels, equal ones, opposite ones."""
    unlike = noise(0.3) + 0.3 * numpy.sin(2 * numpy.pi * numpy.outer(seconds(), [440, 557]))
    return switched(unlike, unlike[:, :1] * [1, 1], unlike[:, :1] * [1, -1])


def white_noise():
    return noise(0.5)


def quiet_noise():
    """Of three steps of 16 bit."""
    return noise(2.9 / 32768)


def squares():
    """Almost full scale: what comes out of a lossy codec clips."""
    return switched(*[both(0.98 * numpy.sign(numpy.sin(2 * numpy.pi * hertz * seconds() + 0.1))) for hertz in (110, 997, 55, 3001)])


def steady_tone():
    """Never a transient for encoders to agree at."""
    return both(0.5 * numpy.sin(2 * numpy.pi * 441.7 * seconds()))


MAKERS = {maker.__name__.replace("_", "-"): maker
          for maker in (impulses, sweeps, silence_to_loud, stereo_to_mono, white_noise, quiet_noise, squares, steady_tone)}


def make(name, folder):
    path = folder / f"hard-{name}.wav"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name("part-" + path.name)
    with wave.open(str(part), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(numpy.clip(numpy.rint(32767 * MAKERS[name]()), -32768, 32767).astype("<i2").tobytes())
    part.rename(path)
    return path
