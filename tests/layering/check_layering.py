#!/usr/bin/env python3
"""Holds the source to the dependency rule of src/README.md: who includes whom, which library stays behind which wall, and what the
CMake targets link. Prints one line for each breach and exits 1 when there is one.

Usage: check_layering.py [ROOT]
"""

import dataclasses
import pathlib
import re
import sys

ADAPTERS = ("database", "objects", "broker", "sandbox")

# What the headers and sources of a folder may include besides their own folder.
MAY_INCLUDE = {
    "base": (),
    "tasks": ("base",),
    "audio": ("base", "tasks/options.h", "tasks/picture.h", "tasks/media.h", "tasks/converter.h"),
    "sandbox": ("base", "tasks"),
    "database": ("base", "tasks"),
    "objects": ("base", "tasks"),
    "broker": ("base", "tasks"),
    "http": ("base", "tasks"),
    "worker": ("base", "tasks"),
    "metrics": ("base", "tasks"),
    "tracing": ("base", "tasks"),
    "programs": ("base", "tasks", *ADAPTERS, "http", "worker", "metrics", "tracing", "web"),
}
# The engine is the one program that reads audio.
ENGINE = "programs/engine_main.cpp"


@dataclasses.dataclass(frozen=True)
class Wall:
    """What matches `pattern` (an included header, or code without comments) stands only in files whose path matches `inside`."""

    what: str
    pattern: re.Pattern
    inside: re.Pattern


def wall(what, pattern, inside):
    return Wall(what, re.compile(pattern), re.compile(inside))


HEADER_WALLS = (
    wall("libav*", r"^lib(av|sw)\w+/", r"^audio/"),
    wall("SQLite and libpq", r"^(sqlite3|libpq-fe)\.h$", r"^database/"),
    wall("Beast", r"^boost/beast", r"^http/.*\.cpp$"),
    wall("Asio", r"^boost/asio", r"^http/"),
    wall("gRPC, protobuf and NATS", r"^(grpc|grpcpp|google|nats)/", r"^broker/"),
    wall("seccomp and Landlock", r"^(seccomp\.h|linux/(seccomp|landlock|filter)\.h)$", r"^sandbox/"),
    wall("prometheus-cpp", r"^prometheus/", r"^metrics/"),
    wall("libcurl", r"^curl/", r"^objects/"),
    wall("toml++", r"^toml\+\+/", r"^base/settings_file\.cpp$"),
    wall("CLI11", r"^CLI/", r"^programs/command_line\.cpp$"),
)
CODE_WALLS = (
    wall("getenv and environ", r"\b(getenv|secure_getenv|setenv|putenv|environ)\b", r"^base/"),
    wall("a shell", r"(?<![\w.>])(?:std::|::)?(system|popen)\s*\(", r"^$"),
)
SQL = wall("SQL", r"\b(SELECT\b[^;]+?\bFROM|INSERT\s+INTO|UPDATE\b[^;]+?\bSET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA\s+\w)\b", r"^database/")

LIBRARY_WALLS = (
    wall("libav*", r"^PkgConfig::LIBAV$", r"^(decant_audio|decant_audio_\w+)$"),
    wall("SQLite", r"^PkgConfig::SQLITE$", r"^decant_database(_\w+)?$"),
    wall("prometheus-cpp", r"^prometheus-cpp::", r"^decant_metrics(_\w+)?$"),
    wall("seccomp", r"^PkgConfig::SECCOMP$", r"^decant_sandbox(_\w+)?$"),
    wall("the audio engine", r"^decant_audio$", r"^(decant-engine|decant_audio_\w+|decant_\w+_fuzz\w*)$"),
)

# Tests and what they are built on beside the sources. They may use adapters, fakes and the environment.
TEST_FILE = re.compile(r"(_test\.cpp|_fixture\.(h|cpp)|/test(ing)?_\w+\.(h|cpp))$")

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
STRING = re.compile(r'R"(\w*)\((.*?)\)\1"|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|(R"(\w*)\(.*?\)\2"|"(?:[^"\\\n]|\\.)*")', re.DOTALL)
CMAKE_COMMAND = re.compile(r"\b(decant_library|decant_tests|target_link_libraries)\s*\(([^)]*)\)", re.DOTALL)


def without_comments(text):
    return COMMENT_OR_STRING.sub(lambda match: match.group(1) or " ", text)


def check_includes(path, text):
    folder = path.split("/")[0]
    for delimiter, header in INCLUDE.findall(text):
        for each in HEADER_WALLS:
            if each.pattern.search(header) and not each.inside.search(path):
                yield f"src/{path}: includes <{header}>; {each.what} belongs in {each.inside.pattern}"
        if delimiter == "<" or TEST_FILE.search(path):
            continue
        if TEST_FILE.search(header):
            yield f'src/{path}: includes "{header}", which is there for tests'
            continue
        allowed = (folder, *MAY_INCLUDE[folder], *(("audio",) if path == ENGINE else ()))
        if header.split("/")[0] not in (*MAY_INCLUDE, "web"):
            yield f'src/{path}: includes "{header}"; write house headers from src/ on: "{folder}/{header}"'
        elif header.split("/")[0] not in allowed and header not in allowed:
            yield f'src/{path}: includes "{header}"; {folder} may include {", ".join(sorted(allowed))}'


def check_code(path, text):
    if TEST_FILE.search(path):
        return
    code = without_comments(text)
    strings = " \n".join(raw or plain for _, raw, plain in STRING.findall(code))
    for each in CODE_WALLS:
        found = each.pattern.search(STRING.sub('""', code))
        if found and not each.inside.search(path):
            yield f"src/{path}: uses {found.group(0).strip(' (')}; {each.what} belongs in {each.inside.pattern if each.inside.pattern != '^$' else 'no file'}"
    found = SQL.pattern.search(strings)
    if found and not SQL.inside.search(path):
        yield f"src/{path}: holds SQL ({found.group(0)[:40]!r}); it belongs in src/database"


def check_links(path, text):
    folder = path.split("/")[0]
    text = re.sub(r"#[^\n]*", "", text)
    for command, arguments in CMAKE_COMMAND.findall(text):
        words = arguments.split()
        if not words:
            continue
        target = f"decant_{words[0]}" if command == "decant_library" else words[0]
        links = words[1:] if command == "target_link_libraries" else words[words.index("LINKS") + 1:] if "LINKS" in words else []
        for link in links:
            for each in LIBRARY_WALLS:
                if each.pattern.search(link) and not each.inside.search(target):
                    yield f"src/{path}: {target} links {link}; {each.what} belongs in {each.inside.pattern}"
            neighbour = link.removeprefix("decant_")
            if command != "decant_library" or neighbour == link or neighbour not in MAY_INCLUDE:
                continue
            allowed = {name.split("/")[0] for name in MAY_INCLUDE[folder]} | {folder}
            if neighbour not in allowed:
                yield f"src/{path}: {target} links {link}; {folder} may link {', '.join(sorted(allowed))}"


def check(root):
    """Every breach under root/src, one line each."""
    source = pathlib.Path(root) / "src"
    breaches = []
    beast_units = []
    for file in sorted(source.rglob("*")):
        path = file.relative_to(source).as_posix()
        if "/" not in path:
            continue
        folder = path.split("/")[0]
        if file.suffix not in (".h", ".ipp", ".cpp") and file.name != "CMakeLists.txt":
            continue
        if folder not in MAY_INCLUDE:
            breaches.append(f"src/{path}: src/{folder} is not in the dependency rule (tests/layering/check_layering.py)")
            continue
        text = file.read_text()
        if file.name == "CMakeLists.txt":
            breaches += check_links(path, text)
            continue
        breaches += check_includes(path, text)
        breaches += check_code(path, text)
        if not TEST_FILE.search(path) and any(header.startswith("boost/beast") for _, header in INCLUDE.findall(text)):
            beast_units.append(path)
    if len(beast_units) > 2:
        breaches.append(f"Beast is included by {', '.join(beast_units)}; two units are the most (they are slow to compile)")
    return breaches


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    breaches = check(root)
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
