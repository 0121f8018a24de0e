"""The recordings that are measured with, cut from music and speech that Debian packages ship.

  wesnoth-music                music, stereo, 44.1 kHz
  asc-music                    music, stereo, 22.05 kHz
  fillets-ng-data-nl           actors speaking Dutch, 22.05 kHz
  asterisk-core-sounds-en-wav  a telephone announcer, mono, 8 kHz, never compressed
"""

import pathlib
import subprocess

MUSIC = sorted(pathlib.Path("/usr/share/games/wesnoth").glob("*/data/core/music/*.ogg"))
LOW_RATE_MUSIC = sorted(pathlib.Path("/usr/share/games/asc/music").glob("*.mp3"))
SPEECH = sorted(pathlib.Path("/usr/share/games/fillets-ng/sound").glob("*/nl/*.ogg"))
TELEPHONE_SPEECH = sorted(pathlib.Path("/usr/share/asterisk/sounds/en_US_f_Allison").rglob("*.wav"))


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


def library(folder, count):
    """A music library of so many files in folders: one in twenty a 3-minute song, the others clips of 5 to 30 seconds."""
    lengths = (5, 8, 12, 20, 30)
    kinds = (("wav",), ("mp3", "-c:a", "libmp3lame", "-b:a", "192k"), ("flac",), ("ogg", "-c:a", "libvorbis", "-q:a", "5"))
    files = []
    for i in range(count):
        extension, *options = kinds[i % len(kinds)]
        seconds = 180 if i % 20 == 19 - i // 20 % 4 else lengths[i % len(lengths)]
        files.append(cut(MUSIC[i % len(MUSIC)], i % 50, seconds, folder / f"artist-{i % 10}" / f"album-{i % 3}" / f"{i:03}-{seconds}s.{extension}",
                         "-ar", "44100", "-ac", "2", *options))
    return files


def join(sources, seconds, target, *options):
    """Makes `target`, a WAV of so many seconds, from the sources one after the other, over and over; unless it is there already."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name("part-" + target.name)
    playlist = target.with_suffix(".ffconcat")
    playlist.write_text("".join(f"file '{source}'\n" for source in sources))
    subprocess.run(["ffmpeg", "-nostdin", "-v", "fatal", "-y", "-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", playlist,
                    "-t", str(seconds), "-map", "0:a:0", "-c:a", "pcm_s16le", *options, part], check=True)
    playlist.unlink()
    part.rename(target)
    return target


def music(folder, minutes):
    """A stereo WAV at 44.1 kHz of all pieces in turn."""
    return join(MUSIC, 60 * minutes, folder / f"music-{minutes}-min.wav", "-ar", "44100", "-ac", "2")


def voices(folder, count):
    """5-second mono WAVs of speech at its own 22.05 kHz."""
    whole = join(SPEECH[:100], 5 * count, folder / f"voices-{count}.wav", "-ac", "1")
    return [cut(whole, 5 * i, 5, folder / f"voice-{i:02}.wav") for i in range(count)]
