"""A cover that is given takes the place of the front cover, as mutagen sees it."""

import pytest

import inputs
import tag_reader
from rich_inputs import png
from test_metadata import with_flac_blocks

FRONT, BACK = 3, 4
TARGETS = {"mp3": "mp3", "flac": "flac", "ogg": "ogg", "opus": "opus", "m4a": "m4a", "alac": "m4a", "wav": "wav", "aiff": "aiff", "wma": "wma"}


@pytest.fixture(scope="session")
def covers(tmp_path_factory):
    """The same picture as JPEG and PNG."""
    folder = tmp_path_factory.mktemp("covers")
    for name in ("new.jpg", "new.png"):
        inputs.ffmpeg("-f", "lavfi", "-i", "color=red:size=32x24", "-frames:v", "1", folder / name)
    return folder


@pytest.fixture()
def pictured(media, tmp_path):
    return with_flac_blocks(media("s16.flac"), tmp_path / "pictured.flac", ["TITLE=t"],
                            [(BACK, b"back side", png(5, 5)), (FRONT, b"old", png())])


def fates(result):
    return [(picture["name"], picture["fate"], picture.get("why")) for picture in result["report"]["pictures"]]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["new.jpg", "new.png"])
def test_it_replaces_the_front_cover_alone(engine, pictured, covers, tmp_path, target, name):
    output = tmp_path / f"out.{TARGETS[target]}"
    result = engine.convert(pictured, output, target, cover=covers / name)
    found = tag_reader.read(output).pictures
    assert found[0][0] == FRONT and found[0][2] == (covers / name).read_bytes()
    assert [data for _, _, data in found[1:]] == [png(5, 5)]
    assert fates(result)[1:] == [("Cover (front)", "dropped", "replaced as asked"), ("Cover (front)", "added", None)]
    assert fates(result)[0][:2] in [("Cover (back)", "kept"), ("Cover (back)", "mapped")]


@pytest.mark.parametrize("target", ["mp3", "opus", "m4a"])
def test_it_is_added_where_there_is_none(engine, media, covers, tmp_path, target):
    output = tmp_path / f"out.{target}"
    result = engine.convert(media("s16.wav"), output, target, cover=covers / "new.jpg")
    assert tag_reader.read(output).pictures == [(FRONT, "", (covers / "new.jpg").read_bytes())]
    assert fates(result) == [("Cover (front)", "added", None)]


@pytest.mark.parametrize("source", ["a.mp3", "a.m4a"])
def test_it_is_replaced_on_the_way_of_a_copy(engine, media, covers, tmp_path, source):
    target = source.removeprefix("a.")
    engine.convert(media("s16.wav"), tmp_path / source, target, cover=covers / "new.png")
    result = engine.convert(tmp_path / source, tmp_path / f"out.{target}", target, cover=covers / "new.jpg")
    assert result["report"]["output"]["copied"]
    assert tag_reader.read(tmp_path / f"out.{target}").pictures == [(FRONT, "", (covers / "new.jpg").read_bytes())]


def test_what_is_no_picture_is_dropped_and_replaces_nothing(engine, pictured, tmp_path):
    """Whoever gives covers to the engine has looked at them; it trusts nobody."""
    (tmp_path / "cover.svg").write_text("<svg/>")
    result = engine.convert(pictured, tmp_path / "out.flac", "flac", cover=tmp_path / "cover.svg")
    assert [data for _, _, data in tag_reader.read(tmp_path / "out.flac").pictures] == [png(5, 5), png()]
    assert fates(result)[2] == ("Cover (front)", "dropped", "it is no picture of a known kind")
