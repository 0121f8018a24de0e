import json
import os
import pty
import signal
import subprocess
import time
import zipfile

import pytest
from conftest import CLEAN, DECANT, run


def test_converts_by_extension(tone, tmp_path):
    result = run("convert", tone, tmp_path / "out.flac")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert subprocess.run(["flac", "-ts", tmp_path / "out.flac"]).returncode == 0
    assert os.listdir(tmp_path) == ["out.flac"]
    assert oct((tmp_path / "out.flac").stat().st_mode & 0o777) == oct(0o666 & ~umask())


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_from_standard_input_to_standard_output(tone):
    with open(tone, "rb") as file:
        pipe = subprocess.run([DECANT, "convert", "-", "-", "--to", "wav", "-q"], env=CLEAN, input=file.read(), capture_output=True)
    assert pipe.returncode == 0
    assert pipe.stdout.startswith(b"RIFF")
    assert pipe.stderr == b""
    with open(tone, "rb") as file:
        redirected = subprocess.run([DECANT, "convert", "-", "-", "--to", "wav"], env=CLEAN, stdin=file, capture_output=True)
    assert redirected.stdout == pipe.stdout


def test_keeps_an_existing_file_unless_forced(tone, tmp_path):
    out = tmp_path / "out.wav"
    out.write_text("mine")
    refused = run("convert", tone, out)
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert out.read_text() == "mine"
    assert run("convert", tone, out, "--force").returncode == 0
    assert out.read_bytes().startswith(b"RIFF")


def test_never_replaces_its_input(tone, tmp_path):
    same = tmp_path / "same.wav"
    os.link(tone, same)
    result = run("convert", tone, same, "--force")
    assert result.returncode == 1 and "input" in result.stderr


def png(width=1, height=1):
    """As much of a PNG as is looked at."""
    return (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
            + b"\x08\2\0\0\0crc.data\0\0\0\0IENDcrc.")


def test_a_cover(tone, tmp_path):
    (tmp_path / "cover.png").write_bytes(png())
    result = run("convert", tone, tmp_path / "out.flac", "--cover", tmp_path / "cover.png", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["pictures"] == [{"name": "Cover (front)", "fate": "added"}]
    assert png() in (tmp_path / "out.flac").read_bytes()


def test_another_cover_makes_the_results_of_a_folder_anew(tone, tmp_path):
    os.mkdir(tmp_path / "in")
    os.link(tone, tmp_path / "in" / "a.wav")
    for width, expected in ((1, "1 converted"), (1, "1 up to date"), (2, "1 converted")):
        (tmp_path / "cover.png").write_bytes(png(width) if width == 1 else png(width) + b"more")
        os.utime(tmp_path / "cover.png", (1000, 1000))
        result = run("convert", "-r", tmp_path / "in", tmp_path / "out", "--to", "flac", "--cover", tmp_path / "cover.png")
        assert result.returncode == 0 and expected in result.stderr, result.stderr
    assert png(2) in next((tmp_path / "out").rglob("a.flac")).read_bytes()


@pytest.mark.parametrize("content, words", [
    (b"", "JPEG or PNG"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG or PNG"), (png()[:-8], "cut short"),
    (png(20_000, 1), "20000"),
])
def test_a_cover_that_is_refused(tone, tmp_path, content, words):
    (tmp_path / "cover.png").write_bytes(content)
    result = run("convert", tone, tmp_path / "out.flac", "--cover", tmp_path / "cover.png")
    assert result.returncode != 0 and "cover.png" in result.stderr and words in result.stderr, result.stderr
    assert os.listdir(tmp_path) == ["cover.png"]
    assert run("convert", tone, tmp_path / "out.flac", "--cover", tmp_path / "cover.png", "--no-cover").returncode == 2


@pytest.mark.parametrize("options", [["--set", "title=X", "--set", "artist=Y"], ["--remove", "comment", "--remove", "genre"]])
def test_options_that_may_be_repeated_take_no_paths(tone, tmp_path, options):
    result = run("convert", *options, tone, tmp_path / "out.flac")
    assert result.returncode == 0, result.stderr
    assert os.listdir(tmp_path) == ["out.flac"]


@pytest.mark.parametrize("arguments, status, words", [
    (["{tone}", "{tmp}/a.xyz"], 2, ["xyz", "mp3"]),
    (["{tone}", "{tmp}/a"], 2, ["--to"]),
    (["{tone}", "-"], 2, ["--to"]),
    (["{tone}", "{tmp}/a.wav", "--bitrate", "128k"], 2, ["bitrate"]),
    (["{tone}", "{tmp}/a.mp3", "--start", "soon"], 2, ["start"]),
    (["{tmp}/none.wav", "{tmp}/a.mp3"], 1, ["none.wav", "exist"]),
    (["{tone}", "{tmp}/none/a.mp3"], 1, ["none/a.mp3", "No such file"]),
    (["{tone}", "{tmp}"], 2, ["--to"]),
])
def test_what_is_wrong_is_said(tone, tmp_path, arguments, status, words):
    result = run("convert", *[argument.format(tone=tone, tmp=tmp_path) for argument in arguments])
    assert result.returncode == status, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert os.listdir(tmp_path) == []


def test_text_under_an_audio_name_is_refused(tmp_path):
    fake = tmp_path / "fake.mp3"
    fake.write_text("no music\n" * 1000)
    result = run("convert", fake, tmp_path / "out.wav")
    assert result.returncode == 1
    assert os.listdir(tmp_path) == ["fake.mp3"]


def test_the_report_as_json(tone, tmp_path):
    result = run("convert", tone, tmp_path / "out.mp3", "--json", "--bitrate", "96k")
    assert result.returncode == 0
    assert json.loads(result.stdout)["output"]["sampleRate"] == 44100
    piped = subprocess.run([DECANT, "convert", str(tone), "-", "--to", "mp3", "--json"], env=CLEAN, capture_output=True)
    assert json.loads(piped.stderr)["output"]["sampleRate"] == 44100


def test_options_reach_the_engine(tone, tmp_path):
    result = run("convert", tone, tmp_path / "out.wav", "--start", "0.5", "--end", "1.5", "--channels", "stereo", "--sample-rate", "48k",
                 "--json")
    output = json.loads(result.stdout)["output"]
    assert (output["samples"], output["channels"]) == (48000, 2)


def test_a_full_disk_is_1(tone):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([DECANT, "convert", str(tone), "-", "--to", "wav"], env=CLEAN, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert b"full" in result.stderr


def test_interrupted_is_130_and_leaves_nothing(tmp_path):
    long = tmp_path / "long.wav"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=duration=300:sample_rate=44100", "-ac", "2", str(long)],
                   check=True)
    process = subprocess.Popen([DECANT, "convert", str(long), str(tmp_path / "long.mp3")], env=CLEAN, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while len(os.listdir(tmp_path)) == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert os.listdir(tmp_path) == ["long.wav"]


def test_progress_on_a_terminal_only(tone, tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([DECANT, "convert", str(tone), str(tmp_path / "out.mp3")], env=CLEAN, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break
    assert process.wait(20) == 0
    assert b"%" in shown
    assert b"%" not in run("convert", tone, tmp_path / "two.mp3").stderr.encode()


def test_probe(tone):
    assert "title:       A tone" in run("probe", tone).stdout
    assert json.loads(run("probe", tone, "--json").stdout)["sampleRate"] == 44100
    with open(tone, "rb") as file:
        piped = subprocess.run([DECANT, "probe", "-"], env=CLEAN, stdin=file, capture_output=True, text=True)
    assert "44100 Hz" in piped.stdout
    assert run("probe", "/dev/null").returncode != 0


def test_tags_cannot_drive_the_terminal(tone, tmp_path):
    hostile = tmp_path / "hostile.flac"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(tone), "-metadata", "title=a\x1b[2Jb", str(hostile)], check=True)
    shown = run("probe", hostile).stdout
    assert "\x1b" not in shown and "a?[2Jb" in shown


def test_a_missing_engine_is_named(tmp_path, tone):
    lonely = tmp_path / "decant"
    lonely.write_bytes(DECANT.read_bytes())
    lonely.chmod(0o755)
    result = subprocess.run([lonely, "probe", str(tone)], env=CLEAN, capture_output=True, text=True)
    assert result.returncode == 1
    assert "decant-engine" in result.stderr


@pytest.fixture
def book(tmp_path):
    """Two chapters, one with a title that would like to lead elsewhere."""
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(";FFMETADATA1\ntitle=Book\n" + "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n" for start, end, title in ((0, 1201, "One"), (1201, 3000, "../Two"))))
    path = tmp_path / "in" / "book.mka"
    path.parent.mkdir()
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=440:sample_rate=44100:duration=3", "-i", chapters,
                    "-map_metadata", "1", "-c:a", "flac", path], check=True)
    return path


def names_in(archive):
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_splits_at_chapters(book, tmp_path):
    out = tmp_path / "book.zip"
    result = run("convert", book, out, "--to", "flac", "--chapters", "split", "--json")
    assert result.returncode == 0, result.stderr
    assert names_in(out) == ["01 - One.flac", "02 - -Two.flac"]
    assert [part["samples"] for part in json.loads(result.stdout)["parts"]] == [52964, 79336]


def test_an_archive_is_not_called_after_its_format(book, tmp_path):
    refused = run("convert", book, tmp_path / "book.mp3", "--chapters", "split")
    assert refused.returncode == 2 and ".zip" in refused.stderr
    assert not (tmp_path / "book.mp3").exists()


def test_splits_what_is_in_a_folder(book, tmp_path):
    result = run("convert", "-r", f"{book.parent}/", tmp_path / "out", "--to", "mp3", "--chapters", "split")
    assert result.returncode == 0, result.stderr
    assert os.listdir(tmp_path / "out") == ["book.zip"]
    assert names_in(tmp_path / "out" / "book.zip") == ["01 - One.mp3", "02 - -Two.mp3"]


def test_without_chapters_there_is_nothing_to_split(tone, tmp_path):
    result = run("convert", tone, tmp_path / "out.zip", "--to", "mp3", "--chapters", "split")
    assert result.returncode == 1 and "no chapters" in result.stderr
    assert not (tmp_path / "out.zip").exists()
