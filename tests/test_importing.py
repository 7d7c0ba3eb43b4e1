"""The import of ABsmartly's answers, in the shapes that it gives and in some that it should not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

import models as m
from connectors.errors import PayloadRefused
from connectors.importing import import_files
from models.database import Database
from models.errors import BadUserInput

START = Path("tests/payloads/absmartly/start_response.json")

Write = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Writes a document (or a text as it is) to a file of its own."""

    def write(content: Any, name: str = "payload.json") -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


async def dump(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    async with database.read() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in (await session.execute(select(table))).all()), key=repr
            )
            for table in SQLModel.metadata.sorted_tables
        }


async def every(database: Database, model: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(*model.__table__.primary_key)))


def experiment(number: int, **said: Any) -> dict[str, Any]:
    return {"id": number, "name": f"e{number}", "state": "created", "iteration": 1, **said}


def done(report: Any) -> dict[str, tuple[int, ...]]:
    return {kind: tuple(counts) for kind, *counts in report.rows()}


async def test_the_copies_of_the_start_response_become_one_row_each(database: Database) -> None:
    report = await import_files(database, [START])

    assert done(report) == {
        "alert": (1, 0, 0, 0),
        "application": (1, 0, 0, 0),
        "experiment": (1, 0, 0, 0),
        "file": (1, 0, 0, 0),
        "goal": (1, 0, 0, 0),
        "metric": (1, 0, 0, 9),
        "note": (3, 0, 0, 0),
        "tag": (2, 0, 0, 0),
        "team": (1, 0, 0, 0),
        "unit_type": (1, 0, 0, 0),
        "user": (1, 0, 0, 0),
    }
    assert report.upstream_errors == [(str(START), "string")]


async def test_importing_twice_changes_not_one_cell(database: Database) -> None:
    await import_files(database, [START])
    first = await dump(database)
    report = await import_files(database, [START])

    assert await dump(database) == first
    assert {counts[:2] for counts in done(report).values()} == {(0, 0)}


async def test_a_list_of_experiments_is_taken(database: Database, file: Write) -> None:
    path = file({"experiments": [experiment(1), experiment(2)], "total": 2, "page": 1, "items": 2})
    report = await import_files(database, [path])

    assert done(report)["experiment"] == (2, 0, 0, 0)
    assert [row.key for row in await every(database, m.Experiment)] == ["e1", "e2"]


@pytest.mark.parametrize(
    ("document", "model"),
    [
        (experiment(1, state="running", percentages="50/50", nr_variants=2), m.Experiment),
        ({"experiment": experiment(1)}, m.Experiment),
        ([experiment(1)], m.Experiment),
        ({"metrics": [{"id": 1, "name": "x", "type": "goal_count"}], "total": 1}, m.Metric),
        ({"metric": {"id": 1, "name": "x", "type": "goal_count"}}, m.Metric),
        ({"goals": [{"id": 1, "name": "x"}], "items": 1, "page": 1, "total": 1}, m.Goal),
        ({"goal": {"id": 1, "name": "x"}}, m.Goal),
        ({"teams": [{"id": 1, "name": "x"}]}, m.Team),
    ],
)
async def test_what_the_platform_answers_is_told_by_its_form(
    database: Database, file: Write, document: Any, model: type[Any]
) -> None:
    await import_files(database, [file(document)])

    assert [row.external_id for row in await every(database, model)] == ["1"]


async def test_numbers_in_texts_and_every_form_of_a_moment_are_taken(
    database: Database, file: Write
) -> None:
    await import_files(
        database,
        [
            file(
                {
                    "experiments": [
                        experiment(
                            1,
                            iteration="2",
                            percentage_of_traffic="80",
                            minimum_detectable_effect="0.100",
                            created_at="2025-03-20T14:55:19.815Z",
                            start_at=1742482519815,
                            stop_at="1742482519",
                        )
                    ]
                }
            )
        ],
    )
    [row] = await every(database, m.Experiment)

    assert (row.iteration, row.percentage_of_traffic) == (2, 80.0)
    assert str(row.minimum_detectable_effect) == "0.1"
    assert row.created_at.isoformat() == "2025-03-20T14:55:19.815000+00:00"
    assert row.started_at.isoformat() == "2025-03-20T14:55:19.815000+00:00"
    assert row.stopped_at.isoformat() == "2025-03-20T14:55:19+00:00"


async def test_unknown_keys_and_words_are_kept_and_counted(database: Database, file: Write) -> None:
    path = file({"experiments": [experiment(1, state="hibernating", new_thing={"deep": [1]})]})
    report = await import_files(database, [path])
    [row] = await every(database, m.Experiment)

    assert row.native_state == "hibernating"
    assert row.details["new_thing"] == {"deep": [1]}
    assert sum(report.unknown_keys.values()) == 1
    assert sum(report.unknown_words.values()) == 1


async def owners(database: Database, file: Write, *documents: Any) -> list[str]:
    for number, said in enumerate(documents):
        path = file({"experiments": [experiment(1, **said)]}, f"{number}.json")
        await import_files(database, [path])
    users = {user.id: user.email for user in await every(database, m.User)}
    links = await every(database, m.ExperimentOwner)
    return [users[link.user_id] for link in sorted(links, key=lambda link: link.position)]


ANN = {"experiment_id": 1, "user_id": 0, "user": {"email": "ann@example.com"}}
BOB = {"experiment_id": 0, "user_id": 8, "user": {"id": 8, "email": "bob@example.com"}}


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ({}, ["bob@example.com", "ann@example.com"]),
        ({"owners": [None]}, ["bob@example.com", "ann@example.com"]),
        ({"owners": []}, []),
        ({"owners": [ANN]}, ["ann@example.com"]),
        ({"owners": [ANN, BOB]}, ["ann@example.com", "bob@example.com"]),
    ],
)
async def test_only_a_list_that_is_said_replaces_the_one_that_was(
    database: Database, file: Write, later: dict[str, Any], left: list[str]
) -> None:
    assert await owners(database, file, {"owners": [BOB, ANN]}, later) == left


GOAL = {"goals": [{"id": 70, "name": "purchase"}]}
METRIC = {"metrics": [{"id": 20, "name": "m", "type": "goal_count", "goal_id": 70}]}
OF_METRIC = {"experiments": [experiment(1, primary_metric_id=20, owners=[{"user_id": 5}])]}
USER = {"users": [{"id": 5, "email": "eve@example.com"}]}


@pytest.mark.parametrize(
    "order",
    [
        [GOAL, METRIC, OF_METRIC, USER],
        [OF_METRIC, METRIC, USER, GOAL],
        [USER, OF_METRIC, GOAL, METRIC],
    ],
    ids=["targets first", "targets last", "mixed"],
)
async def test_what_points_at_a_thing_is_joined_to_it_in_either_order(
    database: Database, file: Write, order: list[Any]
) -> None:
    for number, document in enumerate(order):
        await import_files(database, [file(document, f"{number}.json")])
    [goal] = await every(database, m.Goal)
    [metric] = await every(database, m.Metric)
    [found] = await every(database, m.Experiment)
    [user] = await every(database, m.User)
    [owner] = await every(database, m.ExperimentOwner)

    assert metric.goal_id == goal.id
    assert found.primary_metric_id == metric.id
    assert (owner.experiment_id, owner.user_id) == (found.id, user.id)
    assert await every(database, m.Reference) == []


async def test_a_thing_known_by_its_name_takes_the_id_that_arrives_later(
    database: Database, file: Write
) -> None:
    nameless = {"metric": {"id": 1, "name": "m", "type": "goal_count", "goal": {"name": "g"}}}
    await import_files(database, [file(nameless)])
    await import_files(database, [file({"goal": {"id": 9, "name": "g"}}, "later.json")])

    assert [(row.name, row.external_id) for row in await every(database, m.Goal)] == [("g", "9")]


async def test_the_shallowest_copy_wins_and_deeper_ones_fill_gaps(
    database: Database, file: Write
) -> None:
    deep = {"id": 3, "name": "g", "description": "deep", "archived": True}
    shallow = {"id": 3, "name": "g", "description": "shallow"}
    metric = {"id": 1, "name": "m", "type": "goal_count", "goal_id": 3, "goal": deep}
    await import_files(database, [file({"metrics": [metric], "goals": [shallow]})])
    [row] = await every(database, m.Goal)

    assert (row.description, row.archived) == ("shallow", True)


async def test_a_change_moves_the_version_of_what_changed_only(
    database: Database, file: Write
) -> None:
    await import_files(database, [file({"experiments": [experiment(1), experiment(2)]})])
    changed = {"experiments": [experiment(1), experiment(2, state="ready")]}
    report = await import_files(database, [file(changed)])

    assert done(report)["experiment"] == (0, 1, 1, 0)
    assert [row.version for row in await every(database, m.Experiment)] == [1, 2]
    assert [row.phase for row in await every(database, m.Experiment)] == ["DRAFT", "READY"]


REFUSED = {
    "truncated": ('{"experiments": [{"id": 1, "name": "x"', ":1:39: broken JSON"),
    "no JSON": ("hello", ":1:1: broken JSON"),
    "empty": ("", ""),
    "a broken line": ('{"experiments": [\n  {"id": 1,, "name": "x"}]}', ":2:12: broken JSON"),
    "not a platform's": ({"a": 1}, "not an ABsmartly payload"),
    "a text": ('"experiments"', "not an ABsmartly payload"),
    "a wrong type": (
        {"experiments": [experiment(1), experiment(2, iteration="abc")]},
        "experiments[1].iteration: expected a whole number, got 'abc'",
    ),
    "a wrong list": ({"experiments": [experiment(1, owners="me")]}, "experiments[0].owners: "),
    "too large": ({"experiments": [experiment(1, iteration=2**40)]}, "experiments[0].iteration: "),
    "NUL": ({"experiments": [experiment(1, display_name="a\0b")]}, ""),
    "half a character": ('{"experiments": [{"id": 1, "name": "\\ud800", "state": "x"}]}', ""),
    "no number": ('{"experiments": [{"id": NaN, "name": "x", "state": "x"}]}', ""),
    "refused upstream": ({"ok": False, "errors": ["Not allowed"]}, "Not allowed"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_broken_file_is_refused_with_its_place_and_nothing_is_written(
    database: Database, file: Write, content: Any, reason: str
) -> None:
    good = file({"experiments": [experiment(7)]}, "good.json")
    bad = file(content, "bad.json")
    before = await dump(database)
    with pytest.raises(PayloadRefused) as caught:
        await import_files(database, [good, bad])

    assert await dump(database) == before
    assert caught.value.message.startswith(str(bad))
    assert reason in caught.value.message


async def test_a_source_of_another_platform_is_refused_and_nothing_is_written(
    database: Database,
) -> None:
    async with database.write() as session:
        session.add(m.Source(name="mine", platform=m.Platform.LOCAL))
    before = await dump(database)
    with pytest.raises(BadUserInput, match="'mine' belongs to LOCAL"):
        await import_files(database, [START], source="mine")

    assert await dump(database) == before


async def test_two_sources_keep_their_things_apart(database: Database) -> None:
    await import_files(database, [START], source="one")
    await import_files(database, [START], source="two")

    assert len(await every(database, m.Goal)) == 2
    assert len(await every(database, m.User)) == 2
