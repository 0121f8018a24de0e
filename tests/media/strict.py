"""What strict readers of each format find wrong with a file: a list of lines, none for a good one."""

import subprocess

from mp3_stream import Broken, Mp3Stream


def lines_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace")
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines + ([f"{command[0]} ended with {done.returncode}"] if done.returncode != 0 else [])


def naming(lines, *words):
    return [line for line in lines if any(word in line.lower() for word in (*words, "ended with"))]


def mp3(path, samples):
    try:
        problems = Mp3Stream(path).problems(samples)
    except Broken as broken:
        problems = [str(broken)]
    # A file without an ID3 tag is fine.
    mp3val = [line for line in naming(lines_of("mp3val", path), "warning", "error", "problem") if "No supported tags" not in line]
    return problems + mp3val + lines_of("mpg123", "--quiet", "--test", path)


def opus(path, samples):
    return naming(lines_of("opusinfo", path), "warning", "error")


def ogg(path, samples):
    return naming(lines_of("ogginfo", path), "warning", "error")


def flac(path, samples):
    return lines_of("flac", "--silent", "--test", "--warnings-as-errors", path)


def nothing_more(path, samples):
    return []


OWN_READERS = {"mp3": mp3, "opus": opus, "ogg": ogg, "flac": flac}


def complaints(path, samples=None):
    """By the readers of the format that the file's extension names, and by ffmpeg. `samples`: a channel, as it should have, when known."""
    own = OWN_READERS.get(path.suffix.removeprefix("."), nothing_more)
    return own(path, samples) + lines_of("ffmpeg", "-nostdin", "-v", "warning", "-xerror", "-i", path, "-map", "0:a:0", "-f", "null", "-")
