"""The checker catches what it is there for: each case is one file that breaks one rule."""

import pytest

from check_layering import check

BREACHES = {
    "an adapter includes another": ("objects/x.cpp", '#include "database/database.h"'),
    "tasks looks up": ("tasks/x.h", '#include "http/router.h"'),
    "http sees an adapter": ("http/x.cpp", '#include "sandbox/engine_converter.h"'),
    "audio sees the store": ("audio/x.cpp", '#include "tasks/task_store.h"'),
    "a program other than the engine sees audio": ("programs/serve.cpp", '#include "audio/engine.h"'),
    "a house header by its short name": ("http/x.cpp", '#include "router.h"'),
    "libav outside audio": ("tasks/x.cpp", "#include <libavutil/frame.h>"),
    "SQLite outside database": ("worker/x.cpp", "#include <sqlite3.h>"),
    "Beast in a header": ("http/x.h", "#include <boost/beast/http.hpp>"),
    "Asio outside http": ("worker/x.cpp", "#include <boost/asio/io_context.hpp>"),
    "gRPC outside broker": ("objects/x.cpp", "#include <grpcpp/grpcpp.h>"),
    "prometheus-cpp outside metrics": ("http/x.cpp", "#include <prometheus/registry.h>"),
    "metrics sees the worker": ("metrics/x.cpp", '#include "worker/worker.h"'),
    "getenv outside base": ("worker/x.cpp", 'auto home = std::getenv("HOME");'),
    "environ outside base": ("sandbox/x.cpp", "char** all = environ;"),
    "a shell": ("audio/x.cpp", 'int f() { return std::system("ls"); }'),
    "a pipe to a shell": ("audio/x.cpp", 'auto f = ::popen("ls", "r");'),
    "SQL outside database": ("worker/x.cpp", 'auto q = "SELECT id FROM tasks";'),
    "raw SQL outside database": ("worker/x.cpp", 'auto q = R"(UPDATE tasks\n SET state = 1)";'),
    "a folder without a rule": ("utils/x.cpp", ""),
    "the service includes a fixture": ("worker/x.cpp", '#include "worker/worker_fixture.h"'),
    "a library links up": ("tasks/CMakeLists.txt", "decant_library(tasks SOURCES x.cpp LINKS decant_http)"),
    "a library links an adapter": ("http/CMakeLists.txt", "decant_library(http SOURCES x.cpp LINKS decant_tasks decant_database)"),
    "the server links the engine": ("programs/CMakeLists.txt", "target_link_libraries(decant PRIVATE decant_http decant_audio)"),
    "libav is linked elsewhere": ("tasks/CMakeLists.txt", "decant_library(tasks SOURCES x.cpp LINKS decant_base PkgConfig::LIBAV)"),
}

ALLOWED = {
    "the way down": ("http/x.cpp", '#include "tasks/task.h"\n#include "base/file.h"\n#include <boost/asio/awaitable.hpp>'),
    "the engine sees audio": ("programs/engine_main.cpp", '#include "audio/engine.h"\n#include "sandbox/child.h"'),
    "audio sees the option types": ("audio/x.cpp", '#include "tasks/options.h"\n#include <libavcodec/avcodec.h>'),
    "a test uses an adapter": ("worker/x_test.cpp", '#include "database/database.h"\nauto bin = std::getenv("X");'),
    "a fixture uses a fake": ("worker/x_fixture.h", '#include "contract/fake_broker.h"'),
    "a comment is no code": ("worker/x.cpp", "// SELECT id FROM tasks; getenv()\n/* system(1) */"),
    "words that only look like a breach": ("http/x.cpp", 'auto a = "select a file from your folder"; file_system(1); clock.system();'),
    "SQL in database": ("database/sqlite/x.cpp", '#include <sqlite3.h>\nauto q = "SELECT id FROM tasks";'),
    "the engine links audio": ("programs/CMakeLists.txt", "target_link_libraries(decant-engine PRIVATE decant_audio decant_sandbox)"),
}


def write(root, path, text):
    file = root / "src" / path
    file.parent.mkdir(parents=True)
    file.write_text(text + "\n")


@pytest.mark.parametrize("path, text", BREACHES.values(), ids=BREACHES.keys())
def test_breach_is_caught(tmp_path, path, text):
    write(tmp_path, path, text)
    breaches = check(tmp_path)
    assert len(breaches) == 1
    assert path in breaches[0]


@pytest.mark.parametrize("path, text", ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed_is_left_alone(tmp_path, path, text):
    write(tmp_path, path, text)
    assert check(tmp_path) == []


def test_beast_stays_in_two_units(tmp_path):
    for name in "abc":
        file = tmp_path / "src" / "http" / f"{name}.cpp"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#include <boost/beast/http.hpp>\n")
    assert len(check(tmp_path)) == 1
