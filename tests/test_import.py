"""The import of ABsmartly's published start response, exactly as it stands, row by row."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from connectors.importing import Progress, import_files
from models.database import Database

START_RESPONSE = Path(__file__).parent / "payloads" / "absmartly" / "start_response.json"

PERSON = "[email protected]"


def at(milliseconds: int) -> datetime:
    """A moment of the second in which the whole example was made."""
    return datetime(2025, 3, 20, 14, 55, 19, milliseconds * 1000, UTC)


SAID_BY_PERSON = {"created_by_id": 1, "updated_by_id": 1}

EXPECTED: dict[str, list[dict[str, Any]]] = {
    "user": [
        {
            "email": PERSON,
            "department": "Marketing",
            "archived": False,
            "avatar_url": "/cropUrl/100x100/1.png",
            "avatar_id": 1,
            "created_at": at(815),
        }
    ],
    "file": [
        {
            "external_id": "14",
            "file_name": "avatar_john_doe.png",
            "content_type": "image/png",
            "base_url": "string",
            "width": 1080,
            "height": 720,
            "file_size": 0,
            "crop_left": 0.0,
            "crop_top": 0.0,
            "crop_width": 0.0,
            "crop_height": 0.0,
            "usage": "string",
            "usage_cropped": False,
            "usage_resize_on_demand": False,
            "created_at": at(820),
            "created_by_id": 1,
        }
    ],
    "team": [
        {
            "name": "Marketing",
            "is_global": False,
            "archived": False,
            "created_at": at(816),
            "updated_at": at(816),
            **SAID_BY_PERSON,
        }
    ],
    "team_member": [{"team_id": 1, "user_id": 1, "position": 0}],
    "tag": [
        {
            "kind": "GOAL",
            "tag": "psychological:Trust",
            "created_at": at(815),
            "updated_at": at(815),
            **SAID_BY_PERSON,
        },
        {"kind": "METRIC", "tag": "location:Header", "created_at": at(815), "updated_at": at(815)},
    ],
    "application": [
        {
            "name": "ios",
            "description": "Our iOS app",
            "archived": False,
            "created_at": at(816),
            "updated_at": at(816),
            **SAID_BY_PERSON,
        }
    ],
    "unit_type": [
        {
            "external_id": "1",
            "name": "user_id",
            "description": "The ids of our users",
            "archived": False,
            "created_at": at(815),
            "updated_at": at(815),
            "created_by_id": 1,
        }
    ],
    "goal": [
        {
            "external_id": "70",
            "name": "purchase",
            "description": "A goal for tracking how many purchases are made on any of our "
            "applications",
            "archived": False,
            "created_at": at(815),
            "updated_at": at(815),
            **SAID_BY_PERSON,
        }
    ],
    "goal_tag": [{"goal_id": 1, "tag_id": 1, "position": 0}],
    "goal_team": [{"goal_id": 1, "team_id": 1, "position": 0}],
    "goal_owner": [{"goal_id": 1, "user_id": 1, "position": 0}],
    "metric": [
        {
            "external_id": "20",
            "name": "Time to Book",
            "description": "The amount of time before a booking has been made",
            "type": "GOAL_TIME_TO_ACHIEVEMENT",
            "native_type": "goal_time_to_achievement",
            "effect": "POSITIVE",
            "archived": False,
            "goal_id": 1,
            "format": "{}s",
            "scale": 1.0,
            "precision": 0,
            "value_source_property": "",
            "property_filter": "",
            "created_at": at(815),
            "updated_at": at(815),
        }
    ],
    "metric_tag": [{"metric_id": 1, "tag_id": 2, "position": 0}],
    "metric_team": [{"metric_id": 1, "team_id": 1, "position": 0}],
    "metric_owner": [{"metric_id": 1, "user_id": 1, "position": 0}],
    "reference": [
        {
            "holder_type": "metric",
            "holder_id": 1,
            "field": "created_by_id",
            "target_type": "user",
            "target_external_id": "1",
        }
    ],
    "family": [{"key": "test_experiment"}],
    "experiment": [
        {
            "external_id": "1",
            "key": "test_experiment",
            "name": "test_experiment",
            "description": "This experiment's description",
            "type": "TEST",
            "platform": "ABSMARTLY",
            "family_id": 1,
            "iteration": 0,
            "phase": "RUNNING",
            "native_state": "running",
            "archived": False,
            "full_on_at": at(815),
            "full_on_variant": 0,
            "release_mode": "FULL_ON_RUNNING",
            "development_at": at(815),
            "started_at": at(815),
            "first_started_at": at(815),
            "last_seen_in_code_at": at(815),
            "variant_count": 3,
            "percentages": "34/33/33",
            "percentage_of_traffic": 100.0,
            "seed": "string",
            "traffic_seed": "string",
            "unit_type_id": 1,
            "audience": "string",
            "audience_strict": False,
            "primary_metric_id": 1,
            "minimum_detectable_effect": Decimal(10),
            "hypothesis": "string",
            "prediction": "string",
            "action_points": "string",
            "implementation_details": "string",
            "other": "string",
            "sync_state": "DETACHED",
            "created_at": at(815),
            "updated_at": at(815),
            **SAID_BY_PERSON,
        }
    ],
    "experiment_application": [
        {"experiment_id": 1, "application_id": 1, "application_version": "0", "position": 0}
    ],
    "experiment_metric": [{"experiment_id": 1, "metric_id": 1, "role": "SECONDARY", "position": 0}],
    "variant": [
        {
            "experiment_id": 1,
            "index": 0,
            "name": "Red Button",
            "is_control": True,
            "weight": 34.0,
            "config": "",
        }
    ],
    "screenshot": [
        {
            "experiment_id": 1,
            "variant_index": 2,
            "file_id": 1,
            "label": "Variant C's second iteration",
            "position": 0,
        }
    ],
    "exposure": [
        {
            "experiment_id": 1,
            "unit_count": 0,
            "first_exposure_at": at(818),
            "last_exposure_at": at(818),
            "data_cutoff_at": at(818),
            "updated_at": at(818),
            "position": 0,
        }
    ],
    "result": [
        {
            "experiment_id": 1,
            "variant_id": 1,
            "variant_index": 0,
            "metric_id": 1,
            "unit_count": 0,
            "first_exposure_at": at(819),
            "last_exposure_at": at(819),
            "value": Decimal(0),
            "mean": Decimal(0),
            "variance": Decimal(0),
            "p_value": 0.0,
            "impact": 0.0,
            "impact_lower": 0.0,
            "impact_upper": 0.0,
            "position": 0,
        }
    ],
    "favorite": [{"experiment_id": 1, "user_id": 1, "created_at": at(820), "position": 0}],
    "sample_size": [
        {
            "experiment_id": 1,
            "required_sample_size": 109234,
            "created_at": at(820),
            "updated_at": at(820),
        }
    ],
    "alert": [
        {
            "experiment_id": 1,
            "alert_metadata": "string",
            "dismissed": False,
            "created_at": at(820),
            "updated_at": at(820),
        }
    ],
    "note": [
        {
            "experiment_id": 1,
            "note": "string",
            "variant_index": 0,
            "created_at": at(819),
            "updated_at": at(820),
            **SAID_BY_PERSON,
        },
        {
            "experiment_id": 1,
            "new_experiment_id": 1,
            "note": "string",
            "variant_index": 0,
            "created_at": at(820),
            "updated_at": at(820),
            **SAID_BY_PERSON,
        },
        {
            "experiment_id": 1,
            "new_experiment_id": 1,
            "note": "string",
            "variant_index": 0,
            "created_at": at(827),
            "updated_at": at(827),
            **SAID_BY_PERSON,
        },
    ],
}


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that has one."""
    found = {}
    async with database.read() as session:
        for table in models.Source.metadata.sorted_tables:
            rows = await session.execute(select(table).order_by(*table.primary_key.columns))
            if said := [dict(row) for row in rows.mappings()]:
                found[table.name] = said
    return found


def facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What rows say: without their own ids, the one source and the first version."""
    ours = {"id": None, "source_id": 1, "version": 1}
    return [
        {
            name: value
            for name, value in row.items()
            if value is not None and not (name in ours and ours[name] in {None, value})
        }
        for row in rows
    ]


async def test_the_published_start_response_becomes_these_rows(database: Database) -> None:
    await import_files(database, [START_RESPONSE])
    found = await everything(database)
    [source] = found.pop("source")

    assert (source["name"], source["platform"], source["state"]) == (
        "import-absmartly",
        "ABSMARTLY",
        "DETACHED",
    )
    assert {name: facts(rows) for name, rows in found.items()} == EXPECTED


async def test_the_report_counts_every_type_once_however_many_copies(database: Database) -> None:
    report = await import_files(database, [START_RESPONSE])

    assert list(report.rows()) == [
        ("alert", 1, 0, 0, 0),
        ("application", 1, 0, 0, 0),
        ("experiment", 1, 0, 0, 0),
        ("file", 1, 0, 0, 0),
        ("goal", 1, 0, 0, 0),
        ("metric", 1, 0, 0, 9),
        ("note", 3, 0, 0, 0),
        ("tag", 2, 0, 0, 0),
        ("team", 1, 0, 0, 0),
        ("unit_type", 1, 0, 0, 0),
        ("user", 1, 0, 0, 0),
    ]
    assert list(report.remarks()) == [
        ("skipped", "metric", "a row of team.metrics names none", 9),
        ("waiting", "reference", "points at things that have not arrived", 1),
        ("reported by the platform", str(START_RESPONSE), "string", 1),
    ]


async def test_importing_twice_changes_nothing(database: Database) -> None:
    await import_files(database, [START_RESPONSE])
    before = await everything(database)
    report = await import_files(database, [START_RESPONSE])

    assert await everything(database) == before
    assert {how for _, how in report.outcomes} == {"unchanged", "skipped"}
    assert report.elsewhere == {}


async def test_the_same_file_twice_in_one_call_is_one_import(database: Database) -> None:
    await import_files(database, [START_RESPONSE, START_RESPONSE])
    found = await everything(database)
    found.pop("source")

    assert {name: facts(rows) for name, rows in found.items()} == EXPECTED


async def test_sources_keep_their_rows_apart(database: Database) -> None:
    await import_files(database, [START_RESPONSE], source="one")
    report = await import_files(database, [START_RESPONSE], source="other")
    found = await everything(database)

    assert report.source == "other"
    assert [row["name"] for row in found["source"]] == ["one", "other"]
    assert [(row["source_id"], row["external_id"]) for row in found["experiment"]] == [
        (1, "1"),
        (2, "1"),
    ]
    assert found["experiment"][1]["primary_metric_id"] == found["metric"][1]["id"]


async def test_progress_goes_from_checking_over_reading_to_writing(database: Database) -> None:
    seen: list[Progress] = []
    await import_files(database, [START_RESPONSE], progress=seen.append)
    last = {progress.step: progress for progress in seen}
    size = START_RESPONSE.stat().st_size

    assert list(last) == ["checking", "reading", "writing"]
    assert last["checking"] == Progress("checking", str(START_RESPONSE), size, size)
    assert last["reading"] == Progress("reading", str(START_RESPONSE), size, size)
    assert last["writing"].done == last["writing"].total


async def test_standard_input_is_a_file_like_any_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with START_RESPONSE.open("rb") as stream, monkeypatch.context() as patched:
        patched.setattr("sys.stdin", type("Input", (), {"buffer": stream}))
        report = await import_files(database, ["-"])

    assert report.outcomes[("experiment", "created")] == 1
    assert report.upstream_errors == [("standard input", "string")]
