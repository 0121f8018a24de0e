"""The report tells the truth: what it says of each tag, picture and chapter is what another reader finds in the output."""

import re
import shutil

import pytest

import readers
import rich_inputs
import tag_reader
from tag_names import HOLDERS, own_name

TARGETS = ["mp3", "m4a", "ogg", "opus", "wav", "flac", "aiff", "alac", "wma"]


class Output:
    def __init__(self, path, target):
        self.holder = HOLDERS[target]
        self.found = tag_reader.read(path)
        self.chapters = self.found.chapters
        if target == "wma":
            self.chapters = [(float(c["start_time"]), c["tags"]["title"]) for c in readers.probe(path)["chapters"]]

    def values(self, own):
        return [field.value for field in self.found.fields if field.name.lower() == own]

    def has(self, tag, own=None, value=None):
        own = own or own_name(tag["name"], self.holder)
        return (value or tag["value"]) in self.values(own)

    def holds_exactly(self, tag):
        """Value, language and description; what has no language is told as XXX in ID3v2."""
        own = own_name(tag["name"], self.holder)
        described = (tag.get("language", ""), tag.get("description", ""))
        return any(field.name.lower() == own and field.value == tag["value"] and
                   (field.language.replace("XXX", ""), field.description) == described for field in self.found.fields)

    def confirms(self, tag, why):
        """Whether a mapped tag is where `why` says."""
        own = own_name(tag["name"], self.holder)
        total = {"track": "TRACKTOTAL", "disc": "DISCTOTAL"}.get(tag["name"])
        checks = [
            (r"without its language and description", lambda: self.has(tag)),
            (r"written as (R128_\w+|REPLAYGAIN_\w+): (.+)", lambda name, value: self.has(tag, own_name(name, self.holder), value)),
            (r"written as (\d+) and \w+=(\d+)", lambda number, count: self.has(tag, own, number) and self.has(tag, total.lower(), count)),
            (r"written as (\d+); a tag of its own tells the total", lambda number: self.has(tag, own, number)),
            (r"written with its total as (\S+)", lambda value: self.has(tag, own, value)),
            (r"told by (\w+)", lambda name: any(value.endswith("/" + tag["value"]) for value in self.values(own_name(name, self.holder)))),
            (r"written as (TXXX:\w+), as ID3v2 takes no such date", lambda name: self.has(tag, name.lower())),
            (r'described as "(.*)", to tell it .*', lambda text: any(field.value == tag["value"] and field.description == text for field in self.found.fields)),
            (r"written as the custom tag (\w+), as .*", lambda name: self.has(tag, f"----:com.apple.itunes:{name.lower()}")),
            (r"written as the number (\S+)", lambda number: self.has(tag, own, number)),
            (r"written as (.+)", lambda field: self.has(tag, field.lower())),
        ]
        for pattern, check in checks:
            if match := re.fullmatch(pattern, why, re.DOTALL):
                return check(*match.groups())
        return False


def described(text):
    return f'described as "{text}", to tell it from the one before'


@pytest.fixture(scope="module", params=sorted(rich_inputs.MAKERS))
def converted(request, engine, media, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fidelity")
    source = rich_inputs.make(request.param, media("s16.wav").parent)
    outputs = {target: folder / f"{target}.{'m4a' if target == 'alac' else target}" for target in TARGETS}
    results = engine.convert_to_many(source, outputs)
    yield source, {target: (results[target]["report"], Output(outputs[target], target)) for target in TARGETS}
    shutil.rmtree(folder)


@pytest.mark.parametrize("target", TARGETS)
def test_each_fate_is_true(converted, target):
    _, by_target = converted
    report, output = by_target[target]
    told = report["input"]["tags"]
    for tag, fate in zip(told, report["tags"]):
        assert tag["name"] == fate["name"]
        if fate["fate"] == "kept":
            assert output.holds_exactly(tag), (tag, output.found.fields)
        elif fate["fate"] == "mapped":
            assert output.confirms(tag, fate["why"]), (tag, fate, output.found.fields)
        else:
            assert fate["fate"] == "dropped" and fate["why"] and not output.has(tag), (tag, fate)
    assert all(fate["fate"] == "dropped" and fate["why"] for fate in report["tags"][len(told):])


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_invented(converted, target):
    _, by_target = converted
    report, output = by_target[target]
    known = [tag["value"] for tag in report["input"]["tags"]] + [fate.get("why", "") for fate in report["tags"]]
    for field in output.found.fields:
        assert any(field.value in text for text in known), field


@pytest.mark.parametrize("target", TARGETS)
def test_pictures_and_chapters(converted, target):
    source, by_target = converted
    report, output = by_target[target]
    carried = [entry for entry in report["pictures"] if entry["fate"] != "dropped"]
    assert len(output.found.pictures) == len(carried)
    sent = tag_reader.read(source).pictures
    if sent:  # mutagen doesn't find all of the sources'
        data = {picture[2] for picture in sent}
        assert all(picture[2] in data for picture in output.found.pictures) and len(sent) == len(report["pictures"])
    if sent:
        for told, there in zip(carried, output.found.pictures):
            assert there in sent if told["fate"] == "kept" else told["why"] in ("without its type and description", described(there[1]))
    chapters = [entry["name"] for entry in report["chapters"] if entry["fate"] != "dropped"]
    assert [title for _, title in output.chapters] == chapters
    expected = {"Eins": 0, "Zwei": 0.15 if "flac" in source.name or "opus" in source.name else 0.1, "Zwei – 2": 0.1, "Drei": 0.2}
    assert [seconds for seconds, _ in output.chapters] == pytest.approx([expected[title] for title in chapters], abs=0.0015)


def test_nothing_is_overlooked(converted):
    """Each value that mutagen finds in the source was read, too."""
    source, by_target = converted
    report, _ = by_target["flac"]
    told = [tag["value"] for tag in report["input"]["tags"]]
    told += [value.removesuffix(":00") for value in told]
    unread = {fate["name"] for fate in report["tags"][len(report["input"]["tags"]):]}
    missing = [field for field in tag_reader.read(source).fields if field.name not in unread | {"TIPL", "TMCL"}
               and field.value.removesuffix(":00") not in told]
    assert missing == []


@pytest.mark.parametrize("target", TARGETS)
def test_tags_are_set_and_removed_as_asked(engine, media, tmp_path, target):
    source = rich_inputs.make("id3.wav", media("s16.wav").parent)
    output = tmp_path / f"out.{'m4a' if target == 'alac' else target}"
    asked = '{"title": "Neu 🎵", "ARTIST": ["A", "B"], "album": null, "Mine": "z"}'
    report = engine.convert(source, output, target, metadata=asked, pictures="drop")["report"]
    found = Output(output, target)
    assert found.values(own_name("title", found.holder)) == ["Neu 🎵"]
    assert found.values(own_name("artist", found.holder)) == ["A", "B"]
    assert found.values(own_name("Mine", found.holder)) == ["z"]
    assert found.values(own_name("album", found.holder)) == [] and found.found.pictures == []
    assert found.values(own_name("composer", found.holder)) == ["J. S. Bach"]
    fates = {(fate["name"], fate["fate"], fate.get("why", "")) for fate in report["tags"]}
    assert {("title", "dropped", "replaced as asked"), ("title", "added", ""), ("album", "dropped", "removed as asked")} <= fates
    assert [(fate["fate"], fate["why"]) for fate in report["pictures"]] == [("dropped", "removed as asked")]


def test_all_tags_and_chapters_are_removed_as_asked(engine, media, tmp_path):
    source = rich_inputs.make("chapters.mp3", media("s16.wav").parent)
    engine.convert(source, tmp_path / "out.mp3", "mp3", tags="drop", chapters="drop", metadata='{"title": "X"}')
    found = tag_reader.read(tmp_path / "out.mp3")
    assert [(field.name, field.value) for field in found.fields] == [("TIT2", "X")] and found.chapters == []


@pytest.mark.parametrize("options", [{"metadata": "title"}, {"metadata": '{"a=b": "x"}'}, {"chapters": "some"}, {"pictures": ""}])
def test_wrong_metadata_options_are_refused(engine, media, tmp_path, options):
    with pytest.raises(engine.refused) as refused:
        engine.convert(media("s16.wav"), tmp_path / "out.mp3", "mp3", **options)
    assert refused.value.code == "invalid_argument"
