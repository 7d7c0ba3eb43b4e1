"""Every log line has one form, and none shows what a client sent."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway import logs


@pytest.fixture
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undoes what `logs.configure` does to the process."""
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    monkeypatch.setattr(logging.getLogger("strawberry.execution"), "disabled", False)
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("unconfigured")
def test_log_lines_can_be_json_ours_and_those_of_libraries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", as_json=True)
    structlog.get_logger("test").info("said", n=1)
    logging.getLogger("library").warning("heard %s", "it")
    said, heard = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (said["event"], said["n"], said["level"]) == ("said", 1, "info")
    assert (heard["event"], heard["logger"], heard["level"]) == ("heard it", "library", "warning")


@pytest.mark.usefixtures("unconfigured")
@pytest.mark.parametrize("form", ["json", "console"])
def test_a_logged_traceback_shows_no_local_variables(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    logs.configure("info", as_json=form == "json")

    def fail(password: str) -> None:
        raise RuntimeError(f"{len(password)} letters")

    try:
        fail("hunter" + "2")
    except RuntimeError:
        structlog.get_logger("test").exception("defect")
    written = capsys.readouterr().err
    assert "RuntimeError: 7 letters" in written
    assert "hunter2" not in written


@pytest.mark.usefixtures("unconfigured")
def test_what_clients_get_wrong_on_sockets_is_no_error_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", as_json=True)
    library = logging.getLogger("uvicorn.error")
    try:
        b"\xff".decode()
    except UnicodeDecodeError:
        library.exception("Invalid UTF-8 sequence received from client.")
        library.exception("Exception in ASGI application\n")
    theirs, ours = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (theirs["level"], "exception" in theirs) == ("warning", False)
    assert (ours["level"], "exception" in ours) == ("error", True)


@pytest.mark.usefixtures("unconfigured")
def test_a_line_that_cannot_be_written_is_lost_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        with pytest.raises(OSError, match="No space left"):
            full.write(b"said")
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(full))
        logs.configure("info", as_json=True)
        log = structlog.get_logger("test")
        log.info("said")
    log.info("said when it was closed")


@pytest.mark.usefixtures("unconfigured")
def test_what_is_no_text_and_no_json_is_logged_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", as_json=True)
    structlog.get_logger("test").info("said", half="\ud800", much=2**70, what=frozenset({1}))
    said = json.loads(capsys.readouterr().err)
    assert (said["half"], said["much"], said["what"]) == ("\ud800", 2**70, "frozenset({1})")
