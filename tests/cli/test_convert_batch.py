import json
import os
import pty
import shutil
import signal
import subprocess
import time

import pytest
from conftest import CLEAN, DECANT, run


def files(folder):
    """The relative names of all files under the folder, as bytes where they are no UTF-8."""
    found = [os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names]
    return sorted(found)


@pytest.fixture
def music(tone, tmp_path):
    """A small library: three recordings in folders, a cover, an empty folder."""
    root = tmp_path / "Music"
    for name in ("Ada/First/01.wav", "Ada/First/02 No. 5.wav", "Bob/-song.wav"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tone, root / name)
    (root / "Ada" / "First" / "cover.jpg").write_bytes(b"picture")
    (root / "Empty").mkdir()
    return root


def objects(result):
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return lines[:-1], lines[-1]["summary"]


def test_a_folder_with_its_structure(music, tmp_path):
    result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "opus")
    assert result.returncode == 0, result.stderr
    assert files(tmp_path / "out") == ["Ada/First/01.opus", "Ada/First/02 No. 5.opus", "Bob/-song.opus"]
    assert result.stdout == ""
    assert "3 converted" in result.stderr and "1 skipped" in result.stderr
    named = run("convert", "-r", music, tmp_path / "out", "--to", "opus", "--jobs", "1")
    assert named.returncode == 0
    assert "Music/Bob/-song.opus" in files(tmp_path / "out")


def test_only_what_changed(music, tmp_path):
    def convert(*options):
        result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "flac", "--json", *options)
        assert result.returncode == 0, result.stderr
        summary = objects(result)[1]
        return summary["converted"], summary["upToDate"]

    assert convert() == (3, 0)
    assert convert() == (0, 3)
    shutil.copy(music / "Bob" / "-song.wav", music / "Bob" / "new.wav")
    os.utime(music / "Ada" / "First" / "01.wav")
    assert convert() == (2, 2)
    assert convert("--force") == (4, 0)
    assert convert("--channels", "stereo") in ((4, 0), (0, 4)), "(0, 4): no extended attributes here"
    assert all(entry.endswith(".flac") for entry in files(tmp_path / "out"))


def test_many_files_beside_themselves_or_into_a_folder(tone, tmp_path):
    for name in ("a.wav", "b.wav"):
        shutil.copy(tone, tmp_path / name)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(tone), str(tmp_path / "c.flac")], check=True)
    inputs = [tmp_path / name for name in ("a.wav", "b.wav", "c.flac")]
    assert run("convert", *inputs, "--to", "mp3").returncode == 0
    assert files(tmp_path) == ["a.mp3", "a.wav", "b.mp3", "b.wav", "c.flac", "c.mp3"]
    assert run("convert", *inputs, tmp_path / "out/", "--to", "mp3").returncode == 0
    assert files(tmp_path / "out") == ["a.mp3", "b.mp3", "c.mp3"]
    two = run("convert", tmp_path / "a.wav", tmp_path / "c.flac", "--to", "opus")
    assert two.returncode == 0 and (tmp_path / "a.opus").exists() and (tmp_path / "c.opus").exists()
    again = run("convert", *inputs, "--to", "mp3")
    assert again.returncode == 0 and "3 up to date" in again.stderr


def test_beside_its_input_another_programs_file_is_kept(tone, tmp_path):
    shutil.copy(tone, tmp_path / "a.wav")
    (tmp_path / "a.mp3").write_text("mine")
    os.utime(tmp_path / "a.mp3", (1, 1))
    refused = run("convert", tmp_path / "a.wav", "--to", "mp3")
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert (tmp_path / "a.mp3").read_text() == "mine"
    assert run("convert", tmp_path / "a.wav", "--to", "mp3", "--force").returncode == 0
    assert (tmp_path / "a.mp3").stat().st_size > 1000


def test_one_bad_file_stops_no_other(music, tmp_path):
    (music / "Bob" / "bad.flac").write_text("no music\n" * 100)
    os.symlink("nowhere", music / "Bob" / "gone.wav")
    result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "mp3", "--json")
    assert result.returncode == 1
    entries, summary = objects(result)
    assert (summary["converted"], summary["failed"], summary["skipped"]) == (3, 2, 1)
    failed = {os.path.basename(entry["input"]): entry["error"]["code"] for entry in entries if entry["status"] == "failed"}
    assert failed == {"bad.flac": "unsupported_media", "gone.wav": "not_found"}
    assert not (tmp_path / "out" / "Bob" / "bad.mp3").exists()
    text = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "mp3", "--quiet")
    assert text.returncode == 1 and "bad.flac" in text.stderr and "up to date" not in text.stderr


def test_what_is_missing_is_named_in_one_line_a_file(music, tmp_path):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(music / "Bob/-song.wav"), "-metadata", "title=Sea",
                    "-metadata", "replaygain_reference_loudness=89.0 dB", str(music / "Bob/song.flac")],
                   check=True)

    def complaints(*options):
        result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "opus", "--force", *options)
        assert result.returncode == 0, result.stderr
        return [line for line in result.stderr.splitlines() if "dropped" in line]

    told = complaints()
    assert len(told) == 1 and told[0].lower().endswith("song.flac: dropped from tags: replaygain_reference_loudness"), told
    assert complaints("--quiet") == complaints("--remove-all-tags") == []


def test_two_inputs_for_one_output_are_refused_before_anything(music, tmp_path):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(music / "Ada/First/01.wav"), str(music / "Ada/First/01.flac")], check=True)
    result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "mp3")
    assert result.returncode == 2
    assert "01.flac" in result.stderr and "01.wav" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments, words", [
    (["{music}", "{tmp}/out", "--to", "mp3"], ["--recursive"]),
    (["-r", "{music}", "{music}/.", "--to", "mp3"], ["both the input and the output"]),
    (["-r", "{music}", "--to", "mp3", "--copy-others"], ["--copy-others"]),
    (["-r", "{music}", "{tmp}/out"], ["--to"]),
    (["{music}/Bob/-song.wav", "--to", "wav"], ["itself"]),
    (["-", "--to", "wav"], ["standard input"]),
    (["-r", "{music}", "{tmp}/out", "--to", "mp3", "--jobs", "0"], ["--jobs"]),
])
def test_misuse_is_2_and_changes_nothing(music, tmp_path, arguments, words):
    before = files(tmp_path)
    result = run("convert", *[argument.format(music=music, tmp=tmp_path) for argument in arguments])
    assert result.returncode == 2, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert files(tmp_path) == before


def test_the_output_folder_in_the_input_folder_and_loops_are_not_walked(music):
    os.symlink("..", music / "Bob" / "loop")
    for expected in ("3 converted", "3 up to date"):
        result = run("convert", "-r", f"{music}/", music / "out", "--to", "wav")
        assert result.returncode == 0 and expected in result.stderr, result.stderr
    assert files(music / "out") == ["Ada/First/01.wav", "Ada/First/02 No. 5.wav", "Bob/-song.wav"]


def test_covers_are_copied_when_told(music, tmp_path):
    for expected in ("1 copied", "4 up to date"):
        result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "mp3", "--copy-others")
        assert result.returncode == 0 and expected in result.stderr, result.stderr
    assert (tmp_path / "out/Ada/First/cover.jpg").read_bytes() == b"picture"


def test_a_dry_run_tells_and_does_nothing(music, tone, tmp_path):
    result = run("convert", "-r", f"{music}/", tmp_path / "out/", "--to", "mp3", "--dry-run")
    assert result.returncode == 0
    assert f"{music}/Bob/-song.wav -> {tmp_path}/out/Bob/-song.mp3" in result.stdout.splitlines()
    assert not (tmp_path / "out").exists()
    single = run("convert", tone, tmp_path / "one.mp3", "--dry-run")
    assert single.stdout == f"{tone} -> {tmp_path}/one.mp3\n"
    assert not (tmp_path / "one.mp3").exists()


def test_names_that_are_no_utf8_or_begin_with_a_dash(tone, tmp_path):
    folder = os.fsencode(tmp_path / "m")
    os.mkdir(folder)
    shutil.copy(tone, os.path.join(folder, b"caf\xe9.wav"))
    shutil.copy(tone, os.path.join(folder, b"-r.wav"))
    result = run("convert", "-r", tmp_path / "m", "--to", "flac", "--json")
    assert result.returncode == 0, result.stderr
    assert "caf\ufffd.flac" in [os.path.basename(entry["output"]) for entry in objects(result)[0]]
    assert sorted(os.listdir(folder)) == [b"-r.flac", b"-r.wav", b"caf\xe9.flac", b"caf\xe9.wav"]
    dashed = subprocess.run([DECANT, "convert", "--to", "mp3", "--", "-r.wav", "-r.flac", "out"], env=CLEAN, cwd=tmp_path / "m",
                            capture_output=True, text=True)
    assert dashed.returncode == 2 and "-r.mp3" in dashed.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(music, tmp_path):
    (music / "Bob" / "-song.wav").chmod(0)
    result = run("convert", "-r", f"{music}/", tmp_path / "out", "--to", "mp3")
    assert result.returncode == 1 and "-song.wav" in result.stderr and "2 converted" in result.stderr


def test_an_empty_folder_is_no_failure(tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("convert", "-r", tmp_path / "empty", tmp_path / "out", "--to", "mp3")
    assert result.returncode == 0 and "nothing to convert" in result.stderr
    assert not (tmp_path / "out").exists()


def test_interrupted_is_130_and_leaves_only_whole_files(tmp_path):
    long = tmp_path / "in" / "long.wav"
    long.parent.mkdir()
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=duration=300:sample_rate=44100", "-ac", "2", str(long)],
                   check=True)
    for i in range(4):
        os.link(long, tmp_path / "in" / f"long-{i}.wav")
    process = subprocess.Popen([DECANT, "convert", "-r", f"{tmp_path}/in/", str(tmp_path / "out"), "--to", "mp3"], env=CLEAN,
                               stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (tmp_path / "out").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "failed" not in told
    assert all(name.endswith(".mp3") and not name.startswith(".") for name in files(tmp_path / "out"))
    assert len(files(tmp_path / "out")) < 5


def test_progress_of_many_on_a_terminal_only(music, tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([DECANT, "convert", "-r", str(music), str(tmp_path / "out"), "--to", "mp3"], env=CLEAN, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break
    assert process.wait(20) == 0
    assert b"/3" in shown and b"3 converted" in shown
    assert "/3" not in run("convert", "-r", music, tmp_path / "two", "--to", "mp3").stderr
