"""Things that point at each other, in whichever order they arrive."""

import json
from datetime import UTC, datetime
from io import BytesIO
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

import models
from connectors.importing import import_documents
from connectors.payloads.documents import Document
from connectors.report import Report
from models.database import Database

EXPERIMENT = {"id": 1, "name": "checkout", "state": "running", "iteration": 1}
METRIC = {"id": 20, "name": "revenue", "goal_id": 70}
GOAL = {"id": 70, "name": "purchase"}
ANN = {"id": 3, "email": "ann@example.com"}


def listed(**things: Any) -> dict[str, list[Any]]:
    """An answer with one thing of each kind."""
    return {key: said if isinstance(said, list) else [said] for key, said in things.items()}


async def take(database: Database, *answers: Any, source: str | None = None) -> Report:
    """Import answers one after the other; the report of the last."""
    report = Report("")
    for answer in answers:
        document = Document("file", BytesIO(json.dumps(answer).encode()))
        report = await import_documents(database, [document], source=source)
    return report


async def rows(database: Database, model: Any, *columns: str) -> list[Any]:
    """The rows of a table, in order; as tuples of some columns, or of the only one."""
    async with database.read() as session:
        table = model.__table__
        found = await session.execute(select(table).order_by(*table.primary_key.columns))
        said_rows = [tuple(getattr(row, name) for name in columns) for row in found]
    return [row[0] if len(columns) == 1 else row for row in said_rows]


async def portrait(database: Database, source: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a source without ids of ours: a reference is what its target is called."""
    called: dict[tuple[str, int], Any] = {}
    found: dict[str, list[dict[str, Any]]] = {}
    tables = models.Source.metadata.sorted_tables
    ours = {"id", "version", "source_id"}
    sources = models.Source.metadata.tables["source"].columns
    async with database.read() as session:
        wanted = await session.scalar(select(sources.id).where(sources.name == source))
        for table in tables:
            name = table.columns.get("external_id", table.columns.get("key"))
            if "source_id" in table.columns and name is not None:
                own = select(table.c.id, name).where(table.c.source_id == wanted)
                called |= {(table.name, row[0]): row[1] for row in await session.execute(own)}
        for table in tables:
            ends = {end.parent.name: end.column.table.name for end in table.foreign_keys}
            for said in (await session.execute(select(table))).mappings():
                points = {name: called.get((end, said[name])) for name, end in ends.items()}
                if any(points.values()):
                    rest = {name: value for name, value in said.items() if name not in ours}
                    found.setdefault(table.name, []).append(rest | points)
    return {name: sorted(said, key=repr) for name, said in found.items()}


NOTE = {
    "id": 5,
    "experiment_id": 1,
    "created_at": "2025-03-20T12:00:00Z",
    "note": "Looks fine",
    "created_by_user_id": 3,
}

PARTS = {
    "experiment": {
        "experiments": [
            EXPERIMENT
            | {
                "primary_metric_id": 20,
                "owners": [{"user_id": 3}, {"user_id": 4}],
                "teams": [{"team_id": 9}],
                "secondary_metrics": [{"metric_id": 21, "type": "guardrail", "order_index": 2}],
                "preview_variants": [{"variant": 0, "metric_id": 20}],
                "experiment_tags": [{"experiment_tag_id": 1}],
                "variant_screenshots": [{"variant": 0, "screenshot_file_upload_id": 14}],
            }
        ]
    },
    "metrics": listed(metrics=[METRIC, {"id": 21, "name": "guard", "goal_id": 70}]),
    "people": listed(users=[ANN, {"id": 4, "email": "bob@example.com", "created_by_user_id": 3}]),
    "rest": listed(
        goals=GOAL,
        teams=[{"id": 9, "name": "child", "parent_team_id": 8}, {"id": 8, "name": "parent"}],
        experiment_tags={"id": 1, "tag": "experiment's"},
        goal_tags={"id": 1, "tag": "goal's"},
        file_uploads={"id": 14, "file_name": "a.png", "avatar_users": [{"id": 3}]},
        experiment_notes=[NOTE, NOTE | {"id": 6, "reply_to_note_id": 5}],
    ),
}


@pytest.mark.parametrize("order", list(permutations(PARTS))[::4], ids=" ".join)
async def test_the_order_of_arrival_does_not_matter(
    database: Database, order: tuple[str, ...]
) -> None:
    whole = {key: said for part in PARTS.values() for key, said in part.items()}
    await take(database, whole, source="at once")
    report = await take(database, *(PARTS[name] for name in order), source="one by one")
    arrived = await portrait(database, "one by one")

    assert arrived == await portrait(database, "at once")
    assert report.waiting == 0
    assert len(arrived["experiment_owner"]) == len(arrived["note"]) == 2

    await take(database, *(PARTS[name] for name in order), source="one by one")
    assert await portrait(database, "one by one") == arrived


async def test_a_goal_that_no_payload_carried_waits_as_an_id(database: Database) -> None:
    report = await take(database, listed(metrics=METRIC))
    assert await rows(database, models.Metric, "goal_id", "version") == [(None, 1)]
    assert await rows(
        database, models.Reference, "holder_type", "field", "target_type", "target_external_id"
    ) == [("metric", "goal_id", "goal", "70")]
    assert report.waiting == 1

    report = await take(database, listed(goals=GOAL))
    assert await rows(database, models.Metric, "goal_id", "version") == [(1, 2)]
    assert await rows(database, models.Reference, "id") == []
    assert report.outcomes == {("goal", "created"): 1}
    assert report.elsewhere == {"metric": 1}


async def test_a_reference_that_waits_gives_way_to_a_later_one(database: Database) -> None:
    await take(database, listed(metrics=METRIC), listed(metrics=METRIC | {"goal_id": 71}))
    assert await rows(database, models.Reference, "target_external_id") == ["71"]

    await take(database, listed(metrics=METRIC | {"goal_id": None}), listed(goals=GOAL))
    assert await rows(database, models.Reference, "target_external_id") == []
    assert await rows(database, models.Metric, "goal_id") == [None]


async def test_a_reference_moves_when_a_later_payload_says_so(database: Database) -> None:
    await take(database, listed(goals=GOAL), listed(metrics=METRIC))
    assert await rows(database, models.Metric, "goal_id") == [1]

    await take(database, listed(metrics=METRIC | {"goal_id": 71}))
    assert await rows(database, models.Metric, "goal_id") == [None]
    assert await rows(database, models.Reference, "target_external_id") == ["71"]

    await take(database, listed(goals={"id": 71, "name": "refund"}))
    assert await rows(database, models.Metric, "goal_id") == [2]


async def test_zero_is_unknown_and_takes_nothing_away(database: Database) -> None:
    await take(database, listed(goals=GOAL), listed(metrics=METRIC))
    report = await take(database, listed(metrics=METRIC | {"goal_id": 0, "created_by_user_id": 0}))

    assert await rows(database, models.Metric, "goal_id") == [1]
    assert report.outcomes == {("metric", "unchanged"): 1}


async def test_what_a_person_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    await take(database, listed(metrics=METRIC))
    async with database.write() as session:
        session.add(models.Goal(source_id=1, name="chosen here"))
        await session.flush()
        metric = await session.get_one(models.Metric, 1)
        metric.goal_id = 1
    await take(database, listed(goals=GOAL))

    assert await rows(database, models.Metric, "goal_id") == [1]
    assert await rows(database, models.Reference, "id") == []


async def test_links_wait_in_their_place(database: Database) -> None:
    owners = [{"user_id": number} for number in (3, 4, 5)]
    await take(
        database,
        listed(users={"id": 4, "email": "bob@example.com"}),
        listed(experiments=EXPERIMENT | {"owners": owners}),
    )
    assert await rows(database, models.ExperimentOwner, "user_id", "position") == [(1, 1)]
    assert await rows(database, models.Reference, "target_external_id", "link_values") == [
        ("3", {"position": 0}),
        ("5", {"position": 2}),
    ]

    report = await take(database, listed(users=ANN))
    assert await rows(database, models.ExperimentOwner, "user_id", "position") == [(1, 1), (2, 0)]
    assert report.elsewhere == {"experiment": 1}

    await take(database, listed(experiments=EXPERIMENT | {"owners": []}))
    assert await rows(database, models.ExperimentOwner, "user_id") == []
    assert await rows(database, models.Reference, "id") == []


async def test_rows_without_a_name_take_the_id_that_arrives_later(database: Database) -> None:
    nameless = {key: value for key, value in ANN.items() if key != "id"}
    await take(database, listed(experiments=EXPERIMENT | {"created_by": nameless}))
    report = await take(database, listed(users=ANN))

    assert await rows(database, models.User, "external_id", "email", "version") == [
        ("3", "ann@example.com", 2)
    ]
    assert report.outcomes == {("user", "updated"): 1}

    report = await take(database, listed(experiments=EXPERIMENT | {"created_by": nameless}))
    assert await rows(database, models.User, "external_id") == ["3"]
    assert set(report.outcomes) == {("user", "unchanged"), ("experiment", "unchanged")}


async def test_the_id_beside_an_object_is_its_id(database: Database) -> None:
    await take(
        database, listed(metrics=METRIC | {"goal": {"id": 0, "name": "purchase"}, "goal_id": 70})
    )
    assert await rows(database, models.Goal, "external_id", "name") == [("70", "purchase")]


async def test_of_several_things_of_one_name_the_first_takes_the_nameless(
    database: Database,
) -> None:
    goals = [{"id": 70, "name": "purchase"}, {"id": 71, "name": "purchase"}]
    nameless = METRIC | {"goal_id": 0, "goal": {"name": "purchase"}}
    await take(database, listed(metrics=nameless, goals=goals))

    assert await rows(database, models.Goal, "external_id") == ["70", "71"]
    assert await rows(database, models.Metric, "goal_id") == [1]


# --- Notes


async def test_a_note_waits_for_its_experiment_whole(database: Database) -> None:
    report = await take(database, listed(experiment_notes=NOTE))
    assert await rows(database, models.Note, "id") == []
    assert list(report.rows()) == [("note", 0, 0, 0, 1)]
    reason = "what it belongs to has not arrived; it is kept until then"
    assert report.reasons == {("note", reason): 1}
    kept = await rows(database, models.Reference, "id", "link_values")

    await take(database, listed(experiment_notes=NOTE))
    assert await rows(database, models.Reference, "id", "link_values") == kept

    report = await take(database, listed(experiments=EXPERIMENT), listed(users=ANN))
    assert await rows(database, models.Note, "external_id", "note", "experiment_id") == [
        ("5", "Looks fine", 1)
    ]
    assert await rows(database, models.Note, "created_by_id") == [1]
    assert await rows(database, models.Reference, "id") == []


async def test_a_note_that_changes_while_it_waits_arrives_as_it_was_last(
    database: Database,
) -> None:
    await take(
        database,
        listed(experiment_notes=NOTE),
        listed(experiment_notes=NOTE | {"note": "Looks bad"}),
        listed(experiments=EXPERIMENT),
    )
    assert await rows(database, models.Note, "note") == ["Looks bad"]


async def test_replies_belong_to_the_experiment_of_their_note(database: Database) -> None:
    reply = {"id": 6, "experiment_id": 0, "note": "Thanks", "created_at": "2025-03-20T13:00:00Z"}
    note = NOTE | {"reply_to_experiment_note": [reply, None]}
    await take(database, listed(experiments=EXPERIMENT | {"notes": [note]}))

    assert await rows(database, models.Note, "external_id", "experiment_id", "reply_to_id") == [
        ("6", 1, 2),
        ("5", 1, None),
    ]


async def test_a_note_about_this_experiment_belongs_to_its_predecessor(database: Database) -> None:
    note = NOTE | {"experiment_id": 7, "new_experiment_id": 0, "action": "restart"}
    successor = EXPERIMENT | {"iteration": 2, "new_experiment_notes": [note]}
    columns = ("experiment_id", "new_experiment_id")

    await take(database, listed(experiments=successor))
    assert await rows(database, models.Note, *columns) == [(1, 1)]
    assert await rows(database, models.Reference, "field", "target_external_id") == [
        ("created_by_id", "3"),
        ("experiment_id", "7"),
    ]

    await take(database, listed(experiments={"id": 7, "name": "checkout_1", "state": "stopped"}))
    assert await rows(database, models.Note, *columns) == [(2, 1)]
    [one, other] = await rows(database, models.Experiment, "family_id")
    assert one == other

    report = await take(database, listed(experiments=successor))
    assert await rows(database, models.Note, *columns) == [(2, 1)]
    assert {how for _, how in report.outcomes} == {"unchanged"}


async def test_notes_without_ids_are_told_apart_by_time_and_text(database: Database) -> None:
    early = {"note": "Same", "created_at": "2025-03-20T12:00:00Z"}
    late = {"note": "Same", "created_at": "2025-03-20T12:00:01Z"}
    said = listed(experiments=EXPERIMENT | {"notes": [early, late, early]})
    await take(database, said, said)

    assert await rows(database, models.Note, "created_at", "version") == [
        (datetime(2025, 3, 20, 12, tzinfo=UTC), 1),
        (datetime(2025, 3, 20, 12, 0, 1, tzinfo=UTC), 1),
    ]


# --- Families


async def test_iterations_are_one_family_and_know_its_first_start(database: Database) -> None:
    first = {"id": 7, "name": "checkout", "iteration": 1, "start_at": "2025-01-01T00:00:00Z"}
    second = {"id": 8, "name": "checkout_2", "iteration": 2, "start_at": "2025-02-01T00:00:00Z"}
    await take(database, listed(experiments=second | {"state": "running"}))
    assert await rows(database, models.Experiment, "first_started_at") == [
        datetime(2025, 2, 1, tzinfo=UTC)
    ]

    detail = {"experiment": second | {"state": "running", "iterations": [first, second]}}
    report = await take(database, detail)
    assert await rows(database, models.Experiment, "first_started_at", "family_id", "version") == [
        (datetime(2025, 1, 1, tzinfo=UTC), 2, 2),
        (datetime(2025, 1, 1, tzinfo=UTC), 2, 1),
    ]
    assert await rows(database, models.Family, "id", "key") == [(2, "checkout")]
    assert report.outcomes == {("experiment", "updated"): 1, ("experiment", "created"): 1}

    report = await take(database, detail)
    assert report.outcomes == {("experiment", "unchanged"): 2}
    report = await take(database, listed(experiments=second | {"state": "running"}))
    assert report.outcomes == {("experiment", "unchanged"): 1}


async def test_experiments_of_one_key_are_one_family(database: Database) -> None:
    again = EXPERIMENT | {"id": 2, "iteration": 2}
    await take(database, listed(experiments=[EXPERIMENT, again]), listed(experiments=again))

    assert await rows(database, models.Experiment, "family_id") == [1, 1]


async def test_a_restart_joins_families_and_later_iterations_follow(database: Database) -> None:
    note = NOTE | {"experiment_id": 1, "new_experiment_id": 2, "action": "restart"}
    renamed = EXPERIMENT | {"id": 2, "name": "checkout_174", "iteration": 2}
    await take(
        database,
        listed(experiments=[EXPERIMENT, renamed], experiment_notes=note),
        listed(experiments=renamed | {"id": 3, "iteration": 3}),
        listed(experiments=[EXPERIMENT, renamed]),
    )

    assert await rows(database, models.Experiment, "family_id") == [1, 1, 1]
    assert await rows(database, models.Family, "key") == ["checkout"]


async def test_a_renamed_experiment_takes_the_family_of_its_new_key(database: Database) -> None:
    await take(
        database,
        listed(experiments=[EXPERIMENT, {"id": 2, "name": "basket", "state": "ready"}]),
        listed(experiments=EXPERIMENT | {"name": "basket", "iteration": 2}),
    )
    [one, other] = await rows(database, models.Experiment, "family_id")
    assert one == other


# --- The other end


async def test_a_team_that_lists_what_it_owns_adds_links(database: Database) -> None:
    team = {
        "id": 9,
        "name": "t",
        "goals": [{"goal_id": 70, "goal": GOAL}, {"goal_id": 71}, {"goal_id": 0}],
        "metrics": [None],
        "experiments": [{"experiment_id": 1}],
    }
    report = await take(database, listed(teams=team))
    assert await rows(database, models.GoalTeam, "goal_id", "team_id") == [(1, 1)]
    assert report.reasons == {("goal", "a row of team.goals names none"): 1}
    assert report.waiting == 2

    await take(database, listed(goals={"id": 71, "name": "g"}, experiments=EXPERIMENT))
    assert await rows(database, models.GoalTeam, "goal_id", "team_id") == [(1, 1), (2, 1)]
    assert await rows(database, models.ExperimentTeam, "experiment_id", "team_id") == [(1, 1)]

    report = await take(database, listed(teams=team))
    assert {how for _, how in report.outcomes} == {"unchanged", "skipped"}


async def test_the_owner_of_a_list_has_the_last_word(database: Database) -> None:
    team = {"id": 9, "name": "t", "goals": [{"goal_id": 70}, {"goal_id": 71}]}
    goals = [GOAL | {"teams": []}, {"id": 71, "name": "g", "teams": [None]}]
    await take(database, listed(teams=team, goals=goals))
    assert await rows(database, models.GoalTeam, "goal_id", "team_id") == [(2, 1)]

    await take(database, listed(teams=team), listed(goals=goals))
    assert await rows(database, models.GoalTeam, "goal_id", "team_id") == [(2, 1)]


async def test_a_goal_that_lists_its_metrics_is_their_goal(database: Database) -> None:
    metrics = [{"id": 20, "name": "m", "goal_id": 0}, {"id": 21, "name": "n", "goal_id": 71}]
    await take(database, listed(goals=GOAL | {"metrics": metrics}))

    assert await rows(database, models.Metric, "external_id", "goal_id") == [
        ("20", 1),
        ("21", None),
    ]
    assert await rows(database, models.Reference, "target_external_id") == ["71"]


async def test_versions_grow_once_for_all_changes_of_an_import(database: Database) -> None:
    await take(database, listed(experiments=EXPERIMENT))
    changed = EXPERIMENT | {
        "state": "stopped",
        "owners": [{"user": ANN}],
        "variants": [{"variant": 0}],
        "primary_metric": METRIC,
    }
    await take(database, listed(experiments=changed))
    assert await rows(database, models.Experiment, "version") == [2]

    await take(database, listed(experiments=changed | {"owners": []}))
    assert await rows(database, models.Experiment, "version") == [3]
