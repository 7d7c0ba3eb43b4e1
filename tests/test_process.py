"""The real command, as a user starts it: it serves, keeps data, and fails in one line."""

import signal
import socket
from pathlib import Path

import httpx

from tests.serving import KEY, fails, serving


def stderr(cwd: Path) -> str:
    return (cwd / "stderr.txt").read_text()


def test_it_answers_says_where_it_is_and_stops_at_once_on_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path) as gateway:
        assert gateway.ask("{ __typename }") == {"data": {"__typename": "Query"}}
        assert gateway.banner == f"Trialgraph: explorer at {gateway.url}\n"
        assert gateway.line() == f"GraphQL at {gateway.url}graphql. Ctrl-C stops it.\n"
        assert gateway.line() == (
            "It takes an API key, such as the value of TRIALGRAPH_BOOTSTRAP_KEY.\n"
        )
        assert gateway.stop() == 0
    assert (tmp_path / "trialgraph.db").exists()
    assert "Traceback" not in stderr(tmp_path)


def test_it_stops_on_sigterm_without_a_traceback(tmp_path: Path) -> None:
    with serving(tmp_path) as gateway:
        assert gateway.stop(signal.SIGTERM) in {0, -signal.SIGTERM}
    assert "Traceback" not in stderr(tmp_path)


def test_a_second_start_keeps_the_demo_that_the_first_one_loaded(
    tmp_path: Path, new_database_url: str
) -> None:
    query = "{ experiments(first: 2) { totalCount nodes { id key } } events { totalCount } }"
    answers = []
    for _ in range(2):
        with serving(tmp_path, "--demo-if-empty", database_url=new_database_url) as gateway:
            answers.append(gateway.ask(query))
            assert gateway.stop() == 0

    assert answers[0] == answers[1]
    assert answers[0]["data"]["experiments"]["totalCount"] == 200


def test_a_taken_port_is_named_and_nothing_is_created(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = fails("serve", cwd=tmp_path, port=str(port))
    assert line == (
        f"trialgraph: Port {port} of 127.0.0.1 is taken: "
        "stop the program that has it, or set TRIALGRAPH_PORT to another."
    )
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_reached_by_other_machines(tmp_path: Path) -> None:
    with serving(tmp_path, host="0.0.0.0") as gateway:
        assert gateway.ask("{ __typename }") == {"data": {"__typename": "Query"}}


def test_a_wrong_setting_is_named_with_its_value(tmp_path: Path) -> None:
    line = fails("serve", cwd=tmp_path, status=2, port="http")
    assert line.startswith("trialgraph: TRIALGRAPH_PORT=http cannot be used: ")
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file.db"
    line = fails("migrate", cwd=tmp_path, database_url=f"sqlite:///{path}")
    assert str(path) in line


def test_a_database_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    line = fails("migrate", cwd=tmp_path, database_url=f"sqlite:///{tmp_path}")
    assert str(tmp_path) in line


def test_a_file_that_is_no_database_is_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 500)
    line = fails("migrate", cwd=tmp_path, database_url=f"sqlite:///{path}")
    assert str(path) in line
    assert path.read_text() == "Dear reader, " * 500


def test_a_database_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    # Nobody may create a file there, root included, so that the test needs no particular user.
    path = next(place for place in (Path("/proc"), Path("/System")) if place.exists())
    line = fails("migrate", cwd=tmp_path, database_url=f"sqlite:///{path / 'trialgraph.db'}")
    assert str(path / "trialgraph.db") in line


def test_a_postgresql_that_does_not_answer_is_one_line_without_the_password(tmp_path: Path) -> None:
    line = fails("migrate", cwd=tmp_path, database_url="postgresql://me:hunter2@127.0.0.1:1/x")
    assert "127.0.0.1:1" in line
    assert "hunter2" not in line


def test_a_postgresql_without_that_database_or_user_is_one_line(
    tmp_path: Path, postgres: str
) -> None:
    line = fails("migrate", cwd=tmp_path, database_url=postgres.format(name="missing"))
    assert '"missing" does not exist' in line
    url = postgres.format(name="postgres").replace("postgres@", "stranger@")
    line = fails("migrate", cwd=tmp_path, database_url=url)
    assert "stranger" in line


def test_a_file_to_import_that_is_not_there_is_one_line_and_creates_nothing(tmp_path: Path) -> None:
    line = fails("import", "missing.json", cwd=tmp_path)
    assert line == "trialgraph: There is no file missing.json."
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_with_a_document_that_may_not_run_is_one_line_and_nothing_is_created(
    tmp_path: Path,
) -> None:
    path = tmp_path / "documents.json"
    path.write_text('{"board": "{ experiments { nope } }"}')
    line = fails("serve", cwd=tmp_path, status=2, port="0", trusted_documents=str(path))
    assert line == (
        f"trialgraph: {path}: the document 'board' cannot be run: "
        "Cannot query field 'nope' on type 'ExperimentConnection'. Did you mean 'nodes'?"
    )
    assert list(tmp_path.iterdir()) == [path]


def test_a_gateway_with_a_manifest_serves_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "documents.json"
    path.write_text('{"count": "{ experiments { totalCount } }"}')
    with serving(tmp_path, trusted_documents=str(path)) as gateway:
        response = httpx.post(
            gateway.url + "graphql",
            json={"documentId": "count"},
            headers={"Authorization": f"Api-Key {KEY}"},
        )
    assert response.json()["data"] == {"experiments": {"totalCount": 0}}
