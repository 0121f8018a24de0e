"""The recordings that are measured with, cut from the music of Debian's package wesnoth-music."""

import pathlib
import subprocess

MUSIC = sorted(pathlib.Path("/usr/share/games/wesnoth").glob("*/data/core/music/*.ogg"))


def cut(source, start, seconds, target, *options):
    """Makes `target` from `source` unless it is there already."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name("part-" + target.name)
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-ss", str(start), "-i", source,
                    "-t", str(seconds), "-map", "0:a:0", *options, part], check=True)
    part.rename(target)
    return target


def clips(folder, count, extension="mp3"):
    """5-second stereo clips at 44.1 kHz."""
    options = ["-ar", "44100", "-ac", "2"] + (["-b:a", "128k"] if extension == "mp3" else [])
    return [cut(MUSIC[i % len(MUSIC)], 20 + i, 5, folder / f"clip-{i:02}.{extension}", *options) for i in range(count)]


def songs(folder, count):
    """3-minute stereo WAVs at 44.1 kHz."""
    return [cut(MUSIC[i % len(MUSIC)], 0, 180, folder / f"song-{i:02}.wav", "-ar", "44100", "-ac", "2")
            for i in range(count)]
