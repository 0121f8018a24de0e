"""Audio made here, and what is no audio."""

import io
import subprocess
import wave

import numpy


def tone(seconds, hertz=440, rate=44100, channels=2):
    """WAV, 16 bit."""
    steps = numpy.arange(round(seconds * rate)) * (2 * numpy.pi * hertz / rate)
    samples = numpy.repeat((9000 * numpy.sin(steps)).astype("<i2"), channels)
    return wav(samples, rate, channels)


def noise(seconds, seed, rate=44100, channels=2):
    """WAV, 16 bit: as hard to encode as it gets."""
    samples = numpy.random.default_rng(seed).integers(-9000, 9000, round(seconds * rate) * channels).astype("<i2")
    return wav(samples, rate, channels)


def wav(samples, rate, channels):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def ffmpeg(folder, name, *arguments, audio=None):
    """A file that ffmpeg writes: its bytes."""
    path = folder / name
    subprocess.run(["ffmpeg", "-v", "error", "-y", *(["-f", "wav", "-i", "pipe:0"] if audio else []), *arguments, path],
                   input=audio, check=True)
    return path.read_bytes()
