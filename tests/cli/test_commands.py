import re

import pytest
from conftest import run

COMMANDS = ["serve", "web", "worker", "convert", "probe", "user", "broker", "migrate", "health", "top", "config", "version"]


def test_help_names_every_command():
    result = run("--help")
    assert result.returncode == 0
    assert all(re.search(rf"^  {name} ", result.stdout, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "version"])
def test_help_of_each_command_has_an_example(command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert f"decant {command}" in result.stdout.split("Examples:")[1]


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["convert"], ["probe", "x", "--nonsense"], ["user"], ["user", "add", "ada"],
                                       ["convert", "a", "b", "--json", "--quiet"]])
def test_wrong_usage_is_2_and_says_where_help_is(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "--help" in result.stderr


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_version(argument):
    result = run(argument, DECANT_NONSENSE="1")
    assert result.returncode == 0
    assert re.fullmatch(r"decant \d+\.\d+\.\d+\n", result.stdout)


def test_config_shows_each_source_and_can_be_read_back(tmp_path):
    file = tmp_path / "decant.toml"
    file.write_text('workers = 3\nlog_level = "debug"\nlog_format = "json"\n')
    result = run("config", "--config", file, "--log-format", "text", DECANT_LOG_LEVEL="warning", DECANT_DATA=str(tmp_path))
    assert result.returncode == 0
    assert re.search(rf'^workers = "3" +# {file} line 1$', result.stdout, re.MULTILINE)
    assert re.search(r'^log_level = "warning" +# environment$', result.stdout, re.MULTILINE)
    assert re.search(r'^log_format = "text" +# flag$', result.stdout, re.MULTILINE)
    assert re.search(rf'^database = "sqlite://{tmp_path}/decant.db" +# default$', result.stdout, re.MULTILINE)

    file.write_text(result.stdout)
    again = run("config", "--config", file)
    values = re.compile(r"^\w+ = \"[^\"]*\"", re.MULTILINE)
    assert values.findall(again.stdout) == values.findall(result.stdout)


def test_config_masks_secrets():
    result = run("config", DECANT_DATABASE="postgresql://ada:s3cret@db/decant", DECANT_OBJECTS="s3://b?secret=hidden&region=x")
    assert result.returncode == 0
    assert "postgresql://ada:***@db/decant" in result.stdout
    assert "s3://b?secret=***&region=x" in result.stdout
    assert "s3cret" not in result.stdout and "hidden" not in result.stdout


@pytest.mark.parametrize("environment, words", [
    ({"DECANT_WORKERS": "many"}, ["DECANT_WORKERS", "environment", '"many"', "0 to 1024"]),
    ({"DECANT_UPLOAD_LIMT": "1GiB"}, ["DECANT_UPLOAD_LIMT", "upload_limit"]),
    ({"DECANT_CONFIG": "/nonexistent.toml"}, ["/nonexistent.toml"]),
    ({"DECANT_LISTEN": "localhost:80"}, ["listen", "localhost:80", "127.0.0.1:8080"]),
])
def test_a_wrong_setting_stops_the_start(tmp_path, environment, words):
    result = run("serve", "--data", tmp_path / "data", **environment)
    assert result.returncode == 2
    assert all(word in result.stderr for word in words), result.stderr


def test_a_broker_without_credentials_fails_at_once(tmp_path):
    for action in ("create", "describe", "check"):
        result = run("broker", action, "--broker", "pubsub://p/tasks", GOOGLE_APPLICATION_CREDENTIALS="/nonexistent")
        assert result.returncode == 1
        assert "GOOGLE_APPLICATION_CREDENTIALS" in result.stderr


def test_a_broker_that_needs_no_setting_up_says_so():
    result = run("broker", "create")
    assert result.returncode == 2
    assert "by itself" in result.stderr


def test_migrate_twice(tmp_path):
    assert "version" in run("migrate", "--data", tmp_path / "data").stdout
    again = run("migrate", "--data", tmp_path / "data")
    assert (again.returncode, again.stdout) == (0, "the schema is up to date\n")


def test_accounts(tmp_path):
    data = ["--data", tmp_path / "data"]
    assert run("migrate", *data).returncode == 0
    added = run("user", "add", "ada", "Ada@Example.org", "--password-stdin", *data, text="correct horse\n")
    assert added.returncode == 0, added.stderr
    assert "enabled   ada@example.org  ada" in run("user", "list", *data).stdout

    taken = run("user", "add", "eve", "ada@example.org", "--password-stdin", *data, text="correct horse\n")
    assert taken.returncode == 1 and "email" in taken.stderr
    short = run("user", "passwd", "ada@example.org", "--password-stdin", *data, text="short\n")
    assert short.returncode == 2 and "8 to 256" in short.stderr
    assert run("user", "passwd", "ada@example.org", "--password-stdin", *data, text="battery staple\n").returncode == 0

    assert run("user", "disable", "ada@example.org", *data).returncode == 0
    assert "disabled  ada@example.org" in run("user", "list", *data).stdout
    assert run("user", "enable", "ada@example.org", *data).returncode == 0
    assert "enabled   ada@example.org" in run("user", "list", *data).stdout
    assert run("user", "disable", "eve@example.org", *data).returncode == 1


def test_no_database_names_the_remedy(tmp_path):
    result = run("user", "list", "--data", tmp_path / "data")
    assert result.returncode == 1
    assert "decant migrate" in result.stderr


def test_health_without_a_server():
    result = run("health", "--listen", "127.0.0.1:1")
    assert result.returncode == 1
    assert "127.0.0.1:1" in result.stderr
