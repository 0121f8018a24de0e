"""The tour of the README works as it is written."""

import re
import subprocess

from conftest import CLEAN, SOURCE


def test_the_tour(start, tone, tmp_path):
    service = start("serve")
    text = (SOURCE / "README.md").read_text()
    tour = re.search(r"## A tour with curl.*?```sh\n(.*?)```", text, re.DOTALL).group(1)
    folder = tmp_path / "tour"
    folder.mkdir()
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(tone), str(folder / "song.flac")], check=True)
    script = "set -eu -o pipefail\n" + tour.replace("127.0.0.1:8080", f"127.0.0.1:{service.port}")
    subprocess.run(["bash", "-c", script], cwd=folder, env=CLEAN, check=True, timeout=60)
    probed = subprocess.run(["ffprobe", "-loglevel", "error", "-show_entries", "stream=codec_name:format_tags=title", "-of", "csv=p=0",
                             str(folder / "song.mp3")], capture_output=True, text=True, check=True)
    assert probed.stdout.split() == ["mp3", "A", "tone"]
