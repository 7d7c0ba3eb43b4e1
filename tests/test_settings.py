"""What can be set, within which bounds, and which addresses may be listened on."""

import socket

import pytest

from gateway.listening import CannotListen, listen, url_of
from gateway.settings import InvalidSettings, Settings, load


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TRIALGRAPH_{name.upper()}", raising=False)


def test_without_variables_the_defaults_serve_this_machine_from_a_file_in_this_folder() -> None:
    settings = load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == "sqlite:///trialgraph.db"
    assert (settings.max_body_bytes, settings.max_tokens) == (1024 * 1024, 5_000)
    assert (settings.max_depth, settings.max_aliases, settings.max_root_fields) == (30, 100, 50)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALGRAPH_PORT", "")
    assert load().port == 8000


def test_words_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALGRAPH_LOG_LEVEL", "WARNING")
    assert load().log_level == "warning"


@pytest.mark.parametrize(
    ("environment", "form", "as_json"),
    [
        ("development", "auto", False),
        ("production", "auto", True),
        ("development", "json", True),
        ("production", "console", False),
    ],
)
def test_logs_are_json_in_production_unless_said_otherwise(
    monkeypatch: pytest.MonkeyPatch, environment: str, form: str, *, as_json: bool
) -> None:
    monkeypatch.setenv("TRIALGRAPH_ENVIRONMENT", environment)
    monkeypatch.setenv("TRIALGRAPH_LOG_FORMAT", form)
    assert load().logs_json is as_json


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "70000", "input should be less than or equal to 65535"),
        ("PORT", "-1", "input should be greater than or equal to 0"),
        ("MAX_DEPTH", "1", "input should be greater than or equal to 3"),
        (
            "MAX_BODY_BYTES",
            "1e3",
            "input should be a valid integer, unable to parse string as an integer",
        ),
        ("LOG_LEVEL", "loud", "input should be 'debug', 'info', 'warning' or 'error'"),
        ("ENVIRONMENT", "staging", "input should be 'development' or 'production'"),
        *(
            (
                "ALLOWED_ORIGINS",
                origins,
                "write https://host or http://host:port, with commas between several",
            )
            for origins in (
                "*",
                "null",
                "a.example",
                "https://",
                "https://a.example/",
                "https://a.example,,https://b.example",
                "https://me@a.example",
                "https://[::1",
                "https://a.example:443443",
            )
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_variable_and_the_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"TRIALGRAPH_{name}", value)
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert str(caught.value) == f"TRIALGRAPH_{name}={value} cannot be used: {reason}"


def test_origins_are_listed_with_commas_and_there_are_none_unless_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load().allowed_origins == ()
    monkeypatch.setenv(
        "TRIALGRAPH_ALLOWED_ORIGINS", "https://App.example, http://localhost:5173,http://[::1]:80"
    )
    assert load().allowed_origins == (
        "https://app.example",
        "http://localhost:5173",
        "http://[::1]:80",
    )


def test_every_wrong_variable_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALGRAPH_PORT", "http")
    monkeypatch.setenv("TRIALGRAPH_MAX_TOKENS", "many")
    with pytest.raises(InvalidSettings) as caught:
        load()
    names = [line.split("=")[0] for line in str(caught.value).splitlines()]
    assert names == ["TRIALGRAPH_PORT", "TRIALGRAPH_MAX_TOKENS"]


def test_a_wrong_database_url_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALGRAPH_DATABASE_URL", "mysql://me:hunter2@host/x")
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert str(caught.value).startswith("TRIALGRAPH_DATABASE_URL cannot be used: ")
    assert "mysql" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "0.0.0.0"])
def test_an_address_is_listened_on_at_once(host: str) -> None:
    with listen(host, 0) as listener:
        address = listener.getsockname()[:2]
        socket.create_connection(address, timeout=5).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_address_is_told_as_a_browser_needs_it(host: str) -> None:
    with listen(host, 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("192.0.2.1", "^Port 8000 of 192.0.2.1 cannot be listened on: "),
        ("nowhere.invalid", "^nowhere.invalid is no name of this machine.$"),
    ],
)
def test_an_address_of_another_machine_is_named(host: str, message: str) -> None:
    with pytest.raises(CannotListen, match=message):
        listen(host, 8000)


def test_a_bootstrap_key_that_is_too_short_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRIALGRAPH_BOOTSTRAP_KEY", "fifteen letters")
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert str(caught.value) == (
        "TRIALGRAPH_BOOTSTRAP_KEY cannot be used: it must have 16 characters or more"
    )


@pytest.mark.parametrize("url", ["keys.json", "ftp://example.com/keys", "https://", "/keys.json"])
def test_keys_for_tokens_are_read_from_the_web_or_from_a_file(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRIALGRAPH_JWKS_URL", url)
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert str(caught.value) == ("TRIALGRAPH_JWKS_URL cannot be used: write https://… or file:///…")


@pytest.mark.parametrize("given", [(), ("ISSUER",), ("AUDIENCE",)])
def test_keys_for_tokens_are_of_no_use_without_an_issuer_and_an_audience(
    monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TRIALGRAPH_JWKS_URL", "https://example.com/keys")
    for name in given:
        monkeypatch.setenv(f"TRIALGRAPH_JWT_{name}", "x")
    with pytest.raises(InvalidSettings) as caught:
        load()
    assert str(caught.value) == (
        "TRIALGRAPH_JWKS_URL cannot be used: it takes TRIALGRAPH_JWT_ISSUER and "
        "TRIALGRAPH_JWT_AUDIENCE too."
    )


def test_a_port_that_is_listened_on_cannot_be_taken_twice() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotListen, match=f"^Port {port} of 127.0.0.1 is taken: "):
            listen("127.0.0.1", port)
