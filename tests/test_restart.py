"""A restart: a new iteration with the design of the one before it, and without its history."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from models.naming import snake
from tests.acting import act, call, make
from tests.contract import OVERLAYS, standing
from tests.making import LONG_AGO, add, everything, id_of, rows_of, source

COPIED = """
source_id extra key name description type native_type platform family_id ramp_levels variant_count
percentages percentage_of_traffic seed traffic_seed unit_type_id audience audience_strict
allocation_strategy holdout_id feature_flag_id template_id exposure_criteria stats_config
primary_metric_id minimum_detectable_effect hypothesis prediction action_points
implementation_details other details
"""
"""The columns of an experiment that a new iteration has from the one before it."""

PARTS = [
    m.Variant,
    m.Allocation,
    m.Screenshot,
    m.ExperimentOwner,
    m.ExperimentTeam,
    m.ExperimentTag,
    m.ExperimentApplication,
    m.ExperimentMetric,
    m.ExperimentSavedMetric,
    m.CustomFieldValue,
]
HISTORY = [m.Result, m.Note, m.Alert, m.Exposure, m.Favorite, m.SampleSize, m.ScheduledAction]

NATIVE = {
    ("ABSMARTLY", "RUNNING"): "running",
    ("ABSMARTLY", "DEVELOPMENT"): "development",
    ("ABSMARTLY", "STOPPED"): "stopped",
}


async def full(database: Database, platform: str, phase: str, **values: Any) -> m.Experiment:
    """An experiment of which every column is set and that has everything that one can have."""
    number = await source(database, m.Platform(platform))
    named: dict[str, Any] = {"source_id": number, "name": "n"}
    unit, holdout, segment = m.UnitType(**named), m.Holdout(**named), m.Segment(**named)
    people = [m.User(source_id=number, email=f"{n}@example.com") for n in range(2)]
    team, application = m.Team(**named), m.Application(**named)
    tag = m.Tag(source_id=number, kind=m.TagKind.EXPERIMENT, tag="t")
    metric, saved = m.Metric(**named), m.SavedMetric(**named)
    field, file = m.CustomField(source_id=number, title="f"), m.File(source_id=number)
    await add(
        database,
        unit,
        holdout,
        segment,
        *people,
        team,
        application,
        tag,
        metric,
        saved,
        field,
        file,
    )
    template = await standing(database, platform, "DRAFT", key="template")
    row = await standing(
        database,
        platform,
        phase,
        iteration=4,
        external_id="17",
        extra={"a": [1, None]},
        url="https://example.com/17",
        name="A name",
        description="What it tries.",
        native_type="group_sequential",
        percentage_of_traffic=12.5,
        unit_type_id=unit.id,
        audience='{"filter":[]}',
        audience_strict=True,
        allocation_strategy=m.AllocationStrategy.PERCENTAGE,
        holdout_id=holdout.id,
        template_id=template.id,
        exposure_criteria={"b": 1},
        stats_config={"c": 2},
        minimum_detectable_effect=Decimal("0.05"),
        hypothesis="h",
        prediction="p",
        action_points="a",
        implementation_details="i",
        other="o",
        details={"d": 3},
        last_seen_in_code_at=LONG_AGO,
        start_scheduled_at=LONG_AGO,
        sync_state=m.SyncState.SYNCED,
        synced_at=LONG_AGO,
        sync_error="e",
        created_by_id=people[0].id,
        updated_by_id=people[1].id,
        **values,
    )
    variants = await parts(database, m.Variant, row.id)
    belongs: dict[str, Any] = {"experiment_id": row.id}
    await add(
        database,
        m.Allocation(**belongs, variant_id=variants[1]["id"], segment_id=segment.id, priority=2),
        m.Allocation(**belongs, weight=0),
        m.Screenshot(**belongs, variant_id=variants[1]["id"], variant_index=1, file_id=file.id),
        m.Screenshot(**belongs, variant_index=7, label="not listed", position=1),
        *(m.ExperimentOwner(**belongs, user_id=one.id, position=1 - n) for n, one in
          enumerate(people)),
        m.ExperimentTeam(**belongs, team_id=team.id),
        m.ExperimentTag(**belongs, tag_id=tag.id),
        m.ExperimentApplication(**belongs, application_id=application.id, application_version="9"),
        m.ExperimentMetric(**belongs, metric_id=metric.id, role=m.MetricRole.GUARDRAIL, position=3),
        m.ExperimentMetric(**belongs, metric_id=metric.id, role=m.MetricRole.SECONDARY),
        m.ExperimentSavedMetric(**belongs, saved_metric_id=saved.id, link_metadata={"e": 5}),
        m.CustomFieldValue(**belongs, field_id=field.id, type="string", value="v"),
        m.Result(**belongs, variant_id=variants[1]["id"], metric_id=metric.id),
        m.Note(**belongs, source_id=number, action=m.NoteAction.START, note="Before."),
        m.Alert(**belongs, source_id=number, type=m.AlertType.CLEANUP_NEEDED),
        m.Exposure(**belongs, environment="production", unit_count=5),
        m.Favorite(**belongs, user_id=people[0].id),
        m.SampleSize(**belongs, required_sample_size=9),
        m.ScheduledAction(**belongs, action=m.Action.STOP, at=LONG_AGO),
    )  # fmt: skip
    return row


async def parts(database: Database, model: type[Any], number: int) -> list[dict[str, Any]]:
    """The rows of an experiment in one table, in a fixed order."""
    table = m.Source.metadata.tables[snake(model.__name__)]
    async with database.read() as session:
        found = await session.execute(table.select().where(table.c.experiment_id == number))
    rows = [dict(row) for row in found.mappings()]
    return sorted(rows, key=lambda row: (row.get("id", 0), repr(row)))


def newest(rows: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return rows[max(rows)]


STARTS = [
    ("LOCAL", "STOPPED", {}),
    ("LOCAL", "STOPPED", OVERLAYS["released"]),
    ("LOCAL", "RUNNING", {}),
    ("ABSMARTLY", "STOPPED", {}),
    ("ABSMARTLY", "RUNNING", {}),
    ("ABSMARTLY", "RUNNING", OVERLAYS["released"]),
]


@pytest.mark.parametrize("into", ["RUNNING", "DEVELOPMENT"])
@pytest.mark.parametrize(("platform", "phase", "values"), STARTS)
async def test_a_new_iteration_has_the_design_and_none_of_the_history(
    client: httpx.AsyncClient,
    database: Database,
    platform: str,
    phase: str,
    values: dict[str, Any],
    into: str,
) -> None:
    row = await full(database, platform, phase, **values)
    before = (await rows_of(database, m.Experiment))[row.id]
    asked_at = datetime.now(UTC)
    payload = await act(client, "RESTART", row, **{"as": into, "reshuffle": False, "note": "Why."})
    after = await rows_of(database, m.Experiment)
    made = newest(after)
    at = made["created_at"]
    blank = {
        "archived": False,
        "version": 1,
        "sync_state": m.SyncState.DETACHED,
        **{name: before[name] for name in COPIED.split()},
    }

    assert payload["errors"] == []
    assert asked_at <= at <= datetime.now(UTC)
    assert made == {
        **dict.fromkeys(before),
        **blank,
        "id": made["id"],
        "iteration": 5,
        "phase": m.Phase(into),
        "native_state": NATIVE.get((platform, into)),
        "created_at": at,
        "started_at": at if into == "RUNNING" else None,
        "development_at": at if into == "DEVELOPMENT" else None,
        "first_started_at": LONG_AGO,
        "ramp_current_level": 10 if into == "RUNNING" else None,
    }
    for history in HISTORY:
        assert await parts(database, history, made["id"]) == []
    assert_ended(before, after[row.id], phase, at)
    assert_told(payload, row, made, before, after[row.id])


def assert_ended(before: dict[str, Any], after: dict[str, Any], phase: str, at: datetime) -> None:
    """The old iteration is stopped if it ran, and as it was otherwise."""
    if phase == "STOPPED":
        assert after == before
        return
    assert after == {
        **before,
        "phase": m.Phase.STOPPED,
        "native_state": NATIVE.get((before["platform"], "STOPPED")),
        "stopped_at": at,
        "stop_reason": "testing",
        "version": before["version"] + 1,
        "updated_at": at,
        "updated_by_id": None,
    }


def assert_told(
    payload: Any,
    row: m.Experiment,
    made: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """The payload shows the new iteration, and the note and event of the old one."""
    event, note = payload["event"], payload["experimentNote"]
    assert payload["experiment"]["iteration"] == 5
    assert payload["experiment"]["phase"] == made["phase"]
    assert (note["action"], note["note"]) == ("RESTART", "Why.")
    assert note["newExperiment"] == {"id": payload["experiment"]["id"]}
    assert (event["action"], event["subjectId"]) == ("RESTART", id_of(row))
    told = {"restartedAs": {"key": row.key, "iteration": 5}}
    changes: dict[str, tuple[Any, Any]] = {}
    if before != after:
        stopped_at = after["stopped_at"].isoformat().replace("+00:00", "Z")
        changes = {
            "phase": ("RUNNING", "STOPPED"),
            "nativeState": (before["native_state"], after["native_state"]),
            "stoppedAt": (None, stopped_at),
            "stopReason": (None, "testing"),
        }
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    assert event["before"] == {name: pair[0] for name, pair in changes.items()}
    assert event["after"] == {**{name: pair[1] for name, pair in changes.items()}, **told}


@pytest.mark.parametrize("platform", ["LOCAL", "ABSMARTLY"])
async def test_a_new_iteration_has_every_part_of_the_design_and_nothing_else_is_written(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    row = await full(database, platform, "STOPPED")
    before = await everything(database)
    old = {part: await parts(database, part, row.id) for part in PARTS}
    payload = await act(client, "RESTART", row)
    after = await everything(database)
    made = newest(await rows_of(database, m.Experiment))
    new = {part: await parts(database, part, made["id"]) for part in PARTS}
    variants = {
        None: None,
        **{was["id"]: now["id"] for was, now in zip(old[m.Variant], new[m.Variant], strict=True)},
    }

    assert payload["ok"] is True
    for part in PARTS:
        assert old[part] == await parts(database, part, row.id)
        expected = [{**each, "experiment_id": made["id"]} for each in old[part]]
        for copied, found in zip(expected, new[part], strict=True):
            if "id" in found:
                assert found["id"] not in {each["id"] for each in old[part]}
                copied["id"] = found["id"]
            if "variant_id" in found:
                copied["variant_id"] = variants[copied["variant_id"]]
            assert found == copied
    grown = {table: len(after[table]) - len(before[table]) for table in before}
    assert {table: count for table, count in grown.items() if count} == {
        **{snake(part.__name__): len(old[part]) for part in PARTS},
        "experiment": 1,
        "note": 1,
        "event": 2,
    }


async def test_units_are_assigned_anew_unless_they_are_to_keep_what_they_had(
    client: httpx.AsyncClient, database: Database
) -> None:
    rows = [await standing(database, "LOCAL", "STOPPED", key=f"k{n}") for n in range(4)]
    given: list[dict[str, Any]] = [{}, {"reshuffle": True}, {"reshuffle": False}, {}]
    payloads = await make(
        client, [call("RESTART", row, **each) for row, each in zip(rows, given, strict=True)]
    )
    seeds = {
        row["key"]: (row["seed"], row["traffic_seed"])
        for row in (await rows_of(database, m.Experiment)).values()
        if row["iteration"] == 2
    }
    fresh = [seed for key in ("k0", "k1", "k3") for seed in seeds[key]]

    assert all(payload["ok"] for payload in payloads)
    assert seeds["k2"] == ("1", "2")
    assert all(seed.isdecimal() and int(seed) < 2**63 for seed in fresh)
    assert len({*fresh, "1", "2"}) == 8


@pytest.mark.parametrize("into", ["RUNNING", "DEVELOPMENT"])
async def test_what_never_ran_has_its_first_start_when_it_runs(
    client: httpx.AsyncClient, database: Database, into: str
) -> None:
    row = await standing(database, "LOCAL", "STOPPED", started_at=None, first_started_at=None)
    await act(client, "RESTART", row, **{"as": into})
    made = newest(await rows_of(database, m.Experiment))
    later = await make(client, [("startExperiment", {"id": id_of(m.Experiment(id=made["id"]))})])
    started = newest(await rows_of(database, m.Experiment))

    if into == "RUNNING":
        assert made["first_started_at"] == made["started_at"] == made["created_at"]
        assert started == made
    else:
        assert (made["first_started_at"], made["started_at"]) == (None, None)
        assert later[0]["ok"] is True
        assert started["first_started_at"] == started["started_at"] == started["updated_at"]


FAMILY = """query($id: ID!, $key: String!) {
  experiment(key: $key) { iteration }
  node(id: $id) { ... on Experiment {
    iteration
    family { experiments(orderBy: [{ iteration: ASC }]) { nodes {
      iteration
      phase
      notes { nodes { action note newExperiment { iteration } } }
      events(orderBy: [{ at: ASC }]) { nodes { action after } }
    } } }
    notesFromPredecessors { action note }
  } }
}"""


async def test_the_iterations_are_one_family_and_know_of_each_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "ABSMARTLY", "RUNNING", key="family")
    await act(client, "RESTART", row, note="Once more.", reason="testing")
    second = newest(await rows_of(database, m.Experiment))
    stopped = await make(
        client,
        [
            ("stopExperiment", {"id": id_of(m.Experiment(id=second["id"])), "reason": "testing"}),
            ("restartExperiment", {"id": id_of(row), "note": "From the first one."}),
        ],
    )
    third = stopped[1]["experiment"]
    variables = {"id": third["id"], "key": "family"}
    answer = await client.post("/graphql", json={"query": FAMILY, "variables": variables})
    data = answer.json()["data"]
    first, middle, last = data["node"]["family"]["experiments"]["nodes"]

    assert data["experiment"]["iteration"] == data["node"]["iteration"] == 3
    assert [each["iteration"] for each in (first, middle, last)] == [1, 2, 3]
    assert [each["phase"] for each in (first, middle, last)] == ["STOPPED", "STOPPED", "RUNNING"]
    assert sorted(note["newExperiment"]["iteration"] for note in first["notes"]["nodes"]) == [2, 3]
    assert [event["action"] for event in first["events"]["nodes"]] == ["RESTART", "RESTART"]
    assert [event["action"] for event in middle["events"]["nodes"]] == ["CREATE", "STOP"]
    assert last["events"]["nodes"] == [
        {"action": "CREATE", "after": {"key": "family", "iteration": 3}}
    ]
    assert [note["note"] for note in data["node"]["notesFromPredecessors"]] == [
        "From the first one."
    ]


async def test_a_restarted_experiment_may_be_put_away_and_a_put_away_one_not_restarted(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "STOPPED")
    again, put_away, refused = await make(
        client, [call("RESTART", row), call("ARCHIVE", row), call("RESTART", row)]
    )

    assert (again["ok"], put_away["ok"]) == (True, True)
    assert [error["__typename"] for error in refused["errors"]] == ["InvalidTransition"]
    assert len(await rows_of(database, m.Experiment)) == 2


async def test_the_version_that_was_restarted_is_checked_and_a_stopped_one_keeps_it(
    client: httpx.AsyncClient, database: Database
) -> None:
    running = await standing(database, "LOCAL", "RUNNING")
    payloads = await make(
        client,
        [
            call("RESTART", running, expectedVersion=2),
            call("RESTART", running, expectedVersion=3),
            call("RESTART", running, expectedVersion=3),
            call("RESTART", running, expectedVersion=4),
        ],
    )

    assert [payload["ok"] for payload in payloads] == [False, True, False, True]
    assert [
        payload["errors"][0]["currentVersion"] for payload in payloads if not payload["ok"]
    ] == [3, 4]
    assert [payload["experiment"]["iteration"] for payload in payloads] == [1, 2, 1, 3]
